//! Bars from Parquet files.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use domain::RawBar;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;

use crate::arrays::{Numbers, Times};
use crate::capped::{ROWS_MAX, TEXT_BYTES_MAX};
use crate::columns::Columns;
use crate::door::{Adjusted, NO_VOLUME, RawRows, Row};
use crate::error::one_line;
use crate::{BadRow, MarketError, Refusals};

/// Rows decoded at a time: the columns of one batch stay in the second-level cache.
const BATCH_ROWS: usize = 8_192;

/// Reads a Parquet file.
pub(crate) fn read(
    file: File,
    path: &Arc<Path>,
    symbol: Option<&str>,
) -> Result<RawRows, MarketError> {
    // The decoder asserts what a damaged file may break. A file must not end the program.
    catch_unwind(AssertUnwindSafe(|| decode(file, path, symbol))).unwrap_or_else(|_| {
        Err(MarketError::broken(path, "breaks the Parquet decoder, so it is damaged"))
    })
}

fn decode(file: File, path: &Arc<Path>, symbol: Option<&str>) -> Result<RawRows, MarketError> {
    // The Arrow schema a writer may have embedded adds nothing here and could contradict the columns.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|cause| damaged(path, &cause))?;
    check_size(path, builder.metadata())?;
    let fields = builder.schema().fields();
    let names: Vec<&String> = fields.iter().map(|field| field.name()).collect();
    let columns = Columns::find(&names, symbol).map_err(|lacking| {
        MarketError::columns(
            path,
            format!("has no columns for {}: add or rename them", lacking.missing.join(", ")),
        )
    })?;
    let places = Places::of(&columns);
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.roots.iter().copied());
    let mut found =
        RawRows { rows: Vec::new(), refusals: Refusals::default(), symbol: None, count: 0 };
    let batches = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|cause| damaged(path, &cause))?;
    for batch in batches {
        let batch = batch.map_err(|cause| damaged(path, &cause))?;
        take_batch(&batch, &columns, &places, path, &mut found)?;
        // The count in the footer may lie, and a run of equal values packs to almost nothing.
        if found.count > ROWS_MAX {
            return Err(MarketError::too_big(path, format!("has more than {ROWS_MAX} rows")));
        }
    }
    Ok(found)
}

fn damaged(path: &Path, cause: &dyn std::fmt::Display) -> MarketError {
    MarketError::broken(path, format!("is cut short or damaged ({})", one_line(&cause.to_string())))
}

fn check_size(path: &Path, about: &ParquetMetaData) -> Result<(), MarketError> {
    let rows = about.file_metadata().num_rows();
    if u64::try_from(rows).is_ok_and(|rows| rows > ROWS_MAX) {
        return Err(MarketError::too_big(path, format!("has {rows} rows, more than {ROWS_MAX}")));
    }
    let sizes = about
        .row_groups()
        .iter()
        .map(|group| u64::try_from(group.total_byte_size()).unwrap_or_default());
    if sizes.fold(0, u64::saturating_add) > TEXT_BYTES_MAX {
        return Err(MarketError::too_big(
            path,
            format!("unpacks to more than {TEXT_BYTES_MAX} bytes"),
        ));
    }
    Ok(())
}

/// Which columns are decoded; a batch holds them in the file's order.
struct Places {
    roots: Vec<usize>,
}

impl Places {
    fn of(columns: &Columns) -> Places {
        let needed = [columns.time, columns.open, columns.high, columns.low, columns.close];
        let more = [columns.volume, columns.taker_buy_volume, columns.adj_factor];
        let mut roots: Vec<usize> = needed.into_iter().chain(more.into_iter().flatten()).collect();
        roots.sort_unstable();
        roots.dedup();
        Places { roots }
    }

    fn column<'a>(&self, batch: &'a RecordBatch, root: usize) -> Option<&'a dyn Array> {
        let at = self.roots.binary_search(&root).ok()?;
        batch.columns().get(at).map(AsRef::as_ref)
    }
}

fn take_batch(
    batch: &RecordBatch,
    columns: &Columns,
    places: &Places,
    path: &Arc<Path>,
    found: &mut RawRows,
) -> Result<(), MarketError> {
    let numbers = |root, column| Numbers::of(places.column(batch, root), column, path);
    let bars = Batch {
        times: Times::of(places.column(batch, columns.time), path)?,
        open: numbers(columns.open, "open")?,
        high: numbers(columns.high, "high")?,
        low: numbers(columns.low, "low")?,
        close: numbers(columns.close, "close")?,
        volume: columns.volume.map(|root| numbers(root, "volume")).transpose()?,
        taker: columns
            .taker_buy_volume
            .map(|root| numbers(root, "taker_buy_volume"))
            .transpose()?,
        factor: columns.adj_factor.map(|root| numbers(root, "adj_factor")).transpose()?,
    };
    found.rows.reserve(batch.num_rows());
    for at in 0..batch.num_rows() {
        found.count += 1;
        match bars.row(at) {
            Ok(bar) => found.rows.push(Row { row: found.count, bar }),
            Err(reason) => found.refusals.refuse(path, found.count, reason),
        }
    }
    Ok(())
}

struct Batch<'a> {
    times: Times<'a>,
    open: Numbers<'a>,
    high: Numbers<'a>,
    low: Numbers<'a>,
    close: Numbers<'a>,
    volume: Option<Numbers<'a>>,
    taker: Option<Numbers<'a>>,
    factor: Option<Numbers<'a>>,
}

impl Batch<'_> {
    fn row(&self, at: usize) -> Result<RawBar, BadRow> {
        let bar = RawBar {
            opened_at: self.times.at(at)?,
            open: self.open.at(at)?,
            high: self.high.at(at)?,
            low: self.low.at(at)?,
            close: self.close.at(at)?,
            volume: self.volume.as_ref().map_or(Ok(NO_VOLUME), |volume| volume.at(at))?,
            taker_buy_volume: self.taker.as_ref().and_then(|taker| taker.at(at).ok()),
            flow: None,
        };
        match &self.factor {
            Some(factor) => bar.adjusted(factor.at(at)?),
            None => Ok(bar),
        }
    }
}
