//! Which of many hypotheses may be rejected together?

use super::super::metrics;

/// The e-BH procedure (Wang & Ramdas 2022): the indices, rising, of the hypotheses rejected at
/// false discovery rate `alpha`. Rejects the k largest, k the most with the k-th largest at least
/// K / (alpha k). It holds under any dependence.
pub fn e_bh(e_values: &[f64], alpha: f64) -> Vec<usize> {
    if alpha.is_nan() || alpha <= 0.0 {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..e_values.len()).collect();
    order.sort_by(|&a, &b| e_values[b].total_cmp(&e_values[a]));
    let total = e_values.len() as f64;
    let enough = |k: usize| e_values[order[k - 1]] >= total / (alpha * k as f64);
    let count = (1..=order.len()).rev().find(|&k| enough(k)).unwrap_or(0);
    let mut rejected = order[..count].to_vec();
    rejected.sort_unstable();
    rejected
}

/// One e-value for "none of them is anything": their mean, valid under any dependence
/// (Vovk & Wang 2021). `None` of nothing.
pub fn merged_e(e_values: &[f64]) -> Option<f64> {
    metrics::mean(e_values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_evidence_carries_weaker_evidence_along() {
        // K = 4, alpha = .1: thresholds 40, 20, 13.3, 10.
        assert_eq!(e_bh(&[21.0, 1.0, 60.0, 12.0], 0.1), [0, 2]);
        assert_eq!(e_bh(&[11.0, 10.0, 10.5, 12.0], 0.1), [0, 1, 2, 3]);
        assert_eq!(e_bh(&[39.0, 1.0, 1.0, 1.0], 0.1), [0; 0]);
        assert_eq!(e_bh(&[f64::MAX; 3], 0.0), [0; 0]);
        assert_eq!(e_bh(&[], 0.1), [0; 0]);
    }
}
