//! Everything learnable, as one immutable value with a version.

mod calibration;
mod change;
mod gates;
mod learned;
mod levels;

pub use calibration::Calibration;
pub use change::{
    Amendment, Change, Effect, Evidence, HeadEvidence, Pin, PinnedValue, PolicyVersion, Reason,
    Silence, SilencedBy,
};
pub use gates::{GatePolicy, Threshold};
pub use learned::{
    Combo, Condition, DailyRule, ExitFactors, Occurrence, Route, SliceRule, Throttle,
};
pub use levels::{CONVICTION_LEVELS, EDGE_LEVEL_ENDS, EDGE_LEVELS, conviction_level, edge_level};

use serde::{Deserialize, Serialize};

use crate::{COMPONENTS_MAX, FastLayer, HEAD_COUNT, HORIZON_COUNT, StrategyIx, SymbolIx};

/// Everything learnable. Decisions record which version they saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Counts up by one with every change; 1 is day one.
    pub version: u64,
    /// Weights of the nine heads; they sum to 1.
    pub head_weights: [f64; HEAD_COUNT],
    /// Weights of the components in fusion, 1 on day one, never below zero (A2).
    pub component_weights: [f64; COMPONENTS_MAX],
    /// The horizon each component tells most about, a place in [`crate::HORIZONS`] (A2).
    pub component_horizons: [u8; COMPONENTS_MAX],
    /// What of a component's weight counts, 0..=1, where others say the same (A3).
    pub component_discounts: [f64; COMPONENTS_MAX],
    /// What each horizon counts when components are judged; they sum to 1 (A8).
    pub horizon_weights: [f64; HORIZON_COUNT],
    /// What the gates ask for.
    pub gates: GatePolicy,
    /// Where something else is asked for than everywhere (A12).
    pub slices: Vec<SliceRule>,
    /// What a conviction is worth, per strategy; empty until something is known.
    pub calibrations: Vec<Calibration>,
    /// Stake factors by level of conviction, never falling; empty until something is known (A5).
    pub conviction_sizes: Vec<f64>,
    /// The same by level of claimed edge over cost (A5).
    pub edge_sizes: Vec<f64>,
    /// Symbol and side that are not traded, rising (A6).
    pub killed: Vec<Combo>,
    /// Symbol and side that are traded smaller, rising (A6).
    pub throttles: Vec<Throttle>,
    /// Symbol, side and regime that are not entered, rising (A3).
    pub closed_routes: Vec<Route>,
    /// How exits differ from those configured, per strategy; empty until something is known (A9, A12).
    pub exits: Vec<ExitFactors>,
    /// Stake factors per strategy, mean 1; empty until something is known (D8).
    pub strategy_shares: Vec<f64>,
    /// The same per symbol (A11).
    pub symbol_shares: Vec<f64>,
    /// The same per venue (A11).
    pub venue_shares: Vec<f64>,
    /// Stake factors per symbol by its own record, 0 where it is paused; empty until something is known (A14).
    pub symbol_factors: Vec<f64>,
    /// Stake factors per hour of the exchange's day; empty until something is known (A14).
    pub hour_factors: Vec<f64>,
    /// Rules found in the days before, the oldest first (A13).
    pub rules: Vec<DailyRule>,
    /// What is added to what trained models say (A15).
    pub fast_layer: FastLayer,
    /// What a person holds fast (A18).
    pub pins: Vec<Pin>,
    /// Learners that are not listened to (A17, A18).
    pub silenced: Vec<Silence>,
}

impl Policy {
    /// Day one: everything weighs the same and nothing is known.
    pub fn day_one(gates: GatePolicy) -> Policy {
        Policy {
            version: 1,
            head_weights: [1.0 / HEAD_COUNT as f64; HEAD_COUNT],
            component_weights: [1.0; COMPONENTS_MAX],
            component_horizons: [HOUR; COMPONENTS_MAX],
            component_discounts: [1.0; COMPONENTS_MAX],
            horizon_weights: [1.0 / HORIZON_COUNT as f64; HORIZON_COUNT],
            gates,
            slices: Vec::new(),
            calibrations: Vec::new(),
            conviction_sizes: Vec::new(),
            edge_sizes: Vec::new(),
            killed: Vec::new(),
            throttles: Vec::new(),
            closed_routes: Vec::new(),
            exits: Vec::new(),
            strategy_shares: Vec::new(),
            symbol_shares: Vec::new(),
            venue_shares: Vec::new(),
            symbol_factors: Vec::new(),
            hour_factors: Vec::new(),
            rules: Vec::new(),
            fast_layer: FastLayer::default(),
            pins: Vec::new(),
            silenced: Vec::new(),
        }
    }

    /// How a strategy's exits differ from those configured.
    pub fn exits_of(&self, strategy: StrategyIx) -> ExitFactors {
        self.exits.get(usize::from(strategy.0)).copied().unwrap_or_default()
    }

    /// The stake factor of a symbol by its own record.
    pub fn symbol_factor(&self, symbol: SymbolIx) -> f64 {
        self.symbol_factors.get(symbol.at()).copied().unwrap_or(1.0)
    }

    /// The stake factor of an hour of the exchange's day.
    pub fn hour_factor(&self, hour: u8) -> f64 {
        self.hour_factors.get(usize::from(hour)).copied().unwrap_or(1.0)
    }

    /// Whether a learner is not listened to.
    pub fn is_silenced(&self, learner: &str) -> bool {
        self.silenced.iter().any(|silence| silence.learner == learner)
    }
}

/// The place of one hour among the horizons.
const HOUR: u8 = 4;
