//! How likely is it that candidates like this one earn anything?
//!
//! Twice the probability that their mean result is above zero, within bounds (methods §1.3): an even
//! chance takes nothing away, evidence against an edge does, long before it would kill.

use crate::history::Z_95_ONE_SIDED;
use crate::{Case, Prospects, SizeRules};

pub(super) fn factor(case: &Case<'_>, rules: &SizeRules) -> f64 {
    (2.0 * edge_probability(case.prospects)).clamp(rules.throttle_min, 1.0)
}

/// Probability that the mean result is above zero, by the normal approximation to a bet with two ends,
/// as Kelly's is; the spread of wins and losses around their means is left out.
fn edge_probability(prospects: &Prospects) -> f64 {
    let Prospects { win_probability: p, win_probability_low: low, win_r, loss_r, .. } = *prospects;
    let mean_r = p * win_r - (1.0 - p) * loss_r;
    let error_r = (p - low) / Z_95_ONE_SIDED * (win_r + loss_r);
    if error_r > 0.0 {
        return stats::normal::cdf(mean_r / error_r);
    }
    match mean_r {
        gained if gained > 0.0 => 1.0,
        lost if lost < 0.0 => 0.0,
        _ => 0.5,
    }
}
