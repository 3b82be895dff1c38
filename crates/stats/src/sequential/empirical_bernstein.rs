//! A confidence sequence for the mean of values in 0..1 that narrows where they vary little.

use crate::interval::Interval;
use serde::{Deserialize, Serialize};

/// The predictable plug-in empirical-Bernstein sequence (Waudby-Smith & Ramdas 2024, theorem 2),
/// without running intersection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmpiricalBernstein {
    alpha: f64,
    stake_most: f64,
    count: f64,
    sum: f64,
    square_sum: f64,
    stake_sum: f64,
    weighted_sum: f64,
    penalty_sum: f64,
}

impl EmpiricalBernstein {
    /// Nothing seen. It holds at every look at once with probability 1 - `alpha`; `stake_most`
    /// below one caps the weight of early values (the paper uses .5).
    pub fn new(alpha: f64, stake_most: f64) -> EmpiricalBernstein {
        EmpiricalBernstein {
            alpha,
            stake_most,
            count: 0.0,
            sum: 0.0,
            square_sum: 0.0,
            stake_sum: 0.0,
            weighted_sum: 0.0,
            penalty_sum: 0.0,
        }
    }

    /// Takes in one value in 0..1. Anything else is the caller's error and counts as the nearer
    /// end, what is no number as zero.
    pub fn observe(&mut self, value: f64) {
        let value = if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
        let (mean_before, variance_before) = (self.mean(), self.variance());
        let round = self.count + 1.0;
        let wanted =
            2.0 * libm::log(2.0 / self.alpha) / (variance_before * round * libm::log1p(round));
        let stake = libm::sqrt(wanted).min(self.stake_most);
        let off = value - mean_before;
        let cost = (-libm::log1p(-stake) - stake) / 4.0;
        self.stake_sum += stake;
        self.weighted_sum += stake * value;
        self.penalty_sum += 4.0 * off * off * cost;

        self.count = round;
        self.sum += value;
        let off = value - self.mean();
        self.square_sum += off * off;
    }

    /// Where the mean lies; the whole unit interval before the first value.
    pub fn interval(&self) -> Interval {
        if self.stake_sum <= 0.0 {
            return Interval { low: 0.0, high: 1.0 };
        }
        let centre = self.weighted_sum / self.stake_sum;
        let radius = (libm::log(2.0 / self.alpha) + self.penalty_sum) / self.stake_sum;
        Interval { low: (centre - radius).clamp(0.0, 1.0), high: (centre + radius).clamp(0.0, 1.0) }
    }

    /// The mean with half an observation of one imagined.
    fn mean(&self) -> f64 {
        (0.5 + self.sum) / (self.count + 1.0)
    }

    fn variance(&self) -> f64 {
        (0.25 + self.square_sum) / (self.count + 1.0)
    }
}
