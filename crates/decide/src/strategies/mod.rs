//! The registry of strategies: one file and one line each. A strategy says which heads it hears,
//! when it enters and how a position of it is to end.

mod alpha;
mod ema;

use domain::{Climate, ExitPlan, HeadName, Instrument, Signal, StrategyIx, Timestamp, name_hash};

use crate::ExitRules;

/// The features a strategy asked for, in its order; absent where they are still warming up.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a>(pub &'a [Option<f64>]);

impl Inputs<'_> {
    /// The feature asked for at place `at`.
    pub fn get(&self, at: usize) -> Option<f64> {
        self.0.get(at).copied().flatten()
    }
}

/// What a plan may depend on. If it is not here, no plan can.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The features the strategy asked for.
    pub inputs: Inputs<'a>,
    /// What consensus said.
    pub signal: &'a Signal,
    /// What kind of market it is.
    pub climate: Climate,
    /// On what.
    pub instrument: &'a Instrument,
    /// The bar's close; entry is at the next open.
    pub now: Timestamp,
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

    /// How a position opened now is to end; nothing while its inputs warm up, or where it would have to
    /// leave as it enters.
    fn plan(&self, occasion: &Occasion<'_>, rules: &ExitRules) -> Option<ExitPlan>;
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
