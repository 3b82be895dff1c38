//! Reading the time of day and its offset from text.

use jiff::civil::Time;

/// What follows the date: nothing, or `T09:30:00.250Z`, ` 09:30`, ` 09-AM`, ` 9:30 PM`, `+02:00`.
/// Returns the time of day and the offset from UTC in minutes.
pub(crate) fn read_clock(text: &str) -> Option<(Time, i64)> {
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

/// Reads `2205` and `220507`.
pub(crate) fn compact_time(text: &str) -> Option<Time> {
    let second = if text.len() == 6 { number(text.get(4..)?)? } else { 0 };
    if !matches!(text.len(), 4 | 6) {
        return None;
    }
    time(number(text.get(..2)?)?, number(text.get(2..4)?)?, second, 0)
}

/// The first three decimals as milliseconds; finer ones are cut.
pub(crate) fn millis(fraction: &str) -> i32 {
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| i32::from(byte - b'0'));
    digit(0) * 100 + digit(1) * 10 + digit(2)
}

/// One to four digits.
pub(crate) fn number(text: &str) -> Option<i32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
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
