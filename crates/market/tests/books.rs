//! Order books become bars: what was traded, and what pressed on the best bid and ask.

#![allow(clippy::unwrap_used, reason = "a test whose scaffolding fails has failed")]

mod scratch;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use domain::Interval;
use market::{ImbalanceMeter, Quote, Series, Wanted, write_parquet};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use scratch::{NOW, Scratch, shared};

fn by_second() -> Wanted {
    Wanted { interval: Interval::parse("1s"), ..Wanted::all(NOW) }
}

const FIRST_NS: i64 = 1_723_161_254_000_000_000;

fn at(ms: i64) -> i64 {
    FIRST_NS + ms * 1_000_000
}

fn made(quotes: &str, trades: &str) -> Series {
    let scratch = recorded(quotes, trades);
    market::read_books(&[scratch.path().to_owned()], &by_second()).unwrap().remove(0)
}

fn recorded(quotes: &str, trades: &str) -> Scratch {
    let scratch = Scratch::new();
    let mut text = "recv_ns,bid,bid_qty,ask,ask_qty\n".to_owned();
    for line in quotes.lines() {
        let (ms, rest) = line.trim().split_once(' ').unwrap();
        text.push_str(&format!("{},{}\n", at(ms.parse().unwrap()), rest.replace(' ', ",")));
    }
    scratch.put("spot_abcusdt_20240808-bbo.csv", text);
    let mut text = "recv_ns,exch_ms,price,qty,buyer_is_maker\n".to_owned();
    for line in trades.lines() {
        let (ms, rest) = line.trim().split_once(' ').unwrap();
        text.push_str(&format!("{},0,{}\n", at(ms.parse().unwrap()), rest.replace(' ', ",")));
    }
    scratch.put("spot_abcusdt_20240808-trades.csv", text);
    scratch
}

/// Seconds of the bars, and what flowed in each.
fn flows(series: &Series) -> Vec<(i64, f64)> {
    let second = |bar: &domain::Bar| (bar.opened_at().ms() - FIRST_NS / 1_000_000) / 1_000;
    series.bars.iter().map(|bar| (second(bar), bar.flow().unwrap())).collect()
}

#[test]
fn an_outage_makes_no_bars_and_presses_nothing() {
    let one = made(
        "0 10 3 11 5
         1000 10 4 11 5
         2000 10 4 11 5
         3500 10 4 11 5
         60500 20 9 21 5
         61000 20 9 21 5
         62500 20 7 21 5
         63000 20 7 21 5",
        "2000 10 1 0
         70200 21 1 0",
    );
    let told = [(0, 0.0), (1, 1.0), (2, 0.0), (61, 0.0), (62, -2.0), (63, 0.0)];
    // Trades go on for seven seconds more: the mid stands.
    let quiet: Vec<(i64, f64)> = (64..70).map(|second| (second, 0.0)).collect();
    assert_eq!(flows(&one), [told.as_slice(), &quiet].concat());
    assert_eq!(one.refusals.total(), 0);
}

#[test]
fn rows_from_the_past_or_from_no_time_of_markets_are_refused() {
    let first_ms = FIRST_NS / 1_000_000;
    let quotes = format!(
        "0 10 3 11 5
         1000 10 4 11 5
         {} 10 4 11 5
         {} 10 4 11 5
         900 10 9 11 5
         2000 10 4 11 5",
        -first_ms,
        7_258_118_400_000 - first_ms,
    );
    let one = made(&quotes, "1000 10 1 0\n999 10 1 0\n1000 10 1 0");
    assert_eq!(flows(&one), [(0, 0.0), (1, 1.0)]);
    let kinds: Vec<(&str, u64)> =
        one.refusals.by_kind().iter().map(|(kind, count)| (*kind, *count)).collect();
    assert_eq!(kinds, [("not a time", 2), ("older than the row before", 2)]);
    assert_eq!(one.bars[1].volume(), 2.0);
}

#[test]
fn one_recording_given_twice_is_refused() {
    let scratch = recorded("0 10 3 11 5\n3000 10 3 11 5", "1000 10 1 0");
    let trades = std::fs::read(scratch.path().join("spot_abcusdt_20240808-trades.csv")).unwrap();
    scratch.put("spot_abcusdt_20240808-trades.csv.gz", scratch::gzip(&trades));
    let error =
        market::read_books(&[scratch.path().to_owned()], &by_second()).unwrap_err().to_string();
    assert!(error.contains("-trades.csv.gz is the same recording as "), "{error}");
    assert!(error.ends_with("-trades.csv: give one of them"), "{error}");
}

#[test]
fn bars_beyond_any_need_are_refused_before_they_are_made() {
    let mut quotes = String::new();
    for at in 0..6_000 {
        quotes.push_str(&format!("{} 10 3 11 5\n", at * 10_000));
    }
    let scratch = recorded(&quotes, "0 10 1 0");
    let by_ms = Wanted { interval: Interval::from_ms(1), ..Wanted::all(NOW) };
    let error = market::read_books(&[scratch.path().to_owned()], &by_ms).unwrap_err().to_string();
    assert!(error.contains("is of a book of more than 50000000 bars"), "{error}");
}

