//! Orchestrator policy (mission row D9): from climate, costs, the symbol's record, the account and
//! safety to one standing order for a symbol, with its causes. It can only restrict.
//!
//! Every cause gives a restriction of its own and the strictest of each kind holds. Scales are not
//! multiplied: in a crash several causes speak of the same thing.

use domain::{Climate, ExitMode, Outcome, Regime, Restriction, StandingOrder};
use serde::{Deserialize, Serialize};
use stats::interval::MeanInterval;
use stats::moments::Moments;

use crate::Safety;

/// When a standing order restricts, and how much. Scales multiply sizes, 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StandingRules {
    /// Scale while the symbol's moves are large for it. Chosen: stops are wider then and sizes
    /// smaller already, so that little is left to do.
    pub volatile_scale: f64,
    /// Scale while the moves of all symbols together are large. Chosen: diversification is gone then.
    pub global_volatile_scale: f64,
    /// Least conviction meanwhile. Chosen: a sixth more than the gate's 0.60.
    pub global_volatile_conviction_min: f64,
    /// From this round trip over a day's standard deviation on, costs restrict. Derived: with a stop of
    /// 0.65 such deviations (two hourly true ranges) a round trip takes 0.38 R, and a target of
    /// 1.5 R must be reached in 55 % of trades instead of 40 %.
    pub cost_ratio_scaled: f64,
    /// Scale from there on. Chosen.
    pub cost_scale: f64,
    /// From here on nothing enters. Derived: the same target must be reached in 71 % of trades.
    pub cost_ratio_max: f64,
    /// Outcomes, overlap discounted, before a symbol's record restricts (seed 001: 50).
    pub symbol_outcomes_min: f64,
    /// Scale while a symbol's record shows a loss. Chosen: killing is for killed combos.
    pub symbol_scale: f64,
    /// The day's loss over the day's first equity from which nothing enters. It is the limit's, and told
    /// there.
    #[serde(skip)]
    pub daily_loss_fraction: f64,
    /// The fall from the highest equity from which sizes shrink in a straight line. Chosen: a quarter
    /// more must be earned from there to be back.
    pub drawdown_fraction: f64,
    /// The fall from which nothing enters, and exits tighten: the limit's, and told there. Chosen: 43 % must be earned to be back. Without trades
    /// equity stays where it is: only a person who lets it run again, from the equity of then, ends this.
    #[serde(skip)]
    pub drawdown_fraction_max: f64,
    /// Scale just before that. Chosen.
    pub drawdown_scale: f64,
}

impl Default for StandingRules {
    fn default() -> StandingRules {
        StandingRules {
            volatile_scale: 0.75,
            global_volatile_scale: 0.50,
            global_volatile_conviction_min: 0.70,
            cost_ratio_scaled: 0.25,
            cost_scale: 0.50,
            cost_ratio_max: 0.50,
            symbol_outcomes_min: 50.0,
            symbol_scale: 0.50,
            daily_loss_fraction: 0.05,
            drawdown_fraction: 0.20,
            drawdown_fraction_max: 0.30,
            drawdown_scale: 0.25,
        }
    }
}

/// What candidates on a symbol have come to, in units of initial risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Outcomes behind it, overlap discounted.
    pub outcomes_effective: f64,
    /// Their mean.
    pub mean_r: f64,
    /// Its standard error.
    pub error_r: f64,
}

/// Keeps a symbol's record: of candidates that no gate refused, because the others lose their costs
/// on every symbol and would restrict them all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SymbolRecord {
    results: Moments,
}

impl SymbolRecord {
    /// Hears how a decision on the symbol turned out.
    pub fn observe(&mut self, outcome: &Outcome) {
        if outcome.refused != 0 {
            return;
        }
        // An outcome worth a tenth ages the past a tenth as much (decision 0001).
        self.results.forget(libm::pow(KEEP_FRACTION, outcome.uniqueness));
        self.results.observe_weighted(outcome.r, outcome.uniqueness);
    }

    /// The record; nothing before two outcomes.
    pub fn record(&self) -> Option<Record> {
        // Weights are uniquenesses: their sum counts outcomes (decision 0001).
        let outcomes_effective = self.results.weight_sum();
        let mean = MeanInterval::with_count(&self.results, outcomes_effective, 1.0)?;
        Some(Record { outcomes_effective, mean_r: mean.mean, error_r: mean.high - mean.mean })
    }
}

/// Of the past, what one whole outcome leaves (methods, decision 1).
const KEEP_FRACTION: f64 = 0.9975;

/// What a standing order is derived from: one symbol at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// What kind of market it is.
    pub climate: Climate,
    /// What a round trip is expected to take, as a fraction of notional.
    pub cost_fraction: f64,
    /// Standard deviation of the symbol's return over a day, fraction, as far as it can be told.
    pub volatility_day: Option<f64>,
    /// What candidates on the symbol have come to.
    pub record: Option<Record>,
    /// The fall from the highest equity, fraction of it.
    pub drawdown_fraction: f64,
    /// The day's loss, fraction of the equity it began with.
    pub day_loss_fraction: f64,
    /// What a person allows, and what is not as it should be.
    pub safety: &'a Safety,
}

