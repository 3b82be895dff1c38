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

/// Sizes an allowed candidate. `as_probe` stakes the probe's risk even where Kelly would stake more.
pub fn size(case: &Case<'_>, rules: &SizeRules, limits: &Limits, as_probe: bool) -> Sizing {
    let stop_fraction = case.plan.stop_fraction;
    let prospects = case.prospects;
    let loss_fraction = prospects.loss_r * stop_fraction;
    let math = MathAi::solve(&Terms {
        win_probability: prospects.win_probability,
        win_probability_low: prospects.win_probability_low,
        win_fraction: prospects.win_r * stop_fraction,
        loss_fraction,
        equity: case.portfolio.equity,
        kelly_multiplier: rules.kelly_multiplier,
        risk_fraction_max: rules.risk_fraction_max,
    });
    let probe = rules.probe.min(rules.risk_fraction_max);
    let probing = as_probe || math.risk_fraction <= probe;
    let risk_fraction = if probing { probe } else { math.risk_fraction };
    let notional_asked = case.portfolio.equity.max(0.0) * risk_fraction / loss_fraction;
    let notional_min = estimate(case.instrument.notional_min);
    let (capped, limit) = cap(notional_asked, notional_min, case.portfolio, limits);
    let quantity = case.instrument.quantity(capped / case.price);
    let notional = estimate(quantity) * case.price;
    // Cut to whole steps it may have fallen below what the venue takes.
    let (quantity, notional, limit) = if capped > 0.0 && notional < notional_min {
        (Quantity::ZERO, 0.0, SizingLimit::NotionalMin)
    } else {
        (quantity, notional, limit)
    };
    Sizing {
        equity: case.portfolio.equity,
        outcomes_effective: prospects.outcomes_effective,
        win_probability: prospects.win_probability,
        win_probability_low: prospects.win_probability_low,
        cost_fraction: case.costs.round_trip_fraction(),
        kelly_fraction: math.kelly_fraction,
        risk_fraction,
        expected_fraction: math.expected_fraction,
        notional_asked,
        notional,
        leverage: if case.portfolio.equity > 0.0 { notional / case.portfolio.equity } else { 0.0 },
        limit,
        quantity,
    }
}

impl SizeRules {
    /// Whether a size is one that its edge earned.
    pub fn is_earned(&self, sizing: &Sizing) -> bool {
        sizing.risk_fraction > self.probe
    }
}
