//! How far is one sample from another, in its own unit?

use super::sorted;

/// The first Wasserstein distance: what it takes on average to carry each value of one sample to the other, the
/// area between their distribution functions. `None` where either holds no number.
pub fn wasserstein(first: &[f64], second: &[f64]) -> Option<f64> {
    let (first, second) = (sorted(first), sorted(second));
    if first.is_empty() || second.is_empty() {
        return None;
    }
    let (n, m) = (first.len(), second.len());
    let (mut i, mut j, mut area) = (0, 0, 0.0);
    let mut at = first[0].min(second[0]);
    while i < n || j < m {
        let next = match (first.get(i), second.get(j)) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(one), None) | (None, Some(one)) => *one,
            (None, None) => break,
        };
        area += (next - at) * (i as f64 / n as f64 - j as f64 / m as f64).abs();
        at = next;
        if first.get(i).is_some_and(|value| *value <= next) {
            i += 1;
        } else {
            j += 1;
        }
    }
    Some(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_moved_by_two_is_two_away() {
        assert_eq!(wasserstein(&[0.0, 1.0, 3.0], &[2.0, 5.0, 3.0]), Some(2.0));
        assert_eq!(wasserstein(&[1.0, 1.0], &[1.0]), Some(0.0));
        assert_eq!(wasserstein(&[], &[1.0]), None);
    }
}
