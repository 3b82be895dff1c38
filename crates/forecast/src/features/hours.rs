//! The time of day and week, in UTC, at which a bar closed.

use std::f64::consts::TAU;

use domain::Bar;

use super::senses::Moment;

const DAY_MS: i64 = 86_400_000;
/// 1970-01-01 was a Thursday, three days after Monday.
const FIRST_WEEKDAY: i64 = 3;

/// Where the hand of a clock points that goes round once a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direction {
    sin: f64,
    cos: f64,
}

impl Direction {
    /// At the close of a bar.
    #[inline]
    pub(super) fn of(bar: &Bar) -> Direction {
        let ms = bar.closed_at().ms().rem_euclid(DAY_MS);
        // From the nearest quarter of the day the way is short: the series needs no reduction there,
        // and midnight, six and noon are exact.
        let quarter = (4 * ms + DAY_MS / 2) / DAY_MS;
        let past_quarter = ms - quarter * (DAY_MS / 4);
        let (sin, cos) = libm::sincos(TAU * (past_quarter as f64 / DAY_MS as f64));
        match quarter {
            1 => Direction { sin: cos, cos: -sin },
            2 => Direction { sin: -sin, cos: -cos },
            3 => Direction { sin: -cos, cos: sin },
            _ => Direction { sin, cos },
        }
    }
}

#[inline]
pub(super) fn hour_sin(now: &Moment<'_>) -> Option<f64> {
    Some(now.day_angle.sin)
}

#[inline]
pub(super) fn hour_cos(now: &Moment<'_>) -> Option<f64> {
    Some(now.day_angle.cos)
}

/// A bar that closes at midnight belongs to the day that ends there.
#[inline]
pub(super) fn weekday(now: &Moment<'_>) -> Option<f64> {
    let day = (now.bar.closed_at().day_closed() + FIRST_WEEKDAY).rem_euclid(7);
    Some(day as f64 / 3.0 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Interval, RawBar, Timestamp};

    fn bar(closed_at_ms: i64) -> Bar {
        let raw = RawBar {
            opened_at: Timestamp::from_ms(closed_at_ms - 60_000),
            open: 1.0,
            high: 1.0,
            low: 1.0,
            close: 1.0,
            volume: 0.0,
            taker_buy_volume: None,
            flow: None,
        };
        Bar::admit(raw, Interval::from_ms(60_000).unwrap()).unwrap()
    }

    #[test]
    fn the_hand_goes_round_once_a_day() {
        const MIDNIGHT_MS: i64 = 20_000 * DAY_MS;
        for minute in 0..1_440 {
            let hand = Direction::of(&bar(MIDNIGHT_MS + minute * 60_000));
            let angle = TAU * minute as f64 / 1_440.0;
            assert!((hand.sin - libm::sin(angle)).abs() < 1e-14, "minute {minute}: {hand:?}");
            assert!((hand.cos - libm::cos(angle)).abs() < 1e-14, "minute {minute}: {hand:?}");
        }
        let noon = Direction::of(&bar(MIDNIGHT_MS + DAY_MS / 2));
        assert_eq!((noon.sin.abs(), noon.cos), (0.0, -1.0));
    }
}
