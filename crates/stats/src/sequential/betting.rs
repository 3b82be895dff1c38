//! Betting against "the mean is at most m" with a stake learned from the past.

use super::exp_capped;
use serde::{Deserialize, Serialize};

/// One-sided betting e-process for values in 0..1 and H0: mean <= `null_mean` (Waudby-Smith &
/// Ramdas 2024): prod(1 + bet (x - m)), the bet approximating Kelly's from past mean and variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BettingTest {
    null_mean: f64,
    bet_most: f64,
    count: f64,
    sum: f64,
    square_sum: f64,
    log: f64,
    log_most: f64,
}

impl BettingTest {
    /// Evidence of one. `bet_fraction` below one caps the bet at that share of 1 / `null_mean`.
    /// The prior counts as one observation of mean `prior_mean` and variance `prior_variance`.
    pub fn new(null_mean: f64, bet_fraction: f64, prior_mean: f64, prior_variance: f64) -> Self {
        BettingTest {
            null_mean,
            bet_most: bet_fraction / null_mean,
            count: 1.0,
            sum: prior_mean,
            square_sum: prior_variance,
            log: 0.0,
            log_most: 0.0,
        }
    }

    /// The stake on the next value, fixed before it is seen.
    pub fn bet(&self) -> f64 {
        let edge = self.sum / self.count - self.null_mean;
        let kelly = edge / (self.square_sum / self.count + edge * edge);
        // max and min let a bet of 0/0, on values that never vary, be no bet.
        kelly.min(self.bet_most).max(0.0)
    }

    /// Takes in one value in 0..1. Anything else is the caller's error and counts as the nearer
    /// end, what is no number as zero.
    pub fn observe(&mut self, value: f64) {
        let value = if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
        self.log += libm::log1p(self.bet() * (value - self.null_mean));
        self.log_most = self.log_most.max(self.log);
        self.count += 1.0;
        self.sum += value;
        let off = value - self.sum / self.count;
        self.square_sum += off * off;
    }

    /// The natural log of the evidence now.
    pub fn log_evidence(&self) -> f64 {
        self.log
    }

    /// The most evidence at any look so far; at least one.
    pub fn evidence_most(&self) -> f64 {
        exp_capped(self.log_most)
    }

    /// A p-value valid at every look: 1 / the most evidence so far.
    pub fn p_value(&self) -> f64 {
        libm::exp(-self.log_most)
    }
}
