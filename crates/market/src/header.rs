//! Finding the line of delimited text that names the columns, and splitting such a line.

use csv::ByteRecord;

use crate::BadRow;
use crate::columns::{Columns, Lacking};

/// How many lines of banner may stand before the header. Chosen.
const BANNER_LINES_MAX: usize = 20;

/// The line that names the columns.
pub(crate) struct Header {
    pub(crate) columns: Columns,
    pub(crate) separator: u8,
    /// How many fields it has.
    pub(crate) width: usize,
    /// Where the rows begin.
    pub(crate) bytes: usize,
    /// How many lines it and its banner are.
    pub(crate) lines: u64,
    pub(crate) line_end: LineEnd,
}

/// How lines end, which decides how they are counted.
#[derive(Clone, Copy)]
pub(crate) enum LineEnd {
    Newline,
    Both,
    Return,
}

impl LineEnd {
    pub(crate) fn of(head: &[u8]) -> LineEnd {
        match head.iter().position(|byte| *byte == b'\n') {
            Some(at) if at > 0 && head[at - 1] == b'\r' => LineEnd::Both,
            Some(_) => LineEnd::Newline,
            None if head.contains(&b'\r') => LineEnd::Return,
            None => LineEnd::Newline,
        }
    }

    /// As it is written. Put after the last record, it has every record end with one.
    pub(crate) const fn text(self) -> &'static [u8] {
        match self {
            LineEnd::Newline => b"\n",
            LineEnd::Both => b"\r\n",
            LineEnd::Return => b"\r",
        }
    }

    /// The line of the record that was read last, `records` being how many were. The line a record
    /// says it begins on is that of the blank ones before it, so it is counted from its end: the
    /// splitter has passed the newline by then, but only the return where both stand.
    pub(crate) fn line<R: std::io::Read>(self, lines: &csv::Reader<R>, records: u64) -> u64 {
        match self {
            LineEnd::Newline => lines.position().line().saturating_sub(1),
            LineEnd::Both => lines.position().line(),
            LineEnd::Return => records,
        }
    }
}

/// Why there is none.
pub(crate) enum NoHeader {
    Empty,
    Binary,
    /// In words that follow the file's name.
    Lacking(String),
}

impl Header {
    pub(crate) fn find(head: &[u8], symbol: Option<&str>) -> Result<Header, NoHeader> {
        let head_text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        if head_text.trim_ascii().is_empty() {
            return Err(NoHeader::Empty);
        }
        if head.contains(&0) {
            return Err(NoHeader::Binary);
        }
        let line_end = LineEnd::of(head_text);
        if is_kline(head_text) {
            let (columns, separator) = (Columns::KLINE, b',');
            let bytes = head.len() - head_text.len();
            return Ok(Header {
                columns,
                separator,
                width: KLINE_FIELDS,
                bytes,
                lines: 0,
                line_end,
            });
        }
        // Old Macintosh files end their lines with a carriage return alone.
        let last = if head.contains(&b'\n') { b'\n' } else { b'\r' };
        let mut bytes = head.len() - head_text.len();
        let mut nearest: Option<(u64, Lacking)> = None;
        for (at, line) in
            head_text.split_inclusive(|byte| *byte == last).take(BANNER_LINES_MAX).enumerate()
        {
            bytes += line.len();
            let lines = at as u64 + 1;
            for separator in *b",;\t" {
                let names = fields(line, separator);
                match Columns::find(&names, symbol) {
                    Ok(columns) => {
                        let width = names.len();
                        return Ok(Header { columns, separator, width, bytes, lines, line_end });
                    }
                    Err(lacking)
                        if lacking.found > nearest.as_ref().map_or(1, |(_, near)| near.found) =>
                    {
                        nearest = Some((lines, lacking));
                    }
                    Err(_) => {}
                }
            }
        }
        Err(NoHeader::Lacking(lacking_sentence(nearest)))
    }
}

/// Fields in a row of the exchange's archive.
const KLINE_FIELDS: usize = 12;

/// Whether the first line is a row of the exchange's archive: twelve numbers, the seventh the moment
/// just before the bar closes.
fn is_kline(head: &[u8]) -> bool {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let numbers: Vec<f64> = line.split(',').map_while(|field| field.trim().parse().ok()).collect();
    let fields = line.split(',').count();
    numbers.len() == KLINE_FIELDS
        && fields == KLINE_FIELDS
        && numbers[0] > 1e11
        && numbers[6] > numbers[0]
}

fn lacking_sentence(nearest: Option<(u64, Lacking)>) -> String {
    match nearest {
        Some((line, lacking)) => format!(
            "has a header (line {line}) without {}: add or rename the column",
            lacking.missing.join(", ")
        ),
        None => "has no header among its first lines: put \"ts,open,high,low,close,volume\" above the rows".to_owned(),
    }
}

pub(crate) fn fields(line: &[u8], separator: u8) -> Vec<String> {
    let record = split_quoted(line, separator);
    record.iter().map(|field| String::from_utf8_lossy(bare(field)).into_owned()).collect()
}

/// Splits one line, in which quotes may hold separators.
pub(crate) fn split_quoted(line: &[u8], separator: u8) -> ByteRecord {
    let mut record = ByteRecord::new();
    let mut lines =
        csv::ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(line);
    // Reading memory cannot fail, and one record cannot differ from another.
    let _ = lines.read_byte_record(&mut record);
    record
}

/// Refuses a row that says more than the header names: a comma for decimals, or a name with one, has moved
/// all that follows it, and numbers in other columns than their own may well make a bar.
pub(crate) fn check_width(record: &ByteRecord, width: usize) -> Result<(), BadRow> {
    let says_more = record.iter().skip(width).any(|field| !bare(field).is_empty());
    if record.len() > width && says_more {
        return Err(BadRow::TooManyFields { fields: record.len(), columns: width });
    }
    Ok(())
}

/// A field without blanks and quotes around it.
pub(crate) fn bare(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    let inner = field.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    inner.map_or(field, <[u8]>::trim_ascii)
}

/// Whether a separator stands inside quotes, so that the quick split cut a field in two.
pub(crate) fn is_cut(record: &ByteRecord) -> bool {
    record.iter().any(|field| match field {
        [b'"'] => true,
        [b'"', .., last] => *last != b'"',
        _ => false,
    })
}
