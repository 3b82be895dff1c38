//! What each learner believed and when it changed its mind, and what the clock had run, as plain values.

use domain::Timestamp;
use serde::Serialize;

use super::story::Estimate;

/// One learner.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LearnerStory {
    /// Its name.
    pub name: String,
    /// Outcomes, horizons or what-ifs it has heard.
    pub heard: u64,
    /// The same with overlap discounted.
    pub heard_effective: f64,
    /// What it believes, a line each, with n and interval.
    pub beliefs: Vec<String>,
    /// What is over, oldest first.
    pub past: Vec<String>,
    /// What it has too little of before it moves anything by it.
    pub starved: Vec<String>,
    /// What these data cannot give it.
    pub absent: Vec<String>,
    /// Why it is not listened to, where it is not.
    pub silenced: Option<String>,
    /// How often it changed the policy.
    pub changes: u64,
    /// Each change, oldest first; of many the first and the latest.
    pub told: Vec<ChangeStory>,
    /// What it proposed and the governor did not take: how often, and why last.
    pub refused: Option<RefusedStory>,
    /// What its searches tried.
    pub trials: TrialStory,
    /// Mean result of trades decided before its last change, in R.
    pub before: Option<Estimate>,
    /// Mean result of trades decided since, in R.
    pub since: Option<Estimate>,
}

impl LearnerStory {
    /// Whether it can learn nothing yet: it has no belief, or has heard less than any belief needs.
    pub fn starves(&self) -> bool {
        // Seed 001: nothing moves on fewer.
        const OUTCOMES_MIN: f64 = 50.0;
        let is_deaf = self.beliefs.is_empty() || self.heard_effective < OUTCOMES_MIN;
        !self.starved.is_empty() && is_deaf
    }
}

/// What searches tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrialStory {
    /// Cells, each once however often it was read.
    pub cells: u64,
    /// Moments at which any of them was read.
    pub moments: u64,
    /// Readings after which the cell was taken.
    pub taken: u64,
}

/// One change of mind.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeStory {
    /// The version it became part of.
    pub version: u64,
    /// When.
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
    /// What moved, old to new, the largest first.
    pub moved: Vec<String>,
    /// What it rested on, in words.
    pub rests: String,
    /// Evidence behind it, where any was tested.
    pub e_value: Option<f64>,
    /// Outcomes behind it, overlap discounted.
    pub outcomes_effective: f64,
}

/// What was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedStory {
    /// How often.
    pub times: u64,
    /// When last.
    #[serde(serialize_with = "as_text")]
    pub last_at: Timestamp,
    /// What it would have changed, and why that was not taken, the last time.
    pub why: String,
}

/// One job of the schedule.
#[derive(Clone, Debug, Serialize)]
pub struct JobStory {
    /// Its name.
    pub name: String,
    /// When it runs, in words.
    pub when: String,
    /// How often it ran and had something to say.
    pub times: u64,
    /// How often something was amiss.
    pub amiss: u64,
    /// How many policy versions it published.
    pub published: u64,
    /// When it ran last, by the clock or by hand.
    #[serde(serialize_with = "maybe_as_text")]
    pub last_at: Option<Timestamp>,
    /// When the clock has it run next; nothing before the first bars.
    #[serde(serialize_with = "maybe_as_text")]
    pub due_at: Option<Timestamp>,
    /// What its last run with findings found.
    pub found: Vec<String>,
}

fn as_text<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

fn maybe_as_text<S: serde::Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}
