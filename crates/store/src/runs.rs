//! Runs: which there are, how far each has come, and what makes it that run.

use domain::{InstrumentKind, Margin, RunHeader, RunId, Timestamp, World};
use sqlx::SqliteConnection;

use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::{Store, StoreError};

/// How runs are written today. Those of an earlier format are listed, and not read.
pub(crate) const FORMAT: i64 = 5;

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

impl Store {
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
        read_header(text.as_deref().unwrap_or("")).map_err(|e| StoreError::Damaged {
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

/// The name of a run that must be there, and of today's format.
pub(crate) async fn named(connection: &mut SqliteConnection, run: RunNo) -> Result<RunId, Trouble> {
    let query = "SELECT run_id, format FROM runs WHERE run_no = $1";
    let row: Option<(String, i64)> =
        sqlx::query_as(query).bind(run.0).fetch_optional(connection).await?;
    let (id, format) = row.ok_or_else(|| no_run(run))?;
    if format != FORMAT {
        return Err(StoreError::Earlier { what: format!("run {id}") }.into());
    }
    Ok(RunId(id))
}

/// Headers are read whatever their age: before there were kinds of markets, all were spot.
pub(crate) fn read_header(text: &str) -> Result<RunHeader, serde_json::Error> {
    let mut header: serde_json::Value = serde_json::from_str(text)?;
    let instruments = header.get_mut("instruments").and_then(|all| all.as_array_mut());
    for instrument in instruments.into_iter().flatten().filter_map(|one| one.as_object_mut()) {
        if !instrument.contains_key("kind") {
            instrument.insert("kind".to_owned(), serde_json::to_value(InstrumentKind::Spot)?);
            instrument.insert("margin".to_owned(), serde_json::to_value(Margin::NONE)?);
        }
    }
    serde_json::from_value(header)
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
