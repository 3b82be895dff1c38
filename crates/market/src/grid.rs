//! How many decimals numbers need: the grid a market quotes on, told from its bars.

/// More decimals than this are noise of an adjustment, not a grid. Given: tokens are cut in 10^18 parts.
const DECIMALS_MAX: u32 = 18;
/// Beyond this a double has holes between whole numbers, so a grid any finer could not be told apart.
const COUNTS_WITHOUT_HOLES: f64 = 9_007_199_254_740_992.0;
/// A value of this many grid steps or more spends its ten significant digits before the grid ends.
const STEPS_OF_TEN_DIGITS: f64 = 1e9;
/// A number on a grid differs from it by the last bits of a double only.
const BINARY_NOISE: f64 = 1e-13;
const POWERS: [f64; DECIMALS_MAX as usize + 1] = [
    1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];

/// The decimals, 0..=18, that all values need once each is rounded to ten significant digits, and
/// never so many that the largest counted in steps of the grid exceeds 2^53.
pub(crate) fn decimals(values: impl Iterator<Item = f64>, largest: f64) -> u32 {
    let countable = decimals_countable(largest);
    let mut needed = 0;
    for value in values {
        if needed == countable {
            break;
        }
        if !lies_on(value, needed) {
            needed = needed.max(decimals_of(value)).min(countable);
        }
    }
    needed
}

/// The most decimals with which a value of this size can still be counted without holes.
pub(crate) fn decimals_countable(largest: f64) -> u32 {
    let is_countable =
        |decimals: &u32| largest * POWERS[*decimals as usize] <= COUNTS_WITHOUT_HOLES;
    (0..=DECIMALS_MAX).rev().find(is_countable).unwrap_or(0)
}

/// Whether a value lies on the grid of so many decimals, but for binary noise and for what ten
/// digits do not tell. Almost all do, which spares them the slow way.
fn lies_on(value: f64, decimals: u32) -> bool {
    let scaled = value * POWERS[decimals as usize];
    // A cast is several times faster than `round`, and saturates only where ten digits are spent.
    let nearest = (scaled + 0.5) as i64 as f64;
    scaled >= STEPS_OF_TEN_DIGITS || (scaled - nearest).abs() <= scaled * BINARY_NOISE
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
    use proptest::prelude::*;

    fn of(values: &[f64]) -> u32 {
        decimals(values.iter().copied(), values.iter().copied().fold(0.0, f64::max))
    }

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
            (vec![123_456_789_012.345_67], 0),
        ] {
            assert_eq!(of(&values), told, "{values:?}");
        }
    }

    #[test]
    fn cheap_coins_have_a_fine_grid_as_far_as_their_dearest_can_be_counted() {
        for (values, told) in [
            (vec![0.000_000_012_34, 0.000_000_009_9], 11),
            (vec![1.5e-12, 2.25e-12], 14),
            (vec![1.0 / 3.0 * 1e-9], 18),
            (vec![9.0, 1e-15], 15),
            (vec![10.0, 1e-15], 14),
            (vec![1e12, 0.000_1], 3),
            (vec![1e18, 0.5], 0),
        ] {
            assert_eq!(of(&values), told, "{values:?}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_values_and_the_fast_way_change_nothing(
            values in prop::collection::vec((1_u64..10_000_000_000, -18_i32..9), 1..20)
        ) {
            let mut values: Vec<f64> =
                values.iter().map(|(digits, exponent)| *digits as f64 * 10_f64.powi(*exponent)).collect();
            let largest = values.iter().copied().fold(0.0, f64::max);
            let slowly = values.iter().map(|value| decimals_of(*value)).max().unwrap_or(0);
            prop_assert_eq!(of(&values), slowly.min(decimals_countable(largest)));
            let told = of(&values);
            values.reverse();
            prop_assert_eq!(of(&values), told);
            prop_assert!(told == 0 || largest * POWERS[told as usize] <= COUNTS_WITHOUT_HOLES);
        }
    }
}
