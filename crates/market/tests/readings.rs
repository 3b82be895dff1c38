//! Funding, open interest and moods, from files good and broken.

#![allow(clippy::unwrap_used, reason = "a test whose scaffolding fails has failed")]

mod scratch;

use domain::{Series, SymbolIx, Timestamp};
use market::{SeriesRead, Wanted, fill_series, read_series};
use scratch::{NOW, Scratch, gzip, shared};

fn read(scratch: &Scratch, symbols: &[&str]) -> SeriesRead {
    let symbols: Vec<String> = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
    read_series(&[scratch.path().to_owned()], &symbols, &Wanted::all(NOW)).expect("it can be read")
}

fn lines(read: &SeriesRead) -> Vec<String> {
    let line = |one: &domain::Reading| {
        let symbol = one.symbol.map_or("all".to_owned(), |ix| ix.0.to_string());
        format!("{} {symbol} {} {}", one.at.ms() / 1_000, one.series.name(), one.value)
    };
    read.readings.iter().map(line).collect()
}

#[test]
fn readings_of_every_name_come_in_order_of_time_symbol_and_series() {
    let scratch = Scratch::new();
    scratch.put("ETHUSDT-funding.csv", "ts,value\n1600028800,0.0002\n1600000000,0.0001\n");
    scratch.put("btcusdt-funding.csv.gz", gzip(b"ts,funding_rate\n1600000000000,-0.0001\n"));
    scratch.put("BTCUSDT-open_interest.csv", "time;value\n2020-09-13 12:26:40;1234,5\n");
    scratch.put("BTCUSDT-long_short.csv", "ts,long_short\n1600000000,1.5\n");
    scratch.put("BTCUSDT-headlines.csv", "ts,score\n1600000000,0.5\n1600000000,-0.5\n");
    scratch.put("ALL-fear_greed.csv", "date,value\n2020-09-13,41\n");
    scratch.put("SOLUSDT-funding.csv", "ts,value\n1600000000,0.0001\n");
    scratch.put("BTCUSDT-1h.csv", scratch::rows(3));
    let read = read(&scratch, &["BTCUSDT", "ETHUSDT"]);
    assert_eq!(
        lines(&read),
        [
            "1599955200 all fear_greed 41",
            "1600000000 0 funding -0.0001",
            "1600000000 0 open_interest 1234.5",
            "1600000000 0 long_short 1.5",
            "1600000000 0 headlines 0.5",
            "1600000000 0 headlines -0.5",
            "1600000000 1 funding 0.0001",
            "1600028800 1 funding 0.0002",
        ]
    );
    assert_eq!((read.refusals.total(), read.files.len()), (0, 6));
    let skipped: Vec<_> = read.skipped.iter().map(|file| file.symbol.clone()).collect();
    assert_eq!(skipped, [Some("SOLUSDT".to_owned())]);
}

/// freqtrade keeps funding rates as bars, of which the open is the rate.
#[test]
fn a_futures_folder_in_json_has_bars_and_funding() {
    let scratch = Scratch::new();
    let bars = "[[1600000000000, 1, 2, 1, 2, 3], [1600003600000, 1, 2, 1, 2, 3]]";
    scratch.put("BTC_USDT_USDT-1h-futures.json", bars);
    scratch.put("BTC_USDT_USDT-1h-mark.json", bars);
    let rates = "[[1600000000000, 0.0001, 0, 0, 0, 0], [1600028800000, -0.0002, 0.0, 0.0, 0.0, 0.0], \
                 [1600057600000], [1600057600000, true], 7]";
    scratch.put("BTC_USDT_USDT-8h-funding_rate.json", rates);
    scratch.put("ETH_USDT_USDT-8h-funding_rate.json.gz", gzip(b"[[1600000000000, \"0.5\"]]"));
    let read = read(&scratch, &["BTCUSDT", "ETHUSDT"]);
    let told =
        ["1600000000 0 funding 0.0001", "1600000000 1 funding 0.5", "1600028800 0 funding -0.0002"];
    assert_eq!(lines(&read), told);
    let said: Vec<String> =
        read.refusals.kept().iter().map(|one| format!("{} {}", one.row, one.reason)).collect();
    let refused = [
        "3 funding_rate is missing",
        "4 funding_rate \"true\" is not a number",
        "5 time is missing",
    ];
    assert_eq!(said, refused);
    let series = scratch.read(&Wanted::all(NOW)).unwrap();
    assert_eq!((series.len(), series[0].bars.len()), (1, 2));
}

