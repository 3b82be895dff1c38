//! From an allowed candidate to an exact size, by Math AI or as a probe, times the sizers' factors,
//! then through the limits.

use domain::{ExitPlan, Margin, Quantity, Side, Sizing, SizingLimit, estimate};
use serde::{Deserialize, Serialize};
use stats::sizing::DrawdownLimit;

use crate::math_ai::leverage_max;
use crate::sizers::factors;
use crate::{Case, Limits, MathAi, Terms, cap, is_refused_by_itself};

/// How much to stake.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SizeRules {
    /// The share of Kelly to stake; a quarter to a half is the sane range (methods §1.8).
    pub kelly_multiplier: f64,
    /// Most equity one position may put at risk.
    pub risk_fraction_max: f64,
    /// Equity a probe puts at risk: trading on in order to learn, where no edge is proven. Never more
    /// than the most a position may risk.
    pub probe: f64,
    /// The share of starting wealth that is to stay unlikely to be fallen below, 0..1 (bench row i: a
    /// fall of 30 %).
    pub drawdown_level: f64,
    /// How unlikely, 0..1 (bench row i: 10 %).
    pub drawdown_probability: f64,
    /// Factor at a conviction that is least, or has paid nothing (with the most, chosen so that a market
    /// without edge is traded at half size).
    pub conviction_least: f64,
    /// Factor at a conviction of 1, or one that has paid in full.
    pub conviction_most: f64,
    /// The Kelly fraction at which a conviction has paid in full. Chosen: what a win rate of 55 % at even
    /// pay is worth, the planted world of bench row i.
    pub conviction_kelly_full: f64,
    /// A day's standard deviation beyond which stakes shrink in proportion, fraction. Stops lie in average
    /// true ranges, so ordinary volatility is in the size already; this is about days when stops are
    /// jumped over. Measured: the upper quartile of ten Binance coins, 2020–2023, is 3 to 6 %.
    pub volatility_target_day: f64,
    /// Most that a calm symbol's stake is multiplied by; 1 never lifts one.
    pub volatility_factor_max: f64,
    /// Least that the throttle leaves, 0..=1 (methods §1.3).
    pub throttle_min: f64,
    /// Liquidation lies at least this many stop distances from entry. Chosen: a stop may slip by half of
    /// itself before the venue acts.
    pub liquidation_stops: f64,
}

impl Default for SizeRules {
    fn default() -> SizeRules {
        SizeRules {
            kelly_multiplier: 0.25,
            risk_fraction_max: 0.01,
            probe: 0.001,
            drawdown_level: 0.70,
            drawdown_probability: 0.10,
            conviction_least: 0.5,
            conviction_most: 1.25,
            conviction_kelly_full: 0.10,
            volatility_target_day: 0.05,
            volatility_factor_max: 1.0,
            throttle_min: 0.25,
            liquidation_stops: 1.5,
        }
    }
}

/// What Math AI knows of a candidate.
pub fn terms(case: &Case<'_>, rules: &SizeRules) -> Terms {
    let prospects = case.prospects;
    let known = Sizing {
        equity: case.portfolio.equity,
        win_probability: prospects.win_probability,
        win_probability_low: prospects.win_probability_low,
        win_r: prospects.win_r,
        loss_r: prospects.loss_r,
        cost_fraction: case.costs.round_trip_fraction(),
        ..Sizing::default()
    };
    recorded_terms(&known, case.plan, case.instrument.margin, rules)
}

/// The same from what was recorded, so that the arithmetic of any decision can be shown again.
pub fn recorded_terms(
    sizing: &Sizing,
    plan: &ExitPlan,
    margin: Margin,
    rules: &SizeRules,
) -> Terms {
    Terms {
        win_probability: sizing.win_probability,
        win_probability_low: sizing.win_probability_low,
        win_fraction: sizing.win_r * plan.stop_fraction,
        loss_fraction: sizing.loss_r * plan.stop_fraction,
        stop_fraction: plan.stop_fraction,
        target_fraction: plan.target_fraction,
        cost_fraction: sizing.cost_fraction,
        margin,
        liquidation_stops: rules.liquidation_stops,
        equity: sizing.equity,
        kelly_multiplier: rules.kelly_multiplier,
        risk_fraction_max: rules.risk_fraction_max,
        drawdown: DrawdownLimit {
            wealth_fraction: rules.drawdown_level,
            probability: rules.drawdown_probability,
        },
    }
}

/// Sizes a candidate. `as_probe` stakes the probe's risk even where Kelly would stake more.
pub fn size(case: &Case<'_>, rules: &SizeRules, limits: &Limits, as_probe: bool) -> Sizing {
    let prospects = case.prospects;
    let math = MathAi::solve(&terms(case, rules));
    let stake = if as_probe { Stake::probe(case, rules) } else { Stake::of(case, rules, &math) };
    let asked = ask(case, rules, limits, stake.risk_fraction);
    let equity = case.portfolio.equity;
    Sizing {
        equity,
        outcomes_effective: prospects.outcomes_effective,
        win_probability: prospects.win_probability,
        win_probability_low: prospects.win_probability_low,
        win_r: prospects.win_r,
        loss_r: prospects.loss_r,
        cost_fraction: case.costs.round_trip_fraction(),
        kelly_fraction: math.kelly_fraction,
        risk_fraction: stake.risk_fraction,
        factors: stake.factors,
        expected_fraction: math.expected_fraction,
        notional_asked: asked.notional_asked,
        notional: asked.notional,
        leverage: if equity > 0.0 { asked.notional / equity } else { 0.0 },
        leverage_max: math.leverage_max,
        expected_profit: math.expected_fraction * asked.notional,
        limit: asked.limit,
        quantity: asked.quantity,
    }
}

