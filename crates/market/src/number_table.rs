//! Tables of any columns, most of them numbers: public benchmark sets, as they lie about.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use csv::ByteRecord;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::MarketError;
use crate::arrays::Numbers;
use crate::capped::{Capped, ROWS_MAX, TEXT_BYTES_MAX};
use crate::delimited::{HEAD_BYTES, csv_trouble, shortened};
use crate::files::{self, Format, trouble, unpacked};
use crate::header::{bare, fields};
use crate::parquet_in::{check_size, damaged, unharmed};

/// A table read whole, column by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberTable {
    /// Its columns, as they stand in the file; all are of one length.
    pub columns: Vec<NumberColumn>,
    /// Whether its first line named them; without that they are named by their places, from 0.
    pub has_header: bool,
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberColumn {
    /// Its name.
    pub name: String,
    /// Its numbers; nothing where a cell is empty or says that it is. A column of other things has none.
    pub values: Vec<Option<f64>>,
    /// The first cell that is no number, with its row from 1; it makes the column one of other things.
    pub other: Option<(u64, String)>,
}

impl NumberTable {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        let numbers = self.columns.iter().find(|column| column.other.is_none());
        numbers.map_or(0, |column| column.values.len())
    }

    /// The place of a column that is called by its name, or else by its place from 0.
    pub fn place(&self, called: &str) -> Option<usize> {
        let by_name = self.columns.iter().position(|column| column.name == called);
        by_name.or_else(|| called.parse().ok().filter(|at| *at < self.columns.len()))
    }
}

/// Reads a table: comma, semicolon or tab between cells, gzipped or not, with a header or without; or
/// Parquet.
///
/// # Errors
/// A sentence where there is no such file, or it is no such table.
pub fn read_numbers(path: &Path) -> Result<NumberTable, MarketError> {
    let (file, format) = files::open(path)?;
    let table = match format {
        Format::Text => of_text(file, path)?,
        Format::TextGzip => of_text(unpacked(file), path)?,
        Format::Parquet => unharmed(path, || of_parquet(file, path))?,
        Format::Feather | Format::Json | Format::JsonGzip | Format::Zip => {
            let what = "is no table of numbers: name a CSV or TSV file, gzipped or not, or Parquet";
            return Err(MarketError::columns(path, what));
        }
    };
    if table.rows() == 0 {
        return Err(MarketError::columns(path, "has no row of numbers: name another file"));
    }
    Ok(table)
}

fn of_text(source: impl Read, path: &Path) -> Result<NumberTable, MarketError> {
    let mut text = Capped::new(source, TEXT_BYTES_MAX);
    let mut head = Vec::new();
    text.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|cause| trouble(path, cause))?;
    if head.contains(&0) {
        return Err(MarketError::broken(path, "holds binary bytes, not text"));
    }
    let head_text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let mut lines = head_text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .filter(|line| !line.trim_ascii().is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let separator = separator(first);
    let (first, second) = (fields(first, separator), fields(second, separator));
    let has_header = is_header(&first, &second, separator);
    let mut table = NumberTable {
        columns: (0..first.len()).map(|at| NumberColumn::named(at.to_string())).collect(),
        has_header,
    };
    let mut records = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(Cursor::new(head_text.to_vec()).chain(text));
    let (mut record, mut row) = (ByteRecord::new(), 0);
    if has_header && records.read_byte_record(&mut record).map_err(|e| csv_trouble(path, e))? {
        table.columns.iter_mut().zip(first).for_each(|(column, name)| column.name = name);
    }
    while records.read_byte_record(&mut record).map_err(|cause| csv_trouble(path, cause))? {
        row += 1;
        if row > ROWS_MAX {
            return Err(MarketError::too_big(path, format!("has more than {ROWS_MAX} rows")));
        }
        table.take(&record, row, separator, path)?;
    }
    Ok(table)
}

impl NumberTable {
    fn take(
        &mut self,
        record: &ByteRecord,
        row: u64,
        separator: u8,
        path: &Path,
    ) -> Result<(), MarketError> {
        let (has, needed) = (record.len(), self.columns.len());
        let says_more = record.iter().skip(needed).any(|field| !bare(field).is_empty());
        if has < needed || says_more {
            let what = format!("has {has} cells in row {row} and {needed} in its first line");
            return Err(MarketError::columns(path, format!("{what}: mend that row")));
        }
        for (column, field) in self.columns.iter_mut().zip(record) {
            column.take(cell(field, separator), row, || shortened(bare(field)).into());
        }
        Ok(())
    }
}

impl NumberColumn {
    fn named(name: String) -> NumberColumn {
        NumberColumn { name, ..NumberColumn::default() }
    }

