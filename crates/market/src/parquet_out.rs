//! Bars into Parquet files, in the columns they are read from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use domain::Bar;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::{MarketError, Series, parquet_in};

/// Rows per batch handed to the encoder. Chosen: a few MB.
const BATCH_ROWS: usize = 65_536;

/// Writes a series as Parquet (zstd): `ts` in milliseconds of the open, `open high low close
/// volume`, and `taker_buy_volume` and `order_flow` where any bar has them. Prices are as held, adjusted ones adjusted.
/// The file appears whole or not at all; reading it gives the same bars and hash.
///
/// # Errors
///
/// When the folder cannot be written to or is full; what was there before stays.
pub fn write_parquet(path: &Path, series: &Series) -> Result<(), MarketError> {
    write_on(path, series, !series.adjustments().is_empty())
}

/// The same, noting whether prices stand on a scale of their own, which they do not show.
pub(crate) fn write_on(path: &Path, series: &Series, is_adjusted: bool) -> Result<(), MarketError> {
    let partial = partial(path);
    let written = write(&partial, &series.bars, is_adjusted)
        .and_then(|()| fs::rename(&partial, path).map_err(|cause| cause.to_string()));
    written.map_err(|cause| {
        // Best effort: the error that matters is the first one.
        let _ = fs::remove_file(&partial);
        MarketError::unwritable(path, cause)
    })
}

/// A name beside the file, so that the rename stays within one file system.
pub(crate) fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    path.with_file_name(name)
}

/// Whether a file's prices were written as adjusted ones.
pub(crate) fn is_adjusted(path: &Path) -> Result<bool, MarketError> {
    let file = File::open(path).map_err(|cause| MarketError::unreadable(path, cause))?;
    let reader =
        SerializedFileReader::new(file).map_err(|cause| parquet_in::damaged(path, &cause))?;
    let notes = reader.metadata().file_metadata().key_value_metadata();
    Ok(notes.is_some_and(|notes| notes.iter().any(|note| note.key == ADJUSTED)))
}

/// The note in a file of adjusted prices.
const ADJUSTED: &str = "adjusted_forward";

fn write(path: &Path, bars: &[Bar], is_adjusted: bool) -> Result<(), String> {
    let extra: Vec<(&str, MaybeOf)> =
        EXTRA.into_iter().filter(|(_, of)| bars.iter().any(|bar| of(bar).is_some())).collect();
    let level = ZstdLevel::try_new(9).map_err(|cause| cause.to_string())?;
    let note = is_adjusted.then(|| vec![KeyValue::new(ADJUSTED.to_owned(), "true".to_owned())]);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_key_value_metadata(note)
        .build();
    let file = File::create(path).map_err(|cause| cause.to_string())?;
    let schema = batch(&[], &extra)?.schema();
    let mut writer =
        ArrowWriter::try_new(file, schema, Some(properties)).map_err(|cause| cause.to_string())?;
    for chunk in bars.chunks(BATCH_ROWS) {
        writer.write(&batch(chunk, &extra)?).map_err(|cause| cause.to_string())?;
    }
    let file = writer.into_inner().map_err(|cause| cause.to_string())?;
    file.sync_all().map_err(|cause| cause.to_string())
}

type MaybeOf = fn(&Bar) -> Option<f64>;
/// Columns that are written where any bar has them.
const EXTRA: [(&str, MaybeOf); 2] =
    [("taker_buy_volume", Bar::taker_buy_volume), ("order_flow", Bar::flow)];

fn batch(bars: &[Bar], extra: &[(&str, MaybeOf)]) -> Result<RecordBatch, String> {
    let floats = |field: fn(&Bar) -> f64| -> ArrayRef {
        Arc::new(bars.iter().map(|bar| Some(field(bar))).collect::<Float64Array>())
    };
    let moments: Int64Array = bars.iter().map(|bar| Some(bar.opened_at().ms())).collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("ts", Arc::new(moments)),
        ("open", floats(Bar::open)),
        ("high", floats(Bar::high)),
        ("low", floats(Bar::low)),
        ("close", floats(Bar::close)),
        ("volume", floats(Bar::volume)),
    ];
    let told = columns.len();
    for (name, of) in extra {
        columns.push((name, Arc::new(bars.iter().map(of).collect::<Float64Array>())));
    }
    let columns =
        columns.into_iter().enumerate().map(|(at, (name, column))| (name, column, at >= told));
    RecordBatch::try_from_iter_with_nullable(columns).map_err(|cause| cause.to_string())
}
