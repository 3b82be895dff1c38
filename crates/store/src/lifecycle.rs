//! Runs from their first row to their replacement.

use domain::{RunHeader, RunId, Timestamp};
use sqlx::SqliteConnection;

use crate::error::Trouble;
use crate::runs::FORMAT;
use crate::{RunNo, Store, StoreError, audit, registry, row_seals};

/// Every table with rows of a run, `runs` apart.
const TABLES: [&str; 25] = [
    "DELETE FROM journal WHERE run_no = $1",
    "DELETE FROM decisions WHERE run_no = $1",
    "DELETE FROM signal_outcomes WHERE run_no = $1",
    "DELETE FROM horizon_outcomes WHERE run_no = $1",
    "DELETE FROM equity WHERE run_no = $1",
    "DELETE FROM orders WHERE run_no = $1",
    "DELETE FROM fills WHERE run_no = $1",
    "DELETE FROM positions WHERE run_no = $1",
    "DELETE FROM trades WHERE run_no = $1",
    "DELETE FROM gaps WHERE run_no = $1",
    "DELETE FROM quarantine WHERE run_no = $1",
    "DELETE FROM learning_state WHERE run_no = $1",
    "DELETE FROM active_learning_state WHERE run_no = $1",
    "DELETE FROM learning_events WHERE run_no = $1",
    "DELETE FROM snapshots WHERE run_no = $1",
    "DELETE FROM jobs WHERE run_no = $1",
    "DELETE FROM job_counts WHERE run_no = $1",
    "DELETE FROM trials WHERE run_no = $1",
    "DELETE FROM what_if_outcomes WHERE run_no = $1",
    "DELETE FROM row_seals WHERE run_no = $1",
    "DELETE FROM model_versions WHERE run_no = $1",
    "DELETE FROM rulings WHERE run_no = $1",
    "DELETE FROM trainings WHERE run_no = $1",
    "DELETE FROM active_models WHERE run_no = $1",
    "DELETE FROM closes WHERE run_no = $1",
];

/// Pages of 16 KiB given back in one transaction: 32 MB, some tens of milliseconds.
const PAGES_GIVEN_BACK: u32 = 2_000;

impl Store {
    /// Opens a run. Leftovers of earlier, unfinished replays of the same name go; finished runs stay
    /// until this one is finished too.
    pub fn begin_run(
        &mut self,
        header: &RunHeader,
        config: &str,
        created_at: Timestamp,
    ) -> Result<RunNo, StoreError> {
        let text = serde_json::to_string(header).map_err(|e| StoreError::Unfit {
            what: format!("the header of run {}", header.id),
            why: e.to_string(),
        })?;
        self.write("begin a run", async |connection| {
            // The new number is taken before the leftovers go, so that none is given twice.
            let run_no = next_number(connection).await?;
            let leftovers = "SELECT run_no FROM runs \
                 WHERE run_id = $1 AND world = 'replay' AND state = 'building'";
            let leftovers = numbers(connection, leftovers, &header.id).await?;
            insert(connection, run_no, header, &text, config, created_at).await?;
            row_seals::begin(connection, RunNo(run_no)).await?;
            remove(connection, &leftovers).await?;
            Ok(RunNo(run_no))
        })
    }

    /// Marks a run as done, and for a replay deletes the one that it replaces, both or neither.
    pub fn finish_run(
        &mut self,
        run: RunNo,
        summary: &str,
        digest: &str,
        finished_at: Timestamp,
    ) -> Result<(), StoreError> {
        let replaced = self.write("finish a run", async |connection| {
            let done = "UPDATE runs SET state = 'done', summary = $2, digest = $3, finished_at = $4 \
                 WHERE run_no = $1 AND state = 'building'";
            let done = sqlx::query(done)
                .bind(run.0)
                .bind(summary)
                .bind(digest)
                .bind(finished_at.ms())
                .execute(&mut *connection)
                .await?;
            if done.rows_affected() == 0 {
                let asked = format!("unfinished run number {}", run.0);
                return Err(StoreError::NoRun { asked }.into());
            }
            row_seals::finish(connection, run).await?;
            let older = "SELECT run_no FROM runs WHERE run_no < $1 AND world = 'replay' \
                 AND run_id = (SELECT run_id FROM runs WHERE run_no = $1 AND world = 'replay')";
            let older: Vec<i64> =
                sqlx::query_scalar(older).bind(run.0).fetch_all(&mut *connection).await?;
            remove(connection, &older).await?;
            Ok(!older.is_empty())
        })?;
        if replaced {
            // The run is finished; that its predecessor's room cannot be given back now is no failure of it.
            self.give_room_back().ok();
        }
        Ok(())
    }

    /// Gives free pages back to the file system, a part at a time so that others may write meanwhile.
    fn give_room_back(&mut self) -> Result<(), StoreError> {
        self.perform("give room back", async |connection| {
            let mut free = free_pages(connection).await?;
            while free > 0 {
                let part = format!("PRAGMA incremental_vacuum({PAGES_GIVEN_BACK})");
                sqlx::raw_sql(sqlx::AssertSqlSafe(part)).execute(&mut *connection).await?;
                let left = free_pages(connection).await?;
                // A file that was born before pages could be given back stays as it is.
                if left >= free {
                    break;
                }
                free = left;
            }
            Ok(())
        })
    }
}

async fn free_pages(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA freelist_count").fetch_one(connection).await
}

async fn next_number(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COALESCE(MAX(run_no), 0) + 1 FROM runs").fetch_one(connection).await
}

async fn numbers(
    connection: &mut SqliteConnection,
    query: &'static str,
    id: &RunId,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(query).bind(&id.0).fetch_all(connection).await
}

async fn insert(
    connection: &mut SqliteConnection,
    run_no: i64,
    header: &RunHeader,
    text: &str,
    config: &str,
    created_at: Timestamp,
) -> Result<(), sqlx::Error> {
    let statement = "INSERT INTO runs (run_no, run_id, world, state, binary_version, config_hash, \
         data_hash, seed, rule, from_at, to_at, header, config, created_at, last_hash, \
         format) \
         VALUES ($1, $2, $3, 'building', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    sqlx::query(statement)
        .bind(run_no)
        .bind(&header.id.0)
        .bind(header.world.name())
        .bind(&header.binary)
        .bind(&header.config_hash)
        .bind(&header.data_hash)
        .bind(header.seed.to_string())
        .bind(&header.rule)
        .bind(header.from.ms())
        .bind(header.to.ms())
        .bind(text)
        .bind(config)
        .bind(created_at.ms())
        .bind(audit::first_hash(&header.id))
        .bind(FORMAT)
        .execute(connection)
        .await?;
    Ok(())
}

async fn remove(connection: &mut SqliteConnection, runs: &[i64]) -> Result<(), Trouble> {
    for &run_no in runs {
        for statement in TABLES {
            sqlx::query(statement).bind(run_no).execute(&mut *connection).await?;
        }
        let last = "DELETE FROM runs WHERE run_no = $1";
        sqlx::query(last).bind(run_no).execute(&mut *connection).await?;
    }
    if !runs.is_empty() {
        registry::forget_unnamed(connection).await?;
    }
    Ok(())
}
