//! How learning went about it: jobs that ran, trials that were made, amendments that were turned away.

use domain::{Amendment, Finding, Job, JobRun, RunBy, Timestamp, Trial};
use serde_json::json;
use sqlx::SqliteConnection;

use crate::audit::{self, Chain};
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::row_seals;
use crate::rows::{self, Table, Value};
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError};

const RAN_BY: [RunBy; 4] = [RunBy::Clock, RunBy::CatchUp, RunBy::Person, RunBy::DryRun];

/// An amendment that the governor did not take, however often it was proposed since the last checkpoint
/// and turned away for the same reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The amendment, as it was proposed last.
    pub amendment: Amendment,
    /// Why not, with the numbers of the last time.
    pub why: String,
    /// How often.
    pub times: u64,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

/// How often a job ran, and when last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCount {
    /// Which job.
    pub job: Job,
    /// How often it ran.
    pub times: u64,
    /// How many of these runs found something amiss.
    pub amiss: u64,
    /// How many published a policy version.
    pub published: u64,
    /// When it ran first.
    pub first_ran_at: Timestamp,
    /// When its last run was due.
    pub last_due_at: Timestamp,
    /// When it ran last.
    pub last_ran_at: Timestamp,
    /// Who had it run last.
    pub last_by: RunBy,
}

impl JobCount {
    /// The first run of a job.
    pub fn of(run: &JobRun) -> JobCount {
        let mut count = JobCount {
            job: run.job,
            times: 0,
            amiss: 0,
            published: 0,
            first_ran_at: run.ran_at,
            last_due_at: run.due_at,
            last_ran_at: run.ran_at,
            last_by: run.by,
        };
        count.add(run);
        count
    }

    /// One more run of the same job.
    pub fn add(&mut self, run: &JobRun) {
        self.times += 1;
        self.amiss += u64::from(run.findings.iter().any(|finding| finding.is_amiss));
        self.published += u64::from(run.published.is_some());
        self.last_due_at = run.due_at;
        self.last_ran_at = run.ran_at;
        self.last_by = run.by;
    }
}

/// What a learner's searches tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialCount {
    /// Whose searches.
    pub learner: String,
    /// Cells that were read, each once.
    pub cells: u64,
    /// Moments at which any was read.
    pub moments: u64,
    /// Readings, all of every cell.
    pub readings: u64,
    /// Readings after which the cell was taken.
    pub taken: u64,
}

pub(crate) const JOBS: Table = Table {
    name: "jobs",
    columns: &["run_no", "seq", "job", "due_at", "ran_at", "ran_by", "published", "findings"],
    on_conflict: "",
};

const COUNTS: Table = Table {
    name: "job_counts",
    columns: &[
        "run_no",
        "job",
        "times",
        "amiss",
        "published",
        "first_ran_at",
        "last_due_at",
        "last_ran_at",
        "last_by",
    ],
    on_conflict: " ON CONFLICT (run_no, job) DO UPDATE SET times = times + excluded.times, \
                  amiss = amiss + excluded.amiss, published = published + excluded.published, \
                  last_due_at = excluded.last_due_at, last_ran_at = excluded.last_ran_at, \
                  last_by = excluded.last_by",
};

pub(crate) const TRIALS: Table = Table {
    name: "trials",
    columns: &[
        "run_no",
        "seq",
        "learner",
        "at",
        "cell",
        "outcomes_effective",
        "mean_r",
        "sharpe",
        "was_taken",
    ],
    on_conflict: "",
};

/// What a checkpoint says of how learning went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Went<'a> {
    pub(crate) jobs: &'a [JobRun],
    pub(crate) counts: &'a [JobCount],
    pub(crate) trials: &'a [Trial],
    pub(crate) refusals: &'a [Refusal],
}

