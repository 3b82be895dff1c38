//! How sure are we of a proportion or a mean? For a fixed look: see `sequential` for repeated ones.

use crate::moments::Moments;
use serde::{Deserialize, Serialize};

/// A range a figure lies in, at the confidence its maker chose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the value lies between the ends, both included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Wilson's score interval for a proportion (Wilson 1927).
///
/// `count` may be fractional, as effective counts are. `z` is the half-width in standard
/// deviations, 1.96 for 95 %. Without a trial the answer is the whole unit interval.
pub fn wilson(successes: f64, count: f64, z: f64) -> Interval {
    if !(count > 0.0 && successes.is_finite()) {
        return Interval { low: 0.0, high: 1.0 };
    }
    let share = (successes / count).clamp(0.0, 1.0);
    let z_square = z * z;
    let centre = share + z_square / (2.0 * count);
    let variance = share * (1.0 - share) / count + z_square / (4.0 * count * count);
    let half_width = z.abs() * libm::sqrt(variance);
    let scale = 1.0 + z_square / count;
    Interval {
        low: ((centre - half_width) / scale).clamp(0.0, share),
        high: ((centre + half_width) / scale).clamp(share, 1.0),
    }
}

/// So many standard errors on either side hold 95 % of a normal.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// A value and what it is worth beside those it overlaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// In any unit.
    pub value: f64,
    /// Average uniqueness, 0..1 (see [`crate::uniqueness`]).
    pub uniqueness: f64,
}

/// A mean with its normal interval and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanInterval {
    /// The mean, in the unit of the values.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The effective number of values behind it.
    pub n: f64,
}

impl MeanInterval {
    /// The interval of `z` standard errors around the mean; `None` with at most one effective value.
    pub fn of(moments: &Moments, z: f64) -> Option<MeanInterval> {
        MeanInterval::with_count(moments, moments.effective_count(), z)
    }

    /// The same when overlap makes the values worth only `n` independent ones.
    pub fn with_count(moments: &Moments, n: f64, z: f64) -> Option<MeanInterval> {
        if !(n > 0.0 && n.is_finite()) {
            return None;
        }
        let mean = moments.mean()?;
        let half_width = z.abs() * libm::sqrt(moments.variance()? / n);
        Some(MeanInterval { mean, low: mean - half_width, high: mean + half_width, n })
    }

    /// The mean of values of which each is worth its uniqueness, 0..1, in independent ones: what
    /// overlapping outcomes in R are worth together. `None` with at most one effective value.
    pub fn of_overlapping(
        outcomes: impl IntoIterator<Item = Worth>,
        z: f64,
    ) -> Option<MeanInterval> {
        let mut moments = Moments::default();
        outcomes.into_iter().for_each(|one| moments.observe_weighted(one.value, one.uniqueness));
        MeanInterval::with_count(&moments, moments.weight_sum(), z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_textbook_figures() {
        // Newcombe 1998, table I: 81 of 263.
        let interval = wilson(81.0, 263.0, 1.959963984540054);
        assert!((interval.low - 0.2553).abs() < 5e-5, "{interval:?}");
        assert!((interval.high - 0.3662).abs() < 5e-5, "{interval:?}");
    }

    #[test]
    fn wilson_stays_inside_the_unit_interval() {
        assert_eq!(wilson(0.0, 0.0, 1.96), Interval { low: 0.0, high: 1.0 });
        assert_eq!(wilson(0.0, 2.5, 1.96).low, 0.0);
        assert_eq!(wilson(2.5, 2.5, 1.96).high, 1.0);
    }

    #[test]
    fn fewer_effective_values_widen_a_mean() {
        let mut moments = Moments::default();
        (0..100).for_each(|i| moments.observe(f64::from(i % 10)));
        let all = MeanInterval::of(&moments, 1.96).unwrap();
        let few = MeanInterval::with_count(&moments, 25.0, 1.96).unwrap();
        assert!(((few.high - few.low) / (all.high - all.low) - 2.0).abs() < 1e-12);
        assert_eq!(MeanInterval::of(&Moments::default(), 1.96), None);
    }

    #[test]
    fn two_copies_of_half_the_worth_say_no_more_than_one() {
        let worth = |value: f64, uniqueness| Worth { value, uniqueness };
        let values = (0..40).map(|i| f64::from(i % 7) - 2.0);
        let alone =
            MeanInterval::of_overlapping(values.clone().map(|v| worth(v, 1.0)), Z_95).unwrap();
        let doubled = values.flat_map(|v| [worth(v, 0.5), worth(v, 0.5)]);
        let doubled = MeanInterval::of_overlapping(doubled, Z_95).unwrap();
        assert_eq!((alone.n, doubled.n), (40.0, 40.0));
        assert!((alone.mean - doubled.mean).abs() < 1e-12);
        assert!(((alone.high - alone.low) / (doubled.high - doubled.low) - 1.0).abs() < 0.01);
        assert_eq!(MeanInterval::of_overlapping([worth(1.0, 1.0)], Z_95), None);
    }
}
