//! When a market is open, so that only bars missing inside a session count as a gap.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{Interval, Timestamp};

static NEW_YORK: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC));

const DAY_MS: i64 = 86_400_000;

/// The sessions of a market. Time-zone rules are compiled in, so this is the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Never closes: crypto.
    Always,
    /// Sunday 17:00 to Friday 17:00 New York, closed for Christmas and New Year's Day.
    Fx,
    /// New York Stock Exchange, 09:30 to 16:00, its holidays and half days.
    UsEquity,
}

impl Calendar {
    /// Reads `always`, `fx`, `us_equity`.
    pub fn parse(text: &str) -> Option<Calendar> {
        [Calendar::Always, Calendar::Fx, Calendar::UsEquity].into_iter().find(|c| c.name() == text)
    }

    /// As it is written in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Calendar::Always => "always",
            Calendar::Fx => "fx",
            Calendar::UsEquity => "us_equity",
        }
    }

    /// Whether the market never closes; daily figures are annualised by √365 then, by √252 otherwise.
    pub const fn never_closes(self) -> bool {
        matches!(self, Calendar::Always)
    }

    /// How many bars are missing between a bar that closed and the next one that opened.
    ///
    /// Below one day this is the session time between the two in whole bars, so a short first bar
    /// of a session is no gap; from one day on it is the number of sessions begun between them.
    pub fn bars_missing(self, closed_at: Timestamp, opened_at: Timestamp, bar: Interval) -> u32 {
        let between_ms = opened_at.ms_since(closed_at);
        if between_ms <= 0 {
            return 0;
        }
        let missing = match self {
            Calendar::Always => between_ms / bar.ms(),
            _ if bar.ms() >= DAY_MS => self.sessions_begun(closed_at, opened_at) / sessions_in(bar),
            _ => self.session_ms(closed_at, opened_at) / bar.ms(),
        };
        u32::try_from(missing).unwrap_or(u32::MAX)
    }

    /// How many bars of trading a span of `ms` milliseconds is, sessions for days and five of them for
    /// a week where the market closes; nothing where bars are too coarse or do not divide it.
    pub fn bars_within(self, ms: i64, bar: Interval) -> Option<u32> {
        const WEEK_MS: i64 = 7 * DAY_MS;
        let session_ms = match self {
            Calendar::Always | Calendar::Fx => DAY_MS,
            Calendar::UsEquity => 6 * 3_600_000 + 1_800_000,
        };
        let per_day = (session_ms + bar.ms() - 1) / bar.ms();
        let bars = match self {
            _ if ms < DAY_MS && bar.ms() < DAY_MS => {
                ms.checked_rem(bar.ms()).filter(|rest| *rest == 0).map(|_| ms / bar.ms())
            }
            Calendar::Always => (ms % bar.ms() == 0).then_some(ms / bar.ms()),
            _ if bar.ms() > DAY_MS => None,
            _ if ms == WEEK_MS => Some(5 * per_day),
            _ => (ms >= DAY_MS && ms % DAY_MS == 0).then_some(ms / DAY_MS * per_day),
        };
        bars.filter(|&bars| bars > 0).and_then(|bars| u32::try_from(bars).ok())
    }

    /// When the session ends in which `at` falls, or the next one where `at` falls in none or ends one;
    /// nothing where the market never closes.
    pub fn session_close(self, at: Timestamp) -> Option<Timestamp> {
        // The longest closure so far was from Monday to Monday, in September 2001.
        const DAYS_CLOSED_MAX: i64 = 10;
        let until = at.plus_ms(DAYS_CLOSED_MAX * DAY_MS);
        self.sessions(at, until)
            .map(|(_, close)| Timestamp::from_ms(close))
            .find(|&close| close > at)
    }

    /// Hour of the exchange's day, 0..=23, and day of its week, 0 for Monday: by New York's clock for
    /// shares, by UTC for what trades around the clock.
    pub fn clock(self, at: Timestamp) -> (u8, u8) {
        if self == Calendar::UsEquity
            && let Ok(moment) = jiff::Timestamp::from_millisecond(at.ms())
        {
            let local = moment.to_zoned(NEW_YORK.clone());
            return (local.hour() as u8, local.weekday().to_monday_zero_offset() as u8);
        }
        const HOUR_MS: i64 = 3_600_000;
        // 1970-01-01 was a Thursday.
        const THURSDAY: i64 = 3;
        let hour = at.ms().rem_euclid(DAY_MS) / HOUR_MS;
        let weekday = (at.ms().div_euclid(DAY_MS) + THURSDAY).rem_euclid(7);
        (hour as u8, weekday as u8)
    }

    fn session_ms(self, from: Timestamp, to: Timestamp) -> i64 {
        self.sessions(from, to)
            .map(|(open, close)| close.min(to.ms()) - open.max(from.ms()))
            .filter(|&shared_ms| shared_ms > 0)
            .sum()
    }

    fn sessions_begun(self, from: Timestamp, to: Timestamp) -> i64 {
        self.sessions(from, to).filter(|&(open, _)| (from.ms()..to.ms()).contains(&open)).count()
            as i64
    }

    /// The sessions, as open and close in milliseconds, of all days that could touch the span.
    fn sessions(self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (i64, i64)> {
        let first = new_york_date(from.plus_ms(-DAY_MS));
        let last = new_york_date(to.plus_ms(DAY_MS));
        let dates = first.zip(last).into_iter().flat_map(|(first, last)| {
            first.series(jiff::Span::new().days(1)).take_while(move |date| *date <= last)
        });
        dates.filter_map(move |date| self.session(date))
    }

    fn session(self, date: Date) -> Option<(i64, i64)> {
        match self {
            Calendar::Always => None,
            Calendar::Fx => {
                let closed =
                    is_weekend(date) || matches!((date.month(), date.day()), (1, 1) | (12, 25));
                if closed {
                    return None;
                }
                Some((new_york_ms(date.yesterday().ok()?, 17, 0)?, new_york_ms(date, 17, 0)?))
            }
            Calendar::UsEquity => {
                if is_weekend(date) || is_exchange_holiday(date) {
                    return None;
                }
                let closing_hour = if is_half_day(date) { 13 } else { 16 };
                Some((new_york_ms(date, 9, 30)?, new_york_ms(date, closing_hour, 0)?))
            }
        }
    }
}

