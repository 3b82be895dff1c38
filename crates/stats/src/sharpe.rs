//! Could this Sharpe ratio be luck? Ratios are per period, not annual; kurtosis is not in excess.

use crate::{finite, normal};
use serde::{Deserialize, Serialize};

/// A Sharpe ratio and what its error depends on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharpeSample {
    /// Mean over standard deviation, per period.
    pub sharpe: f64,
    /// How many periods it was measured over.
    pub observations: f64,
    /// Skewness of the returns; a normal has 0.
    pub skew: f64,
    /// Kurtosis of the returns, not in excess; a normal has 3.
    pub kurtosis: f64,
}

impl SharpeSample {
    /// The standard error of the ratio (Mertens 2002); `None` where skewness and kurtosis
    /// contradict each other or there are fewer than two observations.
    pub fn standard_error(&self) -> Option<f64> {
        let variance = self.variance_factor() / (self.observations - 1.0);
        (variance > 0.0).then(|| libm::sqrt(variance)).and_then(finite)
    }

    /// The probability that the true ratio is above `benchmark` (PSR, Bailey & Lopez de Prado 2012).
    pub fn probabilistic(&self, benchmark: f64) -> Option<f64> {
        finite(normal::cdf((self.sharpe - benchmark) / self.standard_error()?))
    }

    /// The probability that it is above what the best of `trials` skill-less ones would show, if
    /// their ratios spread by `trial_deviation` (DSR, Bailey & Lopez de Prado 2014).
    pub fn deflated(&self, trial_deviation: f64, trials: u64) -> Option<f64> {
        self.probabilistic(trial_deviation * expected_max_z(trials)?)
    }

    /// How many observations of this ratio it takes to be `confidence` sure that it is above
    /// `benchmark` (MinTRL, same source); `None` where no number suffices.
    pub fn track_record_min(&self, benchmark: f64, confidence: f64) -> Option<f64> {
        if self.sharpe <= benchmark {
            return None;
        }
        let ratio = normal::quantile(confidence)? / (self.sharpe - benchmark);
        finite(1.0 + self.variance_factor() * ratio * ratio)
    }

    fn variance_factor(&self) -> f64 {
        let square = self.sharpe * self.sharpe;
        1.0 - self.skew * self.sharpe + (self.kurtosis - 1.0) / 4.0 * square
    }
}

/// Euler's constant: the mean of a Gumbel variable.
const GUMBEL_MEAN: f64 = 0.577_215_664_901_532_9;

/// The expected largest of `trials` standard normals, by extreme value theory (Bailey & Lopez de
/// Prado 2014). One trial has no selection in it: zero. `None` of no trial.
pub fn expected_max_z(trials: u64) -> Option<f64> {
    match trials {
        0 => None,
        1 => Some(0.0),
        _ => {
            let n = trials as f64;
            let near = upper_quantile(1.0 / n)?;
            let far = upper_quantile(1.0 / (n * core::f64::consts::E))?;
            Some((1.0 - GUMBEL_MEAN) * near + GUMBEL_MEAN * far)
        }
    }
}

/// The years of backtest below which the best of `trials` skill-less strategies is expected to
/// show this annual Sharpe ratio in sample (MinBTL, Bailey et al. 2014); `None` unless positive.
pub fn backtest_years_min(trials: u64, annual_sharpe: f64) -> Option<f64> {
    if annual_sharpe.is_nan() || annual_sharpe <= 0.0 {
        return None;
    }
    let ratio = expected_max_z(trials)? / annual_sharpe;
    finite(ratio * ratio)
}

/// The value above which the share `q` lies. Taken from the lower side, where no digits are lost.
fn upper_quantile(q: f64) -> Option<f64> {
    normal::quantile(q).map(|z| -z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_figures_come_out() {
        let sample = |sharpe, observations, skew, kurtosis| SharpeSample {
            sharpe,
            observations,
            skew,
            kurtosis,
        };
        let errors = [
            (sample(0.7079, 134.0, -0.2250, 2.9570), 0.1028),
            (sample(0.8183, 134.0, -1.4455, 7.0497), 0.1550),
        ];
        for (sample, error) in errors {
            assert!((sample.standard_error().unwrap() - error).abs() < 5e-5, "{sample:?}");
        }
        let daily = sample(2.5 / libm::sqrt(250.0), 1250.0, -3.0, 10.0);
        let spread = libm::sqrt(0.5 / 250.0);
        assert!((daily.deflated(spread, 46).unwrap() - 0.9505).abs() < 5e-5);
        let normal = sample(2.5 / libm::sqrt(250.0), 1250.0, 0.0, 3.0);
        assert!((normal.deflated(spread, 88).unwrap() - 0.9505).abs() < 5e-5);
    }

    #[test]
    fn one_trial_deflates_nothing_and_none_is_no_figure() {
        let sample = SharpeSample { sharpe: 0.1, observations: 100.0, skew: 0.0, kurtosis: 3.0 };
        assert_eq!(sample.deflated(0.3, 1), sample.probabilistic(0.0));
        assert_eq!(sample.deflated(0.3, 0), None);
        assert_eq!(sample.track_record_min(0.1, 0.95), None);
        assert_eq!(SharpeSample { observations: 1.0, ..sample }.probabilistic(0.0), None);
    }
}
