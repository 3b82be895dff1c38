//! What was ruled on models, and the trainings they come of.

use std::collections::BTreeMap;

use domain::{Grounds, RulingRecord, Stage, Timestamp, Training};
use serde_json::json;
use sqlx::SqliteConnection;

use crate::audit::{self, Chain};
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::row_seals::{self, TRAININGS};
use crate::rows::{self, Table, Value};
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError, json};

/// What a training came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingEnd {
    /// Its number in the run.
    pub training: u64,
    /// When that was heard.
    pub at: Timestamp,
    /// The version it made, or why it made none, in a sentence.
    pub came_to: Result<u64, String>,
}

/// A training, and what it came to; nothing while it waits.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTraining {
    /// As it was asked for.
    pub training: Training,
    /// How it ended, once it has.
    pub end: Option<TrainingEnd>,
}

const WAITING: &str = "waiting";
const DONE: &str = "done";
const FAILED: &str = "failed";

pub(crate) const RULINGS: Table = Table {
    name: "rulings",
    columns: &[
        "run_no",
        "seq",
        "at",
        "version",
        "champion",
        "ruling",
        "stage_from",
        "stage_to",
        "share",
        "by_person",
        "grounds",
        "says",
    ],
    on_conflict: "",
};

const ASKED: Table = Table {
    name: "trainings",
    columns: &["run_no", "training_no", "asked_at", "ready_at", "since", "plan", "state"],
    on_conflict: "",
};

/// Writes rulings, and adds a link for each.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    chain: &mut Chain,
    rulings: &[RulingRecord],
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    for ruling in rulings {
        write_ruling(run, tally.rulings, ruling, &mut values)?;
        tally.rulings += 1;
        chain.add(run, audit::MODEL_RULING, ruling.at, body(ruling));
    }
    row_seals::insert(connection, run, &RULINGS, values).await
}

/// Writes trainings that were asked for, and what others came to.
pub(crate) async fn write_trainings(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    asked: &[Training],
    ends: &[TrainingEnd],
) -> Result<(), Trouble> {
    if asked.is_empty() && ends.is_empty() {
        return Ok(());
    }
    let mut values = Vec::new();
    for training in asked {
        write_asked(run, training, &mut values)?;
        tally.trainings += 1;
    }
    rows::insert(connection, &ASKED, values).await?;
    for end in ends {
        write_end(connection, run, end).await?;
    }
    row_seals::keep(connection, run, TRAININGS).await
}

fn write_ruling(
    run: RunNo,
    seq: i64,
    ruling: &RulingRecord,
    out: &mut Vec<Value>,
) -> Result<(), StoreError> {
    let what = || format!("a ruling on model version {}", ruling.version);
    let grounds = ruling.grounds.as_ref().map(|grounds| json::written(grounds, what));
    if !ruling.share.is_finite() {
        let why = format!("a share of {} is no share", ruling.share);
        return Err(StoreError::Unfit { what: what(), why });
    }
    out.extend([
        Value::Whole(run.0),
        Value::Whole(seq),
        Value::Whole(ruling.at.ms()),
        Value::Whole(ruling.version as i64),
        Value::Whole(ruling.champion as i64),
        Value::Text(ruling.ruling.clone()),
        Value::Word(ruling.from.name()),
        Value::Word(ruling.to.name()),
        Value::Real(Some(ruling.share)),
        Value::Whole(ruling.by_person.into()),
        Value::MaybeText(grounds.transpose()?),
        Value::Text(ruling.says.clone()),
    ]);
    Ok(())
}

/// What the audit says of a ruling; its grounds lie in its row.
fn body(ruling: &RulingRecord) -> String {
    json!({
        "version": ruling.version,
        "champion": ruling.champion,
        "ruling": ruling.ruling,
        "from": ruling.from.name(),
        "to": ruling.to.name(),
        "share": ruling.share,
        "by_person": ruling.by_person,
        "evidence": ruling.grounds.as_ref().map(|grounds| grounds.evidence),
    })
    .to_string()
}