/// By how much New York's clock is ahead of UTC, milliseconds; below zero as long as it has been.
pub(crate) fn new_york_offset_ms(ms: i64) -> i64 {
    jiff::Timestamp::from_millisecond(ms)
        .map_or(0, |moment| i64::from(NEW_YORK.to_offset(moment).seconds()) * 1_000)
}

/// Sessions in a bar of days or weeks on a market that closes: five a week.
const fn sessions_in(bar: Interval) -> i64 {
    let days = bar.ms() / DAY_MS;
    if days < 7 { days } else { days / 7 * 5 }
}

fn new_york_date(at: Timestamp) -> Option<Date> {
    let moment = jiff::Timestamp::from_millisecond(at.ms()).ok()?;
    Some(moment.to_zoned(NEW_YORK.clone()).date())
}

fn new_york_ms(date: Date, hour: i8, minute: i8) -> Option<i64> {
    let moment = date.at(hour, minute, 0, 0).to_zoned(NEW_YORK.clone()).ok()?;
    Some(moment.timestamp().as_millisecond())
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Rule 7.2 of the exchange: a holiday on Sunday moves to Monday, one on Saturday to Friday, except
/// that New Year's Day on a Saturday is not kept.
fn is_exchange_holiday(date: Date) -> bool {
    const CLOSED_FOR_CAUSE: [(i16, i8, i8); 11] = [
        (1994, 4, 27),
        (2001, 9, 11),
        (2001, 9, 12),
        (2001, 9, 13),
        (2001, 9, 14),
        (2004, 6, 11),
        (2007, 1, 2),
        (2012, 10, 29),
        (2012, 10, 30),
        (2018, 12, 5),
        (2025, 1, 9),
    ];
    let is = |month, day| is_kept_on(date, month, day);
    let nth = |month, weekday, nth| is_nth(date, month, weekday, nth);
    (is(1, 1) && date.month() == 1)
        || (date.year() >= 1998 && nth(1, Weekday::Monday, 3))
        || nth(2, Weekday::Monday, 3)
        || date
            .checked_add(jiff::Span::new().days(2))
            .is_ok_and(|sunday| sunday == easter(date.year()))
        || nth(5, Weekday::Monday, -1)
        || (date.year() >= 2022 && is(6, 19))
        || is(7, 4)
        || nth(9, Weekday::Monday, 1)
        || nth(11, Weekday::Thursday, 4)
        || is(12, 25)
        || CLOSED_FOR_CAUSE.contains(&(date.year(), date.month(), date.day()))
}

fn is_kept_on(date: Date, month: i8, day: i8) -> bool {
    let on = |date: Date| date.month() == month && date.day() == day;
    match date.weekday() {
        Weekday::Friday => on(date) || date.tomorrow().is_ok_and(on),
        Weekday::Monday => on(date) || date.yesterday().is_ok_and(on),
        _ => on(date),
    }
}

fn is_nth(date: Date, month: i8, weekday: Weekday, nth: i8) -> bool {
    date.month() == month
        && date.first_of_month().nth_weekday_of_month(nth, weekday).is_ok_and(|day| day == date)
}

/// The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991).
fn easter(year: i16) -> Date {
    let year = i32::from(year);
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let epact =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let correction = (golden + 11 * epact + 22 * weekday) / 451;
    let day_of_march = epact + weekday - 7 * correction + 114;
    jiff::civil::date(year as i16, (day_of_march / 31) as i8, (day_of_march % 31 + 1) as i8)
}

/// The day after Thanksgiving, Christmas Eve, and the day beside Independence Day: the third of July
/// before a weekday fourth; until 2012, when the fourth was a Thursday, the Friday after it instead.
fn is_half_day(date: Date) -> bool {
    const HALF_FOR_CAUSE: [(i16, i8, i8); 2] = [(1999, 12, 31), (2003, 12, 26)];
    let is = |date: Date, month, day| (date.month(), date.day()) == (month, day);
    let (Ok(before), Ok(after)) = (date.yesterday(), date.tomorrow()) else { return false };
    let bridges_friday = date.year() < 2013;
    let before_fourth = is(after, 7, 4)
        && !is_weekend(after)
        && !(bridges_friday && after.weekday() == Weekday::Thursday);
    let after_fourth = bridges_friday && is(before, 7, 4) && before.weekday() == Weekday::Thursday;
    is_nth(before, 11, Weekday::Thursday, 4)
        || (is(after, 12, 25) && !is_weekend(after))
        || before_fourth
        || after_fourth
        || HALF_FOR_CAUSE.contains(&(date.year(), date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_has_its_own_clock() {
        let at = |text: &str| {
            Timestamp::from_ms(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
        };
        for (calendar, text, clock) in [
            (Calendar::Always, "2024-02-29T23:59:59Z", (23, 3)),
            (Calendar::Always, "1969-12-31T01:00:00Z", (1, 2)),
            (Calendar::Fx, "2024-07-01T14:30:00Z", (14, 0)),
            // New York is four hours behind in summer and five in winter.
            (Calendar::UsEquity, "2024-07-01T14:30:00Z", (10, 0)),
            (Calendar::UsEquity, "2024-01-08T02:30:00Z", (21, 6)),
        ] {
            assert_eq!(calendar.clock(at(text)), clock, "{text}");
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_ms(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn check_missing(calendar: Calendar, bar: &str, cases: &str) {
        let bar = Interval::parse(bar).unwrap();
        for line in cases.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let missing = calendar.bars_missing(at(words[0]), at(words[1]), bar);
            assert_eq!(missing.to_string(), words[2], "{line}");
        }
    }

    #[test]
    fn a_market_that_never_closes_misses_every_absent_bar() {
        check_missing(
            Calendar::Always,
            "1h",
            "2023-03-24T13:00:00Z 2023-03-24T13:00:00Z 0
             2023-03-24T13:00:00Z 2023-03-24T14:00:00Z 1
             2023-03-24T13:00:00Z 2023-03-25T13:00:00Z 24
             2023-03-24T13:00:00Z 2023-03-24T12:00:00Z 0",
        );
    }

    #[test]
    fn fx_weekends_are_no_gap_in_summer_winter_and_between() {
        check_missing(
            Calendar::Fx,
            "1h",
            "2017-01-06T22:00:00Z 2017-01-08T22:00:00Z 0
             2017-03-10T22:00:00Z 2017-03-12T21:00:00Z 0
             2017-07-07T21:00:00Z 2017-07-09T21:00:00Z 0
             2017-11-03T21:00:00Z 2017-11-05T22:00:00Z 0
             2017-07-05T03:00:00Z 2017-07-05T06:00:00Z 3
             2017-12-22T22:00:00Z 2017-12-25T22:00:00Z 0",
        );
    }

    #[test]
    fn equities_know_holidays_and_half_days() {
        check_missing(
            Calendar::UsEquity,
            "1h",
            "2019-11-27T21:00:00Z 2019-11-29T14:30:00Z 0
             2019-11-29T18:00:00Z 2019-12-02T14:30:00Z 0
             2019-11-29T16:00:00Z 2019-12-02T14:30:00Z 2
             2019-07-03T17:00:00Z 2019-07-05T13:30:00Z 0
             2002-07-05T17:00:00Z 2002-07-08T13:30:00Z 0
             2002-07-03T17:00:00Z 2002-07-05T13:30:00Z 3
             1999-12-31T18:00:00Z 2000-01-03T14:30:00Z 0
             2012-10-26T20:00:00Z 2012-10-31T13:30:00Z 0",
        );
        check_missing(
            Calendar::UsEquity,
            "1d",
            "2021-04-02T00:00:00Z 2021-04-05T00:00:00Z 0
             2021-04-06T00:00:00Z 2021-04-08T00:00:00Z 2
             2010-12-25T00:00:00Z 2010-12-27T00:00:00Z 0",
        );
        check_missing(
            Calendar::UsEquity,
            "1w",
            "2019-10-07T00:00:00Z 2019-10-14T00:00:00Z 1
             2019-10-07T00:00:00Z 2019-10-07T00:00:00Z 0",
        );
    }

    #[test]
    fn a_horizon_is_so_many_bars_of_trading_or_absent() {
        let bars = |calendar: Calendar, ms: i64, bar: &str| {
            calendar.bars_within(ms, Interval::parse(bar).unwrap())
        };
        assert_eq!(bars(Calendar::Always, 3_600_000, "1h"), Some(1));
        assert_eq!(bars(Calendar::Always, 1_800_000, "1h"), None);
        assert_eq!(bars(Calendar::Always, 7 * DAY_MS, "1h"), Some(168));
        assert_eq!(bars(Calendar::Always, 7 * DAY_MS, "1d"), Some(7));
        assert_eq!(bars(Calendar::Fx, 7 * DAY_MS, "1h"), Some(120));
        assert_eq!(bars(Calendar::UsEquity, DAY_MS, "1h"), Some(7));
        assert_eq!(bars(Calendar::UsEquity, 7 * DAY_MS, "1d"), Some(5));
        assert_eq!(bars(Calendar::UsEquity, 3_600_000, "1d"), None);
    }

    fn check_session_close(calendar: Calendar, cases: &str) {
        for line in cases.lines() {
            let (from, close) = line.trim().split_once(" -> ").unwrap();
            assert_eq!(calendar.session_close(at(from)), Some(at(close)), "{line}");
        }
    }

    #[test]
    fn a_session_ends_at_its_close_and_half_days_early() {
        check_session_close(
            Calendar::UsEquity,
            "2018-11-21T15:00:00Z -> 2018-11-21T21:00:00Z
             2018-11-21T21:00:00Z -> 2018-11-23T18:00:00Z
             2018-11-23T17:59:00Z -> 2018-11-23T18:00:00Z
             2018-11-23T18:00:00Z -> 2018-11-26T21:00:00Z
             2018-12-24T14:30:00Z -> 2018-12-24T18:00:00Z
             2018-12-24T18:00:00Z -> 2018-12-26T21:00:00Z
             2020-11-27T14:30:00Z -> 2020-11-27T18:00:00Z
             2020-07-01T13:30:00Z -> 2020-07-01T20:00:00Z
             2001-09-10T20:00:00Z -> 2001-09-17T20:00:00Z",
        );
    }

    #[test]
    fn fx_ends_its_day_in_new_york_and_crypto_never() {
        check_session_close(
            Calendar::Fx,
            "2017-07-05T03:00:00Z -> 2017-07-05T21:00:00Z
             2017-07-05T21:00:00Z -> 2017-07-06T21:00:00Z
             2017-11-03T21:00:00Z -> 2017-11-06T22:00:00Z",
        );
        assert_eq!(Calendar::Always.session_close(at("2018-11-23T17:59:00Z")), None);
    }

    #[test]
    fn easter_falls_where_it_fell() {
        for (year, month, day) in [(1998, 4, 12), (2008, 3, 23), (2011, 4, 24), (2024, 3, 31)] {
            assert_eq!(easter(year), jiff::civil::date(year, month, day));
        }
    }
}