    fn take(&mut self, cell: Cell, row: u64, text: impl FnOnce() -> String) {
        match cell {
            _ if self.other.is_some() => {}
            Cell::Number(value) => self.values.push(Some(value)),
            Cell::Empty => self.values.push(None),
            Cell::Other => {
                self.values = Vec::new();
                self.other = Some((row, text()));
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Number(f64),
    Empty,
    Other,
}

/// What tables write where they have nothing.
const EMPTY: [&str; 6] = ["", "na", "nan", "n/a", "null", "?"];

fn cell(field: &[u8], separator: u8) -> Cell {
    let Ok(text) = std::str::from_utf8(bare(field)) else { return Cell::Other };
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    // Who separates by something else may keep the comma for decimals.
    let with_comma = || {
        let is_told = separator != b',' && text.contains(',') && !text.contains('.');
        is_told.then(|| number(&text.replacen(',', ".", 1))).flatten()
    };
    match number(text).or_else(with_comma) {
        Some(value) => Cell::Number(value),
        None if EMPTY.iter().any(|empty| text.eq_ignore_ascii_case(empty)) => Cell::Empty,
        None => Cell::Other,
    }
}

/// The separator that cuts a line into most cells; a comma where none does.
fn separator(line: &[u8]) -> u8 {
    let cells = |separator: &u8| line.iter().filter(|byte| *byte == separator).count();
    // Of equally many the last one counts: a comma.
    *b";\t,".iter().max_by_key(|separator| cells(separator)).unwrap_or(&b',')
}

/// Whether the first line names columns: somewhere it says words above numbers, or it counts the columns.
fn is_header(first: &[String], second: &[String], separator: u8) -> bool {
    let kind = |text: &String| cell(text.as_bytes(), separator);
    let counts = first.len() > 1 && first.iter().enumerate().all(|(at, t)| *t == at.to_string());
    let names = |(above, below): (&String, &String)| {
        kind(above) == Cell::Other && matches!(kind(below), Cell::Number(_) | Cell::Empty)
    };
    let all_words = first.iter().all(|text| kind(text) == Cell::Other);
    counts || all_words || first.iter().zip(second).any(names)
}

fn of_parquet(file: File, path: &Path) -> Result<NumberTable, MarketError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|cause| damaged(path, &cause))?;
    check_size(path, builder.metadata())?;
    let names = builder.schema().fields().iter().map(|field| field.name().clone());
    let columns = names.map(NumberColumn::named).collect();
    let mut table = NumberTable { columns, has_header: true };
    let batches = builder.build().map_err(|cause| damaged(path, &cause))?;
    let mut before = 0;
    for batch in batches {
        let batch = batch.map_err(|cause| damaged(path, &cause))?;
        table.take_batch(&batch, before, path)?;
        before += batch.num_rows() as u64;
    }
    Ok(table)
}

impl NumberTable {
    fn take_batch(
        &mut self,
        batch: &RecordBatch,
        before: u64,
        path: &Path,
    ) -> Result<(), MarketError> {
        for (column, array) in self.columns.iter_mut().zip(batch.columns()) {
            if !is_of_numbers(array.data_type()) {
                column.take(Cell::Other, before + 1, || array.data_type().to_string());
                continue;
            }
            let numbers = Numbers::of(Some(array.as_ref()), "a column", path)?;
            for at in 0..array.len() {
                let value = numbers.at(at).ok().filter(|value| value.is_finite());
                let cell = value.map_or(Cell::Empty, Cell::Number);
                column.take(cell, before + at as u64 + 1, String::new);
            }
        }
        Ok(())
    }
}

fn is_of_numbers(kind: &DataType) -> bool {
    kind.is_integer() || matches!(kind, DataType::Float32 | DataType::Float64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, has_header: bool, names: &str, rows: usize) -> NumberTable {
        let table = of_text(text.as_bytes(), Path::new("t.csv")).expect("a table");
        let told: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((table.has_header, told.join(" ").as_str()), (has_header, names), "{text}");
        assert_eq!(table.rows(), rows, "{text}");
        table
    }

    #[test]
    fn tables_are_read_with_and_without_header_however_they_are_separated() {
        check("date,a,b\n2020-01-01 00:00,1,2\n2020-01-01 01:00,3,4\n", true, "date a b", 2);
        check("date,0,1,OT\n1990/1/1,1,2,3\n", true, "date 0 1 OT", 1);
        check("0,1,2\n5,6,7\n", true, "0 1 2", 1);
        check("1990/1/1,1,2\n1990/1/2,3,4", false, "0 1 2", 2);
        check("1\t.5\t-1e3\r\n0\t\t2\r\n", false, "0 1 2", 2);
        check("\u{feff}y;x\n1;0,5\n", true, "y x", 1);
        let table = check("y,\"a, b\",c\n1,,word\n\n2,?,3\n", true, "y a, b c", 2);
        assert_eq!(table.columns[1].values, [None, None]);
        assert_eq!(table.columns[2].other, Some((1, "word".to_owned())));
        assert_eq!(
            [table.place("c"), table.place("0"), table.place("3")],
            [Some(2), Some(0), None]
        );
    }

    #[test]
    fn a_row_of_another_length_is_named() {
        let said = of_text(b"a,b\n1,2\n3\n".as_slice(), Path::new("t.csv")).map(|_| ());
        let said = said.expect_err("a short row").to_string();
        assert_eq!(said, "t.csv has 1 cells in row 2 and 2 in its first line: mend that row");
    }
}
