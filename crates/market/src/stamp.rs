//! Reading a moment from text or a number, as the many sources write it. All times are UTC unless
//! an offset says otherwise.

use domain::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use crate::clock::{compact_time, millis, number, read_clock};

/// Moments a market can have, 1990 to 2200, as the door for bars draws them.
pub(crate) const MOMENTS_MS: std::ops::Range<i64> = 631_152_000_000..7_258_118_400_000;

/// A moment as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// Milliseconds since the epoch.
    At(i64),
    /// `03/04/2017`: which number is the day only the rest of the column can tell.
    Slashed {
        /// The moment if the day comes first.
        day_first: Option<i64>,
        /// The moment if the month comes first.
        month_first: Option<i64>,
    },
}

/// Why a number is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoStamp {
    /// Not a date and no number.
    Unreadable,
    /// 10^16 or more: the unit cannot be told.
    BeyondUnits(u64),
}

/// Seconds, milliseconds or microseconds by magnitude. The bounds lie between the units for every
/// moment from 1990 to 2200: 10^11 s is the year 5138, 10^11 ms is 1973, and so on.
pub(crate) fn epoch_ms(value: i64) -> Result<i64, NoStamp> {
    match value.unsigned_abs() {
        0..100_000_000_000 => Ok(value * 1_000),
        100_000_000_000..100_000_000_000_000 => Ok(value),
        100_000_000_000_000..10_000_000_000_000_000 => Ok(value.div_euclid(1_000)),
        beyond => Err(NoStamp::BeyondUnits(beyond)),
    }
}

/// A moment as a person writes it, UTC unless an offset says otherwise: `2024-01-31`,
/// `2024-01-31T12:00:00Z`, an epoch. Nothing where the text has none, or has it two ways.
pub fn moment(text: &str) -> Option<Timestamp> {
    /// A bare year would be so many seconds after 1970: no moment of a market.
    const YEAR_1990_MS: i64 = 631_152_000_000;
    match read(text) {
        Ok(Stamp::At(ms)) if ms >= YEAR_1990_MS => Some(Timestamp::from_ms(ms)),
        _ => None,
    }
}

/// Reads a moment from text.
pub(crate) fn read(text: &str) -> Result<Stamp, NoStamp> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return read_digits(text);
    }
    if let Some(ms) = fractional_epoch(text) {
        return ms.map(Stamp::At);
    }
    read_date(text).ok_or(NoStamp::Unreadable)
}

fn read_digits(text: &str) -> Result<Stamp, NoStamp> {
    // 20170131 and 20170131220000 as seconds or milliseconds lie outside 1990..2200: they are dates.
    if let (8 | 14, Some(stamp)) = (text.len(), compact(text)) {
        return Ok(Stamp::At(stamp));
    }
    match text.parse::<i64>() {
        Ok(value) => epoch_ms(value).map(Stamp::At),
        Err(_) if text.is_empty() => Err(NoStamp::Unreadable),
        Err(_) => Err(NoStamp::BeyondUnits(text.parse().unwrap_or(u64::MAX))),
    }
}

fn compact(text: &str) -> Option<i64> {
    let date = compact_date(text.get(..8)?)?;
    let clock = text.get(8..)?;
    let time = if clock.is_empty() { Time::midnight() } else { compact_time(clock)? };
    let year_fits = (1_990..2_200).contains(&date.year());
    year_fits.then_some(())?;
    ms_of(date, time, 0)
}

fn compact_date(text: &str) -> Option<Date> {
    date(number(text.get(..4)?)?, number(text.get(4..6)?)?, number(text.get(6..)?)?)
}

/// `1512345678.25`, as some tools print seconds. No exponent: it hides digits.
fn fractional_epoch(text: &str) -> Option<Result<i64, NoStamp>> {
    let (whole, fraction) = text.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let Ok(value) = whole.parse::<i64>() else { return Some(Err(NoStamp::BeyondUnits(u64::MAX))) };
    let in_seconds = value < 100_000_000_000;
    let extra_ms = if in_seconds { millis(fraction) } else { 0 };
    Some(epoch_ms(value).map(|ms| ms + i64::from(extra_ms)))
}