/// Writes the rows, and a link to the audit for each full cycle, each job that did something and each
/// refusal.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    chain: &mut Chain,
    went: Went<'_>,
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    for job in went.jobs {
        write_job(run, tally.jobs, job, &mut values)?;
        tally.jobs += 1;
        chain.add(run, cycle_name(job.job), job.ran_at, job_body(job));
    }
    row_seals::insert(connection, run, &JOBS, std::mem::take(&mut values)).await?;
    went.counts.iter().for_each(|count| write_count(run, count, &mut values));
    rows::insert(connection, &COUNTS, std::mem::take(&mut values)).await?;
    for trial in went.trials {
        write_trial(run, tally.trials, trial, &mut values);
        tally.trials += 1;
    }
    row_seals::insert(connection, run, &TRIALS, values).await?;
    for refusal in went.refusals {
        chain.add(run, audit::AMENDMENT_REFUSED, refusal.last_at, refusal_body(refusal));
    }
    Ok(())
}

/// The cycles that the seeds' users look for by this name; everything else is a job.
fn cycle_name(job: Job) -> &'static str {
    match job {
        Job::Controller | Job::Nightly => audit::LEARNING_CYCLE_COMPLETE,
        _ => audit::JOB_COMPLETE,
    }
}

fn job_body(run: &JobRun) -> String {
    let amiss = run.findings.iter().filter(|finding| finding.is_amiss).count();
    json!({
        "job": run.job.name(),
        "due_at": run.due_at.ms(),
        "by": run.by.name(),
        "published": run.published,
        "findings": run.findings.len(),
        "amiss": amiss,
    })
    .to_string()
}

fn refusal_body(refusal: &Refusal) -> String {
    json!({
        "learner": refusal.amendment.learner,
        "change": refusal.amendment.change.what(),
        "why": refusal.why,
        "times": refusal.times,
        "first_at": refusal.first_at.ms(),
        "outcomes_effective": refusal.amendment.evidence.outcomes_effective,
    })
    .to_string()
}

fn write_job(run: RunNo, seq: i64, job: &JobRun, out: &mut Vec<Value>) -> Result<(), StoreError> {
    let findings = serde_json::to_string(&job.findings).map_err(|e| StoreError::Unfit {
        what: format!("what {} found", job.job.name()),
        why: e.to_string(),
    })?;
    out.extend([
        Value::Whole(run.0),
        Value::Whole(seq),
        Value::Word(job.job.name()),
        Value::Whole(job.due_at.ms()),
        Value::Whole(job.ran_at.ms()),
        Value::Word(job.by.name()),
        Value::MaybeWhole(job.published.map(|version| version as i64)),
        Value::Text(findings),
    ]);
    Ok(())
}

fn write_count(run: RunNo, count: &JobCount, out: &mut Vec<Value>) {
    out.extend([
        Value::Whole(run.0),
        Value::Word(count.job.name()),
        Value::Whole(count.times as i64),
        Value::Whole(count.amiss as i64),
        Value::Whole(count.published as i64),
        Value::Whole(count.first_ran_at.ms()),
        Value::Whole(count.last_due_at.ms()),
        Value::Whole(count.last_ran_at.ms()),
        Value::Word(count.last_by.name()),
    ]);
}

fn write_trial(run: RunNo, seq: i64, trial: &Trial, out: &mut Vec<Value>) {
    out.extend([
        Value::Whole(run.0),
        Value::Whole(seq),
        Value::Text(trial.learner.clone()),
        Value::Whole(trial.at.ms()),
        Value::Text(trial.cell.clone()),
        Value::Real(Some(trial.outcomes_effective)),
        Value::Real(Some(trial.mean_r)),
        Value::Real(Some(trial.sharpe)),
        Value::Whole(trial.was_taken.into()),
    ]);
}

