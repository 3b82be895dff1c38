//! Smaller when the market is loud.

use serde::{Deserialize, Serialize};

/// The leverage that aims at a constant volatility, from exponentially weighted squared returns
/// (RiskMetrics 1996).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolTarget {
    /// What a squared return keeps of its weight at the next, 0..1; .94 for days in RiskMetrics.
    pub keep_fraction: f64,
    /// The volatility aimed at, per year, as a fraction.
    pub annual_volatility: f64,
    /// Returns per year.
    pub periods_per_year: f64,
    /// No leverage above this.
    pub leverage_max: f64,
    /// Variance per return; `None` before the first.
    variance: Option<f64>,
}

impl VolTarget {
    /// A target before the first return.
    pub fn new(
        keep_fraction: f64,
        annual_volatility: f64,
        periods_per_year: f64,
        leverage_max: f64,
    ) -> VolTarget {
        VolTarget {
            keep_fraction,
            annual_volatility,
            periods_per_year,
            leverage_max,
            variance: None,
        }
    }

    /// Takes in one return; one that is not finite is passed over. The first is the first variance.
    pub fn observe(&mut self, value: f64) {
        let square = value * value;
        if square.is_finite() {
            let keep = self.keep_fraction;
            self.variance =
                Some(self.variance.map_or(square, |v| keep * v + (1.0 - keep) * square));
        }
    }

    /// The variance per return; `None` before the first.
    pub fn variance(&self) -> Option<f64> {
        self.variance
    }

    /// The leverage for the next period, up to the most allowed; `None` before the first return.
    pub fn leverage(&self) -> Option<f64> {
        let annual = libm::sqrt(self.variance? * self.periods_per_year);
        let wanted = self.annual_volatility / annual;
        Some(if wanted < self.leverage_max { wanted } else { self.leverage_max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_volatility_halves_the_leverage() {
        let leverage = |size: f64| {
            let mut target = VolTarget::new(0.94, 0.2, 365.0, 30.0);
            (0..200).for_each(|_| target.observe(size));
            target.leverage().unwrap()
        };
        assert!((leverage(0.01) / leverage(0.02) - 2.0).abs() < 1e-12);
        assert_eq!(leverage(0.0), 30.0);
    }

    #[test]
    fn before_the_first_return_nothing_is_known() {
        let mut target = VolTarget::new(0.94, 0.2, 365.0, 3.0);
        target.observe(f64::NAN);
        assert_eq!((target.variance(), target.leverage()), (None, None));
    }
}
