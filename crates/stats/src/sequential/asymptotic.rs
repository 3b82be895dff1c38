//! Evidence at every look about a mean whose noise is not known beforehand.

use super::exp_capped;
use crate::normal;

/// The normal mixture's evidence against a mean of zero, from the mean in units of its own standard error
/// and the effective number of values behind it (Robbins 1970; with an estimated error valid as the number
/// grows: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024). Below some 50 values it promises nothing.
///
/// It is tightest around `count_tightest` values. Sums that are scaled so need no logarithm per value, and
/// overlap enters through the effective number alone.
pub fn asymptotic_evidence(z: f64, count: f64, count_tightest: f64) -> f64 {
    if !(count > 0.0 && count_tightest > 0.0 && z.is_finite()) {
        return 1.0;
    }
    exp_capped(log_two_sided(z, count, count_tightest))
}

/// The same against a mean of at most zero: the mixture over gains alone.
pub fn asymptotic_evidence_above(z: f64, count: f64, count_tightest: f64) -> f64 {
    if !(count > 0.0 && count_tightest > 0.0 && z.is_finite()) {
        return 1.0;
    }
    let share = libm::sqrt(count / (count + count_tightest));
    let log = log_two_sided(z, count, count_tightest);
    2.0 * exp_capped(log) * normal::cdf(z * share)
}

fn log_two_sided(z: f64, count: f64, count_tightest: f64) -> f64 {
    let whole = count + count_tightest;
    0.5 * libm::log(count_tightest / whole) + 0.5 * z * z * count / whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequential::NormalMixture;

    #[test]
    fn with_a_known_spread_it_is_the_normal_mixture() {
        let mut mixture = NormalMixture::new(2.0, 4.0 * 200.0);
        (0..300).for_each(|at| mixture.observe(f64::from(at % 7) - 2.8));
        let mean = mixture.mean().unwrap();
        let z = mean * 300.0_f64.sqrt() / 2.0;
        assert!((asymptotic_evidence(z, 300.0, 200.0) / mixture.evidence() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn gains_speak_for_a_gain_and_losses_never_do() {
        assert!(asymptotic_evidence_above(4.0, 400.0, 200.0) > 50.0);
        assert!(asymptotic_evidence_above(-4.0, 400.0, 200.0) < 1.0);
        assert!((asymptotic_evidence_above(0.0, 1e-9, 200.0) - 1.0).abs() < 1e-6);
        assert_eq!(asymptotic_evidence(f64::NAN, 100.0, 200.0), 1.0);
    }
}
