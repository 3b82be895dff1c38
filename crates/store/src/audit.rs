//! The audit of learning: a chain of events, each sealed by the hash of all before it.

use domain::{RunId, Timestamp};
use sqlx::SqliteConnection;

use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::rows::{self, Table, Value};
use crate::runs::named;
use crate::{RunNo, Store, StoreError};

/// Outcomes were heard.
pub(crate) const OUTCOME_PROCESSED: &str = "outcome_processed";
/// The controller or the night went through (seed 001's name).
pub(crate) const LEARNING_CYCLE_COMPLETE: &str = "learning_cycle_complete";
/// Another job did something.
pub(crate) const JOB_COMPLETE: &str = "job_complete";
/// The governor did not take an amendment.
pub(crate) const AMENDMENT_REFUSED: &str = "amendment_refused";
/// A policy version was published: the first, or a learner's.
pub(crate) const POLICY_PUBLISHED: &str = "policy_published";
/// A person took the policy back.
pub(crate) const POLICY_REVERTED: &str = "policy_reverted";
/// A person pinned a value or let it go.
pub(crate) const VALUE_PINNED: &str = "value_pinned";
/// A learner was switched off or on, or frozen.
pub(crate) const LEARNER_SILENCED: &str = "learner_silenced";
/// A person struck outcomes.
pub(crate) const OUTCOMES_STRUCK: &str = "outcomes_struck";

/// A person took a strike back.
pub(crate) const OUTCOMES_UNSTRUCK: &str = "outcomes_unstruck";

/// A training came to a model.
pub(crate) const MODEL_TRAINED: &str = "model_trained";
/// Something was ruled on a model.
pub(crate) const MODEL_RULING: &str = "model_ruling";

/// One link of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningEvent {
    /// Its place in the chain, from 0.
    pub seq: u64,
    /// What happened, such as `outcome_processed` or `learning_cycle_complete`.
    pub event_type: String,
    /// When.
    pub at: Timestamp,
    /// What exactly, as JSON.
    pub body: String,
    /// Hash of the link before.
    pub previous_hash: String,
    /// Hash of this one.
    pub hash: String,
}

impl LearningEvent {
    /// What its hash must be.
    fn hash_due(&self) -> String {
        link(&self.previous_hash, self.seq, &self.event_type, self.at, &self.body)
    }
}

/// The end of a chain, and the links about to be added to it.
pub(crate) struct Chain {
    pub(crate) length: i64,
    pub(crate) last_hash: String,
    values: Vec<Value>,
}

impl Chain {
    pub(crate) fn new(length: i64, last_hash: String) -> Chain {
        Chain { length, last_hash, values: Vec::new() }
    }

    pub(crate) fn add(
        &mut self,
        run: RunNo,
        event_type: &'static str,
        at: Timestamp,
        body: String,
    ) {
        let hash = link(&self.last_hash, self.length as u64, event_type, at, &body);
        self.values.extend([
            Value::Whole(run.0),
            Value::Whole(self.length),
            Value::Word(event_type),
            Value::Whole(at.ms()),
            Value::Text(body),
            Value::Text(std::mem::replace(&mut self.last_hash, hash.clone())),
            Value::Text(hash),
        ]);
        self.length += 1;
    }

    /// Writes the links added.
    pub(crate) async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), Trouble> {
        rows::insert(connection, &EVENTS, std::mem::take(&mut self.values)).await?;
        Ok(())
    }
}

const EVENTS: Table = Table {
    name: "learning_events",
    columns: &["run_no", "seq", "event_type", "event_timestamp", "body", "previous_hash", "hash"],
    on_conflict: "",
};

/// A chain begins at the name of its run, so that it cannot be passed off as another's.
pub(crate) fn first_hash(run: &RunId) -> String {
    blake3::hash(run.0.as_bytes()).to_hex().to_string()
}

/// What every link to a version says of the row in which the version is kept.
#[derive(serde::Deserialize)]
pub(crate) struct VersionLink {
    /// Its number.
    pub(crate) version: i64,
    /// What its row hashes to; nothing in runs of before there were such hashes.
    #[serde(default)]
    pub(crate) row_hash: Option<String>,
}

impl VersionLink {
    /// Nothing for a link to something else.
    pub(crate) fn of(event: &LearningEvent) -> Option<VersionLink> {
        let is_version = [
            POLICY_PUBLISHED,
            POLICY_REVERTED,
            VALUE_PINNED,
            LEARNER_SILENCED,
            OUTCOMES_STRUCK,
            OUTCOMES_UNSTRUCK,
        ]
        .contains(&event.event_type.as_str());
        is_version.then(|| serde_json::from_str(&event.body).ok()).flatten()
    }
}

/// Fields are kept apart by a byte that no field but the last can hold.
fn link(previous: &str, seq: u64, event_type: &str, at: Timestamp, body: &str) -> String {
    let text = format!("{previous}\n{seq}\n{event_type}\n{}\n{body}", at.ms());
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

impl Store {
    /// The audit of a run's learning, oldest first.
    pub fn learning_events(&mut self, run: RunNo) -> Result<Vec<LearningEvent>, StoreError> {
        self.view("read what was learned", async |connection| {
            let id = named(connection, run).await?;
            read(connection, run, &id).await
        })
    }
}

pub(crate) async fn read(
    connection: &mut SqliteConnection,
    run: RunNo,
    id: &RunId,
) -> Result<Vec<LearningEvent>, Trouble> {
    let query = "SELECT seq, event_type, event_timestamp, body, previous_hash, hash \
         FROM learning_events WHERE run_no = $1 ORDER BY seq";
    let rows = sqlx::query(query).bind(run.0).fetch_all(connection).await?;
    let events = rows.iter().map(|row| read_event(&Cells(row)));
    let events: Result<Vec<_>, Flaw> = events.collect();
    events.map_err(|flaw| flaw.of(format!("the audit of run {id}")).into())
}

fn read_event(row: &Cells<'_>) -> Result<LearningEvent, Flaw> {
    Ok(LearningEvent {
        seq: row.small("seq")?,
        event_type: row.get("event_type")?,
        at: row.time("event_timestamp")?,
        body: row.get("body")?,
        previous_hash: row.get("previous_hash")?,
        hash: row.get("hash")?,
    })
}

/// The first link that does not hold, in a chain that must end at `last_hash` after `length` links.
pub(crate) fn broken_link(
    events: &[LearningEvent],
    id: &RunId,
    length: u64,
    last_hash: &str,
) -> Option<String> {
    let mut previous = first_hash(id);
    for (seq, event) in (0_u64..).zip(events) {
        let holds =
            event.seq == seq && event.previous_hash == previous && event.hash == event.hash_due();
        if !holds {
            return Some(format!("link {seq} does not follow from those before it"));
        }
        previous.clone_from(&event.hash);
    }
    if events.len() as u64 != length || previous != last_hash {
        return Some(format!("it ends after {} links, not {length}", events.len()));
    }
    None
}
