//! Columns of a Parquet file as numbers and moments, whatever their type.

use std::borrow::Cow;
use std::path::Path;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};
use domain::Timestamp;

use crate::error::one_line;
use crate::stamp::{self, NoStamp};
use crate::{BadRow, MarketError};

const DAY_MS: i64 = 86_400_000;

/// A column of numbers.
pub(crate) struct Numbers<'a> {
    column: &'static str,
    values: Cow<'a, [f64]>,
    array: &'a dyn Array,
    has_nulls: bool,
}

impl<'a> Numbers<'a> {
    pub(crate) fn of(
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

    pub(crate) fn at(&self, at: usize) -> Result<f64, BadRow> {
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
pub(crate) struct Times<'a> {
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
    /// The same, but whole numbers are nanoseconds: the column's name must say so, since their
    /// magnitude alone is refused.
    pub(crate) fn in_ns(
        array: Option<&'a dyn Array>,
        path: &Path,
    ) -> Result<Times<'a>, MarketError> {
        let times = Times::of(array, path)?;
        let unit = match times.unit {
            Unit::ByMagnitude => Unit::Fractions { per_ms: 1_000_000 },
            told => told,
        };
        Ok(Times { unit, ..times })
    }

    pub(crate) fn of(array: Option<&'a dyn Array>, path: &Path) -> Result<Times<'a>, MarketError> {
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

    pub(crate) fn at(&self, at: usize) -> Result<Timestamp, BadRow> {
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
