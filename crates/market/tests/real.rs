//! Real bars: ours, which the project ships, and others', where they lie beside it.

mod scratch;

use std::path::{Path, PathBuf};

use domain::{Calendar, Timestamp};
use market::{Bars, Series, Wanted, gaps};
use scratch::{NOW, shared};

fn read(path: PathBuf) -> Vec<Series> {
    market::read(&[path], &Wanted::all(NOW)).expect("real bars can be read")
}

/// `FROM BARS` of every gap.
fn gap_lines(series: &Series, calendar: Calendar) -> Vec<String> {
    gaps(series, calendar).iter().map(|gap| format!("{} {}", gap.from, gap.bars_missing)).collect()
}

#[test]
fn shipped_bars_are_whole() {
    let series = read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../hindsight/data"));
    let told: Vec<_> = series
        .iter()
        .map(|one| (one.symbol.as_str(), one.bars.len(), one.refusals.total()))
        .collect();
    assert_eq!(told, [("BTCUSD", 16_855, 0), ("EURUSD", 6_225, 0)]);
    let calendars: Vec<_> = series.iter().map(|one| one.instrument(None).calendar).collect();
    assert_eq!(calendars, [Calendar::Always, Calendar::Fx]);
    let missing: u32 = gaps(&series[0], Calendar::Always).iter().map(|gap| gap.bars_missing).sum();
    assert_eq!((missing, gaps(&series[1], Calendar::Fx)), (26, vec![]));
}

#[test]
fn csv_and_parquet_of_the_same_bars_have_the_same_hash() {
    let Some(folder) =
        shared("binance-spot-1h", "csv_and_parquet_of_the_same_bars_have_the_same_hash")
    else {
        return;
    };
    let csv = read(folder.join("BTCUSDT-1h.csv.gz")).remove(0);
    let parquet = read(folder.join("BTCUSDT-1h.parquet")).remove(0);
    assert_eq!(csv.hash, parquet.hash);
    assert_eq!(csv.bars, parquet.bars);
}

#[test]
fn one_hour_is_missing_on_the_exchange_and_threads_change_nothing() {
    let name = "one_hour_is_missing_on_the_exchange_and_threads_change_nothing";
    let Some(folder) = shared("binance-spot-1h", name) else { return };
    let read_with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read(folder.clone()))
    };
    let series = read_with(1);
    assert_eq!(series, read_with(4));
    assert_eq!(series.iter().map(|one| one.bars.len()).sum::<usize>(), 306_470);
    assert!(series.is_sorted_by(|a, b| a.symbol < b.symbol));
    for one in &series {
        assert_eq!(gap_lines(one, Calendar::Always), ["2023-03-24T13:00:00Z 1"], "{}", one.symbol);
        assert_eq!(one.instrument(None).calendar, Calendar::Always);
    }
    let (mut walk, mut group, mut last, mut bars) =
        (Bars::of(&series), Vec::new(), Timestamp::default(), 0);
    while let Some(closed_at) = walk.next_into(&mut group) {
        assert!(closed_at > last && group.len() == 10);
        (last, bars) = (closed_at, bars + group.len());
    }
    assert_eq!(bars, 306_470);
}

#[test]
fn equities_have_the_gaps_that_history_explains() {
    let name = "equities_have_the_gaps_that_history_explains";
    let (Some(daily), Some(hourly)) = (shared("us-equity-1d", name), shared("us-equity-1h", name))
    else {
        return;
    };
    for one in read(daily) {
        assert_eq!(one.instrument(None).calendar, Calendar::UsEquity, "{}", one.symbol);
        // The day after the blackout the American exchange, where EEM was listed, had no power.
        let told: &[&str] = if one.symbol == "EEM" { &["2003-08-15T00:00:00Z 1"] } else { &[] };
        assert_eq!(gap_lines(&one, Calendar::UsEquity), told, "{}", one.symbol);
    }
    // 2013-08-22: the Nasdaq stood still for three hours. 2002-09-11: a late opening. The others are half
    // days and vanish once the calendar knows them, so they may be there or not.
    let half_days = [
        "1999-12-31T19:00:00Z 2",
        "1999-12-31T20:00:00Z 1",
        "2002-07-05T19:00:00Z 1",
        "2003-12-26T20:00:00Z 1",
    ];
    for one in read(hourly) {
        assert_eq!(one.instrument(None).calendar, Calendar::UsEquity, "{}", one.symbol);
        let mut told = gap_lines(&one, Calendar::UsEquity);
        told.retain(|line| !half_days.contains(&line.as_str()));
        let explained =
            if one.symbol == "AAPL" { "2013-08-22T17:00:00Z 2" } else { "2002-09-10T20:00:00Z 1" };
        assert!(told.iter().all(|line| line == explained), "{} {told:?}", one.symbol);
    }
}

#[test]
fn currencies_close_on_weekends() {
    let Some(folder) = shared("fx-cfd-1h", "currencies_close_on_weekends") else { return };
    let series = read(folder).remove(0);
    assert_eq!(series.instrument(None).calendar, Calendar::Fx);
    let missing: u32 = gaps(&series, Calendar::Fx).iter().map(|gap| gap.bars_missing).sum();
    assert_eq!((gaps(&series, Calendar::Fx).len(), missing), (17, 267));
}
