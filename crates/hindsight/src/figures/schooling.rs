//! From the store and the engine to what each learner believed, when it changed its mind, and what followed.

use domain::{HeadName, Job, Outcome, Policy, PolicyVersion, RunHeader, SilencedBy};
use engine::Planned;
use learn::LearnerReport;
use serde_json::Value;
use store::{LearningEvent, RunNo, Store, StoreError};

use crate::config::Config;
use crate::report::{ChangeStory, GateStory, JobStory, LearnerStory, RefusedStory, TrialStory};
use crate::tally::ResultTally;
use crate::wording::{Moved, Names, lacks, moves_of, rests};
use crate::world::strikes;

/// Of many changes the first, and so many of the latest, are told.
const CHANGES_TOLD: usize = 20;
/// Of one change so many moves are told.
const MOVES_TOLD: usize = 8;
/// The runs of a job whose findings are told.
const FINDINGS_TOLD: usize = 12;

/// Each learner of a run, in the order in which they hear outcomes.
pub(crate) fn learners(
    store: &mut Store,
    run: RunNo,
    header: &RunHeader,
    reports: Vec<(&'static str, LearnerReport)>,
) -> anyhow::Result<Vec<LearnerStory>> {
    let versions = store.policy_versions(run)?;
    let mut executed = Vec::new();
    let struck = strikes(store, run)?;
    store.outcomes(run, |outcome| {
        let teaches = outcome.teaches() && !struck.holds(outcome.decided_at);
        if outcome.standing.is_executed() && teaches {
            executed.push(outcome);
        }
    })?;
    let events = store.learning_events(run)?;
    let trials = store.trial_counts(run)?;
    let trains = !store.models(run)?.is_empty() || trains(&store.config(run)?);
    let names = Names::of(header);
    let spoken = |lines: &[String]| lines.iter().map(|line| names.spoken(line)).collect();
    let stories = reports.into_iter().map(|(name, report)| {
        let mut lacks = lacks(name, report.heard_effective, &report.starved);
        if trains {
            lacks.expect(HeadName::Models.name());
        }
        let tried = trials.iter().find(|tried| tried.learner == name);
        let mut story = LearnerStory {
            name: name.to_owned(),
            heard: report.heard,
            heard_effective: report.heard_effective,
            beliefs: spoken(&report.beliefs),
            past: spoken(&report.past),
            starved: spoken(&lacks.few),
            absent: lacks.absent,
            trials: tried.map_or_else(TrialStory::default, |tried| TrialStory {
                cells: tried.cells,
                moments: tried.moments,
                taken: tried.taken,
            }),
            silenced: versions.last().and_then(|last| silenced(&last.policy, name)),
            refused: refused(&events, name, &names),
            ..LearnerStory::default()
        };
        changes(&versions, name, &names, &mut story);
        followed(&executed, &mut story);
        story
    });
    Ok(stories.collect())
}

/// Whether any model is switched on. A configuration that cannot be read says nothing of it.
fn trains(config: &str) -> bool {
    toml::from_str::<Config>(config).is_ok_and(|config| !config.models.kinds.is_empty())
}

/// Gives each gate the verdict of the learner that judges gates.
pub(crate) fn judge(gates: &mut [GateStory], reports: &[(&'static str, LearnerReport)]) {
    for judged in reports.iter().flat_map(|(_, report)| &report.gates) {
        if let Some(gate) = gates.iter_mut().find(|gate| gate.name == judged.gate) {
            gate.verdict = judged.says();
        }
    }
}

fn silenced(policy: &Policy, learner: &str) -> Option<String> {
    let silence = policy.silenced.iter().find(|silence| silence.learner == learner)?;
    Some(match &silence.by {
        SilencedBy::Person => format!("switched off by a person since {}", silence.since),
        SilencedBy::Watchdog(why) => format!("frozen by a watchdog since {}: {why}", silence.since),
    })
}

/// The audit's lines of what was turned away.
fn refused(events: &[LearningEvent], learner: &str, names: &Names) -> Option<RefusedStory> {
    let mut told: Option<RefusedStory> = None;
    for event in events.iter().filter(|event| event.event_type == "amendment_refused") {
        let Ok(body) = serde_json::from_str::<Value>(&event.body) else { continue };
        if body["learner"] != learner {
            continue;
        }
        let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let times =
            told.as_ref().map_or(0, |told| told.times) + body["times"].as_u64().unwrap_or(1);
        let why = names.spoken(&format!("{}: {}", word("change"), word("why")));
        told = Some(RefusedStory { times, last_at: event.at, why });
    }
    told
}

fn changes(versions: &[PolicyVersion], learner: &str, names: &Names, story: &mut LearnerStory) {
    let is_own = |version: &PolicyVersion| {
        version.reason.amendments().iter().any(|amendment| amendment.learner == learner)
    };
    let own: Vec<usize> =
        (0..versions.len()).filter(|&at| at > 0 && is_own(&versions[at])).collect();
    story.changes = own.len() as u64;
    let latest = own.len().saturating_sub(CHANGES_TOLD);
    let shown = own.iter().enumerate().filter(|(nth, _)| *nth == 0 || *nth >= latest);
    for (_, &at) in shown {
        let (before, version) = (&versions[at - 1].policy, &versions[at]);
        let amendments = version.reason.amendments().iter();
        for amendment in amendments.filter(|amendment| amendment.learner == learner) {
            let moved = moves_of(&amendment.change, before, &version.policy, names);
            story.told.push(ChangeStory {
                version: version.policy.version,
                at: version.at,
                moved: largest_first(moved),
                rests: rests(&amendment.evidence, names),
                e_value: amendment.evidence.e_value,
                outcomes_effective: amendment.evidence.outcomes_effective,
            });
        }
    }
}

fn largest_first(mut moved: Vec<Moved>) -> Vec<String> {
    moved.sort_by(|l, r| r.relative.abs().total_cmp(&l.relative.abs()));
    let more = moved.len().saturating_sub(MOVES_TOLD);
    let mut told: Vec<String> = moved.iter().take(MOVES_TOLD).map(Moved::text).collect();
    if more > 0 {
        told.push(format!("{more} more moved less"));
    }
    told
}

/// Results of trades before and since the last change. What else changed meanwhile changed too: this is
/// what followed, not what it caused.
fn followed(executed: &[Outcome], story: &mut LearnerStory) {
    let Some(last) = story.told.last().map(|change| change.at) else { return };
    let (mut before, mut since) = (ResultTally::default(), ResultTally::default());
    for outcome in executed {
        let tally = if outcome.decided_at < last { &mut before } else { &mut since };
        // Executed ones are averaged with one another, and of one symbol never two are open.
        tally.add(outcome, 1.0);
    }
    (story.before, story.since) = (before.mean(), since.mean());
}

/// Every job of the schedule, run or not.
pub(crate) fn jobs(
    store: &mut Store,
    run: RunNo,
    header: &RunHeader,
    planned: &[Planned],
) -> Result<Vec<JobStory>, StoreError> {
    let counts = store.job_counts(run)?;
    let runs = store.latest_jobs(run)?;
    let names = Names::of(header);
    let story = |job: Job| {
        let count = counts.iter().find(|count| count.job == job);
        let by_clock = planned.iter().find(|one| one.job == job);
        let last = runs.iter().rev().find(|run| run.job == job && !run.findings.is_empty());
        let found = last.map(|run| {
            let told = run.findings.iter().take(FINDINGS_TOLD);
            told.map(|found| format!("{}: {}", found.of, names.spoken(&found.says))).collect()
        });
        JobStory {
            name: job.name().to_owned(),
            when: when(job).to_owned(),
            times: count.map_or(0, |count| count.times),
            amiss: count.map_or(0, |count| count.amiss),
            published: count.map_or(0, |count| count.published),
            // Quiet runs of frequent jobs are in no table; the engine's own clock knows of them.
            last_at: by_clock.and_then(|one| one.ran_at).max(count.map(|count| count.last_ran_at)),
            due_at: by_clock.and_then(|one| one.due_at),
            found: found.unwrap_or_default(),
        }
    };
    Ok(Job::ALL.into_iter().map(story).collect())
}

/// When a job runs (mission row R1).
pub(crate) const fn when(job: Job) -> &'static str {
    match job {
        Job::FeeAudit | Job::Recovery => "every 10 minutes",
        Job::TriggerCheck | Job::OnlineLearning => {
            "every hour; for shares 09:00 to 16:00 exchange time"
        }
        Job::Controller => "every 12 hours",
        Job::Nightly => "daily 07:00 UTC",
        Job::Morning => "daily 09:00 exchange time",
        Job::EndOfDay => "daily 16:30 exchange time",
        Job::WeeklyTraining => "Sundays 01:00 exchange time",
    }
}