fn read_date(text: &str) -> Option<Stamp> {
    let date_end =
        text.find(|c: char| !(c.is_ascii_digit() || "-/.".contains(c))).unwrap_or(text.len());
    let (day, clock) = text.split_at(date_end);
    let (time, offset_min) = read_clock(clock)?;
    let at = |date: Option<Date>| date.and_then(|date| ms_of(date, time, offset_min));
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        return at(compact_date(day)).map(Stamp::At);
    }
    let mark = day.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = day.splitn(3, mark);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    match (first.len(), third.len(), mark) {
        (4, 1..=2, _) => at(date(a, b, c)).map(Stamp::At),
        // Dots are day-first wherever they are used.
        (1..=2, 4, '.') => at(date(c, b, a)).map(Stamp::At),
        (1..=2, 4, _) => {
            let (day_first, month_first) = (at(date(c, b, a)), at(date(c, a, b)));
            day_first.or(month_first)?;
            Some(Stamp::Slashed { day_first, month_first })
        }
        _ => None,
    }
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn ms_of(date: Date, time: Time, offset_min: i64) -> Option<i64> {
    let moment = jiff::tz::Offset::UTC.to_timestamp(DateTime::from_parts(date, time)).ok()?;
    Some(moment.as_millisecond() - offset_min * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, told: &str) {
        let said = match read(text) {
            Ok(Stamp::At(ms)) => domain::Timestamp::from_ms(ms).to_string(),
            Ok(Stamp::Slashed { .. }) => "slashed".to_owned(),
            Err(NoStamp::Unreadable) => "unreadable".to_owned(),
            Err(NoStamp::BeyondUnits(_)) => "beyond units".to_owned(),
        };
        assert_eq!(said, told, "{text}");
    }

    #[test]
    fn epochs_tell_their_unit_by_magnitude() {
        check("1499990400", "2017-07-14T00:00:00Z");
        check("1499990400.25", "2017-07-14T00:00:00.25Z");
        check("1499990400000", "2017-07-14T00:00:00Z");
        check("1499990400000000", "2017-07-14T00:00:00Z");
        check("1499990400000000000", "beyond units");
        check("10000000000000000", "beyond units");
        check("99999999999999999999999", "beyond units");
        check("1.4999904E+12", "unreadable");
        check("-1499990400", "unreadable");
    }

    #[test]
    fn dates_are_read_as_sources_write_them() {
        check("2017-07-14", "2017-07-14T00:00:00Z");
        check("2017-07-14T22:05:07Z", "2017-07-14T22:05:07Z");
        check("2017-07-14 22:05:07.125", "2017-07-14T22:05:07.125Z");
        check("2017-07-14 22:05:07+00:00", "2017-07-14T22:05:07Z");
        check("2017-07-14T22:05-0500", "2017-07-15T03:05:00Z");
        check("2017-07-14 22:05 UTC", "2017-07-14T22:05:00Z");
        check("2017/7/4 2:05", "2017-07-04T02:05:00Z");
        check("01.02.2017 22:00:00.000", "2017-02-01T22:00:00Z");
        check("2017.02.01 22:00", "2017-02-01T22:00:00Z");
        check("20170201", "2017-02-01T00:00:00Z");
        check("20170201 220500", "2017-02-01T22:05:00Z");
        check("20170201220500", "2017-02-01T22:05:00Z");
        check("2019-10-17 09-AM", "2019-10-17T09:00:00Z");
        check("2019-10-17 12-AM", "2019-10-17T00:00:00Z");
        check("2019-10-17 12-PM", "2019-10-17T12:00:00Z");
        check("2019-10-17 9:30 PM", "2019-10-17T21:30:00Z");
        check("01/02/2017", "slashed");
        check("01-02-2017 10:00", "slashed");
    }

    #[test]
    fn a_bare_year_is_no_moment_a_person_means() {
        assert_eq!(moment("2024"), None);
        assert_eq!(moment("03/04/2017"), None);
        assert_eq!(moment("2024-01-31").map(Timestamp::ms), Some(1_706_659_200_000));
        assert_eq!(moment("1706659200").map(Timestamp::ms), Some(1_706_659_200_000));
        assert_eq!(moment("2024-01-31T01:00:00+01:00"), moment("2024-01-31"));
    }

    #[test]
    fn nonsense_is_no_moment() {
        for text in [
            "",
            "nan",
            "2017-13-01",
            "2017-02-30",
            "31/31/2017",
            "2017-01-01 25:00",
            "2017-01-01 13-PM",
        ] {
            check(text, "unreadable");
        }
        for text in [
            "2017-01-01 10:00:00:00",
            "2017-01-01 1x",
            "17-01-01",
            "-",
            "é/é/2017",
            "2017-01-01 é",
            "T",
        ] {
            check(text, "unreadable");
        }
    }
}
