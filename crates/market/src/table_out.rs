//! Any table into a Parquet or CSV file, for exports. The ending of the name chooses the format.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::MarketError;
use crate::parquet_out::partial;

/// A column. What is unknown is absent, not zero.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Real numbers.
    Real(Vec<Option<f64>>),
    /// Text; exact money and moments come as text.
    Text(Vec<Option<String>>),
}

impl Cells {
    fn array(&self) -> ArrayRef {
        match self {
            Cells::Whole(cells) => Arc::new(cells.iter().copied().collect::<Int64Array>()),
            Cells::Real(cells) => Arc::new(cells.iter().copied().collect::<Float64Array>()),
            Cells::Text(cells) => {
                Arc::new(cells.iter().map(Option::as_deref).collect::<StringArray>())
            }
        }
    }

    fn text(&self, row: usize) -> String {
        match self {
            Cells::Whole(cells) => said(cells.get(row)),
            Cells::Real(cells) => said(cells.get(row)),
            Cells::Text(cells) => said(cells.get(row)),
        }
    }

    fn rows(&self) -> usize {
        match self {
            Cells::Whole(cells) => cells.len(),
            Cells::Real(cells) => cells.len(),
            Cells::Text(cells) => cells.len(),
        }
    }
}

fn said<T: ToString>(cell: Option<&Option<T>>) -> String {
    cell.and_then(Option::as_ref).map(T::to_string).unwrap_or_default()
}

/// Writes named columns of one length. The file appears whole or not at all.
///
/// # Errors
///
/// When the name ends neither in `.csv` nor in `.parquet`, or the place cannot be written to.
pub fn write_table(path: &Path, columns: &[(String, Cells)]) -> Result<(), MarketError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let partial = partial(path);
    let written = match ending {
        "parquet" => write_parquet(&partial, columns),
        "csv" => write_csv(&partial, columns),
        _ => Err(format!("the name must end in .csv or .parquet, not in `{ending}`")),
    };
    let placed =
        written.and_then(|()| fs::rename(&partial, path).map_err(|cause| cause.to_string()));
    placed.map_err(|cause| {
        // Best effort: the error that matters is the first one.
        let _ = fs::remove_file(&partial);
        MarketError::unwritable(path, cause)
    })
}

fn write_parquet(path: &Path, columns: &[(String, Cells)]) -> Result<(), String> {
    let arrays = columns.iter().map(|(name, cells)| (name.as_str(), cells.array(), true));
    let batch =
        RecordBatch::try_from_iter_with_nullable(arrays).map_err(|cause| cause.to_string())?;
    let level = ZstdLevel::try_new(3).map_err(|cause| cause.to_string())?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let file = File::create(path).map_err(|cause| cause.to_string())?;
    let mut writer =
        ArrowWriter::try_new(file, batch.schema(), Some(properties)).map_err(|c| c.to_string())?;
    writer.write(&batch).map_err(|cause| cause.to_string())?;
    let file = writer.into_inner().map_err(|cause| cause.to_string())?;
    file.sync_all().map_err(|cause| cause.to_string())
}

fn write_csv(path: &Path, columns: &[(String, Cells)]) -> Result<(), String> {
    let file = File::create(path).map_err(|cause| cause.to_string())?;
    let mut writer = csv::Writer::from_writer(BufWriter::new(file));
    let failed = |cause: csv::Error| cause.to_string();
    writer.write_record(columns.iter().map(|(name, _)| name)).map_err(failed)?;
    let rows = columns.iter().map(|(_, cells)| cells.rows()).max().unwrap_or(0);
    for row in 0..rows {
        writer.write_record(columns.iter().map(|(_, cells)| cells.text(row))).map_err(failed)?;
    }
    let mut buffer = writer.into_inner().map_err(|cause| cause.to_string())?;
    buffer.flush().map_err(|cause| cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<(String, Cells)> {
        vec![
            ("no".to_owned(), Cells::Whole(vec![Some(1), Some(2)])),
            ("r".to_owned(), Cells::Real(vec![Some(-0.5), None])),
            ("why".to_owned(), Cells::Text(vec![Some("a, \"b\"".to_owned()), None])),
        ]
    }

    #[test]
    fn absent_cells_are_empty_and_quotes_survive() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.csv");
        write_table(&file, &columns()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "no,r,why\n1,-0.5,\"a, \"\"b\"\"\"\n2,,\n");
        write_table(&folder.path().join("t.parquet"), &columns()).unwrap();
    }

    #[test]
    fn a_name_without_a_format_is_refused_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_table(&folder.path().join("t.xlsx"), &columns()).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