impl Store {
    /// Runs of jobs that came to something, in the order they ran.
    pub fn jobs(&mut self, run: RunNo) -> Result<Vec<JobRun>, StoreError> {
        let query = "SELECT * FROM jobs WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a job", query, None, read_job)
    }

    /// Of each job the last run of all and the last that found anything, in the order they ran.
    pub fn latest_jobs(&mut self, run: RunNo) -> Result<Vec<JobRun>, StoreError> {
        let query = "SELECT * FROM jobs WHERE run_no = $1 AND seq IN (SELECT MAX(seq) FROM jobs \
             WHERE run_no = $1 GROUP BY job, findings = '[]') ORDER BY seq";
        self.rows(run, "a job", query, None, read_job)
    }

    /// How often each job ran, and when last; jobs that never ran are not listed.
    pub fn job_counts(&mut self, run: RunNo) -> Result<Vec<JobCount>, StoreError> {
        let query = "SELECT * FROM job_counts WHERE run_no = $1 ORDER BY job";
        let mut counts = self.rows(run, "a job's count", query, None, read_count)?;
        counts.sort_by_key(|count| count.job);
        Ok(counts)
    }

    /// Every trial of every search, in order.
    pub fn trials(&mut self, run: RunNo) -> Result<Vec<Trial>, StoreError> {
        let query = "SELECT * FROM trials WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a trial", query, None, read_trial)
    }

    /// What each learner's searches tried, by name; who never searched is not listed.
    pub fn trial_counts(&mut self, run: RunNo) -> Result<Vec<TrialCount>, StoreError> {
        let query = "SELECT learner, COUNT(DISTINCT cell) AS cells, COUNT(DISTINCT at) AS moments, \
             COUNT(*) AS readings, COUNT(CASE WHEN was_taken <> 0 THEN 1 END) AS taken \
             FROM trials WHERE run_no = $1 GROUP BY learner ORDER BY learner";
        self.rows(run, "what was tried", query, None, read_trial_count)
    }
}

fn job_named(row: &Cells<'_>) -> Result<Job, Flaw> {
    row.one_of("job", &Job::ALL, Job::name)
}

pub(crate) fn read_job(row: &Cells<'_>) -> Result<JobRun, Flaw> {
    let findings: Vec<Finding> = serde_json::from_str(row.get("findings")?)
        .map_err(|e| Flaw::wrong(format!("its findings cannot be read ({e})")))?;
    let published: Option<i64> = row.get("published")?;
    Ok(JobRun {
        job: job_named(row)?,
        due_at: row.time("due_at")?,
        ran_at: row.time("ran_at")?,
        by: row.one_of("ran_by", &RAN_BY, RunBy::name)?,
        published: published.map(|version| version as u64),
        findings,
    })
}

pub(crate) fn read_count(row: &Cells<'_>) -> Result<JobCount, Flaw> {
    Ok(JobCount {
        job: job_named(row)?,
        times: row.small("times")?,
        amiss: row.small("amiss")?,
        published: row.small("published")?,
        first_ran_at: row.time("first_ran_at")?,
        last_due_at: row.time("last_due_at")?,
        last_ran_at: row.time("last_ran_at")?,
        last_by: row.one_of("last_by", &RAN_BY, RunBy::name)?,
    })
}

fn read_trial_count(row: &Cells<'_>) -> Result<TrialCount, Flaw> {
    Ok(TrialCount {
        learner: row.get("learner")?,
        cells: row.small("cells")?,
        moments: row.small("moments")?,
        readings: row.small("readings")?,
        taken: row.small("taken")?,
    })
}

pub(crate) fn read_trial(row: &Cells<'_>) -> Result<Trial, Flaw> {
    // SQLite keeps no NaN; it becomes NULL on the way in.
    let real = |column| row.get::<Option<f64>>(column).map(|kept| kept.unwrap_or(f64::NAN));
    Ok(Trial {
        learner: row.get("learner")?,
        at: row.time("at")?,
        cell: row.get("cell")?,
        outcomes_effective: real("outcomes_effective")?,
        mean_r: real("mean_r")?,
        sharpe: real("sharpe")?,
        was_taken: row.get::<i64>("was_taken")? != 0,
    })
}
