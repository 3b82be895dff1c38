//! Reading a moment from text or a number, as the many sources write it. All times are UTC unless
//! an offset says otherwise.

use jiff::civil::{Date, DateTime, Time};

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

fn compact_time(text: &str) -> Option<Time> {
    let second = if text.len() == 6 { number(text.get(4..)?)? } else { 0 };
    if !matches!(text.len(), 4 | 6) {
        return None;
    }
    time(number(text.get(..2)?)?, number(text.get(2..4)?)?, second, 0)
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

/// The first three decimals as milliseconds; finer ones are cut.
fn millis(fraction: &str) -> i32 {
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| i32::from(byte - b'0'));
    digit(0) * 100 + digit(1) * 10 + digit(2)
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

/// What follows the date: nothing, or `T09:30:00.250Z`, ` 09:30`, ` 09-AM`, ` 9:30 PM`, `+02:00`.
/// Returns the time of day and the offset from UTC in minutes.
fn read_clock(text: &str) -> Option<(Time, i64)> {
    let text = text.trim_start_matches(['T', 't', ' ', ',', ';']).trim();
    if text.is_empty() {
        return Some((Time::midnight(), 0));
    }
    let (text, offset_min) = split_offset(text)?;
    let (text, half) = split_half(text);
    let mut parts = text.split(':');
    let first = parts.next()?;
    if first.len() > 2 {
        return (half.is_none() && parts.next().is_none())
            .then(|| compact_time(first))
            .flatten()
            .map(|time| (time, offset_min));
    }
    let hour = hour_of(number(first)?, half)?;
    let minute = parts.next().map_or(Some(0), number)?;
    let (second, ms) =
        match parts.next().map(|last| last.split_once(['.', ',']).unwrap_or((last, ""))) {
            Some((second, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
                (number(second)?, millis(fraction))
            }
            Some(_) => return None,
            None => (0, 0),
        };
    let ended = parts.next().is_none();
    ended.then_some(())?;
    Some((time(hour, minute, second, ms)?, offset_min))
}

fn split_half(text: &str) -> (&str, Option<Half>) {
    let Some(at) = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)) else {
        return (text, None);
    };
    let half = match &text[at..] {
        "AM" | "am" => Half::Am,
        "PM" | "pm" => Half::Pm,
        _ => return (text, None),
    };
    (text[..at].trim_end_matches([' ', '-']), Some(half))
}

#[derive(Clone, Copy)]
enum Half {
    Am,
    Pm,
}

/// 12 AM is midnight and 12 PM is noon.
fn hour_of(hour: i32, half: Option<Half>) -> Option<i32> {
    match half {
        None => Some(hour),
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(Half::Am) => Some(hour % 12),
        Some(Half::Pm) => Some(hour % 12 + 12),
    }
}

fn split_offset(text: &str) -> Option<(&str, i64)> {
    for utc in ["Z", "z", "UTC", "GMT"] {
        if let Some(rest) = text.strip_suffix(utc) {
            return Some((rest.trim_end(), 0));
        }
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((text, 0));
    }
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    Some((text[..at].trim_end(), sign * i64::from(hours * 60 + minutes)))
}

fn number(text: &str) -> Option<i32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn time(hour: i32, minute: i32, second: i32, ms: i32) -> Option<Time> {
    Time::new(
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.try_into().ok()?,
        ms * 1_000_000,
    )
    .ok()
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
