//! Everything learnable, as one immutable value with a version.

use serde::{Deserialize, Serialize};

use crate::{HEAD_COUNT, Timestamp};

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
}

impl Default for GatePolicy {
    fn default() -> GatePolicy {
        GatePolicy {
            conviction_min: 0.60,
            confluence_min: 0.70,
            fee_margin: 1.5,
            cooldown_min: 60,
            positions_max: 8,
        }
    }
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
}

impl Policy {
    /// Day one: nine equal weights.
    pub fn day_one(gates: GatePolicy) -> Policy {
        Policy { version: 1, head_weights: [1.0 / HEAD_COUNT as f64; HEAD_COUNT], gates }
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
