//! What nobody can read is refused in one sentence.

mod scratch;

use market::{MarketError, Wanted};
use scratch::{NOW, Scratch, gzip, read_as, rows};

fn kind(error: &MarketError) -> &'static str {
    match error {
        MarketError::NoFiles { .. } => "NoFiles",
        MarketError::Unreadable { .. } => "Unreadable",
        MarketError::NotBuilt { .. } => "NotBuilt",
        MarketError::Broken { .. } => "Broken",
        MarketError::Columns { .. } => "Columns",
        MarketError::Unclear { .. } => "Unclear",
        MarketError::MixedIntervals { .. } => "MixedIntervals",
        MarketError::TooBig { .. } => "TooBig",
        MarketError::BadRow(_) => "BadRow",
        MarketError::NoBars { .. } => "NoBars",
        MarketError::NotWanted { .. } => "NotWanted",
        MarketError::Unreachable { .. } => "Unreachable",
        MarketError::TurnedAway { .. } => "TurnedAway",
        MarketError::Unwritable { .. } => "Unwritable",
    }
}

/// The variant and the sentence, without the folder.
fn said(error: &MarketError, folder: &str) -> String {
    let text = error.to_string();
    let one_sentence = !text.contains('\n') && !text.contains(". ") && !text.ends_with('.');
    assert!(one_sentence, "{text}");
    assert!(!text.contains("{") && text.len() < 400, "{text}");
    format!("{}: {}", kind(error), text.replace(folder, ""))
}

fn check(name: &str, bytes: impl AsRef<[u8]>, told: &str) {
    let scratch = Scratch::new();
    let path = scratch.put(name, bytes);
    let error = market::read(&[path], &Wanted::all(NOW)).map(|_| ()).expect_err(name);
    let folder = format!("{}/", scratch.path().display());
    assert_eq!(said(&error, &folder), told, "{name}");
}

#[test]
fn files_that_are_not_what_they_should_be_are_named_with_the_mend() {
    check("X-1h.csv", "", "Broken: X-1h.csv is empty: get the file again");
    check("X-1h.csv", " \n\n", "Broken: X-1h.csv is empty: get the file again");
    check("X-1h.csv.gz", gzip(b""), "Broken: X-1h.csv.gz is empty: get the file again");
    check(
        "X-1h.csv",
        "ts,open,high,low,close,volume\n",
        "Broken: X-1h.csv holds no rows: get the file again",
    );
    check(
        "X-1h.csv",
        [7, 0, 9, 0, 1],
        "Broken: X-1h.csv holds binary bytes, not text: get the file again",
    );
    check(
        "X-1h.csv",
        "x".repeat(2 << 20),
        "Columns: X-1h.csv has no header among its first lines: put \"ts,open,high,low,close,volume\" above the rows",
    );
    check(
        "X-1h.csv",
        rows(1) + &"9".repeat(2 << 20),
        "Broken: X-1h.csv has a line of more than 1 MiB, so it is no CSV: get the file again",
    );
    check("X-1h.csv", b"\xff\xfet\0s\0", "Columns: X-1h.csv is UTF-16 text: save it as UTF-8");
    check(
        "X-1h.parquet",
        "PAR1",
        "Broken: X-1h.parquet is cut short or damaged (EOF: Parquet file too small, Size is 4 but need 8): get the file again",
    );
    check(
        "X-1h.parquet",
        rows(3),
        "Broken: X-1h.parquet is not a Parquet file, whatever its name: get the file again",
    );
    check(
        "X-1h.csv.gz",
        rows(3),
        "Broken: X-1h.csv.gz is not gzip, whatever its name: get the file again",
    );
    let packed = gzip(rows(5_000).as_bytes());
    check(
        "X-1h.csv.gz",
        &packed[..packed.len() / 2],
        "Broken: X-1h.csv.gz is cut short: get the file again",
    );
}

#[test]
fn a_parquet_file_cut_short_is_named() {
    let scratch = Scratch::new();
    let path = scratch.path().join("X-1h.parquet");
    let series = read_as("X-1h.csv", rows(500), &Wanted::all(NOW)).unwrap().remove(0);
    market::write_parquet(&path, &series).unwrap();
    let whole = std::fs::read(path).unwrap();
    let told = "Broken: X-1h.parquet is cut short or damaged (Parquet error: Invalid Parquet file, Corrupt footer): get the file again";
    check("X-1h.parquet", &whole[..whole.len() / 2], told);
    check("X-1h.parquet", &whole[..whole.len() - 1], told);
}

#[test]
fn formats_that_are_not_what_they_should_be_say_so() {
    check(
        "BTC_USDT-1h.feather",
        "FEA1....",
        "NotBuilt: BTC_USDT-1h.feather is a feather file of the first version, which is not built yet: convert it to Parquet or CSV",
    );
    check(
        "BTC_USDT-1h.feather",
        "ARROW1..",
        "Broken: BTC_USDT-1h.feather is cut short or damaged: get the file again",
    );
    check(
        "BTC_USDT-1h.feather",
        rows(3),
        "Broken: BTC_USDT-1h.feather is not a feather file, whatever its name: get the file again",
    );
    check(
        "BTCUSDT-1h-2024-01.zip",
        rows(3),
        "Broken: BTCUSDT-1h-2024-01.zip is not a zip archive, whatever its name: get the file again",
    );
    check(
        "BTC_USDT-1h.json",
        "{\"data\": 1}",
        "Columns: BTC_USDT-1h.json is JSON of another shape: write a list of [time, open, high, low, close, volume]",
    );
    check(
        "BTC_USDT-1h.json",
        "[[1600000000000, 1, 1, 1, 1, 1], [16000036",
        "Broken: BTC_USDT-1h.json is cut short: get the file again",
    );
    check("BTC_USDT-1h.json", "[]", "Broken: BTC_USDT-1h.json holds no rows: get the file again");
    check(
        "BTC_USDT-1h.json.gz",
        "[]",
        "Broken: BTC_USDT-1h.json.gz is not gzip, whatever its name: get the file again",
    );
}

