//! From an allowed candidate to an exact size, by Math AI or as a probe, then through the limits.

use domain::{Quantity, Sizing, SizingLimit, estimate};
use serde::{Deserialize, Serialize};

use crate::{Case, Limits, MathAi, Terms, cap};

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
}

impl Default for SizeRules {
    fn default() -> SizeRules {
        SizeRules { kelly_multiplier: 0.25, risk_fraction_max: 0.01, probe: 0.001 }
    }
}

/// Sizes a candidate. `as_probe` stakes the probe's risk even where Kelly would stake more.
pub fn size(case: &Case<'_>, rules: &SizeRules, limits: &Limits, as_probe: bool) -> Sizing {
    let stop_fraction = case.plan.stop_fraction;
    let prospects = case.prospects;
    let math = MathAi::solve(&Terms {
        win_probability: prospects.win_probability,
        win_probability_low: prospects.win_probability_low,
        win_fraction: prospects.win_r * stop_fraction,
        loss_fraction: prospects.loss_r * stop_fraction,
        equity: case.portfolio.equity,
        kelly_multiplier: rules.kelly_multiplier,
        risk_fraction_max: rules.risk_fraction_max,
    });
    let probing = as_probe || math.risk_fraction <= rules.probe_risk();
    let risk_fraction = if probing { rules.probe_risk() } else { math.risk_fraction };
    let asked = ask(case, limits, risk_fraction);
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
        risk_fraction,
        factors: [1.0; domain::SIZERS_MAX],
        expected_fraction: math.expected_fraction,
        notional_asked: asked.notional_asked,
        notional: asked.notional,
        leverage: if equity > 0.0 { asked.notional / equity } else { 0.0 },
        leverage_max: 1.0,
        expected_profit: math.expected_fraction * asked.notional,
        limit: asked.limit,
        quantity: asked.quantity,
    }
}

/// Whether a probe of it would be traded.
pub(crate) fn probe_is_tradable(case: &Case<'_>, rules: &SizeRules, limits: &Limits) -> bool {
    !ask(case, limits, rules.probe_risk()).quantity.is_zero()
}

/// A size after limits, cut to whole steps; zero where the venue would not take it.
struct Asked {
    notional_asked: f64,
    limit: SizingLimit,
    notional: f64,
    quantity: Quantity,
}

fn ask(case: &Case<'_>, limits: &Limits, risk_fraction: f64) -> Asked {
    let loss_fraction = case.prospects.loss_r * case.plan.stop_fraction;
    let notional_asked = case.portfolio.equity.max(0.0) * risk_fraction / loss_fraction;
    let notional_min = estimate(case.instrument.notional_min);
    let nothing = |limit| Asked { notional_asked, limit, notional: 0.0, quantity: Quantity::ZERO };
    if case.plan.stop_fraction * case.price < STOP_TICKS_MIN * estimate(case.instrument.tick) {
        return nothing(SizingLimit::Tick);
    }
    let (capped, limit) = cap(notional_asked, notional_min, case.portfolio, limits);
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

/// A stop nearer than this many ticks is rounding, not risk. Chosen.
const STOP_TICKS_MIN: f64 = 2.0;

impl SizeRules {
    fn probe_risk(&self) -> f64 {
        self.probe.min(self.risk_fraction_max)
    }

    /// Whether a size is one that its edge earned.
    pub fn is_earned(&self, sizing: &Sizing) -> bool {
        sizing.risk_fraction > self.probe
    }
}
