//! What outcomes of each level have come to, whether results rise with the level, and what to make of it.

use domain::Outcome;
use serde::{Deserialize, Serialize};
use stats::sequential::asymptotic_evidence_above;

use super::SizedBy;
use crate::factors::{TIGHTEST, factor_of, rising, shrunk};
use crate::governor::FACTOR;
use crate::results::{MeanR, Results};

/// Results by level, and how level and result go together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Levels {
    pub(super) by: SizedBy,
    pub(super) results: Vec<Results>,
    /// Σ weight, Σ weight·level, Σ weight·R over all outcomes, for the running means.
    weight: f64,
    level_sum: f64,
    sum: f64,
    /// Σ weight·g and Σ weight·g² of the centred products.
    product_sum: f64,
    product_squares: f64,
}

/// What was made of the levels.
pub(super) struct Fitted {
    /// A factor per level.
    pub(super) factors: Vec<f64>,
    /// How much of the levels' differences is kept.
    pub(super) shrink: f64,
    /// The lowest level seen against the highest, units of initial risk.
    pub(super) lowest: MeanR,
    pub(super) highest: MeanR,
}

/// The running means start from this many made-up outcomes, so that the first does not count as surprising.
const PRIOR_OUTCOMES: f64 = 2.0;

/// A result farther than this from the mean counts as this far, units of initial risk: one gap says nothing of
/// convictions. Chosen: twice a usual win's.
const FAR_R: f64 = 3.0;

impl Levels {
    pub(super) fn new(by: SizedBy) -> Levels {
        Levels {
            by,
            results: vec![Results::default(); by.levels()],
            weight: 0.0,
            level_sum: 0.0,
            sum: 0.0,
            product_sum: 0.0,
            product_squares: 0.0,
        }
    }

    /// Hears one outcome. What counts for "results rise with the level" is (level − mean level)·(R − mean R),
    /// by means from before it: zero on average where one says nothing of the other, whatever both are.
    pub(super) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        let (r, weight) = (outcome.r, outcome.uniqueness);
        if !(r.is_finite() && weight > 0.0) {
            return;
        }
        let at = self.by.level(outcome);
        self.results[at].hear(outcome, keep_fraction);
        let level = at as f64;
        let n = self.weight + PRIOR_OUTCOMES;
        let middle = 0.5 * (self.by.levels() - 1) as f64;
        let off_level = level - (self.level_sum + middle * PRIOR_OUTCOMES) / n;
        let off_r = (r - self.sum / n).clamp(-FAR_R, FAR_R);
        let product = off_level * off_r;
        self.weight += weight;
        self.level_sum += weight * level;
        self.sum += weight * r;
        self.product_sum += weight * product;
        self.product_squares += weight * product * product;
    }

    /// Outcomes with overlap discounted.
    pub(super) fn effective(&self) -> f64 {
        self.weight
    }

    /// The evidence that results rise with the level.
    pub(super) fn e_value(&self) -> f64 {
        if self.product_squares <= 0.0 {
            return 1.0;
        }
        // Products weigh their uniqueness once, in the sum as in its variance: ten tenths are one.
        let z = self.product_sum / self.product_squares.sqrt();
        asymptotic_evidence_above(z, self.weight, TIGHTEST)
    }

    /// Levels of which enough was heard, with their recent means.
    pub(super) fn seen(&self, outcomes_min: f64) -> Vec<(usize, MeanR)> {
        let each = self.results.iter().enumerate();
        let heard = each.filter(|(_, results)| results.effective() >= outcomes_min);
        heard.filter_map(|(at, results)| Some((at, results.recent_r()?))).collect()
    }

    /// Factors from the levels' means, drawn together as far as noise explains their spread, never falling,
    /// with a mean of 1 over the outcomes of the levels seen. A level of which too little was heard stands as
    /// near to 1 as its neighbours let it.
    pub(super) fn fit(&self, outcomes_min: f64) -> Option<Fitted> {
        let seen = self.seen(outcomes_min);
        let (lowest, highest) = (seen.first()?.1, seen.last()?.1);
        if seen.len() < 2 {
            return None;
        }
        let means: Vec<MeanR> = seen.iter().map(|(_, mean)| *mean).collect();
        let weights: Vec<f64> = seen.iter().map(|(_, mean)| mean.effective).collect();
        let shrunk = shrunk(&means)?;
        let factors = balanced(&rising(&shrunk.means, &weights), &weights);
        let shrink = shrunk.kept_fraction.iter().sum::<f64>() / seen.len() as f64;
        let mut all = vec![None; self.by.levels()];
        for ((at, _), factor) in seen.iter().zip(&factors) {
            all[*at] = Some(*factor);
        }
        Some(Fitted { factors: filled(&all), shrink, lowest, highest })
    }
}

/// Factors around the mean that makes their weighted mean 1, within the box.
fn balanced(means: &[f64], weights: &[f64]) -> Vec<f64> {
    const HALVINGS: u32 = 60;
    let total: f64 = weights.iter().sum();
    let factors = |centre: f64| means.iter().map(move |mean| factor_of(mean - centre, FACTOR));
    let mean_factor =
        |centre: f64| factors(centre).zip(weights).map(|(f, w)| f * w).sum::<f64>() / total;
    let mut low = means.iter().copied().fold(f64::INFINITY, f64::min) - 1.0;
    let mut high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 1.0;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if mean_factor(middle) > 1.0 { low = middle } else { high = middle }
    }
    factors(0.5 * (low + high)).collect()
}

/// The factors with 1 where there is none, as far as a neighbour does not forbid it.
fn filled(factors: &[Option<f64>]) -> Vec<f64> {
    let below = |at: usize| factors[..at].iter().rev().find_map(|factor| *factor);
    let above = |at: usize| factors[at + 1..].iter().find_map(|factor| *factor);
    let fill = |(at, factor): (usize, &Option<f64>)| {
        factor.unwrap_or_else(|| {
            1.0_f64.max(below(at).unwrap_or(FACTOR.least)).min(above(at).unwrap_or(FACTOR.most))
        })
    };
    factors.iter().enumerate().map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_a_mean_of_one_and_stay_in_their_box() {
        let means = [-0.9, 0.0, 0.1, 0.8];
        let weights = [100.0, 50.0, 200.0, 100.0];
        let factors = balanced(&means, &weights);
        let mean = factors.iter().zip(&weights).map(|(f, w)| f * w).sum::<f64>() / 450.0;
        assert!((mean - 1.0).abs() < 1e-9, "{factors:?}");
        assert!(factors.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!((factors[0], factors[3]), (0.25, 1.5));
        assert!(balanced(&[0.2, 0.2], &[1.0, 9.0]).iter().all(|f| (f - 1.0).abs() < 1e-9));
    }

    #[test]
    fn a_level_nobody_has_seen_stays_at_one_where_it_can() {
        assert_eq!(filled(&[None, Some(0.8), None, Some(1.2), None]), [0.8, 0.8, 1.0, 1.2, 1.2]);
        assert_eq!(filled(&[Some(1.1), None, Some(1.3)]), [1.1, 1.1, 1.3]);
    }
}
