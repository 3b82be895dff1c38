//! How unlike are two samples, bin by bin? The population stability index.

use serde::{Deserialize, Serialize};

use super::sorted;
use crate::normal;

/// No bin counts as emptier than this share, as the folk has it: a logarithm of nothing is no figure.
pub const SHARE_LEAST: f64 = 1e-4;

/// Bins between quantiles of a sample, the outer ones without end. A value at an edge is in the bin above it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    edges: Vec<f64>,
}

impl Bins {
    /// So many bins that share the sample evenly, edges interpolated between its values. `None` of fewer than
    /// two bins, or without a number.
    pub fn of(sample: &[f64], count: usize) -> Option<Bins> {
        let rising = sorted(sample);
        if rising.is_empty() || count < 2 {
            return None;
        }
        let last = rising.len() - 1;
        let edge = |part: usize| {
            let place = (last * part) as f64 / count as f64;
            let below = place as usize;
            let (left, right) = (rising[below], rising[(below + 1).min(last)]);
            left + (right - left) * (place - below as f64)
        };
        Some(Bins { edges: (1..count).map(edge).collect() })
    }

    /// The edges between them, rising.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The share of a sample in each bin; `None` of nothing.
    pub fn shares(&self, sample: &[f64]) -> Option<Vec<f64>> {
        let mut counts = vec![0.0; self.edges.len() + 1];
        let mut whole = 0.0;
        for value in sample.iter().filter(|value| !value.is_nan()) {
            counts[self.edges.partition_point(|edge| edge <= value)] += 1.0;
            whole += 1.0;
        }
        (whole > 0.0).then(|| counts.iter().map(|count| count / whole).collect())
    }
}

/// The index between a sample and the one whose bins are used: the sum over bins of the difference of shares
/// times the difference of their logarithms, no share below `share_least` ([`SHARE_LEAST`] by habit). `None` where
/// either holds no number.
///
/// The habit is no test: one bin that chance left empty then adds .7. Half a value's share keeps what is added near
/// what [`psi_limit`] expects.
pub fn psi(bins: &Bins, expected: &[f64], actual: &[f64], share_least: f64) -> Option<f64> {
    let (expected, actual) = (bins.shares(expected)?, bins.shares(actual)?);
    let one = |(e, a): (&f64, &f64)| {
        let (e, a) = (e.max(share_least), a.max(share_least));
        (a - e) * libm::log(a / e)
    };
    Some(expected.iter().zip(&actual).map(one).sum())
}

/// What the index exceeds with probability `alpha` at most where nothing has changed, for two samples of so many
/// independent values: the quantile of chi-square with one degree of freedom less than bins (Wilson & Hilferty
/// 1931) times (1/n + 1/m), and never below the tenth of the folk (methods §1.10: 21.67 (1/n + 1/m) for ten bins
/// and `alpha` .01). Infinite where a sample is empty or `alpha` is no probability.
pub fn psi_limit(bins: usize, alpha: f64, expected_count: f64, actual_count: f64) -> f64 {
    const FOLK: f64 = 0.1;
    let counted = expected_count > 0.0 && actual_count > 0.0 && bins > 1;
    let (Some(z), true) = (normal::quantile(1.0 - alpha), counted) else {
        return f64::INFINITY;
    };
    let freedom = (bins - 1) as f64;
    let ninth = 2.0 / (9.0 * freedom);
    let root = (1.0 - ninth + z * libm::sqrt(ninth)).max(0.0);
    let quantile = freedom * root * root * root;
    (quantile * (1.0 / expected_count + 1.0 / actual_count)).max(FOLK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_grows_as_samples_shrink_and_never_falls_below_a_tenth() {
        let hundred = psi_limit(10, 0.01, 100.0, 100.0);
        assert!((hundred - 21.67 * 0.02).abs() < 0.001, "{hundred}");
        assert_eq!(psi_limit(10, 0.01, 1e6, 1e6), 0.1);
        assert!(psi_limit(10, 0.001, 100.0, 100.0) > hundred);
        assert_eq!(psi_limit(10, 0.01, 0.0, 100.0), f64::INFINITY);
        assert_eq!(psi_limit(10, 0.0, 10.0, 100.0), f64::INFINITY);
    }

    #[test]
    fn the_same_sample_is_not_unlike_itself_even_where_values_repeat() {
        let steps: Vec<f64> = (0..50).map(|at| f64::from(at % 3)).collect();
        let bins = Bins::of(&steps, 10).unwrap();
        assert_eq!(psi(&bins, &steps, &steps, SHARE_LEAST), Some(0.0));
        let flat = Bins::of(&[1.0; 20], 10).unwrap();
        assert!(psi(&flat, &[1.0; 20], &[2.0; 20], SHARE_LEAST).unwrap() < 1e-12);
        assert!(psi(&flat, &[1.0; 20], &[0.0; 20], SHARE_LEAST).unwrap() > 1.0);
        assert_eq!(psi(&flat, &[1.0], &[], SHARE_LEAST), None);
        assert_eq!(Bins::of(&[], 10), None);
    }
}
