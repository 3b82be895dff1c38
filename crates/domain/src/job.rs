//! The schedule: what runs when, and what a run of it came to (mission row R1).

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Something that runs by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// What trading has cost against what was expected.
    FeeAudit,
    /// Stuck orders, stale data, missed outcomes, stalled jobs.
    Recovery,
    /// Whether a model is to be trained again.
    TriggerCheck,
    /// Models hear what has closed.
    OnlineLearning,
    /// The continuous-learning controller.
    Controller,
    /// The five phases of the night.
    Nightly,
    /// Reviews yesterday.
    Morning,
    /// Ends the day.
    EndOfDay,
    /// Trains every model anew.
    WeeklyTraining,
}

impl Job {
    /// All of them, in the order in which those due at one moment run.
    pub const ALL: [Job; 9] = [
        Job::FeeAudit,
        Job::Recovery,
        Job::TriggerCheck,
        Job::OnlineLearning,
        Job::Controller,
        Job::Nightly,
        Job::Morning,
        Job::EndOfDay,
        Job::WeeklyTraining,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Job::FeeAudit => "fee_audit",
            Job::Recovery => "recovery",
            Job::TriggerCheck => "trigger_check",
            Job::OnlineLearning => "online_learning",
            Job::Controller => "controller",
            Job::Nightly => "nightly",
            Job::Morning => "morning",
            Job::EndOfDay => "end_of_day",
            Job::WeeklyTraining => "weekly_training",
        }
    }

    /// The job of this name.
    pub fn named(name: &str) -> Option<Job> {
        Job::ALL.into_iter().find(|job| job.name() == name)
    }
}

/// The five phases of the night, in their order (seed 001).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Enrichment and self-heal.
    Preparation,
    /// Auto-tuner and slicer.
    Tuning,
    /// The standing policy on recent outcomes, regime, gates, sizes.
    Acceleration,
    /// Counterfactuals, attribution, missed opportunities, horizons, monitor, watchdogs, coordinator.
    Learning,
    /// Profit-driven evolution and the governor of capital.
    Allocation,
}

impl Phase {
    /// All five, in order.
    pub const ALL: [Phase; 5] = [
        Phase::Preparation,
        Phase::Tuning,
        Phase::Acceleration,
        Phase::Learning,
        Phase::Allocation,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Preparation => "preparation",
            Phase::Tuning => "tuning",
            Phase::Acceleration => "acceleration",
            Phase::Learning => "learning",
            Phase::Allocation => "allocation",
        }
    }
}

/// When a learner is asked what it would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// With every bar.
    EachBar,
    /// Every ten minutes, with the fee audit.
    FeeAudit,
    /// Every hour of trading and at the end of the day, with online learning.
    OnlineLearning,
    /// Every twelve hours, by the continuous-learning controller.
    Controller,
    /// Every night, in this phase.
    Nightly(Phase),
}

/// Who had a job run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunBy {
    /// The clock.
    Clock,
    /// The clock, late: it was due while nothing was heard.
    CatchUp,
    /// A person.
    Person,
    /// A person who wants to see it and change nothing.
    DryRun,
}

impl RunBy {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            RunBy::Clock => "clock",
            RunBy::CatchUp => "catch_up",
            RunBy::Person => "person",
            RunBy::DryRun => "dry_run",
        }
    }
}

/// One line of what a job did: a finding with its numbers, in words a person reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Whose: a learner, a phase, or the job itself.
    pub of: String,
    /// Whether something is amiss: starved, failed, frozen.
    pub is_amiss: bool,
    /// What was found.
    pub says: String,
}

/// One run of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRun {
    /// Which.
    pub job: Job,
    /// When it was due.
    pub due_at: Timestamp,
    /// When it ran, by the engine's clock.
    pub ran_at: Timestamp,
    /// Who had it run.
    pub by: RunBy,
    /// The policy version it published, if it published one.
    pub published: Option<u64>,
    /// What it found.
    pub findings: Vec<Finding>,
}

/// One trial of a search: so that the best of many can be told from luck, every one is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Who searched.
    pub learner: String,
    /// When.
    pub at: Timestamp,
    /// What was tried, readable and the same for the same.
    pub cell: String,
    /// Outcomes it was judged on, overlap discounted.
    pub outcomes_effective: f64,
    /// Mean result on outcomes it had not seen, units of initial risk.
    pub mean_r: f64,
    /// Sharpe ratio per outcome, on the same.
    pub sharpe: f64,
    /// Whether it was taken.
    pub was_taken: bool,
}