#[test]
fn rows_that_make_no_reading_are_refused_with_file_row_and_reason() {
    let scratch = Scratch::new();
    scratch.put(
        "X-funding.csv",
        "ts,value\n1600000000,0.1\n1600000000,0.1\n1600000000,0.2\n1600000001,1.5\n1600000002,nan\n\
         1600000003,\n,0.1\n1600000004,abc\n1999999999,0.1\n12,0.1\n1600000005,inf\n03/04/2020,0.1\n",
    );
    let read = read(&scratch, &["X"]);
    assert_eq!(lines(&read), ["1600000000 0 funding 0.1"]);
    let mut said: Vec<String> = read
        .refusals
        .kept()
        .iter()
        .map(|refusal| format!("{} {}", refusal.row, refusal.reason))
        .collect();
    said.sort_by_key(|line| line.split(' ').next().and_then(|row| row.parse::<u64>().ok()));
    assert_eq!(
        said,
        [
            "4 the reading of 2020-09-13T12:26:40Z was already given with another value",
            "5 funding 1.5 is not within -1 and 1",
            "6 funding NaN is not within -1 and 1",
            "7 funding_rate is missing",
            "8 time is missing",
            "9 funding_rate \"abc\" is not a number",
            "10 the reading is of 2033-05-18T03:33:19Z, after now (2030-01-01T00:00:00Z)",
            "11 time 12000 ms is not a market's",
            "12 funding inf is not within -1 and 1",
            "13 time \"03/04/2020\" is no date and no epoch in s, ms or us",
        ]
    );
    assert_eq!(read.refusals.repeats(), 1);
    let strict = Wanted { strict: true, ..Wanted::all(NOW) };
    let error = read_series(&[scratch.path().to_owned()], &["X".to_owned()], &strict).unwrap_err();
    assert!(error.to_string().contains("X-funding.csv row 5: funding 1.5"), "{error}");
}

#[test]
fn a_file_named_as_readings_without_the_column_is_named() {
    let scratch = Scratch::new();
    scratch.put("X-open_interest.csv", "ts,price\n1600000000,1\n");
    let error = read_series(&[scratch.path().to_owned()], &[], &Wanted::all(NOW)).unwrap_err();
    let text = error.to_string();
    assert!(text.ends_with("X-open_interest.csv has no columns ts and open_interest: put \"ts,open_interest\" above the rows"), "{text}");
}

#[test]
fn the_span_ends_before_its_end_and_begins_with_what_holds() {
    let scratch = Scratch::new();
    scratch.put("X-funding.csv", "ts,value\n1600000000,0.1\n1600000100,0.2\n1600000200,0.3\n");
    let at = |s: i64| Some(Timestamp::from_ms(s * 1_000));
    let span = Wanted { from: at(1_600_000_050), to: at(1_600_000_200), ..Wanted::all(NOW) };
    let read = read_series(&[scratch.path().to_owned()], &["x".to_owned()], &span).unwrap();
    assert_eq!(lines(&read), ["1600000000 0 funding 0.1", "1600000100 0 funding 0.2"]);
}

#[test]
fn a_file_of_readings_is_filled_and_never_changed() {
    let scratch = Scratch::new();
    let first = scratch.put("a/X-funding.csv", "ts,value\n1600000000,0.1\n");
    let second = scratch.put("b/X-funding.csv", "ts,value\n1600000000,0.5\n1600000100,0.2\n");
    let held = scratch.path().join("X-funding.parquet");
    let fill = |file| fill_series(&held, &[file], "X", &Wanted::all(NOW)).unwrap();
    assert_eq!((fill(first), fill(second)), (1, 2));
    let read = read_series(&[held], &["X".to_owned()], &Wanted::all(NOW)).unwrap();
    assert_eq!(lines(&read), ["1600000000 0 funding 0.1", "1600000100 0 funding 0.2"]);
}

fn zip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// Hashing a large archive takes as long as reading it: it is done where rows are taken, not where
/// columns are looked at.
#[test]
fn an_archive_is_held_against_its_checksum_when_its_rows_are_taken() {
    let scratch = Scratch::new();
    let good = zip("calc_time,last_funding_rate\n1600000000000,0.1\n");
    let wrong = format!("{}  x.zip\n", "0".repeat(64));
    scratch.put("X-fundingRate-2020-09.zip", &good);
    scratch.put("X-fundingRate-2020-09.zip.CHECKSUM", &wrong);
    let of = |symbol: &str| {
        let paths = [scratch.path().to_owned()];
        let read = read_series(&paths, &[symbol.to_owned()], &Wanted::all(NOW));
        read.map(|read| (read.files.len(), read.skipped.len())).map_err(|error| error.to_string())
    };
    assert_eq!(of("Y"), Ok((0, 1)), "nobody wants its rows");
    assert!(of("X").unwrap_err().contains("has the SHA-256"));
    let mut cut = good.clone();
    cut.truncate(good.len() / 2);
    scratch.put("X-fundingRate-2020-09.zip", cut);
    assert!(of("Y").unwrap_err().contains("has the SHA-256"), "damage is named by its checksum");
}

#[test]
fn real_funding_rates_are_read_by_their_column() {
    let name = "real_funding_rates_are_read_by_their_column";
    let Some(folder) = shared("binance-perp-funding-8h", name) else { return };
    let symbols = ["BTCUSDT".to_owned(), "ETHUSDT".to_owned()];
    let read = read_series(&[folder], &symbols, &Wanted::all(NOW)).unwrap();
    // Each comes as Parquet and as CSV with the same rows.
    assert_eq!((read.files.len(), read.readings.len()), (4, 6_567));
    assert_eq!((read.refusals.total(), read.refusals.repeats()), (0, 6_567));
    assert!(read.readings.iter().all(|one| one.series == Series::Funding));
    let bitcoin = read.readings.iter().filter(|one| one.symbol == Some(SymbolIx(0))).count();
    assert!(bitcoin > 3_500, "{bitcoin}");
}
