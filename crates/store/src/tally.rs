//! How far a run has come: read at the start of a transaction, written at its end.

use domain::Timestamp;
use sqlx::SqliteConnection;

use crate::audit::Chain;
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::runs::{FORMAT, no_run};
use crate::{Cursor, RunNo, StoreError};

/// Counts that number the next rows, and the end of the audit chain.
pub(crate) struct Tally {
    pub(crate) building: bool,
    pub(crate) cursor: Cursor,
    pub(crate) checkpoints: i64,
    pub(crate) decisions: i64,
    pub(crate) outcomes: i64,
    pub(crate) fills: i64,
    pub(crate) trades: i64,
    pub(crate) journal_entries: i64,
    pub(crate) gaps: i64,
    pub(crate) quarantined: i64,
    pub(crate) learning_events: i64,
    pub(crate) jobs: i64,
    pub(crate) trials: i64,
    pub(crate) what_ifs: i64,
    pub(crate) models: i64,
    pub(crate) rulings: i64,
    pub(crate) trainings: i64,
    pub(crate) closes: i64,
    pub(crate) last_hash: String,
}

impl Tally {
    pub(crate) async fn read(
        connection: &mut SqliteConnection,
        run: RunNo,
    ) -> Result<Tally, Trouble> {
        let query = "SELECT state, cursor_events, cursor_at, checkpoints, decisions, outcomes, \
             fills, trades, journal_entries, gaps, quarantined, learning_events, last_hash, format, \
             jobs, trials, what_ifs, models, rulings, trainings, closes FROM runs WHERE run_no = $1";
        let row = sqlx::query(query).bind(run.0).fetch_optional(connection).await?;
        let row = row.ok_or_else(|| no_run(run))?;
        let cells = Cells(&row);
        let what = || format!("run number {}", run.0);
        if cells.get::<i64>("format").map_err(|flaw| flaw.of(what()))? != FORMAT {
            return Err(StoreError::Earlier { what: what() }.into());
        }
        let tally = Tally::of(&cells);
        tally.map_err(|flaw| flaw.of(what()).into())
    }

    fn of(row: &Cells<'_>) -> Result<Tally, Flaw> {
        let at: Timestamp = row.time("cursor_at")?;
        Ok(Tally {
            building: row.get::<&str>("state")? == "building",
            cursor: Cursor { events: row.small("cursor_events")?, at },
            checkpoints: row.get("checkpoints")?,
            decisions: row.get("decisions")?,
            outcomes: row.get("outcomes")?,
            fills: row.get("fills")?,
            trades: row.get("trades")?,
            journal_entries: row.get("journal_entries")?,
            gaps: row.get("gaps")?,
            quarantined: row.get("quarantined")?,
            learning_events: row.get("learning_events")?,
            jobs: row.get("jobs")?,
            trials: row.get("trials")?,
            what_ifs: row.get("what_ifs")?,
            models: row.get("models")?,
            rulings: row.get("rulings")?,
            trainings: row.get("trainings")?,
            closes: row.get("closes")?,
            last_hash: row.get("last_hash")?,
        })
    }

    /// The end of the audit chain, to add links to.
    pub(crate) fn chain(&self) -> Chain {
        Chain::new(self.learning_events, self.last_hash.clone())
    }

    /// Takes over where the chain now ends.
    pub(crate) fn take(&mut self, chain: Chain) {
        self.learning_events = chain.length;
        self.last_hash = chain.last_hash;
    }

    /// Moves the cursor; it never moves back.
    pub(crate) fn advance(&mut self, cursor: Cursor) -> Result<(), StoreError> {
        if cursor.events < self.cursor.events {
            let what = format!(
                "the run has come to event {}, which is beyond {}",
                self.cursor.events, cursor.events
            );
            return Err(StoreError::Overtaken { what });
        }
        self.cursor = cursor;
        Ok(())
    }

    pub(crate) async fn write(
        &self,
        connection: &mut SqliteConnection,
        run: RunNo,
    ) -> Result<(), Trouble> {
        let statement = "UPDATE runs SET cursor_events = $2, cursor_at = $3, checkpoints = $4, \
             decisions = $5, outcomes = $6, fills = $7, trades = $8, journal_entries = $9, \
             gaps = $10, quarantined = $11, learning_events = $12, last_hash = $13, \
             jobs = $14, trials = $15, what_ifs = $16, models = $17, rulings = $18, \
             trainings = $19, closes = $20 WHERE run_no = $1";
        sqlx::query(statement)
            .bind(run.0)
            .bind(self.cursor.events as i64)
            .bind(self.cursor.at.ms())
            .bind(self.checkpoints)
            .bind(self.decisions)
            .bind(self.outcomes)
            .bind(self.fills)
            .bind(self.trades)
            .bind(self.journal_entries)
            .bind(self.gaps)
            .bind(self.quarantined)
            .bind(self.learning_events)
            .bind(&self.last_hash)
            .bind(self.jobs)
            .bind(self.trials)
            .bind(self.what_ifs)
            .bind(self.models)
            .bind(self.rulings)
            .bind(self.trainings)
            .bind(self.closes)
            .execute(connection)
            .await?;
        Ok(())
    }
}
