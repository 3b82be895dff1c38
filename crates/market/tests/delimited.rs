//! CSV as the many sources write it, and the rows that are turned away.

mod scratch;

use std::fmt::Write;

use domain::{Calendar, Interval, Timestamp};
use market::{Series, Wanted, gaps, write_parquet};
use scratch::{NOW, Scratch, gzip, read_as, read_one, rows};

/// `TIME CLOSE VOLUME` of every bar.
fn lines(series: &Series) -> Vec<String> {
    let line = |bar: &domain::Bar| format!("{} {} {}", bar.opened_at(), bar.close(), bar.volume());
    series.bars.iter().map(line).collect()
}

fn check(text: &str, told: &[&str]) {
    let series = read_one(text);
    assert_eq!(lines(&series), told, "{text}");
    assert_eq!(series.refusals.total(), 0, "{:?}", series.refusals.kept());
}

#[test]
fn banner_newest_first_and_am_pm_hours_are_read() {
    check(
        "Timestamps are UTC timezone,https://www.CryptoDataDownload.com\r\n\
         date,symbol,open,high,low,close,volume_btc,volume\r\n\
         2019-10-17 01-PM,BTCUSD,3,3,3,3,30,90\r\n\
         2019-10-17 12-PM,BTCUSD,2,2,2,2,20,40\r\n\
         2019-10-17 12-AM,BTCUSD,1,1,1,1,10,10\r\n",
        &["2019-10-17T00:00:00Z 1 10", "2019-10-17T12:00:00Z 2 20", "2019-10-17T13:00:00Z 3 30"],
    );
}

#[test]
fn day_first_dots_are_read() {
    check(
        "Time,Open,High,Low,Close,Volume\r\n01.02.2017 22:00:00.000,1.05,1.06,1.04,1.05,143539993.3\r\n",
        &["2017-02-01T22:00:00Z 1.05 143539993.3"],
    );
}

#[test]
fn marks_quotes_separators_and_decimal_commas_are_read() {
    check(
        "\u{feff}\"ts\",\"open\",\"high\",\"low\",\"close\",\"volume\"\r\n\"1600000000\",\"1\",\"1\",\"1\",\"1\",\"7\"",
        &["2020-09-13T12:26:40Z 1 7"],
    );
    check(
        "Date;Open;High;Low;Close;Volume\n2020-09-13;1,5;1,5;1,5;1,5;7\n",
        &["2020-09-13T00:00:00Z 1.5 7"],
    );
    check(
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n2020.09.13\t10:00:00\t1\t1\t1\t1\t7\n",
        &["2020-09-13T10:00:00Z 1 7"],
    );
    check("t,o,h,l,c,v\n\n1600000000000000,1,1,1,1,7\n\n", &["2020-09-13T12:26:40Z 1 7"]);
    check(
        "close,time,extra,low,high,open\n1,2020-09-13T12:00:00Z,?,1,1,1\n",
        &["2020-09-13T12:00:00Z 1 0"],
    );
}

#[test]
fn a_stray_quote_costs_one_row_only() {
    let text = "ts,name,open,high,low,close,volume\n\
        1600000000,\"A, Inc.\",1,1,1,1,1\n\
        1600003600,\"A,1,1,1,1,1\n\
        1600007200,A,\"1\",1,1,1,1\n";
    let series = read_one(text);
    assert_eq!(lines(&series), ["2020-09-13T12:26:40Z 1 1", "2020-09-13T14:26:40Z 1 1"]);
    assert_eq!(series.refusals.kept()[0].row, 3);
}

#[test]
fn one_day_above_twelve_settles_the_whole_column() {
    let header = "Date,Open,High,Low,Close,Volume\n";
    check(
        &format!("{header}03/04/2017,1,1,1,1,1\n13/04/2017,2,2,2,2,2\n"),
        &["2017-04-03T00:00:00Z 1 1", "2017-04-13T00:00:00Z 2 2"],
    );
    check(
        &format!("{header}03/04/2017,1,1,1,1,1\n04/13/2017,2,2,2,2,2\n"),
        &["2017-03-04T00:00:00Z 1 1", "2017-04-13T00:00:00Z 2 2"],
    );
    check(&format!("{header}04/04/2017,1,1,1,1,1\n"), &["2017-04-04T00:00:00Z 1 1"]);
}

