//! One trial of changes: the policy before them, and what they have gained or lost against it.

use domain::{Outcome, Policy, Timestamp};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;
use stats::sequential::{GAIN_GRID, GridEProcess, OnsetDetector};

use super::QUIET_DECISIONS;

/// The largest result that bets are laid for, either way, units of initial risk. Chosen: targets lie at 1.5 R, stops at 1
/// and few trailing exits beyond 4; at 6 harm takes a fifth longer to show. A greater gain ends every suspicion begun
/// before it, and a greater loss all evidence for a gain: both stay valid.
const RESULT_R_MOST: f64 = 4.0;

/// What a trial has come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gain {
    /// Outcomes on which the two policies differed.
    pub(super) outcomes: u64,
    /// The same with overlap discounted.
    pub(super) outcomes_effective: f64,
    /// Gained per differing outcome, units of initial risk at the usual difference between stakes.
    pub(super) gains: Moments,
    /// Evidence that the changes gain, and that they harm; each to be read as an e-value.
    pub(super) gain_evidence: f64,
    pub(super) harm_evidence: f64,
}

impl Gain {
    pub(super) fn mean(&self) -> f64 {
        self.gains.mean().unwrap_or(0.0)
    }

    /// Whether the whole interval of the mean lies below zero. That is no evidence: it is looked at often.
    pub(super) fn looks_worse(&self) -> bool {
        let interval = MeanInterval::with_count(&self.gains, self.outcomes_effective, Z_95);
        interval.is_some_and(|interval| interval.high < 0.0)
    }
}

/// Changes on trial against the policy before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trial {
    reference: Policy,
    /// The first version on trial. It is what stands from now on when the trial ends well: what came after it
    /// has been looked at for less.
    candidate: Policy,
    began_at: Timestamp,
    versions: (u64, u64),
    /// From which version on which kinds of change stood, one bit each; more and more.
    stood: Vec<(u64, u32)>,
    /// Kinds of change after the first version.
    later: u32,
    harmful_since: Option<Timestamp>,
    /// Differences between two stakes so far, in size: weights and sum. Results are counted in their mean, and
    /// no difference as more than one: else a single large one would make all others too small to tell
    /// anything. Both are known at the decision, before the result.
    differences: (f64, f64),
    outcomes: u64,
    outcomes_effective: f64,
    gains: Moments,
    block: Block,
    gain: GridEProcess,
    harm: OnsetDetector,
}

/// Outcomes that overlap are one observation, their weighted mean, once they are worth a whole one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Block {
    weight: f64,
    sum: f64,
}

impl Block {
    fn add(&mut self, value: f64, weight: f64) -> Option<f64> {
        const WHOLE: f64 = 1.0 - 1e-9;
        self.weight += weight;
        self.sum += weight * value;
        if self.weight < WHOLE {
            return None;
        }
        let mean = self.sum / self.weight;
        *self = Block::default();
        Some(mean)
    }
}

impl Trial {
    /// From now on `candidate`, which brought these kinds of change, is compared with what stood before.
    pub(super) fn begin(
        reference: Policy,
        candidate: Policy,
        first_version: u64,
        at: Timestamp,
        kinds: u32,
    ) -> Trial {
        Trial {
            reference,
            began_at: at,
            versions: (first_version, candidate.version),
            candidate,
            stood: vec![(first_version, kinds)],
            later: 0,
            harmful_since: None,
            differences: (0.0, 0.0),
            outcomes: 0,
            outcomes_effective: 0.0,
            gains: Moments::default(),
            block: Block::default(),
            gain: GridEProcess::new(RESULT_R_MOST, &GAIN_GRID),
            harm: OnsetDetector::new(RESULT_R_MOST, &GAIN_GRID),
        }
    }

    /// The trial of what came after the first version, once that one stands for good; nothing where nothing did.
    /// `at` is a moment at which nothing more will be decided under this trial.
    pub(super) fn next(self, standing: &Policy, at: Timestamp) -> Option<Trial> {
        let first_version = self.candidate.version + 1;
        (standing.version >= first_version)
            .then(|| Trial::begin(self.candidate, standing.clone(), first_version, at, self.later))
    }

    /// Another version stands, with these kinds of change besides.
    pub(super) fn stands(&mut self, version: u64, kinds: u32) {
        self.versions.1 = version;
        self.later |= kinds;
        let before = self.kinds();
        if before | kinds != before {
            self.stood.push((version, before | kinds));
        }
    }

    /// Hears an outcome on which the policies differed; gives what was gained, in units of initial risk at the
    /// usual difference, and the kinds of change that stood.
    pub(super) fn hear(&mut self, outcome: &Outcome) -> (f64, u32) {
        let basis = &outcome.basis;
        let difference = f64::from(basis.stake) - f64::from(basis.stake_before);
        let (weight, sum) = &mut self.differences;
        *weight += outcome.uniqueness;
        *sum += outcome.uniqueness * difference.abs();
        // What weighs nothing leaves nothing to compare with, and counts for nothing either.
        let usual = if *sum > 0.0 { *sum / *weight } else { difference.abs() };
        let gained_r = (difference / usual).clamp(-1.0, 1.0) * outcome.r;
        self.outcomes += 1;
        self.outcomes_effective += outcome.uniqueness;
        self.gains.observe_weighted(gained_r, outcome.uniqueness);
        if let Some(observed) = self.block.add(gained_r, outcome.uniqueness) {
            self.gain.observe(observed);
            self.harm.observe(-observed);
        }
        (gained_r, self.kinds_at(basis.policy_version))
    }

    pub(super) fn gain(&self) -> Gain {
        Gain {
            outcomes: self.outcomes,
            outcomes_effective: self.outcomes_effective,
            gains: self.gains,
            gain_evidence: self.gain.evidence(),
            harm_evidence: self.harm.evidence() / QUIET_DECISIONS,
        }
    }

    /// Whether an outcome was decided under this trial: before it was compared with something else.
    pub(super) fn concerns(&self, outcome: &Outcome) -> bool {
        outcome.basis.policy_version >= self.versions.0 && outcome.decided_at >= self.began_at
    }

    /// Harm is shown: from here on it is taken back.
    pub(super) fn is_to_be_taken_back(&mut self, at: Timestamp) {
        self.harmful_since = Some(at);
    }

    pub(super) fn is_harmful(&self) -> bool {
        self.harmful_since.is_some()
    }

    /// Since when it has been going on, or being taken back.
    pub(super) fn since(&self) -> Timestamp {
        self.harmful_since.unwrap_or(self.began_at)
    }

    pub(super) fn reference(&self) -> &Policy {
        &self.reference
    }

    /// The first and the last version on trial.
    pub(super) fn versions(&self) -> (u64, u64) {
        self.versions
    }

    pub(super) fn kinds(&self) -> u32 {
        self.stood.last().map_or(0, |(_, kinds)| *kinds)
    }

    fn kinds_at(&self, version: u64) -> u32 {
        let after = self.stood.partition_point(|(from, _)| *from <= version);
        after.checked_sub(1).map_or(0, |at| self.stood[at].1)
    }
}
