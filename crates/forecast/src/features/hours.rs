//! The time of day and week, in UTC, at which a bar closed.

use super::senses::Moment;

const DAY_MS: i64 = 86_400_000;
/// 1970-01-01 was a Thursday, three days after Monday.
const FIRST_WEEKDAY: i64 = 3;

#[inline]
pub(super) fn hour_sin(now: &Moment<'_>) -> Option<f64> {
    Some(libm::sin(angle(now)))
}

#[inline]
pub(super) fn hour_cos(now: &Moment<'_>) -> Option<f64> {
    Some(libm::cos(angle(now)))
}

/// Once round per day.
#[inline]
fn angle(now: &Moment<'_>) -> f64 {
    let ms = now.bar.closed_at().ms().rem_euclid(DAY_MS);
    std::f64::consts::TAU * (ms as f64 / DAY_MS as f64)
}

/// A bar that closes at midnight belongs to the day that ends there.
#[inline]
pub(super) fn weekday(now: &Moment<'_>) -> Option<f64> {
    let day = (now.bar.closed_at().day_closed() + FIRST_WEEKDAY).rem_euclid(7);
    Some(day as f64 / 3.0 - 1.0)
}
