//! How much does the symbol move in a day? Beyond the target, the stake shrinks in proportion.

use crate::{Case, SizeRules};

pub(super) fn factor(case: &Case<'_>, rules: &SizeRules) -> f64 {
    let most = rules.volatility_factor_max;
    match case.volatility_day {
        Some(volatility) => volatility_factor(volatility, rules.volatility_target_day, most),
        None => 1.0,
    }
}

/// Volatility targeting: target over volatility, never more than `most`. Both over the same span.
pub fn volatility_factor(volatility: f64, target: f64, most: f64) -> f64 {
    if volatility > 0.0 { (target / volatility).min(most) } else { most }
}
