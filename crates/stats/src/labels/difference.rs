//! A series made to return to its mean without forgetting all of its past (fractional differencing).

/// Weights of the latest value, the one before and so on, down to those below `least` in size.
pub fn difference_weights(order: f64, least: f64) -> Vec<f64> {
    // An order of 0.1 and a weight of 1e-5 ask for thousands; nothing sensible asks for more.
    const WEIGHTS_MAX: usize = 100_000;
    let mut weights = vec![1.0];
    while weights.len() < WEIGHTS_MAX {
        let lag = weights.len() as f64;
        let next = -weights[weights.len() - 1] * (order - lag + 1.0) / lag;
        // Written so that a weight that is no number ends it too.
        if next.abs().is_nan() || next.abs() < least || next == 0.0 {
            break;
        }
        weights.push(next);
    }
    weights
}

/// The series differenced by a fixed width of weights; `None` while the past is too short for all of them.
pub fn difference(series: &[f64], weights: &[f64]) -> Vec<Option<f64>> {
    let of = |at: usize| {
        let from = (at + 1).checked_sub(weights.len())?;
        let past = series[from..=at].iter().rev();
        Some(past.zip(weights).map(|(value, weight)| value * weight).sum())
    };
    (0..series.len()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_the_difference() {
        assert_eq!(difference_weights(1.0, 1e-9), [1.0, -1.0]);
        assert_eq!(difference(&[1.0, 4.0, 2.0], &[1.0, -1.0]), [None, Some(3.0), Some(-2.0)]);
        assert_eq!(difference_weights(f64::NAN, 1e-9), [1.0]);
    }
}
