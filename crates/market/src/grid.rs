//! How many decimals numbers need: the grid a market quotes on, told from its bars.

/// More decimals than this are noise of an adjustment, not a grid. Given.
const DECIMALS_MAX: u32 = 10;
/// A number on a grid differs from it by the last bits of a double only.
const BINARY_NOISE: f64 = 1e-13;
const POWERS: [f64; 11] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/// The decimals, 0..=10, that all values need once each is rounded to ten significant digits.
pub(crate) fn decimals(values: impl Iterator<Item = f64>) -> u32 {
    let mut needed = 0;
    for value in values {
        if needed == DECIMALS_MAX {
            break;
        }
        if !lies_on(value, needed) {
            needed = needed.max(decimals_of(value)).min(DECIMALS_MAX);
        }
    }
    needed
}

/// Whether a value lies on the grid of so many decimals, but for binary noise. Almost all do, which
/// spares them the slow way.
fn lies_on(value: f64, decimals: u32) -> bool {
    let scaled = value * POWERS[decimals as usize];
    // A cast is several times faster than `round`; where it saturates, doubles are whole anyway.
    let nearest = (scaled + 0.5) as i64 as f64;
    (scaled - nearest).abs() <= scaled * BINARY_NOISE
}

/// The decimals of a value written with ten significant digits.
fn decimals_of(value: f64) -> u32 {
    let text = format!("{value:.9e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return 0 };
    let digits =
        mantissa.trim_end_matches('0').split_once('.').map_or(0, |(_, digits)| digits.len() as i32);
    let exponent: i32 = exponent.parse().unwrap_or_default();
    u32::try_from(digits - exponent).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_ignore_float_noise() {
        for (values, told) in [
            (vec![], 0),
            (vec![1.0, 20_000.0], 0),
            (vec![46_216.93, 46_731.4], 2),
            (vec![0.1 + 0.2], 1),
            (vec![1.05236, 1.052_365], 6),
            (vec![1_503.330_95, 0.000_01], 5),
            (vec![143_539_993.3, 253_139_999.4], 1),
            (vec![0.104_825_112_604_861], 10),
            (vec![1.0 / 3.0 * 1e-9], 10),
            (vec![1e300, 0.0, 5e-324], 10),
            (vec![123_456_789_012.345_67], 0),
        ] {
            assert_eq!(decimals(values.iter().copied()), told, "{values:?}");
        }
    }
}
