//! The registry of strategies: one file and one line each. A strategy says which heads it hears,
//! when it enters and how a position of it is to end.

mod alpha;
mod ema;

use domain::{ExitPlan, HeadName, Signal, StrategyIx, Trail, name_hash};
use serde::{Deserialize, Serialize};

/// The features a strategy asked for, in its order; absent where they are still warming up.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a>(pub &'a [Option<f64>]);

impl Inputs<'_> {
    /// The feature asked for at place `at`.
    pub fn get(&self, at: usize) -> Option<f64> {
        self.0.get(at).copied().flatten()
    }
}

/// Distances and times of exits, in units of volatility so that they fit every market.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExitRules {
    /// Stop distance in average true ranges.
    pub stop_atr: f64,
    /// Target distance in average true ranges; seed 000's +3 % / −2 % is this ratio.
    pub target_atr: f64,
    /// A trailing stop starts after this many stop distances in favour.
    pub trail_after_r: f64,
    /// And follows this many stop distances behind.
    pub trail_behind_r: f64,
    /// Least stop distance, fraction of the price: below it costs eat any result.
    pub stop_fraction_min: f64,
    /// Most, fraction of the price.
    pub stop_fraction_max: f64,
    /// Longest hold in hours (seed 003: 72).
    pub hold_hours_max: f64,
}

impl Default for ExitRules {
    fn default() -> ExitRules {
        ExitRules {
            stop_atr: 2.0,
            target_atr: 3.0,
            trail_after_r: 1.0,
            trail_behind_r: 1.0,
            stop_fraction_min: 0.003,
            stop_fraction_max: 0.08,
            hold_hours_max: 72.0,
        }
    }
}

impl ExitRules {
    /// A plan for a market whose average true range is this fraction of the price.
    fn plan(&self, atr_fraction: f64, with_target: bool, trail_after_r: f64) -> ExitPlan {
        const HOUR_MS: f64 = 3_600_000.0;
        let stop_fraction =
            (atr_fraction * self.stop_atr).clamp(self.stop_fraction_min, self.stop_fraction_max);
        let reward = self.target_atr / self.stop_atr;
        ExitPlan {
            stop_fraction,
            target_fraction: with_target.then_some(stop_fraction * reward),
            trail: Some(Trail {
                after_fraction: stop_fraction * trail_after_r,
                behind_fraction: stop_fraction * self.trail_behind_r,
            }),
            hold_ms_max: (self.hold_hours_max * HOUR_MS) as i64,
            partial: None,
            leave_by: None,
            liquidation_fraction: None,
        }
    }
}

/// A way to trade: which heads speak, when it enters, how it ends.
pub trait Strategy: Sync {
    /// Its name in records and ids.
    fn name(&self) -> &'static str;

    /// The heads it hears. Only candidates that used a head's vote teach anything about that head.
    fn heads(&self) -> &'static [HeadName];

    /// The features it looks at besides, by name.
    fn inputs(&self) -> &'static [&'static str];

    /// Whether this signal is a candidate of it now.
    fn enters(&self, signal: &Signal, inputs: Inputs<'_>) -> bool;

    /// How a position opened now is to end; nothing while its inputs warm up.
    fn plan(&self, inputs: Inputs<'_>, rules: &ExitRules) -> Option<ExitPlan>;
}

/// All strategies. A strategy's place is its number in a run.
pub const STRATEGIES: &[&dyn Strategy] = &[&alpha::Alpha, &ema::Ema];

/// The place of the strategy of this name.
pub fn strategy_named(name: &str) -> Option<StrategyIx> {
    let hash = name_hash(name);
    STRATEGIES
        .iter()
        .position(|strategy| name_hash(strategy.name()) == hash)
        .map(|at| StrategyIx(at as u8))
}