#[test]
fn an_adjustment_factor_that_cannot_scale_costs_its_row() {
    let series = read_one(
        "ts,open,high,low,close,volume,adj_factor\n1600000000,8,8,8,8,100,0.25\n1600003600,8,8,8,8,100,0\n",
    );
    assert_eq!(lines(&series), ["2020-09-13T12:26:40Z 8 100"]);
    assert_eq!(
        series.refusals.kept()[0].reason.to_string(),
        "adj_factor 0 is not a finite number above zero"
    );
}

#[test]
fn bad_rows_are_refused_with_row_and_reason() {
    let text = "ts,open,high,low,close,volume,taker_buy_volume,symbol\n\
        1600000000,10,12,9,11,100,50,XY\n\
        1600003600,10,12,9,abc,100,50,XY\n\
        1600007200,10,12,9,,100,50,XY\n\
        1600010800,10,12\n\
        x,10,12,9,11,100,50,XY\n\
        1600000000000000000,10,12,9,11,100,50,XY\n\
        1600014400,10,12,9,NaN,100,50,XY\n\
        1600018000,10,12,0,11,100,50,XY\n\
        1600021600,10,12,9,13,100,50,XY\n\
        1600025200,10,12,9,11,-1,50,XY\n\
        1600028800,10,12,9,11,100,101,XY\n\
        1600032400,10,12,9,11,100,50,ZZ\n\
        1600000000,10,12,9,11,100,50,XY\n\
        1600000000,10,12,9,10,100,50,XY\n\
        1893456000,10,12,9,11,100,50,XY\n\
        600000000,10,12,9,11,100,50,XY\n\
        1600036000,10,12,9,11,100,,XY\n\
        1600037800,10,12,9,11,100,50,XY\n\
        1600039600,10,12,9,11,1e19,50,XY\n";
    let series = read_one(text);
    let mut said = String::new();
    for refusal in series.refusals.kept() {
        writeln!(said, "{} {}: {}", refusal.row, refusal.reason.kind(), refusal.reason).unwrap();
    }
    assert_eq!(
        said,
        "3 not a number: close \"abc\" is not a number\n\
         4 field missing: close is missing\n\
         5 field missing: low is missing\n\
         6 not a time: time \"x\" is no date and no epoch in s, ms or us\n\
         7 not a time: time 1600000000000000000 is 10^16 or more, beyond seconds, milliseconds and microseconds\n\
         8 number not finite: close is not a finite number\n\
         9 price not above zero: low 0 is not above zero\n\
         10 price outside low and high: close 13 lies outside low 9 and high 12\n\
         11 volume negative: volume -1 is negative\n\
         12 taker volume above volume: taker buy volume 101 exceeds volume 100\n\
         13 another symbol: the row is of ZZ, the file of XY\n\
         15 conflicting duplicate: the bar of 2020-09-13T12:26:40Z was already given with other numbers\n\
         16 in the future: the bar closes at 2030-01-01T01:00:00Z, after now (2030-01-01T00:00:00Z)\n\
         17 not a time: time 600000000000 ms is not a market's\n\
         19 overlapping bar: the bar opens at 2020-09-13T22:56:40Z, before the one ahead of it closes at 2020-09-13T23:26:40Z\n\
         20 number beyond any market's: volume 10000000000000000000 is beyond what any market quotes\n"
    );
    assert_eq!(series.bars.len(), 2);
    assert_eq!(series.bars[0].taker_buy_volume(), Some(50.0));
    assert_eq!(series.bars[1].taker_buy_volume(), None);
    assert_eq!((series.refusals.total(), series.refusals.repeats()), (16, 1));
    assert_eq!(series.refusals.by_kind()["not a time"], 3);
}

