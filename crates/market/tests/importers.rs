//! freqtrade's files and the exchange's archives, whole and broken by hand.

mod scratch;

use std::io::{Cursor, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray};
use arrow_array::{Int64Array, TimestampNanosecondArray};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use domain::Timestamp;
use market::{MarketError, Series, Wanted};
use proptest::prelude::*;
use scratch::{NOW, Scratch, gzip, read_as};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

const FIRST_MS: i64 = 1_704_067_200_000;
const HOUR_MS: i64 = 3_600_000;

fn told(series: &[Series]) -> String {
    let line = |one: &Series| {
        let closes: Vec<String> = one.bars.iter().map(|bar| bar.close().to_string()).collect();
        format!("{} {} {}", one.symbol, one.interval, closes.join(" "))
    };
    series.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn said(read: Result<Vec<Series>, MarketError>) -> String {
    match read {
        Ok(series) => told(&series),
        Err(error) => {
            let text = error.to_string();
            text.rsplit_once('/').map_or(text.clone(), |(_, text)| text.to_owned())
        }
    }
}

fn feather(times: ArrayRef, packed: Option<CompressionType>) -> Vec<u8> {
    let floats = |step: f64| -> ArrayRef {
        Arc::new((0..times.len()).map(|at| 10.0 + at as f64 * step).collect::<Float64Array>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("date", times.clone()),
        ("open", floats(1.0)),
        ("high", floats(1.0)),
        ("low", floats(1.0)),
        ("close", floats(1.0)),
        ("volume", floats(2.0)),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns are alike long");
    let options = IpcWriteOptions::default().try_with_compression(packed).expect("it is built in");
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options)
        .expect("memory can be written");
    writer.write(&batch).expect("memory can be written");
    writer.into_inner().expect("memory can be written")
}

fn hours(count: i64) -> Vec<i64> {
    (0..count).map(|hour| FIRST_MS + hour * HOUR_MS).collect()
}

#[test]
fn freqtrade_feather_is_read_packed_or_not() {
    for packed in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        let ms = TimestampMillisecondArray::from(hours(3)).with_timezone("UTC");
        let ns: Vec<i64> = hours(3).iter().map(|ms| ms * 1_000_000).collect();
        let ns = TimestampNanosecondArray::from(ns).with_timezone("UTC");
        let times: [ArrayRef; 3] =
            [Arc::new(ms), Arc::new(ns), Arc::new(Int64Array::from(hours(3)))];
        for time in times {
            let bytes = feather(time, packed);
            let series = read_as("BTC_USDT-1h.feather", &bytes, &Wanted::all(NOW)).unwrap();
            assert_eq!(told(&series), "BTCUSDT 1h 10 11 12");
            assert_eq!(series[0].bars[0].opened_at(), Timestamp::from_ms(FIRST_MS));
            let series =
                read_as("ETH_USDT_USDT-1h-futures.feather", &bytes, &Wanted::all(NOW)).unwrap();
            assert_eq!(told(&series), "ETHUSDT 1h 10 11 12");
        }
    }
}

#[test]
fn a_feather_file_cut_short_is_named() {
    let bytes = feather(Arc::new(Int64Array::from(hours(50))), None);
    for cut in [bytes.len() / 2, bytes.len() - 1, 12, 7] {
        let said = said(read_as("BTC_USDT-1h.feather", &bytes[..cut], &Wanted::all(NOW)));
        assert_eq!(
            said, "BTC_USDT-1h.feather is cut short or damaged: get the file again",
            "{cut}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_feather_file_or_archive_never_panics(at in 0.0..1.0_f64, byte in any::<u8>()) {
        let zipped = zip(&[("a.csv", &klines(40, 1, false))]);
        let packed = feather(Arc::new(Int64Array::from(hours(50))), Some(CompressionType::LZ4_FRAME));
        let plain = feather(Arc::new(Int64Array::from(hours(50))), None);
        let json = json_rows(9).into_bytes();
        for (name, mut bytes) in [("X-1h.zip", zipped), ("X-1h.feather", packed), ("X-1h.feather", plain), ("X-1h.json", json)] {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            if let Err(error) = read_as(name, &bytes, &Wanted::all(NOW)) {
                prop_assert!(!error.to_string().contains('\n'), "{}", error);
            }
        }
    }
}

fn json_rows(count: i64) -> String {
    let row = |(at, ms): (usize, i64)| format!("[{ms}, 10, 12.5, 9, {}.5, 100]", 10 + at % 2);
    let rows: Vec<String> = hours(count).into_iter().enumerate().map(row).collect();
    format!("[{}]", rows.join(", "))
}

#[test]
fn freqtrade_json_is_read_and_a_bad_row_costs_itself() {
    let all = Wanted::all(NOW);
    assert_eq!(said(read_as("BTC_USDT-1h.json", json_rows(3), &all)), "BTCUSDT 1h 10.5 11.5 10.5");
    let packed = gzip(json_rows(2).as_bytes());
    assert_eq!(said(read_as("BTC_USDT-1h.json.gz", packed, &all)), "BTCUSDT 1h 10.5 11.5");
    let text = format!(
        "[[{FIRST_MS}, \"10\", \"12\", \"9\", \"11.1\", \"5\"], [null, 1, 1, 1, 1, 1], 7, {{\"a\": [1]}}, \
         [1704070800000, 1, 1, 1], [1704070800000, 1, true, 1, 1, 1], [\"x\", 1, 1, 1, 1, 1], \
         [1704070800000, 1, 2, 3, 4, 5], [1704074400000, 10, 12, 9, 10, 5, 0, 0, 0, 2.5, 0, 0]]"
    );
    let one = read_as("BTC_USDT-1h.json", text, &all).unwrap().remove(0);
    assert_eq!(told(std::slice::from_ref(&one)), "BTCUSDT 1h 11.1 10");
    let rows: Vec<String> = one
        .refusals
        .kept()
        .iter()
        .map(|refusal| format!("{} {}", refusal.row, refusal.reason))
        .collect();
    assert_eq!(
        rows,
        [
            "2 time is missing",
            "3 time is missing",
            "4 time is missing",
            "5 close is missing",
            "6 high \"true\" is not a number",
            "7 time \"x\" is no date and no epoch in s, ms or us",
            "8 open 1 lies outside low 3 and high 2",
        ]
    );
    assert_eq!(one.bars[1].taker_buy_volume(), Some(2.5));
}

/// A volume that is nonsense, or absent where others have one, is not one of nothing traded.
#[test]
fn json_volumes_that_are_no_numbers_cost_their_rows() {
    let row = |at: usize, rest: &str| format!("[{}, 10, 12, 9, 11{rest}]", hours(9)[at]);
    let text = |rests: &[&str]| {
        let rows: Vec<String> = rests.iter().enumerate().map(|(at, rest)| row(at, rest)).collect();
        format!("[{}]", rows.join(", "))
    };
    let given = [", 5", ", true", ", {\"a\": 1}", ", [1]", ", null", "", ", \"x\"", ", 0"];
    let one = read_as("BTC_USDT-1h.json", text(&given), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(told(std::slice::from_ref(&one)), "BTCUSDT 1h 11 11");
    let said = |refusal: &market::Refusal| format!("{} {}", refusal.row, refusal.reason);
    let rows: Vec<String> = one.refusals.kept().iter().map(said).collect();
    assert_eq!(
        rows,
        [
            "2 volume \"true\" is not a number",
            "3 volume \"{…}\" is not a number",
            "4 volume \"[…]\" is not a number",
            "5 volume is missing",
            "6 volume is missing",
            "7 volume \"x\" is not a number",
        ]
    );
    // Currencies have none at all.
    let none = text(&[", null", "", ", null"]);
    let one = read_as("EUR_USD-1h.json", none, &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((one.bars.len(), one.refusals.total()), (3, 0));
}

/// Rows of the archive, from the month's first hour on; futures have a header, spot of 2025 microseconds.
fn klines(count: i64, per_ms: i64, header: bool) -> String {
    let mut text = String::new();
    if header {
        text.push_str("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n");
    }
    for ms in hours(count) {
        let (open, close) = (ms * per_ms, (ms + HOUR_MS) * per_ms - 1);
        text.push_str(&format!("{open},10.0,12.0,9.0,11.0,100.0,{close},1000.0,7,40.0,400.0,0\n"));
    }
    text
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).expect("memory can be written");
        writer.write_all(text.as_bytes()).expect("memory can be written");
    }
    writer.finish().expect("memory can be written").into_inner()
}

#[test]
fn archive_zips_are_read_with_and_without_header_in_ms_and_us() {
    for (per_ms, header) in [(1, false), (1, true), (1_000, false), (1_000, true)] {
        let bytes = zip(&[("BTCUSDT-1h-2024-01.csv", &klines(3, per_ms, header))]);
        let one = read_as("BTCUSDT-1h-2024-01.zip", bytes, &Wanted::all(NOW)).unwrap().remove(0);
        assert_eq!(told(std::slice::from_ref(&one)), "BTCUSDT 1h 11 11 11");
        assert_eq!(one.bars[0].opened_at(), Timestamp::from_ms(FIRST_MS));
        assert_eq!(one.bars[0].taker_buy_volume(), Some(40.0));
        assert_eq!(one.refusals.total(), 0);
    }
    // A file may change its unit midway, as the year the archive did so.
    let mixed = klines(1, 1, false) + klines(2, 1_000, false).lines().nth(1).unwrap();
    let series = read_as("BTCUSDT-1h-2024-01.csv", mixed, &Wanted::all(NOW)).unwrap();
    assert_eq!((told(&series).as_str(), series[0].refusals.total()), ("BTCUSDT 1h 11 11", 0));
}

#[test]
fn months_of_one_symbol_become_one_series() {
    let scratch = Scratch::new();
    let all = klines(5, 1, false);
    let (first, second): (Vec<&str>, Vec<&str>) =
        (all.lines().take(3).collect(), all.lines().skip(2).collect());
    scratch.put("BTCUSDT-1h-2024-02.zip", zip(&[("b.csv", &second.join("\n"))]));
    scratch.put("BTCUSDT-1h-2024-01.zip", zip(&[("a.csv", &first.join("\n"))]));
    scratch.put("notes.zip", "not looked at");
    let one = scratch.read(&Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((one.bars.len(), one.refusals.total(), one.refusals.repeats()), (5, 0, 1));
}

#[test]
fn archives_that_are_not_one_text_are_named() {
    let one = klines(2, 1, false);
    let whole = zip(&[("a.csv", &one)]);
    let mut flipped = whole.clone();
    let middle = flipped.len() / 3;
    flipped[middle] ^= 0x55;
    for (bytes, part) in [
        (zip(&[("a.csv", &one), ("b.csv", &one)]), "holds several files: unpack it into a folder"),
        (zip(&[]), "holds no file: get the file again"),
        (zip(&[("../../a.csv", &one)]), "holds a name that leads out of its folder"),
        (zip(&[("/etc/a.csv", &one)]), "holds a name that leads out of its folder"),
        (whole[..whole.len() / 2].to_vec(), "is a zip archive cut short or damaged"),
        (flipped, "get the file again"),
        (zip(&[("a.csv", "")]), "is empty: get the file again"),
        (zip(&[("a.csv", "hello\nworld\n")]), "has no header among its first lines"),
    ] {
        let said = said(read_as("BTCUSDT-1h-2024-01.zip", bytes, &Wanted::all(NOW)));
        assert!(said.contains(part), "{said} | {part}");
    }
}

#[test]
fn a_checksum_beside_an_archive_is_held_against_it() {
    let bytes = zip(&[("a.csv", &klines(2, 1, false))]);
    let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let name = "BTCUSDT-1h-2024-01.zip";
    for (text, told) in [
        (format!("{sum}  {name}\n"), "BTCUSDT 1h 11 11"),
        (sum.to_uppercase(), "BTCUSDT 1h 11 11"),
        (format!("{}  {name}\n", "0".repeat(64)), "has the SHA-256"),
        ("<html>".to_owned(), "CHECKSUM holds no SHA-256 checksum: get the file again"),
    ] {
        let scratch = Scratch::new();
        scratch.put(name, &bytes);
        scratch.put(&format!("{name}.CHECKSUM"), text);
        let said = said(scratch.read(&Wanted::all(NOW)));
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn headers_of_many_sources_are_read() {
    let t = FIRST_MS / 1_000;
    for (header, row, volume, taker) in [
        ("Date,Open,High,Low,Close,Adj Close,Volume", "2024-01-01,1,2,1,2,1.9,7", 7.0, None),
        ("Open time,Open,High,Low,Close,Volume", &format!("{t},1,2,1,2,7"), 7.0, None),
        ("open_time,o,h,l,c,v", &format!("{t}000,1,2,1,2,7"), 7.0, None),
        ("datetime,open,high,low,close,tick_volume", "2024-01-01 00:00,1,2,1,2,7", 7.0, None),
        (
            "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT",
            &format!("{t},2024-01-01,BTC/USDT,1,2,1,2,7,70"),
            7.0,
            None,
        ),
        ("Date,Price,Open,High,Low,Vol.,Change %", "2024-01-01,2,1,2,1,7,0.1%", 7.0, None),
        (
            "timestamp,open,high,low,close,volume,taker_buy_base_asset_volume",
            &format!("{t},1,2,1,2,7,3"),
            7.0,
            Some(3.0),
        ),
        ("start,low,high,open,close,volume", &format!("{t},1,2,1,2,7"), 7.0, None),
        ("time,open,high,low,close,volumefrom,volumeto", &format!("{t},1,2,1,2,7,70"), 7.0, None),
    ] {
        let series = read_as("BTCUSDT-1d.csv", format!("{header}\n{row}\n"), &Wanted::all(NOW));
        let one = series.expect(header).remove(0);
        let bar = one.bars[0];
        assert_eq!((bar.opened_at().ms(), bar.close()), (FIRST_MS, 2.0), "{header}");
        assert_eq!((bar.volume(), bar.taker_buy_volume()), (volume, taker), "{header}");
    }
}
