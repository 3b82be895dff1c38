//! Policy versions: every one that was published, which one is in force, and publishing after the fact.

use domain::{JobRun, Policy, PolicyVersion, Reason, RulingRecord, Timestamp, Training, Trial};
use sqlx::SqliteConnection;

use crate::audit::{self, Chain};
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::{Trouble, is_taken};
use crate::journal::{self, JournalEntry};
use crate::learning::{self, JobCount, Refusal, Went};
use crate::ledger::{self, OrderRecord};
use crate::life::Life;
use crate::registry::{self, RegisteredModel, Seats};
use crate::row_seals::{self, RowHash};
use crate::rows::{self, Value};
use crate::rulings::TrainingEnd;
use crate::runs::named;
use crate::snapshots::{self, Snapshot};
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError, json};

const POLICY: &str = "policy";

impl Store {
    /// Every policy version of a run, oldest first.
    pub fn policy_versions(&mut self, run: RunNo) -> Result<Vec<PolicyVersion>, StoreError> {
        self.view("read its policies", async |connection| {
            let id = named(connection, run).await?;
            let query = "SELECT state_data, created_at, reason FROM learning_state \
                 WHERE run_no = $1 AND state_type = 'policy' ORDER BY version";
            let rows = sqlx::query(query).bind(run.0).fetch_all(connection).await?;
            let versions: Result<Vec<_>, Flaw> = rows.iter().map(|row| read(&Cells(row))).collect();
            Ok(versions.map_err(|flaw| flaw.of(format!("a policy version of run {id}")))?)
        })
    }

    /// The policy in force: the newest version published, as the pointer says.
    pub fn active_policy(&mut self, run: RunNo) -> Result<Option<PolicyVersion>, StoreError> {
        self.view("read its policy", async |connection| {
            let id = named(connection, run).await?;
            let query = "SELECT s.state_data, s.created_at, s.reason FROM learning_state s \
                 JOIN active_learning_state a ON a.run_no = s.run_no \
                 AND a.state_type = s.state_type AND a.version = s.version \
                 WHERE s.run_no = $1 AND s.state_type = 'policy'";
            let row = sqlx::query(query).bind(run.0).fetch_optional(connection).await?;
            let version = row.map(|row| read(&Cells(&row))).transpose();
            Ok(version.map_err(|flaw| flaw.of(format!("the policy of run {id}")))?)
        })
    }

    /// Keeps a person's order to a run that nobody feeds at the moment, finished or not, with all that
    /// followed from it: all of it or nothing.
    pub fn keep_order(&mut self, run: RunNo, taken: &TakenOrder<'_>) -> Result<(), StoreError> {
        let life = taken.life()?;
        self.write("keep an order", async |connection| {
            let mut tally = Tally::read(connection, run).await?;
            journal::write(connection, run, &mut tally, taken.journal).await?;
            let mut values = Vec::new();
            taken.orders.iter().for_each(|order| ledger::write_order(run.0, order, &mut values));
            rows::insert(connection, &ledger::ORDERS, values).await?;
            let mut chain = tally.chain();
            write_versions(connection, run, taken.versions, &mut chain).await?;
            let went = Went {
                jobs: taken.jobs,
                counts: taken.job_counts,
                trials: taken.trials,
                refusals: taken.refusals,
            };
            learning::write(connection, run, &mut tally, &mut chain, went).await?;
            life.write(connection, run, &mut tally, &mut chain).await?;
            chain.write(connection).await?;
            tally.take(chain);
            if let Some(snapshot) = taken.snapshot {
                tally.advance(snapshot.cursor)?;
                snapshots::write(connection, run, snapshot).await?;
            }
            tally.write(connection, run).await?;
            row_seals::stand(connection, run).await?;
            if !tally.building {
                row_seals::finish(connection, run).await?;
            }
            Ok(())
        })
    }
}

/// A person's order, and what followed from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TakenOrder<'a> {
    /// The order, and what the venue said about what it brought about.
    pub journal: &'a [JournalEntry],
    /// Policy versions it published.
    pub versions: &'a [PolicyVersion],
    /// Orders that went to the venue because of it.
    pub orders: &'a [OrderRecord],
    /// Jobs that ran because of it.
    pub jobs: &'a [JobRun],
    /// How often each did.
    pub job_counts: &'a [JobCount],
    /// Trials that were made because of it.
    pub trials: &'a [Trial],
    /// Amendments that were turned away because of it.
    pub refusals: &'a [Refusal],
    /// Model versions that came of it, with their bytes.
    pub models: &'a [RegisteredModel<'a>],
    /// What was ruled on models because of it.
    pub rulings: &'a [RulingRecord],
    /// Trainings that it asked for.
    pub trainings: &'a [Training],
    /// What trainings came to.
    pub training_ends: &'a [TrainingEnd],
    /// Who sits where now, if that has changed.
    pub seats: Option<Seats>,
    /// The engine after it.
    pub snapshot: Option<&'a Snapshot>,
}

