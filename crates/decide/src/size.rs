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
    Sizing {
        equity: case.portfolio.equity,
        outcomes_effective: prospects.outcomes_effective,
        win_probability: prospects.win_probability,
        win_probability_low: prospects.win_probability_low,
        cost_fraction: case.costs.round_trip_fraction(),
        kelly_fraction: math.kelly_fraction,
        risk_fraction,
        expected_fraction: math.expected_fraction,
        notional_asked: asked.notional_asked,
        notional: asked.notional,
        leverage: if case.portfolio.equity > 0.0 {
            asked.notional / case.portfolio.equity
        } else {
            0.0
        },
        limit: asked.limit,
        quantity: if asked.notional > 0.0 {
            case.instrument.quantity(asked.base_units)
        } else {
            Quantity::ZERO
        },
    }
}

/// Whether a probe of it would be traded: the same arithmetic as [`size`], without the money.
pub(crate) fn probe_is_tradable(case: &Case<'_>, rules: &SizeRules, limits: &Limits) -> bool {
    ask(case, limits, rules.probe_risk()).notional > 0.0
}

/// A size before it becomes money.
struct Asked {
    notional_asked: f64,
    limit: SizingLimit,
    base_units: f64,
    /// After limits and cut to whole steps; zero where the venue would not take it.
    notional: f64,
}

fn ask(case: &Case<'_>, limits: &Limits, risk_fraction: f64) -> Asked {
    let loss_fraction = case.prospects.loss_r * case.plan.stop_fraction;
    let notional_asked = case.portfolio.equity.max(0.0) * risk_fraction / loss_fraction;
    let notional_min = estimate(case.instrument.notional_min);
    let (capped, limit) = cap(notional_asked, notional_min, case.portfolio, limits);
    let base_units = capped / case.price;
    let step = estimate(case.instrument.step);
    let notional = libm::floor(base_units / step) * step * case.price;
    // Cut to whole steps it may have fallen below what the venue takes.
    if capped > 0.0 && notional < notional_min {
        let limit = SizingLimit::NotionalMin;
        return Asked { notional_asked, limit, base_units, notional: 0.0 };
    }
    Asked { notional_asked, limit, base_units, notional }
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
