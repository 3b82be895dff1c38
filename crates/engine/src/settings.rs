//! Everything the engine is told before its first event.

use decide::{ExitRules, Limits, STRATEGIES, SizeRules};
use domain::{GatePolicy, HEAD_COUNT, Money};
use laws::Costs;
use learn::LearnRules;
use serde::Serialize;

/// The rules of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Seed of every draw.
    pub seed: u64,
    /// What is owned at the start, quote units.
    pub equity_start: Money,
    /// Share of allowed and nearly allowed candidates on which the opposite is done, 0..=1.
    pub explore_fraction: f64,
    /// Names of the strategies that trade.
    pub strategies: Vec<String>,
    /// Weights of the nine heads on day one; they sum to 1.
    pub head_weights: [f64; HEAD_COUNT],
    /// What trading costs.
    pub costs: Costs,
    /// How positions end.
    pub exits: ExitRules,
    /// How much is staked.
    pub size: SizeRules,
    /// What may not be exceeded.
    pub limits: Limits,
    /// What the gates ask for on day one.
    pub gates: GatePolicy,
    /// Whether learners hear outcomes. Without them the policy of day one stands for good.
    pub learns: bool,
    /// How fast and within what the policy moves.
    pub learn: LearnRules,
}

impl Default for Settings {
    /// Seed 7, 10,000 quote units, 1 % exploration (methods, Decision 9), both strategies.
    fn default() -> Settings {
        Settings {
            seed: 7,
            equity_start: Money::new(10_000, 0),
            explore_fraction: 0.01,
            strategies: STRATEGIES.iter().map(|strategy| strategy.name().to_owned()).collect(),
            head_weights: [1.0 / HEAD_COUNT as f64; HEAD_COUNT],
            costs: Costs::default(),
            exits: ExitRules::default(),
            size: SizeRules::default(),
            limits: Limits::default(),
            gates: GatePolicy::default(),
            learns: true,
            learn: LearnRules::default(),
        }
    }
}
