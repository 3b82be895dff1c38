//! Guessing the session calendar from when bars exist.

use domain::{Bar, Calendar, Interval, Timestamp};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// The epoch was a Thursday; weeks here begin on Monday 00:00 UTC.
const EPOCH_IN_WEEK_MS: i64 = 3 * DAY_MS;
/// Friday 17:00 New York is 22:00 UTC at the latest, Sunday 17:00 is 21:00 at the earliest.
const WEEKEND_BEGINS_MS: i64 = 4 * DAY_MS + 22 * HOUR_MS;
const WEEKEND_ENDS_MS: i64 = 6 * DAY_MS + 21 * HOUR_MS;
/// Sources carry a stray quote on a weekend or a print after a half day's close now and then. Chosen:
/// one bar of a hundred; a market that never closes has twenty-eight there.
const STRAY_BARS_ONE_IN: usize = 100;
/// How many bars are held against the exchange's calendar, whose time zone rules cost microseconds.
const PROBES_MAX: usize = 512;

/// The calendar that fits: `us_equity` if bars lie in its sessions (daily bars: on weekdays),
/// `fx` if trading stops from Friday to Sunday evening, else `always`. A series too short to hold
/// a night or a weekend proves nothing and is `always`.
pub(crate) fn guess(bars: &[Bar], interval: Interval) -> Calendar {
    match interval.ms() {
        ..DAY_MS if lie_in_exchange_sessions(bars) => Calendar::UsEquity,
        ..DAY_MS if pause_on_weekends(bars) => Calendar::Fx,
        DAY_MS => guess_daily(bars),
        _ => Calendar::Always,
    }
}

fn guess_daily(bars: &[Bar]) -> Calendar {
    let (mut saturdays, mut sundays) = (0, 0);
    for bar in bars {
        match in_week_ms(bar.opened_at()) / DAY_MS {
            5 => saturdays += 1,
            6 => sundays += 1,
            _ => {}
        }
    }
    match span_ms(bars) {
        ..WEEK_MS => Calendar::Always,
        _ if !is_stray(saturdays, bars.len()) => Calendar::Always,
        _ if !is_stray(sundays, bars.len()) => Calendar::Fx,
        _ => Calendar::UsEquity,
    }
}

fn lie_in_exchange_sessions(bars: &[Bar]) -> bool {
    if span_ms(bars) < 2 * DAY_MS {
        return false;
    }
    let step = bars.len().div_ceil(PROBES_MAX);
    let probes = || bars.iter().step_by(step);
    let strays = bars.iter().filter(|bar| !touches_exchange_hours(bar)).count();
    let strays_in_probes = probes().filter(|bar| !touches_exchange_session(bar)).count();
    is_stray(strays, bars.len()) && is_stray(strays_in_probes, probes().count())
}

fn is_stray(found: usize, of: usize) -> bool {
    found <= of / STRAY_BARS_ONE_IN
}

/// Winter or summer, New York trades between 13:30 and 21:00 UTC, Monday to Friday. A source that
/// stamps by the clock hour begins its first bar before the bell, so sharing time is enough.
fn touches_exchange_hours(bar: &Bar) -> bool {
    let opens_ms = bar.opened_at().ms().rem_euclid(DAY_MS);
    let closes_ms = opens_ms + bar.closed_at().ms_since(bar.opened_at());
    let is_weekday = in_week_ms(bar.opened_at()) < 5 * DAY_MS;
    is_weekday && closes_ms > 13 * HOUR_MS + HOUR_MS / 2 && opens_ms < 21 * HOUR_MS
}

fn touches_exchange_session(bar: &Bar) -> bool {
    let second = Interval::from_ms(1_000).unwrap_or(Interval::HOUR);
    Calendar::UsEquity.bars_missing(bar.opened_at(), bar.closed_at(), second) > 0
}

fn pause_on_weekends(bars: &[Bar]) -> bool {
    let in_pause = bars.iter().filter(|bar| is_in_weekend(bar)).count();
    if !is_stray(in_pause, bars.len()) {
        return false;
    }
    let weekends = weekends_between(bars);
    let sunday_evenings = bars.windows(2).filter(|pair| begins_a_week(pair)).count();
    // Trading must also resume on Sunday evenings, else this is some other exchange's week.
    weekends >= 1 && 2 * sunday_evenings >= weekends
}

