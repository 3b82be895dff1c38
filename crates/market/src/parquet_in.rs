//! Bars from Parquet files.

use std::borrow::Cow;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use domain::{RawBar, Timestamp};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;

use crate::capped::{ROWS_MAX, TEXT_BYTES_MAX};
use crate::columns::Columns;
use crate::door::{Adjusted, NO_VOLUME, RawRows, Row};
use crate::error::one_line;
use crate::stamp::{self, NoStamp};
use crate::{BadRow, MarketError, Refusals};

/// Rows decoded at a time: the columns of one batch stay in the second-level cache.
const BATCH_ROWS: usize = 8_192;
const DAY_MS: i64 = 86_400_000;

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
        };
        match &self.factor {
            Some(factor) => bar.adjusted(factor.at(at)?),
            None => Ok(bar),
        }
    }
}

/// A column of numbers.
struct Numbers<'a> {
    column: &'static str,
    values: Cow<'a, [f64]>,
    array: &'a dyn Array,
    has_nulls: bool,
}

impl<'a> Numbers<'a> {
    fn of(
        array: Option<&'a dyn Array>,
        column: &'static str,
        path: &Path,
    ) -> Result<Numbers<'a>, MarketError> {
        let array = array.ok_or_else(|| MarketError::broken(path, "changes its columns midway"))?;
        let values = match array.data_type() {
            DataType::Float64 => typed::<Float64Type>(array).map(Cow::Borrowed),
            DataType::Float32 => made::<Float32Type>(array, shortest),
            DataType::Int64 => made::<Int64Type>(array, |value| value as f64),
            DataType::Int32 => made::<Int32Type>(array, f64::from),
            DataType::Int16 => made::<Int16Type>(array, f64::from),
            DataType::Int8 => made::<Int8Type>(array, f64::from),
            DataType::UInt64 => made::<UInt64Type>(array, |value| value as f64),
            DataType::UInt32 => made::<UInt32Type>(array, f64::from),
            DataType::UInt16 => made::<UInt16Type>(array, f64::from),
            DataType::UInt8 => made::<UInt8Type>(array, f64::from),
            _ => None,
        };
        let values = values.ok_or_else(|| wrong_type(path, column, array, "float64"))?;
        Ok(Numbers { column, values, array, has_nulls: array.null_count() > 0 })
    }

    fn at(&self, at: usize) -> Result<f64, BadRow> {
        if self.has_nulls && self.array.is_null(at) {
            return Err(BadRow::Missing { column: self.column });
        }
        Ok(self.values[at])
    }
}

fn wrong_type(path: &Path, column: &str, array: &dyn Array, wanted: &str) -> MarketError {
    let found = one_line(&array.data_type().to_string());
    MarketError::columns(path, format!("has {column} as {found}: write the column as {wanted}"))
}

fn typed<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<&[T::Native]> {
    array.as_any().downcast_ref::<PrimitiveArray<T>>().map(|array| array.values().as_ref())
}

fn made<'a, T: ArrowPrimitiveType>(
    array: &dyn Array,
    to: impl Fn(T::Native) -> f64,
) -> Option<Cow<'a, [f64]>> {
    Some(Cow::Owned(typed::<T>(array)?.iter().map(|value| to(*value)).collect()))
}

/// A float32 as the decimal it was meant to be: 1.1, not 1.100000023841858. Order is kept.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

/// A column of moments.
struct Times<'a> {
    values: Cow<'a, [i64]>,
    unit: Unit,
    array: &'a dyn Array,
    has_nulls: bool,
}

#[derive(Clone, Copy)]
enum Unit {
    ByMagnitude,
    Milliseconds,
    Multiples { ms: i64 },
    Fractions { per_ms: i64 },
}

impl<'a> Times<'a> {
    fn of(array: Option<&'a dyn Array>, path: &Path) -> Result<Times<'a>, MarketError> {
        let array = array.ok_or_else(|| MarketError::broken(path, "changes its columns midway"))?;
        let borrowed =
            |values: Option<&'a [i64]>, unit| values.map(|values| (Cow::Borrowed(values), unit));
        let whole =
            |values: Option<Vec<i64>>, unit| values.map(|values| (Cow::Owned(values), unit));
        let read = match array.data_type() {
            DataType::Int64 => borrowed(typed::<Int64Type>(array), Unit::ByMagnitude),
            DataType::Int32 => whole(wide::<Int32Type>(array), Unit::ByMagnitude),
            DataType::UInt32 => whole(wide::<UInt32Type>(array), Unit::ByMagnitude),
            DataType::UInt64 => {
                let values = typed::<UInt64Type>(array);
                let saturate = |values: &[u64]| {
                    values.iter().map(|v| i64::try_from(*v).unwrap_or(i64::MAX)).collect()
                };
                whole(values.map(saturate), Unit::ByMagnitude)
            }
            DataType::Float64 => {
                let values = typed::<Float64Type>(array);
                whole(
                    values.map(|values| values.iter().map(|v| epoch_of_float(*v)).collect()),
                    Unit::ByMagnitude,
                )
            }
            DataType::Timestamp(TimeUnit::Second, _) => {
                borrowed(typed::<TimestampSecondType>(array), Unit::Multiples { ms: 1_000 })
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                borrowed(typed::<TimestampMillisecondType>(array), Unit::Milliseconds)
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => borrowed(
                typed::<TimestampMicrosecondType>(array),
                Unit::Fractions { per_ms: 1_000 },
            ),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => borrowed(
                typed::<TimestampNanosecondType>(array),
                Unit::Fractions { per_ms: 1_000_000 },
            ),
            DataType::Date32 => whole(wide::<Date32Type>(array), Unit::Multiples { ms: DAY_MS }),
            DataType::Date64 => borrowed(typed::<Date64Type>(array), Unit::Milliseconds),
            _ => None,
        };
        let (values, unit) = read.ok_or_else(|| {
            wrong_type(path, "time", array, "a timestamp or as int64 milliseconds")
        })?;
        Ok(Times { values, unit, array, has_nulls: array.null_count() > 0 })
    }

    fn at(&self, at: usize) -> Result<Timestamp, BadRow> {
        if self.has_nulls && self.array.is_null(at) {
            return Err(BadRow::Missing { column: "time" });
        }
        let value = self.values[at];
        let ms = match self.unit {
            Unit::Milliseconds => value,
            Unit::Multiples { ms } => value.saturating_mul(ms),
            Unit::Fractions { per_ms } => value.div_euclid(per_ms),
            Unit::ByMagnitude => stamp::epoch_ms(value).map_err(|why| match why {
                NoStamp::BeyondUnits(value) => BadRow::BeyondUnits { value },
                NoStamp::Unreadable => BadRow::NotATime { text: value.to_string().into() },
            })?,
        };
        Ok(Timestamp::from_ms(ms))
    }
}

fn wide<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<Vec<i64>>
where
    i64: From<T::Native>,
{
    Some(typed::<T>(array)?.iter().map(|value| i64::from(*value)).collect())
}

/// Seconds with a fraction become milliseconds, so that the fraction is kept; NaN becomes a moment
/// that no market has.
fn epoch_of_float(value: f64) -> i64 {
    let has_fraction = value.abs() < 1e11 && value.fract() != 0.0;
    if has_fraction { (value * 1_000.0).round() as i64 } else { value as i64 }
}
