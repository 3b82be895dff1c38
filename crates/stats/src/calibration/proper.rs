//! How good were the probabilities that were given?

use crate::finite;

/// The mean squared distance of the probabilities from what happened (Brier 1950), 0..1; a
/// quarter for always saying a half. `None` without an outcome of positive weight.
pub fn brier(probabilities: &[f64], wins: &[bool], weights: &[f64]) -> Option<f64> {
    mean(probabilities, wins, weights, |p, y| (p - y) * (p - y))
}

/// The mean negative log probability of what happened, in nats; ln 2 for always saying a half.
/// Probabilities are taken to lie at least 1e-15 from certainty. `None` as for [`brier`].
pub fn log_loss(probabilities: &[f64], wins: &[bool], weights: &[f64]) -> Option<f64> {
    mean(probabilities, wins, weights, |p, y| {
        let p = p.clamp(1e-15, 1.0 - 1e-15);
        if y > 0.5 { -libm::log(p) } else { -libm::log1p(-p) }
    })
}

const BINS: usize = 10;

/// The expected calibration error in ten bins of equal width: the mean distance, weighted by
/// what falls into a bin, of its mean probability from its share of wins. `None` as for [`brier`].
///
/// Never zero, even for perfect probabilities: judge it against [`calibration_error_floor`].
pub fn calibration_error(probabilities: &[f64], wins: &[bool], weights: &[f64]) -> Option<f64> {
    let mut off = [0.0; BINS];
    let mut total = 0.0;
    for ((&p, &won), &weight) in probabilities.iter().zip(wins).zip(weights) {
        let bin = ((p * BINS as f64) as usize).min(BINS - 1);
        off[bin] += weight * (p - f64::from(u8::from(won)));
        total += weight;
    }
    // A bin's share times its distance is the sum of its differences over the whole weight.
    finite(off.iter().map(|off| off.abs()).sum::<f64>() / total)
}

/// The error that perfect probabilities exceed in one sample of `n` effective outcomes out of twenty.
///
/// 1.4 / sqrt n, within 6 % of the simulated quantiles of methods, section 1.8, from n = 200 on:
/// .098, .064, .046, .030, .019, .0095 at 200, 500, 1,000, 2,000, 5,000, 20,000.
pub fn calibration_error_floor(n: f64) -> Option<f64> {
    finite(1.4 / libm::sqrt(n)).filter(|_| n > 0.0)
}

fn mean(
    probabilities: &[f64],
    wins: &[bool],
    weights: &[f64],
    loss: impl Fn(f64, f64) -> f64,
) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((&p, &won), &weight) in probabilities.iter().zip(wins).zip(weights) {
        sum += weight * loss(p, f64::from(u8::from(won)));
        total += weight;
    }
    finite(sum / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINS: [bool; 4] = [true, false, true, true];

    #[test]
    fn always_a_half_costs_what_is_known() {
        let (half, even) = ([0.5; 4], [1.0; 4]);
        assert_eq!(brier(&half, &WINS, &even), Some(0.25));
        assert!((log_loss(&half, &WINS, &even).unwrap() - std::f64::consts::LN_2).abs() < 1e-15);
        assert_eq!(calibration_error(&half, &WINS, &even), Some(0.25));
        assert_eq!(calibration_error(&[0.75; 4], &WINS, &even), Some(0.0));
    }

    #[test]
    fn a_weight_of_two_is_an_outcome_seen_twice() {
        let heavy = brier(&[0.2, 0.9], &[false, true], &[2.0, 1.0]);
        let twice = brier(&[0.2, 0.2, 0.9], &[false, false, true], &[1.0; 3]);
        assert!((heavy.unwrap() - twice.unwrap()).abs() < 1e-15);
    }

    #[test]
    fn certainty_that_was_wrong_costs_much_but_not_everything() {
        let cost = log_loss(&[1.0], &[false], &[1.0]).unwrap();
        assert!(cost > 30.0 && cost < 40.0, "{cost}");
    }

    #[test]
    fn nothing_given_cannot_be_judged() {
        assert_eq!(brier(&[], &[], &[]), None);
        assert_eq!(log_loss(&[0.5], &[true], &[0.0]), None);
        assert_eq!(calibration_error(&[], &[], &[]), None);
        assert_eq!(calibration_error_floor(0.0), None);
    }

    #[test]
    fn the_floor_follows_the_simulated_one() {
        for (n, q95) in [(200.0, 0.098), (1_000.0, 0.046), (2_000.0, 0.030), (20_000.0, 0.0095)] {
            let floor = calibration_error_floor(n).unwrap();
            assert!((floor / q95 - 1.0).abs() < 0.06, "{n}: {floor}");
        }
    }
}
