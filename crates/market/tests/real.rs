//! Real bars: ours, which the project ships, and others', where they lie beside it.

mod scratch;

use std::path::{Path, PathBuf};

use domain::{Bar, Calendar, Interval, Timestamp};
use market::{Bars, Series, Wanted, gaps};
use scratch::{NOW, read_as, shared};

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
    // 2013-08-22: the Nasdaq stood still for three hours. 2002-09-11: a late opening.
    for one in read(hourly) {
        assert_eq!((one.refusals.total(), one.refusals.repeats()), (0, 0), "{}", one.symbol);
        assert_eq!(one.instrument(None).calendar, Calendar::UsEquity, "{}", one.symbol);
        let explained =
            if one.symbol == "AAPL" { "2013-08-22T17:00:00Z 2" } else { "2002-09-10T20:00:00Z 1" };
        assert_eq!(gap_lines(&one, Calendar::UsEquity), [explained], "{}", one.symbol);
    }
}

#[test]
fn equities_stamped_by_the_bell_have_the_same_gaps() {
    let name = "equities_stamped_by_the_bell_have_the_same_gaps";
    let Some(hourly) = shared("us-equity-1h", name) else { return };
    for one in read(hourly) {
        let text = stamped_by_the_bell(&one);
        let belled = read_as("XY-1h.csv", text, &Wanted::all(NOW)).unwrap().remove(0);
        assert_eq!(belled.refusals.total(), 0, "{:?}", belled.refusals.kept().first());
        assert_eq!(belled.bars.len(), one.bars.len());
        let is_short = |bar: &&Bar| bar.closed_at().ms_since(bar.opened_at()) == HALF_HOUR_MS;
        assert!(belled.bars.iter().filter(is_short).count() > 5_800, "{}", one.symbol);
        assert_eq!(belled.instrument(None).calendar, Calendar::UsEquity);
        let told = gap_lines(&belled, Calendar::UsEquity);
        assert_eq!(told, gap_lines(&one, Calendar::UsEquity), "{}", one.symbol);
    }
}

const HALF_HOUR_MS: i64 = 1_800_000;

/// The source stamps a session's first bar 09:00; others stamp it 09:30, when it begins.
fn stamped_by_the_bell(series: &Series) -> String {
    let minute = Interval::parse("1m").expect("it is written as exchanges do");
    let is_open = |from, to| Calendar::UsEquity.bars_missing(from, to, minute) > 0;
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    for bar in &series.bars {
        let (opened_at, half_on) = (bar.opened_at(), bar.opened_at().plus_ms(HALF_HOUR_MS));
        let rings = !is_open(opened_at, half_on) && is_open(half_on, bar.closed_at());
        let (ts, price) = (if rings { half_on } else { opened_at }.ms(), bar.close());
        text.push_str(&format!("{ts},{price},{price},{price},{price},{}\n", bar.volume()));
    }
    text
}

#[test]
fn currencies_close_on_weekends() {
    let Some(folder) = shared("fx-cfd-1h", "currencies_close_on_weekends") else { return };
    let series = read(folder).remove(0);
    assert_eq!(series.instrument(None).calendar, Calendar::Fx);
    let missing: u32 = gaps(&series, Calendar::Fx).iter().map(|gap| gap.bars_missing).sum();
    assert_eq!((gaps(&series, Calendar::Fx).len(), missing), (17, 267));
}
