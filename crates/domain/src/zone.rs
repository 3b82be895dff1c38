//! Local clocks: which moment a time of day is, daylight saving included. Time-zone rules are compiled
//! in, so this is the same everywhere.

use serde::{Deserialize, Serialize};

use crate::calendar::new_york_offset_ms;
use crate::{Calendar, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// Whose clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Universal time.
    Utc,
    /// New York's.
    NewYork,
}

impl Zone {
    /// The clock a watchlist's days are told by: the exchange's where it holds shares and nothing else,
    /// UTC otherwise (mission row R1).
    pub fn of(calendars: impl IntoIterator<Item = Calendar>) -> Zone {
        let mut calendars = calendars.into_iter().peekable();
        let is_of_shares =
            calendars.peek().is_some() && calendars.all(|calendar| calendar == Calendar::UsEquity);
        if is_of_shares { Zone::NewYork } else { Zone::Utc }
    }

    /// The local day of a moment, as days since 1970-01-01.
    pub fn day(self, at: Timestamp) -> i64 {
        self.shown_ms(at.ms()).div_euclid(DAY_MS)
    }

    /// The first moment at which the clock shows this minute of this day or a later one. A time that is
    /// skipped in spring is the moment the clock is put forward; of one that comes twice in autumn it is
    /// the first.
    pub fn moment(self, day: i64, minute: u16) -> Timestamp {
        let wanted_ms = day.saturating_mul(DAY_MS).saturating_add(i64::from(minute) * 60_000);
        // Clocks are put forward or back at most once within two days.
        let (mut before, mut after) =
            (wanted_ms.saturating_sub(DAY_MS), wanted_ms.saturating_add(DAY_MS));
        let (offset_before, offset_after) = (self.offset_ms(before), self.offset_ms(after));
        let first = wanted_ms.saturating_sub(offset_before);
        if offset_before == offset_after {
            return Timestamp::from_ms(first);
        }
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.offset_ms(middle) == offset_before {
                before = middle;
            } else {
                after = middle;
            }
        }
        if first < after {
            return Timestamp::from_ms(first);
        }
        Timestamp::from_ms(after.max(wanted_ms.saturating_sub(offset_after)))
    }

    fn shown_ms(self, ms: i64) -> i64 {
        ms.saturating_add(self.offset_ms(ms))
    }

    fn offset_ms(self, ms: i64) -> i64 {
        match self {
            Zone::Utc => 0,
            Zone::NewYork => new_york_offset_ms(ms),
        }
    }
}

/// The day of the week of a day since 1970-01-01: 0 for Monday.
pub const fn weekday(day: i64) -> u8 {
    // 1970-01-01 was a Thursday.
    (day.rem_euclid(7) as u8 + 3) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_ms(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_skipped_time_is_when_the_clock_is_put_forward_and_a_double_one_its_first() {
        for (noon, minute, moment) in [
            ("2024-03-09T17:00:00Z", 150, "2024-03-09T07:30:00Z"),
            ("2024-03-10T17:00:00Z", 60, "2024-03-10T06:00:00Z"),
            ("2024-03-10T17:00:00Z", 150, "2024-03-10T07:00:00Z"),
            ("2024-03-10T17:00:00Z", 180, "2024-03-10T07:00:00Z"),
            ("2024-03-10T17:00:00Z", 540, "2024-03-10T13:00:00Z"),
            ("2024-11-03T17:00:00Z", 60, "2024-11-03T05:00:00Z"),
            ("2024-11-03T17:00:00Z", 90, "2024-11-03T05:30:00Z"),
            ("2024-11-03T17:00:00Z", 120, "2024-11-03T07:00:00Z"),
            ("2024-11-03T17:00:00Z", 990, "2024-11-03T21:30:00Z"),
        ] {
            let day = Zone::NewYork.day(at(noon));
            assert_eq!(Zone::NewYork.moment(day, minute), at(moment), "{noon} {minute}");
        }
        assert_eq!(Zone::Utc.moment(19_792, 420), at("2024-03-10T07:00:00Z"));
    }

    #[test]
    fn a_day_is_the_local_one_and_its_weekday_too() {
        let late = at("2024-03-11T03:59:59Z");
        assert_eq!(Zone::Utc.day(late), Zone::NewYork.day(late) + 1);
        assert_eq!((weekday(Zone::Utc.day(late)), weekday(Zone::NewYork.day(late))), (0, 6));
        assert_eq!(weekday(-1), 2);
    }

    #[test]
    fn only_a_watchlist_of_shares_alone_goes_by_the_exchange() {
        assert_eq!(Zone::of([Calendar::UsEquity, Calendar::UsEquity]), Zone::NewYork);
        assert_eq!(Zone::of([Calendar::UsEquity, Calendar::Always]), Zone::Utc);
        assert_eq!(Zone::of([]), Zone::Utc);
    }
}
