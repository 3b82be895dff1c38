//! Bars from Parquet files.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;

use crate::MarketError;
use crate::batches::Layout;
use crate::capped::{ROWS_MAX, TEXT_BYTES_MAX};
use crate::door::RawRows;
use crate::error::one_line;

/// Rows decoded at a time: the columns of one batch stay in the second-level cache.
const BATCH_ROWS: usize = 8_192;

/// Reads a Parquet file.
pub(crate) fn read(
    file: File,
    path: &Arc<Path>,
    symbol: Option<&str>,
) -> Result<RawRows, MarketError> {
    unharmed(path, || decode(file, path, symbol))
}

/// The decoder asserts what a damaged file may break. A file must not end the program.
pub(crate) fn unharmed<T>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, MarketError>,
) -> Result<T, MarketError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| {
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
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    let layout = Layout::of_bars(&names, symbol, path)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), layout.roots().iter().copied());
    let mut found = RawRows::default();
    let batches = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|cause| damaged(path, &cause))?;
    for batch in batches {
        let batch = batch.map_err(|cause| damaged(path, &cause))?;
        layout.take(&batch, path, &mut found)?;
    }
    Ok(found)
}

pub(crate) fn damaged(path: &Path, cause: &dyn std::fmt::Display) -> MarketError {
    MarketError::broken(path, format!("is cut short or damaged ({})", one_line(&cause.to_string())))
}

pub(crate) fn check_size(path: &Path, about: &ParquetMetaData) -> Result<(), MarketError> {
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