/// The standing order under these circumstances.
pub fn standing_order(seen: &Circumstances<'_>, rules: &StandingRules) -> StandingOrder {
    [
        of_regime(seen.climate.regime, rules),
        of_global_regime(seen.climate.global, rules),
        of_costs(seen, rules),
        of_record(seen.record, rules),
        of_daily_loss(seen.day_loss_fraction, rules),
        of_drawdown(seen.drawdown_fraction, rules),
        seen.safety.restrictions(),
    ]
    .into_iter()
    .fold(StandingOrder::FREE, strictest)
}

/// What two orders allow together: of each kind the stricter, because of both.
pub fn strictest(one: StandingOrder, other: StandingOrder) -> StandingOrder {
    let leaves_sooner = other.exits as u8 > one.exits as u8;
    StandingOrder {
        may_enter: one.may_enter && other.may_enter,
        conviction_min: one.conviction_min.max(other.conviction_min),
        risk_scale: one.risk_scale.min(other.risk_scale),
        exits: if leaves_sooner { other.exits } else { one.exits },
        because: one.because | other.because,
    }
}

/// Smaller sizes. A scale above 1 restricts nothing and has caused nothing.
fn scaled(scale: f64, cause: Restriction) -> StandingOrder {
    let risk_scale = scale.clamp(0.0, 1.0);
    let because = if risk_scale < 1.0 { cause.bit() } else { 0 };
    StandingOrder { risk_scale, because, ..StandingOrder::FREE }
}

fn no_entries(cause: Restriction) -> StandingOrder {
    StandingOrder { may_enter: false, because: cause.bit(), ..StandingOrder::FREE }
}

/// Which side a trend favours is for the heads to say, and too few bars to tell are no evidence of
/// anything: only large moves restrict.
fn of_regime(regime: Regime, rules: &StandingRules) -> StandingOrder {
    if regime != Regime::HighVolatility {
        return StandingOrder::FREE;
    }
    scaled(rules.volatile_scale, Restriction::Regime)
}

fn of_global_regime(global: Regime, rules: &StandingRules) -> StandingOrder {
    if global != Regime::HighVolatility {
        return StandingOrder::FREE;
    }
    let conviction_min = rules.global_volatile_conviction_min.clamp(0.0, 1.0);
    let asks_more = if conviction_min > 0.0 { Restriction::GlobalRegime.bit() } else { 0 };
    let more = StandingOrder { conviction_min, because: asks_more, ..StandingOrder::FREE };
    strictest(scaled(rules.global_volatile_scale, Restriction::GlobalRegime), more)
}

fn of_costs(seen: &Circumstances<'_>, rules: &StandingRules) -> StandingOrder {
    let Some(volatility) = seen.volatility_day else { return StandingOrder::FREE };
    if seen.cost_fraction >= rules.cost_ratio_max * volatility {
        return no_entries(Restriction::Costs);
    }
    if seen.cost_fraction >= rules.cost_ratio_scaled * volatility {
        return scaled(rules.cost_scale, Restriction::Costs);
    }
    StandingOrder::FREE
}

/// Only with evidence: the one-sided 95 % upper bound of its mean lies below zero.
fn of_record(record: Option<Record>, rules: &StandingRules) -> StandingOrder {
    let Some(record) = record else { return StandingOrder::FREE };
    let mean_r_high = record.mean_r + crate::history::Z_95_ONE_SIDED * record.error_r;
    if record.outcomes_effective < rules.symbol_outcomes_min || mean_r_high >= 0.0 {
        return StandingOrder::FREE;
    }
    scaled(rules.symbol_scale, Restriction::SymbolPerformance)
}

fn of_daily_loss(lost_fraction: f64, rules: &StandingRules) -> StandingOrder {
    if lost_fraction < rules.daily_loss_fraction {
        return StandingOrder::FREE;
    }
    no_entries(Restriction::DailyLoss)
}

fn of_drawdown(fallen_fraction: f64, rules: &StandingRules) -> StandingOrder {
    if fallen_fraction >= rules.drawdown_fraction_max {
        // What is still held is to leave sooner, but not at any price.
        return StandingOrder { exits: ExitMode::Tight, ..no_entries(Restriction::Drawdown) };
    }
    if fallen_fraction <= rules.drawdown_fraction {
        return StandingOrder::FREE;
    }
    let way = rules.drawdown_fraction_max - rules.drawdown_fraction;
    let gone = (fallen_fraction - rules.drawdown_fraction) / way;
    scaled(1.0 - gone * (1.0 - rules.drawdown_scale), Restriction::Drawdown)
}