fn write_asked(run: RunNo, training: &Training, out: &mut Vec<Value>) -> Result<(), StoreError> {
    let plan = json::written(&training.plan, || format!("the plan of training {}", training.no))?;
    out.extend([
        Value::Whole(run.0),
        Value::Whole(training.no as i64),
        Value::Whole(training.asked_at.ms()),
        Value::Whole(training.ready_at.ms()),
        Value::Whole(training.since.ms()),
        Value::Text(plan),
        Value::Word(WAITING),
    ]);
    Ok(())
}

/// A training ends once: what was heard of it twice is not taken twice.
async fn write_end(
    connection: &mut SqliteConnection,
    run: RunNo,
    end: &TrainingEnd,
) -> Result<(), Trouble> {
    let statement = "UPDATE trainings SET state = $3, version = $4, why = $5, finished_at = $6 \
         WHERE run_no = $1 AND training_no = $2 AND state = 'waiting'";
    let (version, why) = match &end.came_to {
        Ok(version) => (Some(*version as i64), None),
        Err(why) => (None, Some(why.as_str())),
    };
    let ended = sqlx::query(statement)
        .bind(run.0)
        .bind(end.training as i64)
        .bind(if version.is_some() { DONE } else { FAILED })
        .bind(version)
        .bind(why)
        .bind(end.at.ms())
        .execute(connection)
        .await?;
    if ended.rows_affected() == 0 {
        let what = format!("training {} does not wait for its end", end.training);
        return Err(StoreError::Overtaken { what }.into());
    }
    Ok(())
}

impl Store {
    /// Every ruling of a run, in order: the deployment history.
    pub fn rulings(&mut self, run: RunNo) -> Result<Vec<RulingRecord>, StoreError> {
        let query = "SELECT * FROM rulings WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a ruling", query, None, read_ruling)
    }

    /// Every training of a run by its number, and what it came to.
    pub fn trainings(&mut self, run: RunNo) -> Result<Vec<StoredTraining>, StoreError> {
        let query = "SELECT * FROM trainings WHERE run_no = $1 ORDER BY training_no";
        self.rows(run, "a training", query, None, read_training)
    }
}

/// Where each version stands, by the last ruling on it.
pub(crate) async fn stages(
    connection: &mut SqliteConnection,
    run: RunNo,
) -> Result<Result<BTreeMap<u64, Stage>, Flaw>, Trouble> {
    let query = "SELECT version, stage_to FROM rulings WHERE run_no = $1 ORDER BY seq";
    let rows = sqlx::query(query).bind(run.0).fetch_all(connection).await?;
    let stages = rows.iter().map(|row| {
        let row = Cells(row);
        Ok((row.small("version")?, row.one_of("stage_to", &Stage::ALL, Stage::name)?))
    });
    Ok(stages.collect())
}

pub(crate) fn read_ruling(row: &Cells<'_>) -> Result<RulingRecord, Flaw> {
    let grounds: Option<&str> = row.get("grounds")?;
    Ok(RulingRecord {
        at: row.time("at")?,
        version: row.small("version")?,
        champion: row.small("champion")?,
        ruling: row.get("ruling")?,
        from: row.one_of("stage_from", &Stage::ALL, Stage::name)?,
        to: row.one_of("stage_to", &Stage::ALL, Stage::name)?,
        share: row.get("share")?,
        by_person: row.get::<i64>("by_person")? != 0,
        grounds: grounds.map(json::read::<Grounds>).transpose()?,
        says: row.get("says")?,
    })
}

pub(crate) fn read_training(row: &Cells<'_>) -> Result<StoredTraining, Flaw> {
    let training = Training {
        no: row.small("training_no")?,
        asked_at: row.time("asked_at")?,
        ready_at: row.time("ready_at")?,
        since: row.time("since")?,
        plan: json::read(row.get("plan")?)?,
    };
    let came_to = match row.get::<&str>("state")? {
        WAITING => return Ok(StoredTraining { training, end: None }),
        DONE => Ok(row.small("version")?),
        FAILED => Err(row.get("why")?),
        state => return Err(Flaw::wrong(format!("its state `{state}` is unknown"))),
    };
    let end = TrainingEnd { training: training.no, at: row.time("finished_at")?, came_to };
    Ok(StoredTraining { training, end: Some(end) })
}
