//! Reading what is many: chunk by chunk, one at a time in memory.

use domain::{DecisionId, EquityPoint, HorizonOutcome, Outcome, WhatIfOutcome};
use sqlx::SqliteConnection;

use crate::chunks::{self, ChunkTable, DECISIONS, EQUITY, HORIZONS, OUTCOMES, WHAT_IFS};
use crate::columns::{self, DecisionRecord, Flaw, ID_COLUMN, Record};
use crate::error::Trouble;
use crate::runs::named;
use crate::{RunNo, Store, StoreError};

/// Where outcomes and horizons keep their decision's number.
const NO_COLUMN: usize = 0;

impl Store {
    /// Hands every decision of a run to `each`, in the order they were taken.
    pub fn decisions(
        &mut self,
        run: RunNo,
        each: impl FnMut(DecisionRecord),
    ) -> Result<(), StoreError> {
        self.stream(&DECISIONS, run, each)
    }

    /// Hands every outcome of a run to `each`, in the order they were learned from.
    pub fn outcomes(&mut self, run: RunNo, each: impl FnMut(Outcome)) -> Result<(), StoreError> {
        self.stream(&OUTCOMES, run, each)
    }

    /// Hands every matured horizon of a run to `each`, in the order they matured.
    pub fn horizons(
        &mut self,
        run: RunNo,
        each: impl FnMut(HorizonOutcome),
    ) -> Result<(), StoreError> {
        self.stream(&HORIZONS, run, each)
    }

    /// Hands every what-if of a run to `each`, in the order they became known.
    pub fn what_ifs(
        &mut self,
        run: RunNo,
        each: impl FnMut(WhatIfOutcome),
    ) -> Result<(), StoreError> {
        self.stream(&WHAT_IFS, run, each)
    }

    /// The equity curve of a run.
    pub fn equity(&mut self, run: RunNo) -> Result<Vec<EquityPoint>, StoreError> {
        let mut points = Vec::new();
        self.stream(&EQUITY, run, |point| points.push(point))?;
        Ok(points)
    }

    /// One decision by its name.
    pub fn decision(
        &mut self,
        run: RunNo,
        id: DecisionId,
    ) -> Result<Option<DecisionRecord>, StoreError> {
        let found = self.find(&DECISIONS, run, None, ID_COLUMN, id.0)?;
        Ok(found.into_iter().next())
    }

    /// How the decision with that number turned out, once it has.
    pub fn outcome_of(
        &mut self,
        run: RunNo,
        decision_no: u64,
    ) -> Result<Option<Outcome>, StoreError> {
        let found = self.find(&OUTCOMES, run, Some(decision_no), NO_COLUMN, decision_no)?;
        Ok(found.into_iter().next())
    }

    /// What the market did after the decision with that number, as far as it is known.
    pub fn horizons_of(
        &mut self,
        run: RunNo,
        decision_no: u64,
    ) -> Result<Vec<HorizonOutcome>, StoreError> {
        self.find(&HORIZONS, run, Some(decision_no), NO_COLUMN, decision_no)
    }

    fn stream<R: Record>(
        &mut self,
        table: &ChunkTable,
        run: RunNo,
        mut each: impl FnMut(R),
    ) -> Result<(), StoreError> {
        self.view("read a run", async |connection| {
            let id = named(connection, run).await?;
            for chunk_no in chunks::numbers(connection, table, run, None).await? {
                let read = read_chunk(connection, table, run, chunk_no, &mut each).await?;
                read.map_err(|flaw| flaw.of(chunk_name(table, chunk_no, &id.0)))?;
            }
            Ok(())
        })
    }

    /// The records whose cell in `column` is `wanted`. Only that column is looked through.
    fn find<R: Record>(
        &mut self,
        table: &ChunkTable,
        run: RunNo,
        decision_no: Option<u64>,
        column: usize,
        wanted: u64,
    ) -> Result<Vec<R>, StoreError> {
        self.view("read a run", async |connection| {
            let id = named(connection, run).await?;
            let within = decision_no.map(|no| no..=no);
            let mut found = Vec::new();
            for chunk_no in chunks::numbers(connection, table, run, within.clone()).await? {
                let bytes = chunks::bytes(connection, table, run, chunk_no).await?;
                let picked = bytes.and_then(|(bytes, _)| pick(&bytes, column, wanted, &mut found));
                picked.map_err(|flaw| flaw.of(chunk_name(table, chunk_no, &id.0)))?;
            }
            Ok(found)
        })
    }
}

/// Reads one chunk whole. The outer error is the database's, the inner one the chunk's.
pub(crate) async fn read_chunk<R: Record>(
    connection: &mut SqliteConnection,
    table: &ChunkTable,
    run: RunNo,
    chunk_no: i64,
    each: &mut impl FnMut(R),
) -> Result<Result<(), Flaw>, Trouble> {
    let bytes = chunks::bytes(connection, table, run, chunk_no).await?;
    Ok(bytes.and_then(|(bytes, rows)| {
        let mut read = 0_u64;
        columns::read_each(&bytes, |record| {
            read += 1;
            each(record);
        })?;
        if read == rows {
            Ok(())
        } else {
            Err(Flaw::wrong(format!("it holds {read} rows, not {rows}")))
        }
    }))
}

fn pick<R: Record>(
    bytes: &[u8],
    column: usize,
    wanted: u64,
    found: &mut Vec<R>,
) -> Result<(), Flaw> {
    let packed = columns::open::<R>(bytes)?;
    for row in 0..packed.rows() {
        if packed.cell(column, row) == wanted {
            found.push(columns::read_one(&packed, row)?);
        }
    }
    Ok(())
}

/// What a chunk is called in sentences.
pub(crate) fn chunk_name(table: &ChunkTable, chunk_no: i64, run_id: &str) -> String {
    format!("chunk {chunk_no} of the {} of run {run_id}", table.holds)
}
