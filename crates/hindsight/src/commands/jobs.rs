//! `jobs`: the schedule, what ran when, and running one by hand.

use domain::{Command, Finding, Job, JobRun, Timestamp};
use engine::Planned;
use serde_json::{Value, json};
use store::JobCount;

use super::order::{self, Fed};
use super::setup;
use super::shown::grouped;
use crate::args::{Global, JobsCommand};
use crate::failure::{Failure, usage};
use crate::figures;
use crate::wording::Names;
use crate::world::Answer;

/// Does what was asked.
///
/// # Errors
/// When there is no such run or job, or the store cannot be read or written.
pub fn run(global: &Global, command: &JobsCommand) -> Result<(), Failure> {
    match command {
        JobsCommand::List { run } => list(global, run.as_deref()),
        JobsCommand::Run { name, dry_run, run } => run_one(global, name, *dry_run, run.as_deref()),
    }
}

/// A job with what is stored of it.
struct Listed {
    job: Job,
    count: Option<JobCount>,
    /// Its last run that came to something.
    last: Option<JobRun>,
    /// Its times, by the engine's own clock: quiet runs of frequent jobs are in no table.
    planned: Option<Planned>,
}

impl Listed {
    /// When it ran last, by the clock or by hand.
    fn ran_last(&self) -> Option<Timestamp> {
        let by_clock = self.planned.and_then(|planned| planned.ran_at);
        by_clock.max(self.count.as_ref().map(|count| count.last_ran_at))
    }

    fn due_next(&self) -> Option<Timestamp> {
        self.planned.and_then(|planned| planned.due_at)
    }

    fn last_published(&self) -> Option<u64> {
        self.last.as_ref().and_then(|last| last.published)
    }

    fn findings(&self) -> &[Finding] {
        self.last.as_ref().map_or(&[], |last| &last.findings)
    }

    fn json(&self) -> Value {
        let count = self.count.as_ref();
        let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
        json!({
            "job": self.job.name(),
            "when": figures::when(self.job),
            "times": count.map_or(0, |count| count.times),
            "amiss": count.map_or(0, |count| count.amiss),
            "published": count.map_or(0, |count| count.published),
            "last_due_at": moment(count.map(|count| count.last_due_at)),
            "last_ran_at": moment(self.ran_last()),
            "last_by": count.map(|count| count.last_by.name()),
            "next_due_at": moment(self.due_next()),
            "last_published": self.last_published(),
            "last_findings": self.findings(),
        })
    }
}

fn list(global: &Global, run: Option<&str>) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::ByNobody)?;
    let planned: Vec<Planned> = stood.at_rest()?.engine().planned().collect();
    let counts = stood.store.job_counts(stood.run.no)?;
    let mut runs = stood.store.latest_jobs(stood.run.no)?;
    let names = Names::of(&stood.header);
    runs.iter_mut().for_each(|run| names.name_in(run));
    let run = &stood.run;
    let listed: Vec<Listed> = Job::ALL
        .into_iter()
        .map(|job| Listed {
            job,
            count: counts.iter().find(|count| count.job == job).cloned(),
            last: runs.iter().rev().find(|run| run.job == job).cloned(),
            planned: planned.iter().find(|planned| planned.job == job).copied(),
        })
        .collect();
    if global.json {
        let jobs: Vec<Value> = listed.iter().map(Listed::json).collect();
        return setup::print_json(
            &json!({ "run": run.id, "at": run.cursor.at.to_string(), "jobs": jobs }),
        );
    }
    let mut text = format!("Jobs of run {} as of {} (UTC)\n\n", run.id, run.cursor.at);
    text.push_str(
        "job              told  amiss  published  ran last          due next          when\n",
    );
    for one in &listed {
        text.push_str(&line(one));
    }
    text.push_str(
        "\nTold: runs that had something to say; quiet runs of frequent jobs are not counted.\n",
    );
    for one in listed.iter().filter(|one| one.findings().iter().any(|found| found.is_amiss)) {
        text.push_str(&format!("\nAmiss in {}:\n", one.job.name()));
        for found in one.findings().iter().filter(|found| found.is_amiss) {
            text.push_str(&format!("  {}: {}\n", found.of, found.says));
        }
    }
    text.push_str(&format!(
        "\nBy hand: hindsight{} jobs run NAME --dry-run --run {}\n",
        setup::at_store(global),
        run.id
    ));
    setup::print(&text)
}

