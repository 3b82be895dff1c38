//! Calendars against what exchanges did: over the whole of the real shares and currencies no gap is
//! found where the market was shut, and each that is found is a hole in the data.

mod scratch;

use std::collections::BTreeMap;

use domain::{Bar, Calendar, Interval, Timestamp};
use market::{MissingBars, Series, Wanted, gaps};
use scratch::{NOW, shared};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn read(folder: &str, test: &str) -> Option<Vec<Series>> {
    Some(market::read(&[shared(folder, test)?], &Wanted::all(NOW)).expect("real bars can be read"))
}

/// The hour of New York's clocks at a moment, by the rules of summer time written out once more: from 2007
/// on the second Sunday of March to the first of November, before that the first of April to the last of
/// October, at two in the morning.
fn new_york(at: Timestamp) -> (i64, i64) {
    let standard_ms = at.ms() - 5 * HOUR_MS;
    let year = year_of(standard_ms.div_euclid(DAY_MS));
    let (from, to) = if year >= 2007 {
        (sunday(year, 3, 1) + 7, sunday(year, 11, 1))
    } else {
        (sunday(year, 4, 1), sunday(year, 10, 25))
    };
    // Two in summer is one in winter.
    let summer = (from * DAY_MS + 2 * HOUR_MS)..(to * DAY_MS + HOUR_MS);
    let there_ms = standard_ms + if summer.contains(&standard_ms) { HOUR_MS } else { 0 };
    (there_ms.div_euclid(DAY_MS), there_ms.rem_euclid(DAY_MS))
}

/// Days from 1970 to a day (Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn year_of(day: i64) -> i64 {
    (1990..2040).rev().find(|year| days(*year, 1, 1) <= day).expect("real bars are of our time")
}

/// Monday is 0.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The first Sunday on or after a day.
fn sunday(year: i64, month: i64, day: i64) -> i64 {
    let first = days(year, month, day);
    first + (6 - weekday(first)).rem_euclid(7)
}

/// The hours of a day's bars, by New York's clocks.
fn hours_by_day(bars: &[Bar]) -> BTreeMap<i64, Vec<i64>> {
    let mut found: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for bar in bars {
        let (day, ms) = new_york(bar.opened_at());
        found.entry(day).or_default().push(ms / HOUR_MS);
    }
    found
}

/// Early closes of the exchange since bars of late prints ended, as its notices had them.
const HALF_DAYS: [(i64, i64, i64); 26] = [
    (2009, 11, 27),
    (2009, 12, 24),
    (2010, 11, 26),
    (2011, 11, 25),
    (2012, 7, 3),
    (2012, 11, 23),
    (2012, 12, 24),
    (2013, 7, 3),
    (2013, 11, 29),
    (2013, 12, 24),
    (2014, 7, 3),
    (2014, 11, 28),
    (2014, 12, 24),
    (2015, 11, 27),
    (2015, 12, 24),
    (2016, 11, 25),
    (2017, 7, 3),
    (2017, 11, 24),
    (2018, 7, 3),
    (2018, 11, 23),
    (2018, 12, 24),
    (2019, 7, 3),
    (2019, 11, 29),
    (2019, 12, 24),
    (2020, 11, 27),
    (2020, 12, 24),
];

/// Weekdays on which the exchange was shut for no holiday of every year.
const SHUT_FOR_CAUSE: [(i64, i64, i64); 9] = [
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
];

fn is_of(list: &[(i64, i64, i64)], day: i64) -> bool {
    list.iter().any(|&(year, month, date)| days(year, month, date) == day)
}

#[test]
fn the_clocks_of_new_york_are_those_of_the_time_zone_rules() {
    for hour in 0..(27 * 365 * 24) {
        let at = Timestamp::from_ms(days(1996, 1, 1) * DAY_MS + hour * HOUR_MS);
        // A session of the exchange opens at half past nine, whatever the season.
        let Some(close) = Calendar::UsEquity.session_close(at) else { continue };
        let (_, ms) = new_york(close);
        assert!(ms == 16 * HOUR_MS || ms == 13 * HOUR_MS, "{at}: closes at {close}");
    }
}

#[test]
fn half_days_of_shares_end_where_their_bars_end_and_no_day_else() {
    let name = "half_days_of_shares_end_where_their_bars_end_and_no_day_else";
    let Some(series) = read("us-equity-1h", name) else { return };
    for one in &series {
        let (mut halves, mut wholes) = (0, 0);
        for (day, hours) in hours_by_day(&one.bars) {
            let last = hours[hours.len() - 1];
            let first = hours[0];
            // A year after, the bell rang at noon, and some prints came before it.
            assert!(first == 9 || day == days(2002, 9, 11), "{day}: {hours:?}");
            if day < days(2009, 1, 1) {
                continue;
            }
            let morning = Timestamp::from_ms(day * DAY_MS + 15 * HOUR_MS);
            let close = Calendar::UsEquity.session_close(morning).expect("shares have a close");
            let (close_day, close_ms) = new_york(close);
            // The bar that ends the day closes at the close.
            assert_eq!((close_day, close_ms / HOUR_MS), (day, last + 1), "{} {close}", one.symbol);
            assert_eq!(last == 12, is_of(&HALF_DAYS, day), "{} {close}: {hours:?}", one.symbol);
            halves += u32::from(last == 12);
            wholes += u32::from(last == 15);
        }
        assert_eq!((halves, wholes > 3_000), (26, true), "{}: {wholes} whole days", one.symbol);
    }
}