#[test]
fn a_bar_is_what_was_traded_or_the_way_of_the_mid_with_its_flow() {
    let one = made(
        "500 10 3 11 5
         1200 10 7 11 5
         1300 10 7 11 4
         2100 10 7 12 9
         4500 10 7 12 9
         4600 11 7 10 9
         5100 10 7 12 1",
        "900 99 1 0
         1100 10.5 2 0
         1900 10 1 1
         5050 10 1 1
         5060 0 1 1",
    );
    let lines: Vec<String> = one
        .bars
        .iter()
        .map(|bar| {
            let second = (bar.opened_at().ms() * 1_000_000 - FIRST_NS) / 1_000_000_000;
            let numbers = [bar.open(), bar.high(), bar.low(), bar.close(), bar.volume()];
            let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
            let (taker, flow) = (bar.taker_buy_volume().unwrap(), bar.flow().unwrap());
            format!("{second}: {} | {taker} {flow}", numbers.join(" "))
        })
        .collect();
    assert_eq!(
        lines,
        [
            // The first second is not covered whole.
            "1: 10.5 10.5 10 10 3 | 2 5",
            // Nothing traded: the mid went from 10.5 to 11, as the ask lost its queue of 4.
            "2: 10.5 11 10.5 11 0 | 0 4",
            "3: 11 11 11 11 0 | 0 0",
            // The crossed quote is refused and changes nothing.
            "4: 11 11 11 11 0 | 0 0",
        ]
    );
    let mut refused: Vec<String> =
        one.refusals.kept().iter().map(|refusal| refusal.reason.to_string()).collect();
    refused.sort();
    assert_eq!(refused, ["1 at 0 is no trade", "bid 11 and ask 10 make no market"]);
    assert_eq!(one.symbol, "ABCUSDT");
}

#[test]
fn a_book_without_an_interval_asks_for_one_and_no_book_is_no_error() {
    let scratch = Scratch::new();
    scratch.put("XY-1h.csv", scratch::rows(3));
    assert_eq!(market::read_books(&[scratch.path().to_owned()], &by_second()).unwrap(), []);
    scratch.put("spot_x_1-bbo.csv", "recv_ns,bid,bid_qty,ask,ask_qty\n1,1,1,2,1\n");
    let error = market::read_books(&[scratch.path().to_owned()], &Wanted::all(NOW))
        .unwrap_err()
        .to_string();
    assert!(error.ends_with("is an order book: say how long its bars shall be with --interval 1s"));
}

/// Imbalance and mid by the second, straight from the quotes.
fn seconds(path: &Path) -> BTreeMap<i64, (f64, f64)> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let (mut meter, mut seconds) = (ImbalanceMeter::default(), BTreeMap::new());
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let of = |name: &str| batch.column_by_name(name).unwrap();
        let numbers = |name: &str| of(name).as_primitive::<Float64Type>().values().to_vec();
        let moments = of("recv_ns").as_primitive::<Int64Type>().values().to_vec();
        let [bid, bid_size, ask, ask_size] = ["bid", "bid_qty", "ask", "ask_qty"].map(numbers);
        for (row, ns) in moments.into_iter().enumerate() {
            let quote = Quote {
                bid: bid[row],
                bid_size: bid_size[row],
                ask: ask[row],
                ask_size: ask_size[row],
            };
            meter.observe(quote);
            let second = seconds.entry(ns / 1_000_000_000).or_insert((0.0, 0.0));
            *second = (second.0 + meter.take(), quote.mid());
        }
    }
    seconds
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let both = sum(&|pair| (pair.0 - x) * (pair.1 - y));
    both / (sum(&|pair| (pair.0 - x).powi(2)) * sum(&|pair| (pair.1 - y).powi(2))).sqrt()
}

/// Measured: .551 on the spot market, .628 on the perpetual one; the notes beside the files say .55 to .89.
#[test]
fn imbalance_goes_with_the_mid_on_real_books_and_survives_a_file() {
    let name = "imbalance_goes_with_the_mid_on_real_books_and_survives_a_file";
    let Some(folder) = shared("orderbook-binance", name) else { return };
    let all = market::read_books(std::slice::from_ref(&folder), &by_second()).unwrap();
    let symbols: Vec<&str> = all.iter().map(|one| one.symbol.as_str()).collect();
    assert_eq!(symbols, ["BTCUSDT", "BTCUSDT_PERP"]);
    for (one, market) in all.iter().zip(["spot", "usdm"]) {
        let seconds = seconds(&folder.join(format!("{market}_btcusdt_20240808-bbo.parquet")));
        let mids: Vec<(&i64, &(f64, f64))> = seconds.iter().collect();
        let pairs: Vec<(f64, f64)> =
            mids.windows(2).map(|pair| (pair[1].1.0, pair[1].1.1 - pair[0].1.1)).collect();
        let found = correlation(&pairs);
        eprintln!("{market}: correlation {found:.4} over {} seconds", pairs.len());
        assert!((0.55..=0.89).contains(&found), "{market}: {found}");
        assert_eq!(one.refusals.total(), 0, "{:?}", one.refusals.kept().first());
        assert!(one.bars.len() > 250, "{}", one.bars.len());
        for bar in &one.bars {
            let told = seconds.get(&(bar.opened_at().ms() / 1_000)).map_or(0.0, |second| second.0);
            assert!((bar.flow().unwrap() - told).abs() < 1e-9, "{}", bar.opened_at());
        }
        let scratch = Scratch::new();
        let path = scratch.path().join(format!("{}-1s.parquet", one.symbol));
        write_parquet(&path, one).unwrap();
        let again = market::read(&[path], &Wanted::all(NOW)).unwrap().remove(0);
        assert_eq!((&again.bars, &again.hash, &again.symbol), (&one.bars, &one.hash, &one.symbol));
    }
}