#[test]
fn all_refusals_are_counted_and_the_first_thousand_kept() {
    let text = rows(2) + &"x,1,1,1,1,1\n".repeat(3_000) + "1600007200,1,1,2,1,1\n";
    let refusals = read_one(&text).refusals;
    assert_eq!((refusals.total(), refusals.kept().len()), (3_001, market::REFUSALS_KEPT_MAX));
    assert_eq!(refusals.kept()[999].row, 1_003);
}

#[test]
fn files_of_one_symbol_are_merged_and_the_first_wins() {
    let scratch = Scratch::new();
    let old = "ts,open,high,low,close,volume\n1600000000,1,1,1,1,1\n1600003600,2,2,2,2,2\n";
    scratch.put("XY-1h-2020-09.csv", old);
    scratch.put("XY-1h-2020-10.csv.gz", gzip(b"ts,open,high,low,close,volume\n1600007200,3,3,3,3,3\n1600003600,2,2,2,2,9\n1600000000,1,1,1,1,1\n"));
    let series = scratch.read(&Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(
        lines(&series),
        ["2020-09-13T12:26:40Z 1 1", "2020-09-13T13:26:40Z 2 2", "2020-09-13T14:26:40Z 3 3"]
    );
    assert_eq!((series.refusals.total(), series.refusals.repeats()), (1, 1));
    assert_eq!(series.refusals.kept()[0].row, 3);
    assert!(series.refusals.kept()[0].file.ends_with("XY-1h-2020-10.csv.gz"));
}

#[test]
fn a_stray_half_hour_is_named_with_file_and_row_and_the_full_hours_stay() {
    let scratch = Scratch::new();
    let hours = |closes: &str| {
        let row = |line: &str| format!("2020-09-14T{line}:00Z,1,1,1,1,7\n");
        "ts,open,high,low,close,volume\n".to_owned()
            + &closes.split(' ').map(row).collect::<String>()
    };
    scratch.put("XY-1h-a.csv", hours("09:00 10:00 11:00 12:00"));
    let path = scratch.put("XY-1h-b.csv", hours("12:00 10:30"));
    let series = scratch.read(&Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(series.bars.len(), 4);
    let hour = Interval::HOUR.ms();
    assert!(series.bars.iter().all(|bar| bar.closed_at().ms_since(bar.opened_at()) == hour));
    assert_eq!((series.refusals.by_kind()["overlapping bar"], series.refusals.repeats()), (1, 1));
    assert_eq!(
        series.refusals.kept()[0].to_string(),
        format!(
            "{} row 3: the bar opens at 2020-09-14T10:30:00Z, before the one ahead of it closes at 2020-09-14T11:00:00Z",
            path.display()
        )
    );
}

#[test]
fn a_new_york_session_begins_with_half_an_hour() {
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    // Monday and Tuesday before summer time began, and the two after it.
    for (day, bell) in
        [("2021-03-08", 14), ("2021-03-09", 14), ("2021-03-15", 13), ("2021-03-16", 13)]
    {
        writeln!(text, "{day}T{bell}:30:00Z,1,1,1,1,7").unwrap();
        for hour in 1..7 {
            writeln!(text, "{day}T{}:00:00Z,1,1,1,1,7", bell + hour).unwrap();
        }
    }
    let series = read_one(&text);
    assert_eq!((series.bars.len(), series.refusals.total()), (28, 0));
    for session in series.bars.chunks(7) {
        let lengths_min: Vec<i64> =
            session.iter().map(|bar| bar.closed_at().ms_since(bar.opened_at()) / 60_000).collect();
        assert_eq!(lengths_min, [30, 60, 60, 60, 60, 60, 60]);
    }
    assert_eq!(series.instrument(None).calendar, Calendar::UsEquity);
    let missing: Vec<(String, u32)> = gaps(&series, Calendar::UsEquity)
        .iter()
        .map(|gap| (gap.from.to_string(), gap.bars_missing))
        .collect();
    // From Wednesday to Friday nothing was given: three sessions of six and a half hours.
    assert_eq!(missing, [("2021-03-09T21:00:00Z".to_owned(), 19)]);

    let scratch = Scratch::new();
    let path = scratch.path().join("XY-1h.parquet");
    write_parquet(&path, &series).unwrap();
    let again = market::read(&[path], &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((again.bars, again.hash), (series.bars, series.hash));
}

#[test]
fn symbol_and_interval_come_from_name_options_column_or_step() {
    let wanted = |symbol: &str| Wanted { symbols: vec![symbol.to_owned()], ..Wanted::all(NOW) };
    let told = |name: &str, text: &str, wanted: &Wanted| {
        let series = read_as(name, text, wanted).unwrap().remove(0);
        format!("{} {}", series.symbol, series.interval)
    };
    assert_eq!(told("btcusdt-1h.csv", &rows(3), &Wanted::all(NOW)), "BTCUSDT 1h");
    assert_eq!(told("FOREX_EURUSD_1H.csv", &rows(3), &wanted("EURUSD")), "EURUSD 1h");
    assert_eq!(told("prices.csv", &rows(3), &wanted("ABC")), "ABC 1h");
    assert_eq!(told("prices.csv", &rows(3), &Wanted::all(NOW)), "PRICES 1h");
    let column = "symbol,ts,open,high,low,close,volume\nETH/BTC,1600000000,1,1,1,1,1\nETH/BTC,1600000900,1,1,1,1,1\n";
    assert_eq!(told("prices.csv", column, &Wanted::all(NOW)), "ETH/BTC 15m");
    let daily = Wanted { interval: Interval::parse("1d"), ..Wanted::all(NOW) };
    assert_eq!(
        told("prices.csv", "ts,open,high,low,close,volume\n1600000000,1,1,1,1,1\n", &daily),
        "PRICES 1d"
    );
}

#[test]
fn rows_are_numbered_by_their_line_however_lines_end() {
    let header = "ts,open,high,low,close,volume";
    let lines = [header, "1600000000,1,1,1,1,1", "", "", "x,1,1,1,1,1", "y,1,1,1,1,1", "", "z"];
    for (end, last) in [("\n", "\n"), ("\r\n", "\r\n"), ("\n", ""), ("\r\n", "")] {
        let series = read_one(&(lines.join(end) + last));
        let rows: Vec<u64> = series.refusals.kept().iter().map(|refusal| refusal.row).collect();
        assert_eq!(rows, [5, 6, 8], "{end:?} {last:?}");
    }
}

#[test]
fn only_the_wanted_span_is_taken() {
    let ms = |at: i64| Some(Timestamp::from_ms(1_600_000_000_000 + at * 3_600_000));
    let wanted = Wanted { from: ms(2), to: ms(4), ..Wanted::all(NOW) };
    let series = read_as("XY-1h.csv", rows(9), &wanted).unwrap().remove(0);
    assert_eq!(
        series.bars.iter().map(|bar| Some(bar.opened_at())).collect::<Vec<_>>(),
        [ms(2), ms(3)]
    );
    let nothing = Wanted { from: ms(20), ..Wanted::all(NOW) };
    let error = read_as("XY-1h.csv", rows(9), &nothing).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        error,
        "nothing matches --symbols, --interval, --from and --to; the files hold XY 1h"
    );
}

#[test]
fn the_instrument_is_told_from_the_bars() {
    let series = read_one("ts,open,high,low,close,volume\n1600000000,10.25,12,9,11.5,0.125\n");
    let instrument = series.instrument(None);
    let told = (
        instrument.tick.to_string(),
        instrument.step.to_string(),
        instrument.notional_min.to_string(),
    );
    assert_eq!(told, ("0.01".to_owned(), "0.001".to_owned(), "5".to_owned()));
    assert_eq!(instrument.calendar, domain::Calendar::Always);
    let silent = read_one("ts,open,high,low,close\n1600000000,10,12,9,11\n");
    assert_eq!(silent.instrument(None).step.to_string(), "0.00000001");
    assert!(instrument.has_volume && !silent.instrument(None).has_volume);
    let cheap = read_one("ts,open,high,low,close\n1600000000,1.25e-11,2e-11,1e-11,1.5e-11\n");
    assert_eq!(cheap.instrument(None).tick.to_string(), "0.0000000000001");
}