/// Every weekday on which no bar exists is a holiday, and none of them a gap.
#[test]
fn days_without_bars_are_the_holidays_of_the_exchange() {
    let name = "days_without_bars_are_the_holidays_of_the_exchange";
    let Some(series) = read("us-equity-1d", name) else { return };
    for one in &series {
        let traded: Vec<i64> =
            one.bars.iter().map(|bar| bar.opened_at().ms().div_euclid(DAY_MS)).collect();
        let shut: Vec<i64> = (traded[0]..traded[traded.len() - 1])
            .filter(|day| weekday(*day) < 5 && traded.binary_search(day).is_err())
            .collect();
        let years = traded.len() as f64 / 252.0;
        let a_year = shut.len() as f64 / years;
        assert!((8.0..11.0).contains(&a_year), "{}: {a_year} holidays a year", one.symbol);
        let mondays = shut.iter().filter(|day| weekday(**day) == 0).count();
        assert!(mondays * 5 > shut.len() * 2, "{}: most holidays are Mondays", one.symbol);
        let known = SHUT_FOR_CAUSE.iter().map(|&(y, m, d)| days(y, m, d));
        let known: Vec<i64> =
            known.filter(|day| (traded[0]..traded[traded.len() - 1]).contains(day)).collect();
        assert!(known.iter().all(|day| shut.contains(day)), "{}", one.symbol);
        let found = gaps(one, Calendar::UsEquity);
        let holes: i64 = found.iter().map(|gap| i64::from(gap.bars_missing)).sum();
        let told = i64::from(one.symbol == "EEM");
        assert_eq!(holes, told, "{}: {found:?}", one.symbol);
        for gap in &found {
            check_hole(one, gap);
            assert_eq!(shut.iter().filter(|day| is_in(gap, **day)).count(), 1, "{gap:?}");
        }
    }
}

fn is_in(gap: &MissingBars, day: i64) -> bool {
    (gap.from.ms()..gap.to.ms()).contains(&(day * DAY_MS))
}

/// No bar lies in a gap, and it is as long as is said or longer.
fn check_hole(series: &Series, gap: &MissingBars) {
    let within = |bar: &&Bar| bar.closed_at() > gap.from && bar.opened_at() < gap.to;
    assert_eq!(series.bars.iter().filter(within).count(), 0, "{gap:?}");
    let length_ms = gap.to.ms_since(gap.from);
    assert!(length_ms >= i64::from(gap.bars_missing) * series.interval.ms(), "{gap:?}");
}

/// A gap of hourly shares lies within a day: the same day has bars before and after it, or the bell
/// rang late.
#[test]
fn the_two_gaps_of_hourly_shares_are_holes_within_a_day() {
    let name = "the_two_gaps_of_hourly_shares_are_holes_within_a_day";
    let Some(series) = read("us-equity-1h", name) else { return };
    let mut found = Vec::new();
    for one in &series {
        for gap in gaps(one, Calendar::UsEquity) {
            check_hole(one, &gap);
            let (day, from) = (new_york(gap.to).0, new_york(gap.from));
            let halted = from.0 == day;
            let rang_late = new_york(gap.to).1 > 9 * HOUR_MS + HOUR_MS / 2;
            assert!(halted || rang_late, "{}: {gap:?}", one.symbol);
            found.push((one.symbol.clone(), day - days(2000, 1, 1), gap.bars_missing));
        }
    }
    let halt = ("AAPL".to_owned(), days(2013, 8, 22) - days(2000, 1, 1), 2);
    let late = ("SPY".to_owned(), days(2002, 9, 11) - days(2000, 1, 1), 1);
    assert_eq!(found, [halt, late]);
}

/// Whether a currency trades in the hour from `at` on, by the clock alone: not from Friday 17:00 to Sunday
/// 17:00 New York, not in the day that ends at 17:00 on Christmas or New Year's Day.
fn currencies_trade(at: Timestamp) -> bool {
    let (day, ms) = new_york(at);
    let ends_on = if ms >= 17 * HOUR_MS { day + 1 } else { day };
    let year = year_of(ends_on);
    weekday(ends_on) < 5 && ends_on != days(year, 1, 1) && ends_on != days(year, 12, 25)
}

#[test]
fn every_gap_of_a_currency_is_hours_of_trading_without_a_bar_and_there_is_no_other() {
    let name = "every_gap_of_a_currency_is_hours_of_trading_without_a_bar_and_there_is_no_other";
    let Some(series) = read("fx-cfd-1h", name) else { return };
    let one = &series[0];
    assert_eq!((one.interval, one.bars.len()), (Interval::HOUR, 37_046));
    let found = gaps(one, Calendar::Fx);
    for gap in &found {
        check_hole(one, gap);
        eprintln!("{} to {}: {} bars", gap.from, gap.to, gap.bars_missing);
    }
    let mut missing: BTreeMap<i64, u32> = BTreeMap::new();
    for pair in one.bars.windows(2) {
        let (from, to) = (pair[0].closed_at(), pair[1].opened_at());
        let hours = (from.ms()..to.ms()).step_by(HOUR_MS as usize);
        let traded = hours.filter(|hour| currencies_trade(Timestamp::from_ms(*hour))).count();
        if traded > 0 {
            missing.insert(from.ms(), traded as u32);
        }
    }
    let told: BTreeMap<i64, u32> =
        found.iter().map(|gap| (gap.from.ms(), gap.bars_missing)).collect();
    assert_eq!(told, missing);
    assert_eq!((told.len(), told.values().sum::<u32>()), (17, 267));
    let weekends = one.bars.windows(2).filter(|pair| {
        let gone = pair[1].opened_at().ms_since(pair[0].closed_at());
        gone >= 40 * HOUR_MS && !told.contains_key(&pair[0].closed_at().ms())
    });
    assert!(weekends.count() > 280, "weekends pass in silence");
}
