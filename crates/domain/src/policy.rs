//! Everything learnable, as one immutable value with a version.

use serde::{Deserialize, Serialize};

use crate::{HEAD_COUNT, Side, SymbolIx, Timestamp};

/// What the gates ask for. Learners move these within bounds; today only a person does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatePolicy {
    /// Least conviction, 0..=1. Chosen so that 98–99 % of candidates are rejected, as seed 003 expects.
    pub conviction_min: f64,
    /// Least confluence, 0..=1 (seed 003: 70 %).
    pub confluence_min: f64,
    /// The claimed edge must be this many times the round trip's cost.
    pub fee_margin: f64,
    /// Minutes between trades on one symbol (seed 003: 15–60).
    pub cooldown_min: i64,
    /// Most positions and entries at once (seed 002: 8).
    pub positions_max: u32,
    /// Most entries on one symbol while its regime lasts (seed 003: 1–3).
    pub regime_entries_max: u32,
    /// Most correlation, weighted by exposure, with what is held on the same side, 0..=1.
    pub correlation_max: f64,
    /// Outcomes, overlap discounted, before the record of similar candidates may refuse one
    /// (architecture, "Honest, and yet not idle").
    pub history_outcomes_min: f64,
}

impl Default for GatePolicy {
    fn default() -> GatePolicy {
        GatePolicy {
            conviction_min: 0.60,
            confluence_min: 0.70,
            fee_margin: 1.5,
            cooldown_min: 60,
            positions_max: 8,
            regime_entries_max: 3,
            correlation_max: 0.80,
            history_outcomes_min: 50.0,
        }
    }
}

/// From conviction to the probability of ending above zero after costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// Not known yet.
    #[default]
    None,
    /// p = 1 / (1 + exp(slope·conviction + offset)) (Platt 1999).
    Platt {
        /// Below zero where conviction is worth something.
        slope: f64,
        /// Its place.
        offset: f64,
    },
    /// Straight lines between these points, flat outside; probabilities never fall.
    Isotonic {
        /// Convictions, rising.
        at: Vec<f64>,
        /// Their probabilities.
        probability: Vec<f64>,
    },
}

impl Calibration {
    /// Whether all its numbers are numbers, its points rise, and its probabilities never fall.
    pub fn is_sane(&self) -> bool {
        match self {
            Calibration::None => true,
            Calibration::Platt { slope, offset } => slope.is_finite() && offset.is_finite(),
            Calibration::Isotonic { at, probability } => {
                at.len() == probability.len()
                    && !at.is_empty()
                    && at.iter().all(|x| x.is_finite())
                    && at.windows(2).all(|pair| pair[0] < pair[1])
                    && probability.iter().all(|p| (0.0..=1.0).contains(p))
                    && probability.windows(2).all(|pair| pair[0] <= pair[1])
            }
        }
    }

    /// The probability at this conviction; nothing where none is known.
    pub fn probability(&self, conviction: f64) -> Option<f64> {
        match self {
            Calibration::None => None,
            Calibration::Platt { slope, offset } => {
                Some(1.0 / (1.0 + libm::exp(slope * conviction + offset)))
            }
            Calibration::Isotonic { at, probability } => {
                let right = at.partition_point(|&x| x < conviction);
                if right == 0 {
                    return probability.first().copied();
                }
                if right == at.len() {
                    return probability.last().copied();
                }
                let share = (conviction - at[right - 1]) / (at[right] - at[right - 1]);
                Some(probability[right - 1] + share * (probability[right] - probability[right - 1]))
            }
        }
    }
}

/// A symbol and a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Combo {
    /// On what.
    pub symbol: SymbolIx,
    /// Which way.
    pub side: Side,
}

/// Everything learnable. Decisions record which version they saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Counts up by one with every change; 1 is day one.
    pub version: u64,
    /// Weights of the nine heads; they sum to 1.
    pub head_weights: [f64; HEAD_COUNT],
    /// What the gates ask for.
    pub gates: GatePolicy,
    /// What a conviction is worth, per strategy; empty until something is known.
    pub calibrations: Vec<Calibration>,
    /// Symbol and side that are not traded, rising.
    pub killed: Vec<Combo>,
}

impl Policy {
    /// Day one: nine equal weights.
    pub fn day_one(gates: GatePolicy) -> Policy {
        Policy {
            version: 1,
            head_weights: [1.0 / HEAD_COUNT as f64; HEAD_COUNT],
            gates,
            calibrations: Vec::new(),
            killed: Vec::new(),
        }
    }
}

/// How one head's record stood when weights were set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadEvidence {
    /// Outcomes on which it voted, overlap discounted.
    pub votes_effective: f64,
    /// Of its votes on outcomes, the share that was on the side that paid.
    pub right_fraction: f64,
    /// Forgotten mean of its centred gain: what it knows beyond agreeing.
    pub gain: f64,
    /// Standard error of that mean.
    pub gain_error: f64,
}

/// What a change rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Outcomes heard.
    pub outcomes: u64,
    /// The same with overlap discounted.
    pub outcomes_effective: f64,
    /// How much of the difference between heads is kept: 0 all luck, 1 none.
    pub shrink: f64,
    /// Per head.
    pub heads: [HeadEvidence; HEAD_COUNT],
}

/// What a learner would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// The nine weights.
    HeadWeights([f64; HEAD_COUNT]),
    /// What a conviction is worth to the strategy at this place.
    Calibration {
        /// The strategy's place in the registry.
        strategy: u8,
        /// The new mapping.
        calibration: Calibration,
    },
}

/// A proposed change with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Who proposes.
    pub learner: String,
    /// What.
    pub change: Change,
    /// From what.
    pub evidence: Evidence,
}

/// Why a version was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The first of a run.
    DayOne,
    /// A learner's amendment, as bounded by the governor.
    Learned(Box<Amendment>),
    /// A person took the policy back to an earlier version.
    Revert {
        /// Which version's values it carries again.
        to_version: u64,
    },
}

impl Reason {
    /// One word for lists.
    pub fn name(&self) -> &str {
        match self {
            Reason::DayOne => "day_one",
            Reason::Learned(amendment) => &amendment.learner,
            Reason::Revert { .. } => "revert",
        }
    }
}

/// A published policy: when, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The policy, whole.
    pub policy: Policy,
    /// When it was published.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
}
