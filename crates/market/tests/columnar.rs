//! Parquet of many types, and Parquet of our own.

mod scratch;

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampNanosecondArray, TimestampSecondArray,
};
use market::{Series, Wanted, write_parquet};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use scratch::{NOW, Scratch, read_as, rows};

fn write(path: &Path, compression: Compression, columns: Vec<(&str, ArrayRef)>) {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("columns are alike long");
    let properties = WriterProperties::builder().set_compression(compression).build();
    let file = std::fs::File::create(path).expect("a file can be made");
    let mut writer =
        ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("the schema is plain");
    writer.write(&batch).expect("the batch fits");
    writer.close().expect("the file can be ended");
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn read_columns(
    compression: Compression,
    columns: Vec<(&str, ArrayRef)>,
) -> Result<Series, String> {
    let scratch = Scratch::new();
    let path = scratch.path().join("XY-1d.parquet");
    write(&path, compression, columns);
    let read = market::read(std::slice::from_ref(&path), &Wanted::all(NOW));
    let folder = format!("{}/", scratch.path().display());
    read.map(|mut series| series.remove(0)).map_err(|error| error.to_string().replace(&folder, ""))
}

fn with_time(time: ArrayRef) -> Result<Vec<String>, String> {
    let one = || floats(&[1.5, 2.5]);
    let columns = vec![
        ("Close", one()),
        ("low", one()),
        ("HIGH", one()),
        ("extra", one()),
        ("Open Time", time),
        ("open", one()),
    ];
    let series = read_columns(Compression::SNAPPY, columns)?;
    Ok(series.bars.iter().map(|bar| format!("{} {}", bar.opened_at(), bar.close())).collect())
}

#[test]
fn times_of_many_types_are_read() {
    let told =
        Ok(vec!["2020-01-01T00:00:00Z 1.5".to_owned(), "2020-01-02T00:00:00Z 2.5".to_owned()]);
    let (first, second) = (1_577_836_800_i64, 1_577_923_200_i64);
    assert_eq!(with_time(Arc::new(Int64Array::from(vec![first * 1_000, second * 1_000]))), told);
    assert_eq!(
        with_time(Arc::new(Int64Array::from(vec![first * 1_000_000, second * 1_000_000]))),
        told
    );
    assert_eq!(with_time(Arc::new(Int32Array::from(vec![first as i32, second as i32]))), told);
    assert_eq!(with_time(floats(&[first as f64, second as f64])), told);
    assert_eq!(with_time(Arc::new(TimestampSecondArray::from(vec![first, second]))), told);
    assert_eq!(
        with_time(Arc::new(
            TimestampNanosecondArray::from(vec![first * 1_000_000_000, second * 1_000_000_000])
                .with_timezone("UTC")
        )),
        told
    );
    assert_eq!(with_time(Arc::new(Date32Array::from(vec![18_262, 18_263]))), told);
    let text: ArrayRef = Arc::new(StringArray::from(vec!["2020-01-01", "2020-01-02"]));
    assert_eq!(with_time(text), Err("XY-1d.parquet has time as Utf8: write the column as a timestamp or as int64 milliseconds".to_owned()));
}

#[test]
fn numbers_of_many_types_factors_and_nulls_are_read() {
    let codecs = [
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
        Compression::UNCOMPRESSED,
    ];
    for codec in codecs {
        let prices =
            || -> ArrayRef { Arc::new(Float32Array::from(vec![Some(1.1), Some(2.2), None])) };
        let columns: Vec<(&str, ArrayRef)> = vec![
            (
                "ts",
                Arc::new(Int64Array::from(vec![
                    1_577_836_800_000,
                    1_577_923_200_000,
                    1_578_009_600_000,
                ])),
            ),
            ("open", prices()),
            ("high", prices()),
            ("low", prices()),
            ("close", prices()),
            ("volume", Arc::new(Int32Array::from(vec![10, 20, 30]))),
            ("taker_buy_volume", Arc::new(Float64Array::from(vec![Some(4.0), None, None]))),
            ("adj_factor", floats(&[0.5, 1.0, 1.0])),
        ];
        let series = read_columns(codec, columns).unwrap();
        // The first bar is as it was traded, and the second as if its split had not been.
        assert_eq!((series.bars[0].close(), series.bars[1].close()), (1.1, 4.4));
        assert_eq!((series.bars[0].volume(), series.bars[1].volume()), (10.0, 10.0));
        assert_eq!(
            (series.bars[0].taker_buy_volume(), series.bars[1].taker_buy_volume()),
            (Some(4.0), None)
        );
        assert_eq!((series.price_decimals, series.volume_decimals), (3, 2));
        assert_eq!(
            (series.refusals.kept()[0].row, series.refusals.kept()[0].reason.kind()),
            (3, "field missing")
        );
    }
}

#[test]
fn columns_that_hold_no_numbers_are_named() {
    let one = || floats(&[1.0]);
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let ts: ArrayRef = Arc::new(Int64Array::from(vec![1_577_836_800_000]));
    let columns =
        vec![("ts", ts.clone()), ("open", text), ("high", one()), ("low", one()), ("close", one())];
    assert_eq!(
        read_columns(Compression::SNAPPY, columns).unwrap_err(),
        "XY-1d.parquet has open as Utf8: write the column as float64"
    );
    let columns = vec![("ts", ts), ("open", one())];
    assert_eq!(
        read_columns(Compression::SNAPPY, columns).unwrap_err(),
        "XY-1d.parquet has no columns for high, low, close: add or rename them"
    );
}

#[test]
fn what_is_written_reads_back_with_the_same_hash() {
    let text = "ts,open,high,low,close,volume,taker_buy_volume\n1600000000,10,12,9,11.123456789,100,50\n1600003600,10,12,9,11,100,\n";
    let flow = "ts,open,high,low,close,volume,order_flow\n1600000000,10,12,9,11,100,-1.5\n1600003600,10,12,9,11,100,\n";
    for text in [text.to_owned(), flow.to_owned(), rows(200_000)] {
        let series = read_as("XY-1h.csv", &text, &Wanted::all(NOW)).unwrap().remove(0);
        let scratch = Scratch::new();
        let path = scratch.path().join("XY-1h.parquet");
        write_parquet(&path, &series).unwrap();
        let again = market::read(&[path], &Wanted::all(NOW)).unwrap().remove(0);
        assert_eq!((&again.bars, &again.hash), (&series.bars, &series.hash));
        assert_eq!(
            std::fs::read_dir(scratch.path()).unwrap().count(),
            1,
            "nothing partial is left"
        );
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_the_old_one_stays() {
    let series = read_as("XY-1h.csv", rows(3), &Wanted::all(NOW)).unwrap().remove(0);
    let scratch = Scratch::new();
    let error =
        write_parquet(&scratch.path().join("none/XY-1h.parquet"), &series).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot write ")
            && error.ends_with("check the folder, its permissions and the free space")
    );
    let taken = scratch.put("taken.parquet/file", "old");
    assert!(write_parquet(&scratch.path().join("taken.parquet"), &series).is_err());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing partial is left");
    assert_eq!(std::fs::read(taken).unwrap(), b"old");
}
