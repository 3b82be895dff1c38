//! One checkpoint, one transaction: an outcome is never stored without what it taught and the cursor.

use domain::{Fill, Gap, JobRun, PolicyVersion, Position, RulingRecord, Trade, Training, Trial};
use sqlx::SqliteConnection;

use crate::chunks::{CLOSES, Chunk, DECISIONS, EQUITY, HORIZONS, OUTCOMES, WHAT_IFS};
use crate::error::Trouble;
use crate::faults::{self, Quarantined};
use crate::holdings;
use crate::journal::{self, JournalEntry};
use crate::learning::{self, JobCount, Refusal, Went};
use crate::ledger::{self, OrderRecord};
use crate::life::Life;
use crate::policies::write_versions;
use crate::registry::{self, RegisteredModel, Seats};
use crate::rulings::TrainingEnd;
use crate::snapshots::{self, Snapshot};
use crate::tally::Tally;
use crate::{CanonicalBytes, Cursor, RunNo, Store, StoreError};
use crate::{row_seals, rows};

/// Everything since the last checkpoint. What did not happen stays empty.
#[derive(Clone, Debug, Default)]
pub struct Batch<'a> {
    /// How far the engine had come.
    pub cursor: Cursor,
    /// What [`DecisionColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub decisions: &'a CanonicalBytes,
    /// What [`OutcomeColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub outcomes: &'a CanonicalBytes,
    /// What [`HorizonColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub horizons: &'a CanonicalBytes,
    /// What [`WhatIfColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub what_ifs: &'a CanonicalBytes,
    /// What [`EquityColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub equity: &'a CanonicalBytes,
    /// What [`CloseColumns::to_bytes`](crate::Columns::to_bytes) gave: the closes of bars since the last
    /// checkpoint.
    pub closes: &'a CanonicalBytes,
    /// Orders that are new or have moved.
    pub orders: &'a [OrderRecord],
    /// Fills, in order.
    pub fills: &'a [Fill],
    /// Positions that closed, in order.
    pub trades: &'a [Trade],
    /// All positions open at the cursor; they replace those stored before.
    pub positions: &'a [Position],
    /// Policy versions published, in order; the last is in force.
    pub versions: &'a [PolicyVersion],
    /// Runs of jobs that came to something, in order.
    pub jobs: &'a [JobRun],
    /// How often each job has run since the last checkpoint, whatever it came to.
    pub job_counts: &'a [JobCount],
    /// Trials of searches, in order.
    pub trials: &'a [Trial],
    /// Amendments that the governor did not take.
    pub refusals: &'a [Refusal],
    /// Model versions that came of trainings, with their bytes, in order.
    pub models: &'a [RegisteredModel<'a>],
    /// What was ruled on models, in order.
    pub rulings: &'a [RulingRecord],
    /// Trainings that were asked for.
    pub trainings: &'a [Training],
    /// What trainings came to; one may have been asked for in this very checkpoint.
    pub training_ends: &'a [TrainingEnd],
    /// Who sits where now, if that has changed. Versions that sit must be there, or come with this.
    pub seats: Option<Seats>,
    /// Events and commands for the journal, in order.
    pub journal: &'a [JournalEntry],
    /// Gaps met in the data.
    pub gaps: &'a [Gap],
    /// Rows of input turned away.
    pub quarantine: &'a [Quarantined],
    /// The engine's state at the cursor.
    pub snapshot: Option<&'a Snapshot>,
}

impl<'a> Batch<'a> {
    fn went(&self) -> Went<'a> {
        let Batch { jobs, job_counts: counts, trials, refusals, .. } = *self;
        Went { jobs, counts, trials, refusals }
    }

    fn life(&self) -> Result<Life<'a>, StoreError> {
        let Batch { models, rulings, trainings, training_ends, seats, .. } = *self;
        let blobs = registry::sealed(models)?;
        Ok(Life { models, blobs, trainings, training_ends, rulings, seats })
    }
}

impl Store {
    /// Stores a checkpoint of a run that is being built: all of it, or nothing.
    pub fn commit(&mut self, run: RunNo, batch: &Batch<'_>) -> Result<(), StoreError> {
        // Compressed before the transaction begins, so that readers and writers wait less.
        let chunks = [
            Chunk::of(&DECISIONS, batch.decisions)?,
            Chunk::of(&OUTCOMES, batch.outcomes)?,
            Chunk::of(&HORIZONS, batch.horizons)?,
            Chunk::of(&WHAT_IFS, batch.what_ifs)?,
            Chunk::of(&EQUITY, batch.equity)?,
            Chunk::of(&CLOSES, batch.closes)?,
        ];
        let life = batch.life()?;
        self.write("commit a checkpoint", async |connection| {
            let mut tally = Tally::read(connection, run).await?;
            admit(&mut tally, run, batch)?;
            let mut chain = tally.chain();
            for chunk in chunks.iter().flatten() {
                chunk.write(connection, run, &mut tally, &mut chain).await?;
            }
            write_ledger(connection, run, &mut tally, batch).await?;
            journal::write(connection, run, &mut tally, batch.journal).await?;
            faults::write(connection, run, &mut tally, batch.gaps, batch.quarantine).await?;
            write_versions(connection, run, batch.versions, &mut chain).await?;
            learning::write(connection, run, &mut tally, &mut chain, batch.went()).await?;
            life.write(connection, run, &mut tally, &mut chain).await?;
            chain.write(connection).await?;
            tally.take(chain);
            if let Some(snapshot) = batch.snapshot {
                snapshots::write(connection, run, snapshot).await?;
            }
            tally.checkpoints += 1;
            tally.write(connection, run).await?;
            row_seals::stand(connection, run).await
        })
    }
}

/// Turns away what was stored before: nothing is learned twice.
fn admit(tally: &mut Tally, run: RunNo, batch: &Batch<'_>) -> Result<(), StoreError> {
    if !tally.building {
        return Err(StoreError::Unfit {
            what: format!("a checkpoint of run number {}", run.0),
            why: "the run is finished".to_owned(),
        });
    }
    let stands_still = batch.cursor.events == tally.cursor.events;
    if stands_still && !batch.outcomes.is_empty() {
        let what = format!("outcomes up to event {} are there already", batch.cursor.events);
        return Err(StoreError::Overtaken { what });
    }
    tally.advance(batch.cursor)
}

async fn write_ledger(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    batch: &Batch<'_>,
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    batch.orders.iter().for_each(|order| ledger::write_order(run.0, order, &mut values));
    rows::insert(connection, &ledger::ORDERS, std::mem::take(&mut values)).await?;
    for fill in batch.fills {
        ledger::write_fill(run.0, tally.fills, fill, &mut values);
        tally.fills += 1;
    }
    row_seals::insert(connection, run, &ledger::FILLS, std::mem::take(&mut values)).await?;
    for trade in batch.trades {
        holdings::write_trade(run.0, tally.trades, trade, &mut values)
            .map_err(|flaw| flaw.unfit("a trade"))?;
        tally.trades += 1;
    }
    row_seals::insert(connection, run, &holdings::TRADES, std::mem::take(&mut values)).await?;
    let old = "DELETE FROM positions WHERE run_no = $1";
    sqlx::query(old).bind(run.0).execute(&mut *connection).await?;
    for position in batch.positions {
        holdings::write_position(run.0, position, &mut values)
            .map_err(|flaw| flaw.unfit("a position"))?;
    }
    rows::insert(connection, &holdings::POSITIONS, values).await?;
    Ok(())
}
