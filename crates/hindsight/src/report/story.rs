//! Everything a report shows, as plain values. Who fills it decides; the page only draws.

use domain::{ExitReason, Side, Standing, Timestamp};
use serde::Serialize;

use super::models::ModelsStory;
use super::schooling::{JobStory, LearnerStory};
use super::studies::Studies;
use crate::summary::Summary;

/// One run, told.
#[derive(Clone, Debug)]
pub struct Story {
    /// The figures of the contract, as printed by `--json`.
    pub summary: Summary,
    /// What was run, `demo` or `replay`.
    pub title: String,
    /// The run's name in the store.
    pub run_id: String,
    /// The one command that gives this report again.
    pub command: String,
    /// The store it is in, unless it is the default one.
    pub store: Option<String>,
    /// Which rule learners followed.
    pub rule: String,
    /// The seed of every draw.
    pub seed: u64,
    /// Quote units owned at the start.
    pub equity_start: f64,
    /// Per symbol.
    pub symbols: Vec<SymbolStory>,
    /// Equity over time, oldest first, at most 5,000 points.
    pub equity: Vec<EquityPlace>,
    /// Every published version of the head weights, oldest first.
    pub weights: Vec<WeightPlace>,
    /// The box every head weight stays in.
    pub weight_bounds: (f64, f64),
    /// Names of the nine heads, in order, and whether each ever voted.
    pub heads: Vec<HeadStory>,
    /// Gates in the order they are asked.
    pub gates: Vec<GateStory>,
    /// Candidates that came up.
    pub candidates: u64,
    /// What became of them.
    pub standings: Vec<StandingStory>,
    /// Results after costs by why positions ended, executed ones only.
    pub exits: Vec<ExitStory>,
    /// What costs took in total, quote units.
    pub costs: CostStory,
    /// Bars missing inside sessions, bad rows left out, and other things to attend to, one sentence each.
    pub attention: Vec<String>,
    /// What each learner believes and when it changed its mind; empty where the policy stood for good.
    pub learners: Vec<LearnerStory>,
    /// What ran by the clock.
    pub jobs: Vec<JobStory>,
    /// Learning beside its frozen twin, and where results came from.
    pub studies: Studies,
    /// What came of models.
    pub models: ModelsStory,
}

/// One symbol.
#[derive(Clone, Debug)]
pub struct SymbolStory {
    /// Its name.
    pub name: String,
    /// Decimals of its tick.
    pub price_decimals: u32,
    /// Bars, drawn together so that there are at most 5,000.
    pub candles: Vec<Candle>,
    /// How many real bars one candle stands for.
    pub bars_per_candle: usize,
    /// Every closed trade, exact.
    pub trades: Vec<TradePlace>,
    /// Whether its market closes, so that the chart leaves out the time between sessions.
    pub closes: bool,
}

/// A candle.
#[derive(Clone, Copy, Debug)]
pub struct Candle {
    /// When it opened.
    pub at: Timestamp,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

/// A closed trade on a chart.
#[derive(Clone, Debug)]
pub struct TradePlace {
    /// The decision, as `explain` takes it.
    pub decision: String,
    /// Whose.
    pub strategy: String,
    /// Which way.
    pub side: Side,
    /// At what standing.
    pub standing: Standing,
    /// When it was entered.
    pub opened_at: Timestamp,
    /// When it ended.
    pub closed_at: Timestamp,
    /// Entry price.
    pub entry: f64,
    /// Exit price.
    pub exit: f64,
    /// First stop.
    pub stop: f64,
    /// Stop at the end.
    pub stop_last: f64,
    /// Target.
    pub target: Option<f64>,
    /// Why it ended.
    pub reason: ExitReason,
    /// Net result, quote units.
    pub net: f64,
    /// Net result in units of initial risk.
    pub r: f64,
}

/// Equity at a moment beside what holding would have come to.
#[derive(Clone, Copy, Debug)]
pub struct EquityPlace {
    /// When.
    pub at: Timestamp,
    /// Equity, quote units.
    pub equity: f64,
    /// The same start put equally into all symbols at their first open and held, without costs.
    pub held: f64,
}

/// A published version of the weights.
#[derive(Clone, Debug)]
pub struct WeightPlace {
    /// When.
    pub at: Timestamp,
    /// Its number.
    pub version: u64,
    /// `day_one`, the learner's name, or `revert`.
    pub reason: String,
    /// Nine weights.
    pub weights: [f64; 9],
    /// Outcomes behind it, overlap discounted.
    pub outcomes_effective: f64,
}

/// One head.
#[derive(Clone, Debug)]
pub struct HeadStory {
    /// Its name.
    pub name: String,
    /// What it goes by, or what it waits for.
    pub what: String,
    /// Outcomes it voted on, overlap discounted.
    pub votes_effective: f64,
    /// Share of candidates that earned anything among those it agreed with, with its 95 % interval.
    pub agreed: Option<Estimate>,
    /// The same among those it disagreed with.
    pub disagreed: Option<Estimate>,
    /// The first minus the second: what its agreement tells, with its 95 % interval.
    pub lead: Option<Estimate>,
    /// Weight on day one.
    pub weight_first: f64,
    /// Weight now.
    pub weight_last: f64,
}

/// An estimate with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Observations.
    pub n: u64,
    /// The same with overlap discounted.
    pub n_effective: f64,
}

impl Estimate {
    /// Whether too little is behind it for its interval to mean anything.
    pub fn is_few(&self) -> bool {
        // Chosen: below five the spread is itself a guess.
        const EFFECTIVE_MIN: f64 = 5.0;
        self.n_effective < EFFECTIVE_MIN
    }
}

/// One gate.
#[derive(Clone, Debug)]
pub struct GateStory {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub asks: String,
    /// Candidates it refused, whatever other gates said.
    pub refused: u64,
    /// Candidates left after this gate and all before it.
    pub left: u64,
    /// Mean result after costs of what it refused, had it been taken, in R.
    pub refused_r: Option<Estimate>,
    /// Those of them that turned out and that no other gate refused.
    pub alone: u64,
    /// The same of what no other gate refused: what it is worth beside the others.
    pub alone_r: Option<Estimate>,
    /// What the gate monitor says of it, one sentence.
    pub verdict: &'static str,
}

/// What became of candidates.
#[derive(Clone, Debug)]
pub struct StandingStory {
    /// Which.
    pub standing: Standing,
    /// How many.
    pub count: u64,
    /// Mean result after costs, in R.
    pub r: Option<Estimate>,
}

/// Why positions ended.
#[derive(Clone, Debug)]
pub struct ExitStory {
    /// Why.
    pub reason: ExitReason,
    /// How many.
    pub count: u64,
    /// Sum of net results, quote units.
    pub net: f64,
}

/// What costs took, quote units.
#[derive(Clone, Copy, Debug, Default)]
pub struct CostStory {
    /// Price differences before any cost.
    pub gross_before_costs: f64,
    /// Fees.
    pub fees: f64,
    /// Spread and slippage.
    pub slipped: f64,
    /// Funding; below zero where it was received.
    pub funding: f64,
    /// What is left.
    pub net: f64,
    /// What was bought and sold short on entry, over all closed trades.
    pub notional: f64,
}

impl CostStory {
    /// What all costs took together.
    pub fn taken(&self) -> f64 {
        self.fees + self.slipped + self.funding
    }
}
