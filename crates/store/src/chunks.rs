//! Columnar chunks in their tables.

use std::ops::RangeInclusive;

use domain::{EquityPoint, HorizonOutcome, Outcome, Timestamp, WhatIfOutcome};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::audit::{self, Chain};
use crate::codes::Cells;
use crate::columns::sealed::Layout;
use crate::columns::{CloseRecord, DecisionRecord, Flaw, Span, header};
use crate::error::Trouble;
use crate::seal::{CHECKSUM, seal_hashed, unseal};
use crate::tally::Tally;
use crate::{CanonicalBytes, RunNo, StoreError};

/// A table of chunks of one kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChunkTable {
    pub(crate) name: &'static str,
    kind: u8,
    /// What its chunks hold, for sentences.
    pub(crate) holds: &'static str,
}

pub(crate) const DECISIONS: ChunkTable = table::<DecisionRecord>("decisions");
pub(crate) const OUTCOMES: ChunkTable = table::<Outcome>("signal_outcomes");
pub(crate) const HORIZONS: ChunkTable = table::<HorizonOutcome>("horizon_outcomes");
pub(crate) const WHAT_IFS: ChunkTable = table::<WhatIfOutcome>("what_if_outcomes");
pub(crate) const EQUITY: ChunkTable = table::<EquityPoint>("equity");
pub(crate) const CLOSES: ChunkTable = table::<CloseRecord>("closes");

const fn table<R: Layout>(name: &'static str) -> ChunkTable {
    ChunkTable { name, kind: R::KIND, holds: R::NAME }
}

/// A chunk ready to be written.
pub(crate) struct Chunk<'t> {
    table: &'t ChunkTable,
    pub(crate) span: Span,
    sealed: Vec<u8>,
}

impl<'t> Chunk<'t> {
    /// Seals what columns gave; nothing for no bytes.
    pub(crate) fn of(
        table: &'t ChunkTable,
        canonical: &CanonicalBytes,
    ) -> Result<Option<Chunk<'t>>, StoreError> {
        if canonical.is_empty() {
            return Ok(None);
        }
        let unfit = |flaw: Flaw| flaw.unfit(format!("a chunk of {}", table.holds));
        let (kind, _, span) = header(canonical.bytes()).map_err(unfit)?;
        if kind != table.kind {
            let why = format!("it holds records of kind {kind}, not {}", table.kind);
            return Err(unfit(Flaw::wrong(why)));
        }
        let sealed = seal_hashed(canonical.bytes(), canonical.hash()).map_err(unfit)?;
        Ok(Some(Chunk { table, span, sealed }))
    }

    /// The checksum it is sealed with.
    pub(crate) fn checksum(&self) -> String {
        self.sealed[CHECKSUM].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) async fn write(
        &self,
        connection: &mut SqliteConnection,
        run: RunNo,
        tally: &mut Tally,
        chain: &mut Chain,
    ) -> Result<(), Trouble> {
        let chunk_no = tally.checkpoints;
        let text = format!(
            "INSERT INTO {} (run_no, chunk_no, row_count, first_no, last_no, first_at, last_at, \
             data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.table.name
        );
        sqlx::query(AssertSqlSafe(text))
            .bind(run.0)
            .bind(chunk_no)
            .bind(i64::from(self.span.rows))
            .bind(self.span.first_no as i64)
            .bind(self.span.last_no as i64)
            .bind(self.span.first_at)
            .bind(self.span.last_at)
            .bind(self.sealed.as_slice())
            .execute(connection)
            .await?;
        if *self.table == DECISIONS {
            tally.decisions += i64::from(self.span.rows);
        }
        if *self.table == WHAT_IFS {
            tally.what_ifs += i64::from(self.span.rows);
        }
        if *self.table == CLOSES {
            tally.closes += i64::from(self.span.rows);
        }
        if *self.table == OUTCOMES {
            tally.outcomes += i64::from(self.span.rows);
            hear_outcomes(chain, run, self, chunk_no);
        }
        Ok(())
    }
}

/// Adds the link that says which outcomes were heard.
fn hear_outcomes(chain: &mut Chain, run: RunNo, chunk: &Chunk<'_>, chunk_no: i64) {
    let body = serde_json::json!({
        "outcomes": chunk.span.rows,
        "first_at": chunk.span.first_at,
        "last_at": chunk.span.last_at,
        "chunk": chunk_no,
        "checksum": chunk.checksum(),
    });
    let at = Timestamp::from_ms(chunk.span.last_at);
    chain.add(run, audit::OUTCOME_PROCESSED, at, body.to_string());
}

/// The numbers of a run's chunks, in order; with `decisions` only of those that may hold one of them.
pub(crate) async fn numbers(
    connection: &mut SqliteConnection,
    table: &ChunkTable,
    run: RunNo,
    decisions: Option<RangeInclusive<u64>>,
) -> Result<Vec<i64>, Trouble> {
    let within = if decisions.is_some() { "AND first_no <= $2 AND last_no >= $3" } else { "" };
    let text =
        format!("SELECT chunk_no FROM {} WHERE run_no = $1 {within} ORDER BY chunk_no", table.name);
    let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(run.0);
    if let Some(decisions) = decisions {
        query = query.bind(*decisions.end() as i64).bind(*decisions.start() as i64);
    }
    Ok(query.fetch_all(connection).await?)
}

/// The canonical bytes of one chunk, and how many rows the table says it has.
pub(crate) async fn bytes(
    connection: &mut SqliteConnection,
    table: &ChunkTable,
    run: RunNo,
    chunk_no: i64,
) -> Result<Result<(Vec<u8>, u64), Flaw>, Trouble> {
    let text =
        format!("SELECT data, row_count FROM {} WHERE run_no = $1 AND chunk_no = $2", table.name);
    let row = sqlx::query(AssertSqlSafe(text)).bind(run.0).bind(chunk_no);
    let row = row.fetch_one(connection).await?;
    Ok(opened(&Cells(&row)))
}

fn opened(row: &Cells<'_>) -> Result<(Vec<u8>, u64), Flaw> {
    Ok((unseal(row.get("data")?)?, row.small("row_count")?))
}