#[test]
fn headers_that_name_no_bars_are_refused() {
    let no_header = "Columns: X-1h.csv has no header among its first lines: put \"ts,open,high,low,close,volume\" above the rows";
    check("X-1h.csv", "1600000000000,1,1,1,1,1\n", no_header);
    check("X-1h.csv", "hello\nworld\n", no_header);
    check(
        "X-1h.csv",
        "ts,open,close\n1600000000,1,1\n",
        "Columns: X-1h.csv has a header (line 1) without high, low: add or rename the column",
    );
    check(
        "X-1h.csv",
        "banner\nopen,high,low,close\n",
        "Columns: X-1h.csv has a header (line 2) without time: add or rename the column",
    );
}

#[test]
fn what_reads_two_ways_asks_for_a_decision() {
    let header = "date,open,high,low,close,volume\n";
    check(
        "X-1d.csv",
        format!("{header}03/04/2017,1,1,1,1,1\n04/04/2017,1,1,1,1,1\n"),
        "Unclear: X-1d.csv has dates that read day-first and month-first alike: write them as 2017-01-31",
    );
    check(
        "X-1d.csv",
        format!("{header}13/04/2017,1,1,1,1,1\n04/14/2017,1,1,1,1,1\n"),
        "Unclear: X-1d.csv mixes day-first and month-first dates: write them as 2017-01-31",
    );
    check(
        "X.csv",
        rows(1),
        "Unclear: X.csv has too few rows to tell its interval: name it SYMBOL-INTERVAL.EXT, or give --interval",
    );
    check(
        "X-4h.csv",
        rows(9),
        "Unclear: X-4h.csv is said to hold 4h bars, but they open 1h apart: rename it SYMBOL-1h.EXT",
    );
    check(
        "€.csv",
        rows(9),
        "Unclear: €.csv does not tell its symbol: name it SYMBOL-INTERVAL.EXT, or give --symbols",
    );
}

#[test]
fn a_file_without_one_usable_bar_is_an_error() {
    let text = "ts,open,high,low,close,volume\n1600000000,1,1,2,1,1\nx,1,1,1,1,1\n";
    check(
        "X-1h.csv",
        text,
        "NoBars: X-1h.csv has no usable bar among 2 rows, the first refused being row 2 because open 1 lies outside low 2 and high 1: mend the file or name another",
    );
}

#[test]
fn paths_that_hold_nothing_are_named() {
    let scratch = Scratch::new();
    let folder = scratch.path().display().to_string();
    let error = scratch.read(&Wanted::all(NOW)).map(|_| ()).unwrap_err();
    assert_eq!(
        said(&error, &folder),
        "NoFiles: no file of bars (Parquet, CSV, feather, JSON or zip) lies in : name another folder, or the files themselves"
    );
    scratch.put("README.md", "bars!");
    scratch.put("config.json", "{}");
    scratch.put("backup.zip", "PK");
    let error = scratch.read(&Wanted::all(NOW)).map(|_| ()).unwrap_err();
    assert_eq!(kind(&error), "NoFiles");
    let error = market::read(&[scratch.path().join("none.csv")], &Wanted::all(NOW))
        .map(|_| ())
        .unwrap_err();
    assert!(
        said(&error, &folder).starts_with("Unreadable: cannot read /none.csv: No such file"),
        "{error}"
    );
    let error = market::read(&["/dev/zero".into()], &Wanted::all(NOW)).map(|_| ()).unwrap_err();
    assert_eq!(
        said(&error, &folder),
        "Unreadable: cannot read /dev/zero: not a regular file; check the path and its permissions"
    );
}

#[test]
fn strict_stops_at_the_first_bad_row() {
    let text = rows(2) + "1600007200000,10,9,9,10,1\nx,1,1,1,1,1\n1600010800000,10,10,10,10,1\n";
    let strict = Wanted { strict: true, ..Wanted::all(NOW) };
    let error = read_as("X-1h.csv", &text, &strict).map(|_| ()).unwrap_err();
    let text_said = error.to_string();
    assert!(text_said.ends_with("X-1h.csv row 4: open 10 lies outside low 9 and high 9; mend the row, or read without --strict to skip it"), "{error}");
    assert_eq!(kind(&error), "BadRow");
    let series = read_as("X-1h.csv", &text, &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((series.bars.len(), series.refusals.total()), (3, 2));
}

#[test]
fn intervals_are_not_mixed_unless_one_is_chosen() {
    let scratch = Scratch::new();
    scratch.put("a/BTC-1h.csv", rows(5));
    scratch.put("b/BTC-15m.csv", rows(5));
    let error = scratch.read(&Wanted::all(NOW)).map(|_| ()).unwrap_err();
    assert_eq!(
        said(&error, ""),
        "MixedIntervals: the files hold several intervals (15m of BTC; 1h of BTC): choose one with --interval"
    );
    let hourly = Wanted { interval: domain::Interval::parse("1h"), ..Wanted::all(NOW) };
    assert_eq!(scratch.read(&hourly).unwrap()[0].source, scratch.path().join("a/BTC-1h.csv"));
    let other = Wanted { symbols: vec!["eth".to_owned()], ..Wanted::all(NOW) };
    let error = scratch.read(&other).map(|_| ()).unwrap_err();
    assert_eq!(
        said(&error, ""),
        "NotWanted: nothing matches --symbols, --interval, --from and --to; the files hold BTC 15m, BTC 1h"
    );
}
