//! Runs from their first row to their replacement, and how far each has come.

use domain::{RunHeader, RunId, Timestamp, World};
use sqlx::SqliteConnection;

use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::{Store, StoreError, audit};

/// A run's number in this store. Numbers only grow; none is given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunNo(pub(crate) i64);

/// Whether a run may still grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Its world is still feeding it, or was interrupted.
    Building,
    /// Finished.
    Done,
}

/// How far a run has been stored: events consumed, and the moment of the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Events consumed.
    pub events: u64,
    /// Time of the last one.
    pub at: Timestamp,
}

/// A run as lists show it. Its header, configuration and summary are asked for on their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number here.
    pub no: RunNo,
    /// Its name.
    pub id: RunId,
    /// Which world fed it.
    pub world: World,
    /// Whether it may still grow.
    pub state: RunState,
    /// How far it has come.
    pub cursor: Cursor,
    /// Checkpoints stored.
    pub checkpoints: u64,
    /// Decisions stored.
    pub decisions: u64,
    /// Outcomes stored.
    pub outcomes: u64,
    /// Closed positions stored.
    pub trades: u64,
    /// Fills stored.
    pub fills: u64,
    /// Gaps in the data met.
    pub gaps: u64,
    /// Rows of input turned away.
    pub quarantined: u64,
    /// The digest of all it decided, once finished.
    pub digest: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

/// Every table with rows of a run, `runs` apart.
const TABLES: [&str; 15] = [
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
];

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
        self.write("finish a run", async |connection| {
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
            let older = "SELECT run_no FROM runs WHERE run_no < $1 AND world = 'replay' \
                 AND run_id = (SELECT run_id FROM runs WHERE run_no = $1 AND world = 'replay')";
            let older: Vec<i64> =
                sqlx::query_scalar(older).bind(run.0).fetch_all(&mut *connection).await?;
            remove(connection, &older).await
        })
    }

    /// All runs, newest first, finished or not.
    pub fn runs(&mut self) -> Result<Vec<Run>, StoreError> {
        self.view("list its runs", async |connection| Ok(list(connection).await?))
    }

    /// The newest finished run.
    pub fn newest_run(&mut self) -> Result<Run, StoreError> {
        let newest = self.runs()?.into_iter().find(|run| run.state == RunState::Done);
        newest.ok_or_else(|| StoreError::NoRun { asked: "finished run".to_owned() })
    }

    /// The run whose name is `name`, or begins so when only one does; a finished one before an
    /// unfinished one, then the newest.
    pub fn run(&mut self, name: &str) -> Result<Run, StoreError> {
        let mut runs = self.runs()?;
        runs.retain(|run| !name.is_empty() && run.id.0.starts_with(name));
        if runs.iter().any(|run| run.id.0 == name) {
            runs.retain(|run| run.id.0 == name);
        }
        let mut ids: Vec<&str> = runs.iter().map(|run| run.id.0.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > 1 {
            let candidates = ids.join(", ");
            return Err(StoreError::Ambiguous { asked: name.to_owned(), candidates });
        }
        let done = runs.iter().position(|run| run.state == RunState::Done);
        let found = runs.into_iter().nth(done.unwrap_or(0));
        found.ok_or_else(|| StoreError::NoRun { asked: format!("run `{name}`") })
    }

    /// What makes a run that run.
    pub fn header(&mut self, run: RunNo) -> Result<RunHeader, StoreError> {
        let text = self.text_of(run, "SELECT header FROM runs WHERE run_no = $1")?;
        serde_json::from_str(text.as_deref().unwrap_or("")).map_err(|e| StoreError::Damaged {
            what: format!("the header of run number {}", run.0),
            why: e.to_string(),
        })
    }

    /// The configuration a run was begun with, as it was handed in.
    pub fn config(&mut self, run: RunNo) -> Result<String, StoreError> {
        let text = self.text_of(run, "SELECT config FROM runs WHERE run_no = $1")?;
        Ok(text.unwrap_or_default())
    }

    /// The summary a run was finished with, as it was handed in.
    pub fn summary(&mut self, run: RunNo) -> Result<Option<String>, StoreError> {
        self.text_of(run, "SELECT summary FROM runs WHERE run_no = $1")
    }

    fn text_of(&mut self, run: RunNo, query: &'static str) -> Result<Option<String>, StoreError> {
        self.view("read a run", async |connection| {
            let found: Option<Option<String>> =
                sqlx::query_scalar(query).bind(run.0).fetch_optional(connection).await?;
            Ok(found.ok_or_else(|| no_run(run))?)
        })
    }
}

/// The sentence for a number that is not, or no longer, a run's.
pub(crate) fn no_run(run: RunNo) -> StoreError {
    StoreError::NoRun { asked: format!("run number {}", run.0) }
}

/// The name of a run that must be there.
pub(crate) async fn named(connection: &mut SqliteConnection, run: RunNo) -> Result<RunId, Trouble> {
    let query = "SELECT run_id FROM runs WHERE run_no = $1";
    let id = sqlx::query_scalar(query).bind(run.0).fetch_optional(connection).await?;
    Ok(id.map(RunId).ok_or_else(|| no_run(run))?)
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
         data_hash, seed, rule, from_at, to_at, header, config, created_at, last_hash) \
         VALUES ($1, $2, $3, 'building', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
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
    Ok(())
}

async fn list(connection: &mut SqliteConnection) -> Result<Vec<Run>, Trouble> {
    let query = "SELECT run_no, run_id, world, state, cursor_events, cursor_at, checkpoints, \
         decisions, outcomes, trades, fills, gaps, quarantined, digest, created_at, finished_at \
         FROM runs ORDER BY run_no DESC";
    let rows = sqlx::query(query).fetch_all(connection).await?;
    let runs = rows.iter().map(|row| read(&Cells(row)));
    runs.collect::<Result<_, Flaw>>().map_err(|flaw| flaw.of("the list of runs").into())
}

fn read(row: &Cells<'_>) -> Result<Run, Flaw> {
    let finished_at: Option<i64> = row.get("finished_at")?;
    let done = row.get::<&str>("state")? == "done";
    Ok(Run {
        no: RunNo(row.get("run_no")?),
        id: RunId(row.get("run_id")?),
        world: row.world()?,
        state: if done { RunState::Done } else { RunState::Building },
        cursor: Cursor { events: row.small("cursor_events")?, at: row.time("cursor_at")? },
        checkpoints: row.small("checkpoints")?,
        decisions: row.small("decisions")?,
        outcomes: row.small("outcomes")?,
        trades: row.small("trades")?,
        fills: row.small("fills")?,
        gaps: row.small("gaps")?,
        quarantined: row.small("quarantined")?,
        digest: row.get("digest")?,
        created_at: row.time("created_at")?,
        finished_at: finished_at.map(Timestamp::from_ms),
    })
}
