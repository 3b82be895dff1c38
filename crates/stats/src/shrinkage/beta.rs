//! The beta distribution.

/// ln B(a, b) of positive a and b.
pub(crate) fn log_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// The probability that a beta variable with parameters a and b, both positive, is at most x.
pub(crate) fn regularised_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x.is_nan() {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on the near side of the mean only; the other is its complement.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - regularised_beta(b, a, 1.0 - x);
    }
    let log_front = a * libm::log(x) + b * libm::log1p(-x) - log_beta(a, b);
    libm::exp(log_front) / a * continued_fraction(a, b, x)
}

/// Chosen: far below any divisor that occurs, far above the denormal numbers.
const TINY: f64 = 1e-300;

/// The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8),
/// evaluated from its head (Lentz 1976).
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut numerator = 1.0;
    let mut denominator = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = denominator;
    for m in 1..1_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            denominator = 1.0 / away(1.0 + term * denominator);
            numerator = away(1.0 + term / numerator);
            fraction *= denominator * numerator;
        }
        if (fraction - before).abs() <= 1e-16 * fraction.abs() {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_what_has_a_closed_form() {
        for x in [0.01, 0.2, 0.5, 0.77, 0.999] {
            assert!((regularised_beta(1.0, 1.0, x) - x).abs() < 1e-14);
            assert!((regularised_beta(3.0, 1.0, x) - x * x * x).abs() < 1e-14);
            let arcsine = libm::asin(libm::sqrt(x)) * std::f64::consts::FRAC_2_PI;
            assert!((regularised_beta(0.5, 0.5, x) - arcsine).abs() < 1e-13);
        }
        assert_eq!(regularised_beta(2.0, 3.0, 0.0), 0.0);
        assert_eq!(regularised_beta(2.0, 3.0, 1.0), 1.0);
    }

    #[test]
    fn both_tails_make_one() {
        for (a, b, x) in [(71.0, 49.0, 0.4), (700.5, 300.0, 0.71), (1e-3, 5.0, 0.2)] {
            let whole = regularised_beta(a, b, x) + regularised_beta(b, a, 1.0 - x);
            assert!((whole - 1.0).abs() < 1e-12, "{a} {b} {x}: {whole}");
        }
    }
}
