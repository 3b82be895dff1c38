//! Real shares, left before every close: no position lives through a night, not on half days either.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod beside;

use beside::shared;
use decide::DayEnd;
use domain::{Calendar, ExitReason, SymbolIx, Timestamp, Trade};
use hindsight::config::Config;
use hindsight::world::{Dataset, Recorder, Replay};
use market::Wanted;
use store::Store;

const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);
const HOUR_MS: i64 = 3_600_000;

fn traded(
    dataset: &Dataset,
    config: &Config,
) -> (Vec<Trade>, Vec<domain::Outcome>, Vec<domain::Gap>) {
    let home = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", home.path().join("h.db").display());
    let mut store = Store::open(&url).unwrap();
    let run = store.begin_run(&dataset.header(config), "", NOW).unwrap();
    let recorder = Recorder::new(store, run, &dataset.hash());
    let mut replay = Replay::new(dataset, config.settings(), recorder);
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let (mut store, run) = replay.end().1.into_store();
    let mut outcomes = Vec::new();
    store.outcomes(run, |outcome| outcomes.push(outcome)).unwrap();
    (store.trades(run).unwrap(), outcomes, store.gaps(run).unwrap())
}

/// The days of a series as its bars tell them: a night is any stretch of eight hours without one.
struct Days(Vec<(Timestamp, Timestamp)>);

impl Days {
    fn of(dataset: &Dataset, symbol: SymbolIx) -> Days {
        let bars = &dataset.series[symbol.at()].bars;
        let nights =
            |pair: &[domain::Bar]| pair[1].opened_at().ms_since(pair[0].closed_at()) < 8 * HOUR_MS;
        let day = |bars: &[domain::Bar]| (bars[0].opened_at(), bars[bars.len() - 1].closed_at());
        Days(bars.chunk_by(|one, next| nights(&[*one, *next])).map(day).collect())
    }

    fn at(&self, moment: Timestamp) -> usize {
        self.0.partition_point(|(_, closed_at)| *closed_at < moment)
    }
}

/// When the exchange closes on the day of a moment, if that is at 13:00.
fn early_close(moment: Timestamp) -> Option<Timestamp> {
    let midnight = moment.plus_ms(-in_new_york(moment));
    let close = Calendar::UsEquity.session_close(midnight)?;
    (close.ms_since(midnight) == 13 * HOUR_MS).then_some(close)
}

/// Until the end of 2008 the source has bars of late prints after the early close. Nothing that trades on bars can
/// know that the next one is not of the next session, so what enters at such a bar stays to that one.
fn is_after_hours(moment: Timestamp) -> bool {
    const YEAR_2009: Timestamp = Timestamp::from_ms(1_230_768_000_000);
    moment < YEAR_2009 && early_close(moment).is_some_and(|close| moment >= close)
}

/// Milliseconds since midnight in New York, whose clocks go by the rules in force until 2006 and since.
fn in_new_york(moment: Timestamp) -> i64 {
    let at = jiff::Timestamp::from_millisecond(moment.ms()).unwrap();
    let there = at.in_tz("America/New_York").unwrap();
    i64::from(there.hour()) * HOUR_MS + i64::from(there.minute()) * 60_000
}

fn config(day_end: DayEnd) -> Config {
    let mut config = Config::default();
    config.gates.conviction_min = 0.2;
    config.gates.confluence_min = 0.5;
    config.gates.regime_entries_max = 1_000;
    config.exits.day_end = day_end;
    config
}

fn shares(name: &str, config: &Config) -> Option<Dataset> {
    let series = market::read(&[shared("us-equity-1h", name)?], &Wanted::all(NOW)).unwrap();
    Some(Dataset::new(series, config))
}

#[test]
fn no_share_is_held_over_a_close_half_days_included() {
    let name = "no_share_is_held_over_a_close_half_days_included";
    let config = config(DayEnd::Leave);
    let Some(dataset) = shares(name, &config) else { return };
    assert!(dataset.instruments.iter().all(|one| one.calendar == Calendar::UsEquity));
    let (trades, outcomes, gaps) = traded(&dataset, &config);
    assert!(trades.len() > 1_000, "only {} trades", trades.len());
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    let days = [SymbolIx(0), SymbolIx(1)].map(|symbol| Days::of(&dataset, symbol));
    let over = |symbol: SymbolIx, from: Timestamp, to: Timestamp| {
        // What is bought at an open belongs to the day that begins then.
        days[symbol.at()].at(from.plus_ms(1)) != days[symbol.at()].at(to)
    };
    let held_over: Vec<&Trade> = trades
        .iter()
        .filter(|trade| over(trade.symbol, trade.opened_at, trade.closed_at))
        .collect();
    for trade in &held_over {
        assert!(is_after_hours(trade.opened_at), "{trade:?}");
    }
    for outcome in &outcomes {
        let is_over = over(outcome.symbol, outcome.opened_at, outcome.closed_at);
        assert!(!is_over || is_after_hours(outcome.opened_at), "{outcome:?}");
    }
    let on_half_days = trades.iter().filter(|trade| early_close(trade.closed_at).is_some()).count();
    let at_end = trades.iter().filter(|trade| trade.reason == ExitReason::SessionEnd).count();
    eprintln!(
        "{} trades, {at_end} left before a close, {on_half_days} on half days, {} after hours; {} outcomes",
        trades.len(),
        held_over.len(),
        outcomes.len()
    );
    assert!(at_end > 100 && on_half_days > 0, "{at_end} at a close, {on_half_days} on half days");
}

/// The check would see it: those that hold do live through nights.
#[test]
fn held_over_the_close_where_that_is_the_rule() {
    let name = "held_over_the_close_where_that_is_the_rule";
    let config = config(DayEnd::Hold);
    let Some(dataset) = shares(name, &config) else { return };
    let (trades, ..) = traded(&dataset, &config);
    let days = [SymbolIx(0), SymbolIx(1)].map(|symbol| Days::of(&dataset, symbol));
    let is_over = |trade: &&Trade| {
        let days = &days[trade.symbol.at()];
        days.at(trade.opened_at.plus_ms(1)) != days.at(trade.closed_at)
    };
    assert!(trades.iter().filter(is_over).count() > 100);
}
