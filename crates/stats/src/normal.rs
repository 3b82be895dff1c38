//! The standard normal distribution: how much lies below a value, and below which value lies how much?

use core::f64::consts::{FRAC_1_SQRT_2, PI};

/// The share of a standard normal below `z`.
pub fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The density of a standard normal at `z`.
pub fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * PI)
}

/// The value below which the share `p` of a standard normal lies, to about 1e-14 relative.
/// `None` unless 0 < p < 1.
pub fn quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let start = acklam(p);
    // One Halley step takes the start's nine digits to the last ones.
    let step = excess(start, p) / density(start);
    let refined = start - step / (1.0 + 0.5 * start * step);
    Some(if refined.is_finite() { refined } else { start })
}

/// cdf(z) - p, computed on the side where no digits cancel.
fn excess(z: f64, p: f64) -> f64 {
    if (p - 0.5).abs() < 0.25 {
        return 0.5 * libm::erf(z * FRAC_1_SQRT_2) - (p - 0.5);
    }
    if p > 0.5 {
        return (1.0 - p) - cdf(-z);
    }
    cdf(z) - p
}

/// P. J. Acklam's rational approximation, 1.15e-9 relative.
fn acklam(p: f64) -> f64 {
    const TAIL: f64 = 0.02425;
    if p < TAIL {
        return acklam_tail(libm::sqrt(-2.0 * libm::log(p)));
    }
    if p > 1.0 - TAIL {
        return -acklam_tail(libm::sqrt(-2.0 * libm::log1p(-p)));
    }
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.383_577_518_672_69e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 6] = [
        -5.447609879822406e1,
        1.615858368580409e2,
        -1.556989798598866e2,
        6.680131188771972e1,
        -1.328068155288572e1,
        1.0,
    ];
    let q = p - 0.5;
    q * polynomial(&A, q * q) / polynomial(&B, q * q)
}

fn acklam_tail(q: f64) -> f64 {
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 5] =
        [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1.0];
    polynomial(&C, q) / polynomial(&D, q)
}

fn polynomial(highest_first: &[f64], x: f64) -> f64 {
    highest_first.iter().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_quantiles_are_met_to_the_last_digits() {
        for (p, z) in [
            (0.975, 1.959963984540054),
            (0.95, 1.6448536269514722),
            (0.05, -1.6448536269514729),
            (0.01, -2.3263478740408408),
            (1e-10, -6.361340902404056),
            (1e-100, -21.273453560965322),
            (0.5 + 1.0 / 1_048_576.0, 2.3905070062955734e-06),
        ] {
            let got = quantile(p).unwrap();
            assert!((got - z).abs() <= 1e-12 * z.abs(), "{p}: {got} not {z}");
        }
    }

    #[test]
    fn quantile_undoes_cdf() {
        for step in 1..2000 {
            let p = f64::from(step) / 2000.0;
            assert!((cdf(quantile(p).unwrap()) - p).abs() < 1e-15, "{p}");
        }
    }

    #[test]
    fn no_quantile_outside_the_open_unit_interval() {
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(quantile(p), None);
        }
    }
}