impl<'a> TakenOrder<'a> {
    fn life(&self) -> Result<Life<'a>, StoreError> {
        let TakenOrder { models, rulings, trainings, training_ends, seats, .. } = *self;
        let blobs = registry::sealed(models)?;
        Ok(Life { models, blobs, trainings, training_ends, rulings, seats })
    }
}

/// Writes versions, moves the pointer to the last, and adds a link for each.
pub(crate) async fn write_versions(
    connection: &mut SqliteConnection,
    run: RunNo,
    versions: &[PolicyVersion],
    chain: &mut Chain,
) -> Result<(), Trouble> {
    for version in versions {
        let hash = insert(connection, run, version).await?;
        let event_type = match version.reason {
            Reason::DayOne | Reason::Learned(_) => audit::POLICY_PUBLISHED,
            Reason::Revert { .. } => audit::POLICY_REVERTED,
            Reason::Pinned => audit::VALUE_PINNED,
            Reason::Silenced => audit::LEARNER_SILENCED,
            Reason::Struck { .. } => audit::OUTCOMES_STRUCK,
            Reason::Unstruck { .. } => audit::OUTCOMES_UNSTRUCK,
        };
        chain.add(run, event_type, version.at, body(version, &hash));
    }
    let Some(last) = versions.last() else { return Ok(()) };
    let pointer = "INSERT INTO active_learning_state (run_no, state_type, version) \
         VALUES ($1, $2, $3) \
         ON CONFLICT (run_no, state_type) DO UPDATE SET version = excluded.version";
    sqlx::query(pointer)
        .bind(run.0)
        .bind(POLICY)
        .bind(last.policy.version as i64)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the audit says of a version: enough to see what happened without reading the version.
fn body(version: &PolicyVersion, hash: &RowHash) -> String {
    let mut body = serde_json::json!({
        "version": version.policy.version,
        "row_hash": hash.as_str(),
        "reason": version.reason.name(),
    });
    match &version.reason {
        Reason::DayOne => {}
        Reason::Learned(amendments) => {
            let told = amendments.iter().map(|amendment| {
                serde_json::json!({
                    "learner": amendment.learner,
                    "change": amendment.change.what(),
                    "outcomes_effective": amendment.evidence.outcomes_effective,
                    "e_value": amendment.evidence.e_value,
                })
            });
            body["amendments"] = told.collect();
        }
        Reason::Revert { to_version } => body["to_version"] = (*to_version).into(),
        Reason::Pinned => {
            body["pins"] = serde_json::to_value(&version.policy.pins).unwrap_or_default();
        }
        Reason::Silenced => {
            body["silenced"] = serde_json::to_value(&version.policy.silenced).unwrap_or_default();
        }
        Reason::Struck { from, to } | Reason::Unstruck { from, to } => {
            body["from"] = from.ms().into();
            body["to"] = to.ms().into();
        }
    }
    body.to_string()
}

async fn insert(
    connection: &mut SqliteConnection,
    run: RunNo,
    version: &PolicyVersion,
) -> Result<RowHash, Trouble> {
    let number = version.policy.version;
    let what = || format!("policy version {number}");
    let evidence = match &version.reason {
        Reason::Learned(amendments) => {
            let evidence: Vec<_> = amendments.iter().map(|a| a.evidence.clone()).collect();
            json::written(&evidence, what)?
        }
        _ => "[]".to_owned(),
    };
    let policy = json::written(&version.policy, what)?;
    let reason = json::written(&version.reason, what)?;
    let mut hash = RowHash::default();
    hash.write(&[
        Value::Whole(number as i64),
        Value::Text(policy.clone()),
        Value::Text(evidence.clone()),
        Value::Whole(version.at.ms()),
        Value::Text(reason.clone()),
    ]);
    let statement = "INSERT INTO learning_state (run_no, state_type, version, state_data, \
         performance_metrics, created_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let inserted = sqlx::query(statement)
        .bind(run.0)
        .bind(POLICY)
        .bind(number as i64)
        .bind(policy)
        .bind(evidence)
        .bind(version.at.ms())
        .bind(reason)
        .execute(connection)
        .await;
    match inserted {
        Ok(_) => Ok(hash),
        Err(error) if is_taken(&error) => {
            let what = format!("policy version {number} is there already");
            Err(StoreError::Overtaken { what }.into())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn read(row: &Cells<'_>) -> Result<PolicyVersion, Flaw> {
    let at: Timestamp = row.time("created_at")?;
    let policy: Policy = json::read(row.get("state_data")?)?;
    Ok(PolicyVersion { policy, at, reason: json::read(row.get("reason")?)? })
}
