//! Changes of the policy: who proposes what, from what, and what was published.

use serde::{Deserialize, Serialize};

use super::{
    Calibration, Combo, DailyRule, ExitFactors, Policy, Route, SliceRule, Threshold, Throttle,
};
use crate::{COMPONENTS_MAX, FastLayer, HEAD_COUNT, HORIZON_COUNT, HeadName, SymbolIx, Timestamp};

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

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The estimate.
    pub mean: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What a change rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Outcomes heard.
    pub outcomes: u64,
    /// The same with overlap discounted.
    pub outcomes_effective: f64,
    /// How much of what was seen is kept: 0 all luck, 1 none; where something was shrunk.
    pub shrink: Option<f64>,
    /// The e-value of what the change claims; where it claims something that can be tested.
    pub e_value: Option<f64>,
    /// What was estimated, units of initial risk per outcome unless `says` says otherwise.
    pub effect: Option<Effect>,
    /// The reason in words with its numbers, where the figures above do not say it all.
    pub says: String,
    /// Per head, where weights of heads were set; else empty.
    pub heads: Vec<HeadEvidence>,
}

impl Evidence {
    /// So many outcomes, and nothing else claimed.
    pub fn of(outcomes: u64, outcomes_effective: f64) -> Evidence {
        Evidence { outcomes, outcomes_effective, ..Evidence::default() }
    }
}

/// What a learner would change. Lists are whole: they take the place of what stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// The nine weights.
    HeadWeights([f64; HEAD_COUNT]),
    /// Components' weights and best horizons.
    Components {
        /// The weights.
        weights: [f64; COMPONENTS_MAX],
        /// The places of the horizons.
        horizons: [u8; COMPONENTS_MAX],
    },
    /// What of the components' weights counts beside each other.
    ComponentDiscounts([f64; COMPONENTS_MAX]),
    /// What each horizon counts.
    HorizonWeights([f64; HORIZON_COUNT]),
    /// One threshold.
    Threshold {
        /// Which.
        threshold: Threshold,
        /// Its new value.
        to: f64,
    },
    /// Where another conviction is asked for.
    Slices(Vec<SliceRule>),
    /// What a conviction is worth to the strategy at this place.
    Calibration {
        /// The strategy's place in the registry.
        strategy: u8,
        /// The new mapping.
        calibration: Calibration,
    },
    /// Stake factors by level of conviction.
    ConvictionSizes(Vec<f64>),
    /// Stake factors by level of edge over cost.
    EdgeSizes(Vec<f64>),
    /// What is not traded.
    Killed(Vec<Combo>),
    /// What is traded smaller.
    Throttles(Vec<Throttle>),
    /// What is not entered in which regime.
    ClosedRoutes(Vec<Route>),
    /// One strategy's exits.
    Exits {
        /// The strategy's place in the registry.
        strategy: u8,
        /// How they differ from those configured.
        factors: ExitFactors,
    },
    /// Stake factors per strategy.
    StrategyShares(Vec<f64>),
    /// Stake factors per symbol, by capital.
    SymbolShares(Vec<f64>),
    /// Stake factors per venue.
    VenueShares(Vec<f64>),
    /// Stake factors per symbol, by its own record.
    SymbolFactors(Vec<f64>),
    /// Stake factors per hour.
    HourFactors(Vec<f64>),
    /// Rules found in the days before.
    Rules(Vec<DailyRule>),
    /// What is added to what trained models say.
    FastLayer(FastLayer),
    /// Back to the values of an earlier version, in bounded steps.
    TakeBack(Box<Policy>),
}

impl Change {
    /// What it changes, in a word or two.
    pub const fn what(&self) -> &'static str {
        match self {
            Change::HeadWeights(_) => "head weights",
            Change::Components { .. } => "component weights",
            Change::ComponentDiscounts(_) => "component discounts",
            Change::HorizonWeights(_) => "horizon weights",
            Change::Threshold { threshold, .. } => threshold.gate(),
            Change::Slices(_) => "slices",
            Change::Calibration { .. } => "calibration",
            Change::ConvictionSizes(_) => "sizes by conviction",
            Change::EdgeSizes(_) => "sizes by edge",
            Change::Killed(_) => "killed combos",
            Change::Throttles(_) => "throttled combos",
            Change::ClosedRoutes(_) => "closed routes",
            Change::Exits { .. } => "exits",
            Change::StrategyShares(_) => "shares of strategies",
            Change::SymbolShares(_) => "shares of symbols",
            Change::VenueShares(_) => "shares of venues",
            Change::SymbolFactors(_) => "symbol factors",
            Change::HourFactors(_) => "hour factors",
            Change::Rules(_) => "daily rules",
            Change::FastLayer(_) => "fast layer",
            Change::TakeBack(_) => "taken back",
        }
    }
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

/// What a person may hold fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinnedValue {
    /// A head's weight; the others share what is left.
    HeadWeight(HeadName),
    /// A threshold.
    Threshold(Threshold),
    /// A symbol's stake factor.
    SymbolFactor(SymbolIx),
    /// An hour's stake factor.
    HourFactor(u8),
}

/// A value that a person holds fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// Which.
    pub value: PinnedValue,
    /// What it is held at.
    pub at: f64,
}

/// Why a learner is not listened to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SilencedBy {
    /// A person switched it off.
    Person,
    /// A watchdog froze it, for this.
    Watchdog(String),
}

/// A learner that is not listened to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Which.
    pub learner: String,
    /// By whom.
    pub by: SilencedBy,
    /// Since when.
    pub since: Timestamp,
}

/// Why a version was published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The first of a run.
    DayOne,
    /// Learners' amendments, as bounded by the governor; at least one.
    Learned(Vec<Amendment>),
    /// A person took the policy back to an earlier version.
    Revert {
        /// Which version's values it carries again.
        to_version: u64,
    },
    /// A person pinned a value, or let it go.
    Pinned,
    /// A learner was switched off or on, or frozen.
    Silenced,
    /// A person struck a stretch of outcomes, and everything after it was learned again.
    Struck {
        /// Outcomes decided from here on
        from: Timestamp,
        /// up to here, this moment left out.
        to: Timestamp,
    },
    /// A person took a strike back, and everything was learned again with that stretch.
    Unstruck {
        /// The stretch that was struck.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
}

impl Reason {
    /// One word for lists.
    pub fn name(&self) -> &str {
        match self {
            Reason::DayOne => "day_one",
            Reason::Learned(amendments) => {
                amendments.first().map_or("learned", |first| &first.learner)
            }
            Reason::Revert { .. } => "revert",
            Reason::Pinned => "pinned",
            Reason::Silenced => "silenced",
            Reason::Struck { .. } => "struck",
            Reason::Unstruck { .. } => "unstruck",
        }
    }

    /// The amendments it rests on; none where it was no learner's.
    pub fn amendments(&self) -> &[Amendment] {
        match self {
            Reason::Learned(amendments) => amendments,
            _ => &[],
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
