//! Mean and spread of a stream, one value at a time, with weights and forgetting.

use crate::finite;
use serde::{Deserialize, Serialize};

/// Running weighted mean and variance (Welford 1962; weights after West 1979).
///
/// Weights say how reliable a value is, not how often it was seen: two values of weight .5 are
/// not one value of weight 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    weight_sum: f64,
    weight_square_sum: f64,
    mean: f64,
    scatter: f64,
}

impl Moments {
    /// Takes in one value of weight one.
    pub fn observe(&mut self, value: f64) {
        self.observe_weighted(value, 1.0);
    }

    /// Takes in one value. A weight that is not positive, or a value that is no number, adds nothing.
    pub fn observe_weighted(&mut self, value: f64, weight: f64) {
        if !(weight > 0.0 && weight.is_finite() && value.is_finite()) {
            return;
        }
        self.weight_sum += weight;
        self.weight_square_sum += weight * weight;
        let off = value - self.mean;
        self.mean += off * weight / self.weight_sum;
        self.scatter += weight * off * (value - self.mean);
    }

    /// Lets the past count for less: all weights so far shrink by `keep_fraction`.
    pub fn forget(&mut self, keep_fraction: f64) {
        let keep = keep_fraction.clamp(0.0, 1.0);
        self.weight_sum *= keep;
        self.weight_square_sum *= keep * keep;
        self.scatter *= keep;
    }

    /// The weighted mean; `None` before the first value.
    pub fn mean(&self) -> Option<f64> {
        (self.weight_sum > 0.0).then_some(self.mean)
    }

    /// The sum of the weights.
    pub fn weight_sum(&self) -> f64 {
        self.weight_sum
    }

    /// How many equally weighted values these are worth (Kish 1965): (sum w)^2 / sum w^2.
    pub fn effective_count(&self) -> f64 {
        if self.weight_square_sum > 0.0 {
            return self.weight_sum * self.weight_sum / self.weight_square_sum;
        }
        0.0
    }

    /// The unbiased variance of a value; `None` with at most one effective value.
    pub fn variance(&self) -> Option<f64> {
        let freedom = self.weight_sum - self.weight_square_sum / self.weight_sum;
        if !(self.effective_count() > 1.0 && freedom > 0.0) {
            return None;
        }
        finite((self.scatter / freedom).max(0.0))
    }

    /// The variance of the mean: of a value, over the effective count.
    pub fn variance_of_mean(&self) -> Option<f64> {
        Some(self.variance()? / self.effective_count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|&v| moments.observe(v));
        moments
    }

    #[test]
    fn equal_weights_give_the_textbook_figures() {
        let moments = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!(moments.mean(), Some(5.0));
        assert!((moments.variance().unwrap() - 32.0 / 7.0).abs() < 1e-12);
        assert_eq!(moments.effective_count(), 8.0);
    }

    #[test]
    fn scaling_all_weights_changes_nothing_but_their_sum() {
        let (mut light, mut heavy) = (Moments::default(), Moments::default());
        for (i, value) in [1.0, -2.0, 0.5, 3.0].into_iter().enumerate() {
            light.observe_weighted(value, 0.1 + i as f64);
            heavy.observe_weighted(value, 10.0 * (0.1 + i as f64));
        }
        assert!((light.variance().unwrap() - heavy.variance().unwrap()).abs() < 1e-12);
        assert!((light.effective_count() - heavy.effective_count()).abs() < 1e-12);
    }

    #[test]
    fn forgetting_bounds_the_effective_count() {
        let mut moments = Moments::default();
        for _ in 0..20_000 {
            moments.forget(0.9975);
            moments.observe(1.0);
        }
        // (1 + f) / (1 - f) for f = .9975.
        assert!((moments.effective_count() - 799.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_seen_means_nothing_known() {
        assert_eq!(Moments::default().mean(), None);
        assert_eq!(of(&[1.0]).variance(), None);
        assert_eq!(of(&[f64::NAN]).mean(), None);
    }
}
