//! Everything the engine is told before its first event.

use decide::{ExitRules, HistoryRule, Limits, STRATEGIES, SelectionRule, SizeRules, StandingRules};
use domain::{GatePolicy, HEAD_COUNT, Money};
use evolve::{DeployRule, ModelRules};
use forecast::FrameRules;
use laws::Costs;
use learn::{LearnRules, Rule};
use serde::Serialize;

/// How much of what happens is told in effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Everything.
    #[default]
    Everything,
    /// Neither rows, nor declined decisions, nor horizons, nor what-ifs: for an engine whose results alone are
    /// compared.
    Results,
}

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
    /// Which frames are looked at, and how the kind of market is told.
    pub frames: FrameRules,
    /// How positions end.
    pub exits: ExitRules,
    /// How much is staked.
    pub size: SizeRules,
    /// What may not be exceeded.
    pub limits: Limits,
    /// When a standing order restricts.
    pub standing: StandingRules,
    /// What the gates ask for on day one.
    pub gates: GatePolicy,
    /// How much of what happens is told; it changes nothing that happens.
    pub telling: Telling,
    /// Whether learners hear outcomes. Without them the policy of day one stands for good.
    pub learns: bool,
    /// How fast and within what the policy moves.
    pub learn: LearnRules,
    /// How models are trained, judged and deployed.
    pub models: ModelRules,
    /// Most shadows open at once on one symbol; the oldest are given up for new ones. 2,000 is chosen: half
    /// a year of minutes of two perpetuals stayed below 500, six weeks of two spot pairs below 2,000.
    pub shadows_max: usize,
}

impl Settings {
    /// How one of several strategies is chosen.
    pub fn selection_rule(&self) -> SelectionRule {
        match self.learn.rule {
            Rule::Evidence => SelectionRule::Evidence,
            Rule::Seed => SelectionRule::Seed,
        }
    }

    /// By what a version of the models is deployed.
    pub fn deploy_rule(&self) -> DeployRule {
        match self.learn.rule {
            Rule::Evidence => DeployRule::Evidence,
            Rule::Seed => DeployRule::Seed,
        }
    }

    /// By what measure a record may refuse a candidate.
    pub fn history_rule(&self) -> HistoryRule {
        match self.learn.rule {
            Rule::Evidence => HistoryRule::Evidence,
            Rule::Seed => HistoryRule::Seed,
        }
    }
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
            frames: FrameRules::default(),
            exits: ExitRules::default(),
            size: SizeRules::default(),
            limits: Limits::default(),
            standing: StandingRules::default(),
            gates: GatePolicy::default(),
            telling: Telling::Everything,
            learns: true,
            learn: LearnRules::default(),
            models: ModelRules::default(),
            shadows_max: 2_000,
        }
    }
}
