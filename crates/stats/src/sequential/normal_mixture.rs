//! The normal mixture: an e-value and a confidence sequence for the mean of noise of known size.

use super::exp_capped;
use crate::finite;
use serde::{Deserialize, Serialize};

/// Two-sided e-process for H0: mean = 0 with noise of standard deviation `sigma` at most
/// sub-Gaussian (Robbins 1970; Howard et al. 2021, proposition 4).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NormalMixture {
    sigma: f64,
    rho: f64,
    sum: f64,
    count: f64,
}

impl NormalMixture {
    /// Evidence of one. `rho` says at which summed variance the sequence is tightest, roughly.
    pub fn new(sigma: f64, rho: f64) -> NormalMixture {
        NormalMixture { sigma, rho, sum: 0.0, count: 0.0 }
    }

    /// The evidence after so many values of this sum; effective counts may be fractional.
    pub fn after(sigma: f64, rho: f64, sum: f64, count: f64) -> NormalMixture {
        NormalMixture { sigma, rho, sum, count }
    }

    /// Takes in one value.
    pub fn observe(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    /// ln of sqrt(rho / (rho + V)) exp(S^2 / (2 (V + rho))), V = n sigma^2.
    pub fn log_evidence(&self) -> f64 {
        let spread = self.spread();
        0.5 * libm::log(self.rho / spread) + self.sum * self.sum / (2.0 * spread)
    }

    /// The evidence against a mean of zero.
    pub fn evidence(&self) -> f64 {
        exp_capped(self.log_evidence())
    }

    /// Half the width of the confidence sequence around the running mean, valid at every look at
    /// once with probability 1 - `alpha`. `None` before the first value.
    pub fn radius(&self, alpha: f64) -> Option<f64> {
        if self.count == 0.0 {
            return None;
        }
        let spread = self.spread();
        let log = libm::log(spread / (self.rho * alpha * alpha));
        finite(libm::sqrt(spread * log) / self.count)
    }

    /// The running mean; `None` before the first value.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    fn spread(&self) -> f64 {
        self.count * self.sigma * self.sigma + self.rho
    }
}