/// Where the venue would take the margin of a position of this notional, as a fraction of the entry price
/// against it; nothing for what is bought and paid for in full. A declined candidate has no notional.
///
/// Margin is shared: the leverage that counts is that of all that is held together, at most the one
/// at which liquidation lies far enough beyond the stop.
pub fn liquidation(case: &Case<'_>, rules: &SizeRules, notional: f64) -> Option<f64> {
    let margin = &case.instrument.margin;
    if margin.leverage_max <= 1 && case.signal.side == Side::Long {
        return None;
    }
    let equity = case.portfolio.equity;
    let leverage = if equity > 0.0 { (case.portfolio.exposure + notional) / equity } else { 0.0 };
    let most = leverage_max(margin, case.plan.stop_fraction, rules.liquidation_stops);
    Some(margin.liquidation_fraction(leverage.min(most)))
}

/// The share of equity that the policy's stateless gates and sizes would put at risk, before limits and
/// whatever is held; 0 where one of those gates declines. What two policies would have done about one
/// candidate is compared by it (mission row A10).
pub fn stake_wanted(case: &Case<'_>, rules: &SizeRules) -> f64 {
    if is_refused_by_itself(case) {
        return 0.0;
    }
    Stake::of(case, rules, &MathAi::solve(&terms(case, rules))).risk_fraction
}

/// Whether a probe of it would be traded.
pub(crate) fn probe_is_tradable(case: &Case<'_>, rules: &SizeRules, limits: &Limits) -> bool {
    let stake = Stake::probe(case, rules);
    !ask(case, rules, limits, stake.risk_fraction).quantity.is_zero()
}

/// What is put at risk, and what it was multiplied by.
struct Stake {
    risk_fraction: f64,
    factors: [f64; domain::SIZERS_MAX],
}

impl Stake {
    /// What the edge earned or the probe's, times every sizer's factor. Factors lift neither above its
    /// caps, so that no probe passes for a conviction.
    fn of(case: &Case<'_>, rules: &SizeRules, math: &MathAi) -> Stake {
        // A prior is a belief and no record: nothing larger than a probe rests on it.
        let is_known = case.prospects.outcomes_effective >= case.policy.gates.history_outcomes_min;
        if !is_known || math.risk_fraction <= rules.probe_risk() {
            return Stake::probe(case, rules);
        }
        let most = rules.risk_fraction_max.min(math.drawdown_fraction);
        Stake::times(factors(case, rules), math.risk_fraction, most)
    }

    fn probe(case: &Case<'_>, rules: &SizeRules) -> Stake {
        Stake::times(factors(case, rules), rules.probe_risk(), rules.probe_risk())
    }

    fn times(factors: [f64; domain::SIZERS_MAX], base: f64, most: f64) -> Stake {
        let product: f64 = factors.iter().product();
        Stake { risk_fraction: (base * product).clamp(0.0, most), factors }
    }
}

/// A size after limits, cut to whole steps; zero where the venue would not take it.
struct Asked {
    notional_asked: f64,
    limit: SizingLimit,
    notional: f64,
    quantity: Quantity,
}

fn ask(case: &Case<'_>, rules: &SizeRules, limits: &Limits, risk_fraction: f64) -> Asked {
    let loss_fraction = case.prospects.loss_r * case.plan.stop_fraction;
    let notional_asked = case.portfolio.equity.max(0.0) * risk_fraction / loss_fraction;
    let notional_min = estimate(case.instrument.notional_min);
    let nothing = |limit| Asked { notional_asked, limit, notional: 0.0, quantity: Quantity::ZERO };
    if is_too_coarse(case.plan, case.price, estimate(case.instrument.tick)) {
        return nothing(SizingLimit::Tick);
    }
    let leverage =
        leverage_max(&case.instrument.margin, case.plan.stop_fraction, rules.liquidation_stops);
    let (capped, limit) = cap(case, limits, leverage, notional_asked);
    if capped <= 0.0 {
        return nothing(limit);
    }
    let quantity = case.instrument.quantity(capped / case.price);
    let notional = estimate(quantity) * case.price;
    // Cut to whole steps it may have fallen below what the venue takes.
    if notional < notional_min || quantity.is_zero() {
        return nothing(SizingLimit::NotionalMin);
    }
    Asked { notional_asked, limit, notional, quantity }
}

/// Whether a stop would lie so near that the grid cannot tell it from the entry: that is rounding, not risk.
pub fn is_too_coarse(plan: &ExitPlan, price: f64, tick: f64) -> bool {
    // Chosen.
    const STOP_TICKS_MIN: f64 = 2.0;
    plan.stop_fraction * price < STOP_TICKS_MIN * tick
}

impl SizeRules {
    fn probe_risk(&self) -> f64 {
        self.probe.min(self.risk_fraction_max)
    }

    /// Whether a size is one that its edge earned.
    pub fn is_earned(&self, sizing: &Sizing) -> bool {
        sizing.risk_fraction > self.probe
    }
}
