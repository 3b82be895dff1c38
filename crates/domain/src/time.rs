//! Moments and spans, as whole milliseconds of UTC. Nothing here reads a clock.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. It always arrives with an event.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `ms` milliseconds after the epoch.
    pub const fn from_ms(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    /// Milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This moment moved by `ms` milliseconds, forward when positive; it stops at the ends of time.
    pub const fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment.
    pub const fn ms_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The UTC day that what closed at this moment belongs to, as days since the epoch: a bar that
    /// closes at midnight is the last of the day that ends there.
    pub const fn day_closed(self) -> i64 {
        (self.0 - 1).div_euclid(86_400_000)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the second when there are no milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => fmt::Display::fmt(&moment, f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// The length of a bar, in milliseconds, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interval(i64);

impl Interval {
    /// One hour.
    pub const HOUR: Interval = Interval(3_600_000);

    /// A span of `ms` milliseconds, or nothing when it is not positive.
    pub const fn from_ms(ms: i64) -> Option<Interval> {
        if ms > 0 { Some(Interval(ms)) } else { None }
    }

    /// Its length in milliseconds.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads `1m`, `15m`, `1h`, `4h`, `1d`, `1w` as exchanges write them.
    pub fn parse(text: &str) -> Option<Interval> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = text[..unit_at].parse().ok()?;
        let unit_ms = match &text[unit_at..] {
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        Interval::from_ms(count.checked_mul(unit_ms)?)
    }

    /// How many whole bars fit into `ms` milliseconds, at least one.
    pub const fn bars_in(self, ms: i64) -> u32 {
        let bars = ms / self.0;
        if bars < 1 {
            1
        } else if bars > u32::MAX as i64 {
            u32::MAX
        } else {
            bars as u32
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 5] =
            [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        for (unit_ms, unit) in UNITS {
            if self.0 % unit_ms == 0 {
                return write!(f, "{}{unit}", self.0 / unit_ms);
            }
        }
        write!(f, "{}ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_and_print_alike() {
        for text in ["1m", "15m", "1h", "4h", "1d", "1w", "30s"] {
            assert_eq!(Interval::parse(text).map(|i| i.to_string()), Some(text.to_owned()));
        }
        for text in
            ["", "h", "1", "0m", "-1m", "1x", "99999999999999999999h", "9223372036854775807w"]
        {
            assert_eq!(Interval::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_prints_as_rfc_3339() {
        assert_eq!(Timestamp::from_ms(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_ms(i64::MAX).to_string(), format!("{} ms", i64::MAX));
    }
}
