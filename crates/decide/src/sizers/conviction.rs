//! How strongly do the heads lean, and what has that been worth?
//!
//! Until the policy knows, conviction itself is taken: least at the gate's threshold, most at 1. Once
//! it knows, the Kelly fraction at the calibrated probability is: a conviction that has not paid
//! stakes the least, however loud it is (methods §1.8).

use crate::{Case, SizeRules, kelly_fraction};

pub(super) fn factor(case: &Case<'_>, rules: &SizeRules) -> f64 {
    let share = match calibrated(case) {
        Some(probability) => {
            let payoff = case.prospects.win_r / case.prospects.loss_r;
            kelly_fraction(probability, payoff) / rules.conviction_kelly_full
        }
        None => {
            let threshold = case.policy.gates.conviction_min;
            (case.signal.conviction - threshold) / (1.0 - threshold).max(f64::MIN_POSITIVE)
        }
    };
    let (least, most) = (rules.conviction_least, rules.conviction_most);
    least + (most - least) * share.clamp(0.0, 1.0)
}

fn calibrated(case: &Case<'_>) -> Option<f64> {
    case.policy.calibrations.get(usize::from(case.strategy.0))?.probability(case.signal.conviction)
}