fn is_in_weekend(bar: &Bar) -> bool {
    let opens_ms = in_week_ms(bar.opened_at());
    let closes_ms = opens_ms + bar.closed_at().ms_since(bar.opened_at());
    opens_ms >= WEEKEND_BEGINS_MS && closes_ms <= WEEKEND_ENDS_MS
}

/// A pause of a day or more that ends on Sunday evening.
fn begins_a_week(pair: &[Bar]) -> bool {
    let paused_ms = pair[1].opened_at().ms_since(pair[0].closed_at());
    paused_ms >= DAY_MS && in_week_ms(pair[1].closed_at().plus_ms(-1)) >= WEEKEND_ENDS_MS
}

fn weekends_between(bars: &[Bar]) -> usize {
    let week = |at: Timestamp| (at.ms() + EPOCH_IN_WEEK_MS).div_euclid(WEEK_MS);
    match bars {
        [first, .., last] => {
            usize::try_from(week(last.opened_at()) - week(first.opened_at())).unwrap_or_default()
        }
        _ => 0,
    }
}

fn span_ms(bars: &[Bar]) -> i64 {
    match bars {
        [first, .., last] => last.closed_at().ms_since(first.opened_at()),
        _ => 0,
    }
}

fn in_week_ms(at: Timestamp) -> i64 {
    (at.ms() + EPOCH_IN_WEEK_MS).rem_euclid(WEEK_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::RawBar;

    /// Bars of so many weeks from Monday, 2024-04-01, a month without a holiday, whose hour of the week passes.
    fn bars(interval: Interval, weeks: i64, is_open: impl Fn(i64) -> bool) -> Vec<Bar> {
        let hours = (0..weeks * 168).step_by((interval.ms() / HOUR_MS) as usize);
        let open = hours.filter(|hour| is_open(hour % 168));
        let bar = |hour: i64| RawBar {
            opened_at: Timestamp::from_ms(1_711_929_600_000 + hour * HOUR_MS),
            open: 1.0,
            high: 1.0,
            low: 1.0,
            close: 1.0,
            volume: 1.0,
            taker_buy_volume: None,
            flow: None,
        };
        open.map(|hour| Bar::admit(bar(hour), interval).unwrap()).collect()
    }

    fn check(interval: &str, weeks: i64, is_open: impl Fn(i64) -> bool, told: Calendar) {
        let interval = Interval::parse(interval).unwrap();
        assert_eq!(guess(&bars(interval, weeks, is_open), interval), told, "{interval} {weeks}");
    }

    #[test]
    fn calendars_are_told_from_when_bars_exist() {
        let weekday = |hour: i64| hour < 5 * 24;
        let fx = |hour: i64| !(4 * 24 + 22..6 * 24 + 22).contains(&hour);
        let new_york = |hour: i64| hour < 5 * 24 && (14..20).contains(&(hour % 24));
        let frankfurt = |hour: i64| hour < 5 * 24 && (8..17).contains(&(hour % 24));
        check("1h", 4, |_| true, Calendar::Always);
        check("1h", 4, fx, Calendar::Fx);
        // The bar that holds Sunday evening begins before it.
        check("4h", 4, |hour| !(4 * 24 + 22..6 * 24 + 20).contains(&hour), Calendar::Fx);
        check("1h", 4, new_york, Calendar::UsEquity);
        check("1h", 4, frankfurt, Calendar::Always);
        check("1d", 4, |_| true, Calendar::Always);
        check("1d", 4, weekday, Calendar::UsEquity);
        check("1d", 4, |hour| hour / 24 != 5, Calendar::Fx);
        check("1w", 40, |_| true, Calendar::Always);
    }

    #[test]
    fn a_few_bars_prove_nothing() {
        check("1h", 1, |hour| hour < 72, Calendar::Always);
        check("1h", 1, |hour| hour == 15, Calendar::Always);
        check("1d", 1, |hour| hour < 72, Calendar::Always);
        check("1h", 1, |_| false, Calendar::Always);
    }
}