fn line(one: &Listed) -> String {
    let minute = |at: Option<Timestamp>| {
        at.map_or_else(
            || "-".to_owned(),
            |at| at.to_string().chars().take(16).collect::<String>().replace('T', " "),
        )
    };
    let count = one.count.as_ref();
    format!(
        "{:<15} {:>5} {:>6} {:>10}  {:<16}  {:<16}  {}\n",
        one.job.name(),
        grouped(count.map_or(0, |count| count.times)),
        grouped(count.map_or(0, |count| count.amiss)),
        grouped(count.map_or(0, |count| count.published)),
        minute(one.ran_last()),
        minute(one.due_next()),
        figures::when(one.job),
    )
}

/// Runs one job on a stored run, or says what it would do.
pub(super) fn run_one(
    global: &Global,
    name: &str,
    dry_run: bool,
    run: Option<&str>,
) -> Result<(), Failure> {
    let Some(job) = Job::named(name) else {
        let known: Vec<&str> = Job::ALL.iter().map(|job| job.name()).collect();
        return Err(usage(format!("there is no job {name}; there are {}", known.join(", "))));
    };
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let order = Command::RunJob { job, is_dry: dry_run, at: stood.now() };
    let mut answer = if dry_run { stood.look(order)? } else { stood.give(order)? };
    let names = Names::of(&stood.header);
    answer.jobs.iter_mut().for_each(|run| names.name_in(run));
    let id = stood.run.id.to_string();
    if global.json {
        return setup::print_json(&as_json(&id, job, dry_run, &answer));
    }
    setup::print(&told(job, dry_run, &answer))
}

fn as_json(run: &str, job: Job, dry_run: bool, answer: &Answer) -> Value {
    let findings: Vec<&Finding> = answer.jobs.iter().flat_map(|run| &run.findings).collect();
    json!({
        "run": run,
        "job": job.name(),
        "dry_run": dry_run,
        "ran": !answer.jobs.is_empty(),
        "findings": findings,
        "published": answer.versions.iter().map(|v| v.policy.version).collect::<Vec<_>>(),
        "refused": answer.refused.iter().map(|refused| json!({
            "learner": refused.amendment.learner,
            "change": refused.amendment.change.what(),
            "why": refused.why,
        })).collect::<Vec<_>>(),
        "trials": answer.trials.len(),
    })
}

fn told(job: Job, dry_run: bool, answer: &Answer) -> String {
    let mut text = match (answer.jobs.is_empty(), dry_run) {
        (true, _) => format!("{} found nothing to do.\n", job.name()),
        (false, true) => format!("{}, as a dry run: nothing was changed.\n", job.name()),
        (false, false) => format!("{} ran.\n", job.name()),
    };
    for found in answer.jobs.iter().flat_map(|run| &run.findings) {
        let mark = if found.is_amiss { "! " } else { "  " };
        text.push_str(&format!("{mark}{}: {}\n", found.of, found.says));
    }
    for version in &answer.versions {
        text.push_str(&format!("Published version {}.\n", version.policy.version));
    }
    for refused in &answer.refused {
        text.push_str(&format!(
            "Not taken: {} of {}: {}\n",
            refused.amendment.change.what(),
            refused.amendment.learner,
            refused.why
        ));
    }
    if !answer.trials.is_empty() {
        text.push_str(&format!("{} trials were counted.\n", grouped(answer.trials.len() as u64)));
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::RunBy;

    use super::*;

    #[test]
    fn an_answer_is_told_with_what_is_amiss_marked() {
        let at = Timestamp::from_ms(0);
        let finding = |is_amiss, says: &str| Finding {
            of: "fee gate".to_owned(),
            is_amiss,
            says: says.to_owned(),
        };
        let findings = vec![finding(false, "costs as expected"), finding(true, "0 of 50 outcomes")];
        let by = RunBy::DryRun;
        let jobs = vec![JobRun {
            job: Job::FeeAudit,
            due_at: at,
            ran_at: at,
            by,
            published: None,
            findings,
        }];
        let answer = Answer { jobs, ..Answer::default() };
        assert_eq!(
            told(Job::FeeAudit, true, &answer),
            "fee_audit, as a dry run: nothing was changed.\n  fee gate: costs as expected\n! fee gate: 0 of 50 outcomes\n"
        );
        let json = as_json("r", Job::FeeAudit, true, &answer);
        assert_eq!(json["findings"][1]["is_amiss"], true);
        assert_eq!(json["published"], json!([]));
    }
}
