//! Weights from a covariance alone: no view of what will earn more.

use super::linear::{is_covariance, scaled_to_one, solve};

/// Weights in proportion to 1 / volatility; they sum to one.
pub fn inverse_volatility(covariance: &[Vec<f64>]) -> Option<Vec<f64>> {
    if !is_covariance(covariance) {
        return None;
    }
    scaled_to_one((0..covariance.len()).map(|i| 1.0 / libm::sqrt(covariance[i][i])).collect())
}

/// The fully invested weights of least variance. They may be negative; they sum to one.
///
/// `None` also where the covariance is singular.
pub fn min_variance(covariance: &[Vec<f64>]) -> Option<Vec<f64>> {
    if !is_covariance(covariance) {
        return None;
    }
    scaled_to_one(solve(covariance, &vec![1.0; covariance.len()])?)
}

/// Sweeps over all weights; each halves the error or better where correlations are moderate.
const SWEEPS_MOST: u32 = 10_000;

/// Positive weights that sum to one and contribute equal shares of the variance.
///
/// The minimum of Spinu's convex function (2013), found one weight at a time (Griveau-Billion,
/// Richard & Roncalli 2013).
pub fn equal_risk(covariance: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut weights = inverse_volatility(covariance)?;
    // In units of the mean variance the start is near the solution, whatever the market.
    let len = weights.len() as f64;
    let unit = (0..weights.len()).map(|i| covariance[i][i]).sum::<f64>() / len;
    let scaled: Vec<Vec<f64>> =
        covariance.iter().map(|row| row.iter().map(|value| value / unit).collect()).collect();
    for _ in 0..SWEEPS_MOST {
        let mut moved = 0.0_f64;
        for i in 0..weights.len() {
            let own = scaled[i][i];
            let all: f64 = scaled[i].iter().zip(&weights).map(|(c, w)| c * w).sum();
            let others = all - own * weights[i];
            // The positive root of own w^2 + others w = 1/n, without cancellation.
            let root = libm::sqrt(others * others + 4.0 * own / len);
            let weight = if others > 0.0 {
                2.0 / len / (root + others)
            } else {
                (root - others) / (2.0 * own)
            };
            moved = moved.max((weight / weights[i] - 1.0).abs());
            weights[i] = weight;
        }
        if moved < 1e-12 {
            break;
        }
    }
    scaled_to_one(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Volatilities 1, 2, 3 with every correlation the same.
    fn covariance(correlation: f64) -> Vec<Vec<f64>> {
        let volatility = |i: usize| 0.01 * (i + 1) as f64;
        let at = |i: usize, j: usize| {
            volatility(i) * volatility(j) * if i == j { 1.0 } else { correlation }
        };
        (0..3).map(|i| (0..3).map(|j| at(i, j)).collect()).collect()
    }

    #[test]
    fn equal_correlations_make_equal_risk_inverse_volatility() {
        for correlation in [-0.4, 0.0, 0.5, 0.99] {
            let covariance = covariance(correlation);
            let equal = equal_risk(&covariance).unwrap();
            let inverse = inverse_volatility(&covariance).unwrap();
            for (equal, inverse) in equal.iter().zip(&inverse) {
                assert!((equal - inverse).abs() < 1e-9, "{correlation}: {equal} {inverse}");
            }
        }
    }

    #[test]
    fn independent_symbols_weigh_one_over_variance_for_least_variance() {
        let weights = min_variance(&covariance(0.0)).unwrap();
        assert!((weights[0] / weights[1] - 4.0).abs() < 1e-12, "{weights:?}");
        assert_eq!(min_variance(&covariance(1.0)), None);
    }

    #[test]
    fn what_is_no_covariance_has_no_weights() {
        for table in [vec![], vec![vec![0.0]], vec![vec![1.0, 0.5]], vec![vec![f64::NAN]]] {
            assert_eq!(inverse_volatility(&table), None);
            assert_eq!(min_variance(&table), None);
            assert_eq!(equal_risk(&table), None);
        }
    }
}
