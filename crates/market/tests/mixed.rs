//! Folders that hold several intervals, and other things beside bars.

mod scratch;

use domain::Interval;
use market::{MarketError, Series, Wanted};
use scratch::{NOW, Scratch, rows, shared};

fn told(all: &[Series]) -> Vec<String> {
    let line = |one: &Series| format!("{} {} {}", one.symbol, one.interval, one.bars.len());
    all.iter().map(line).collect()
}

/// Rows a quarter of an hour apart.
fn quarters(count: i64) -> String {
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    for at in 0..count {
        text.push_str(&format!("{},10.5,12,9,11.25,100\n", 1_600_000_000_000 + at * 900_000));
    }
    text
}

fn mixed() -> Scratch {
    let scratch = Scratch::new();
    scratch.put("BTC-1h.csv", rows(5));
    scratch.put("BTC-15m.csv", quarters(8));
    scratch.put("ETH-1h.csv", rows(4));
    scratch
}

#[test]
fn a_mixed_folder_is_refused_by_name_and_taken_by_interval() {
    let scratch = mixed();
    let error = scratch.read(&Wanted::all(NOW)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the files hold several intervals (15m of BTC; 1h of BTC, ETH): choose one with --interval"
    );
    let of = |text| Wanted { interval: Interval::parse(text), ..Wanted::all(NOW) };
    assert_eq!(told(&scratch.read(&of("1h")).unwrap()), ["BTC 1h 5", "ETH 1h 4"]);
    assert_eq!(told(&scratch.read(&of("15m")).unwrap()), ["BTC 15m 8"]);
    let error = scratch.read(&of("4h")).unwrap_err().to_string();
    assert!(error.ends_with("the files hold BTC 15m, BTC 1h, ETH 1h"), "{error}");
}

#[test]
fn a_mixed_folder_can_be_listed() {
    let scratch = mixed();
    let all = market::read_every_interval(&[scratch.path().to_owned()], &Wanted::all(NOW)).unwrap();
    assert_eq!(told(&all), ["BTC 15m 8", "BTC 1h 5", "ETH 1h 4"]);
}

#[test]
fn files_whose_names_tell_no_interval_are_told_apart_by_their_rows() {
    let scratch = Scratch::new();
    scratch.put("hourly/BTC.csv", rows(5));
    scratch.put("quarterly/BTC.csv", quarters(8));
    let error = scratch.read(&Wanted::all(NOW)).unwrap_err();
    assert!(matches!(error, MarketError::MixedIntervals { .. }), "{error}");
    let hourly = Wanted { interval: Interval::parse("1h"), ..Wanted::all(NOW) };
    assert_eq!(told(&scratch.read(&hourly).unwrap()), ["BTC 1h 5"]);
}

#[test]
fn readings_and_books_beside_bars_are_passed_over() {
    let scratch = mixed();
    scratch.put("BTC-funding.csv", "ts,funding_rate\n1600000000000,0.0001\n");
    scratch.put("BTC-8h.csv", "ts,funding_rate,mark_open\n1600000000000,0.0001,5\n");
    scratch.put("fear_greed.csv", "ts,value\n1600000000000,50\n");
    scratch.put("spot_btc_1-bbo.csv", "recv_ns,bid,bid_qty,ask,ask_qty\n1,1,1,2,1\n");
    scratch.put("BTC_USDT_USDT-1h-mark.json", "[]");
    let hourly = Wanted { interval: Interval::parse("1h"), ..Wanted::all(NOW) };
    assert_eq!(told(&scratch.read(&hourly).unwrap()), ["BTC 1h 5", "ETH 1h 4"]);
    let lists = market::list_series(&[scratch.path().to_owned()], &hourly).unwrap();
    let names: Vec<String> = lists
        .iter()
        .map(|file| format!("{:?} {} {}", file.symbol, file.series.name(), file.readings))
        .collect();
    assert_eq!(names, ["Some(\"BTC\") funding 1", "Some(\"BTC\") funding 1", "None fear_greed 1"]);
}

#[test]
fn the_real_folders_together_are_refused_and_one_interval_is_taken() {
    let name = "the_real_folders_together_are_refused_and_one_interval_is_taken";
    let folders = ["binance-spot-1h", "binance-spot-15m", "binance-perp-funding-8h"];
    let paths: Option<Vec<_>> = folders.iter().map(|folder| shared(folder, name)).collect();
    let Some(paths) = paths else { return };
    let error = market::read(&paths, &Wanted::all(NOW)).unwrap_err().to_string();
    assert!(
        error.starts_with("the files hold several intervals (15m of ADAUSDT, AVAXUSDT,"),
        "{error}"
    );
    let quarterly = Wanted { interval: Interval::parse("15m"), ..Wanted::all(NOW) };
    assert_eq!(market::read(&paths, &quarterly).unwrap().len(), 10);
}
