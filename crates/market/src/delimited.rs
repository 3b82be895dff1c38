//! Bars from delimited text: CSV and its cousins, plain or gzipped.

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use csv::ByteRecord;
use domain::{RawBar, Timestamp};

use crate::capped::{Capped, ROWS_MAX, TEXT_BYTES_MAX};
use crate::columns::Columns;
use crate::door::{NO_VOLUME, RawRows, Row, checked_factor};
use crate::error::one_line;
use crate::files::trouble;
use crate::header::{Header, LineEnd, NoHeader, bare, check_width, is_cut, split_quoted};
use crate::stamp::{self, NoStamp, Stamp};
use crate::{BadRow, MarketError, Refusals};

/// How much of a file is looked at to find its header.
pub(crate) const HEAD_BYTES: u64 = 64 << 10;

/// Reads text.
pub(crate) fn read(
    text: impl Read,
    path: &Arc<Path>,
    symbol: Option<&str>,
) -> Result<RawRows, MarketError> {
    read_up_to(text, path, symbol, TEXT_BYTES_MAX)
}

fn read_up_to(
    source: impl Read,
    path: &Arc<Path>,
    symbol: Option<&str>,
    bytes_max: u64,
) -> Result<RawRows, MarketError> {
    let mut text = Capped::new(source, bytes_max);
    let mut head = Vec::new();
    text.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|cause| trouble(path, cause))?;
    let header = Header::find(&head, symbol).map_err(|what| match what {
        NoHeader::Empty => MarketError::broken(path, "is empty"),
        NoHeader::Binary => MarketError::broken(path, "holds binary bytes, not text"),
        NoHeader::Lacking(what) => MarketError::columns(path, what),
    })?;
    let rest = Cursor::new(&head[header.bytes..]).chain(text).chain(header.line_end.text());
    let lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        // One stray quote would swallow all rows after it; quotes are dealt with line by line.
        .quoting(false)
        .delimiter(header.separator)
        .buffer_capacity(HEAD_BYTES as usize)
        .from_reader(rest);
    Rows::new(path, &header).read(lines)
}

/// Rows on their way in.
struct Rows<'a> {
    path: &'a Arc<Path>,
    columns: &'a Columns,
    separator: u8,
    width: usize,
    decimal_comma: bool,
    lines_before: u64,
    line_end: LineEnd,
    rows: Vec<Row>,
    refusals: Refusals,
    /// Rows whose date reads two ways: their place, and the moment if the month comes first.
    slashed: Vec<(usize, Slashed)>,
    symbol: Option<Box<[u8]>>,
    joined: String,
}

#[derive(Clone, Copy)]
struct Slashed {
    day_first: Option<i64>,
    month_first: Option<i64>,
}

impl<'a> Rows<'a> {
    fn new(path: &'a Arc<Path>, header: &'a Header) -> Rows<'a> {
        Rows {
            path,
            columns: &header.columns,
            separator: header.separator,
            width: header.width,
            // Who separates by something else may keep the comma for decimals.
            decimal_comma: header.separator != b',',
            lines_before: header.lines,
            line_end: header.line_end,
            rows: Vec::new(),
            refusals: Refusals::default(),
            slashed: Vec::new(),
            symbol: None,
            joined: String::new(),
        }
    }

    fn read(mut self, mut lines: csv::Reader<impl Read>) -> Result<RawRows, MarketError> {
        let mut record = ByteRecord::new();
        let mut count = 0;
        while lines.read_byte_record(&mut record).map_err(|cause| csv_trouble(self.path, cause))? {
            count += 1;
            if count > ROWS_MAX {
                return Err(MarketError::too_big(
                    self.path,
                    format!("has more than {ROWS_MAX} rows"),
                ));
            }
            let row = self.lines_before + self.line_end.line(&lines, count);
            if is_cut(&record) {
                let line: Vec<&[u8]> = record.iter().collect();
                record = split_quoted(&line.join(&self.separator), self.separator);
            }
            match self.row(&record, row) {
                Ok((bar, factor)) => self.rows.push(Row { row, bar, factor }),
                Err(reason) => self.refusals.refuse(self.path, row, reason),
            }
        }
        self.settle_dates()?;
        let symbol = self.symbol.map(|symbol| String::from_utf8_lossy(&symbol).into_owned());
        Ok(RawRows { rows: self.rows, refusals: self.refusals, symbol, count })
    }

    fn row(&mut self, record: &ByteRecord, row: u64) -> Result<(RawBar, f64), BadRow> {
        check_width(record, self.width)?;
        self.check_symbol(record)?;
        let stamp = self.stamp(record)?;
        let columns = self.columns;
        let number = |at, column| number(record, at, column, self.decimal_comma);
        let needed = |at, column| number(at, column)?.ok_or(BadRow::Missing { column });
        let maybe = |at: Option<usize>, column| at.map_or(Ok(None), |at| number(at, column));
        let bar = RawBar {
            opened_at: Timestamp::default(),
            open: needed(columns.open, "open")?,
            high: needed(columns.high, "high")?,
            low: needed(columns.low, "low")?,
            close: needed(columns.close, "close")?,
            volume: columns.volume.map_or(Ok(NO_VOLUME), |at| needed(at, "volume"))?,
            taker_buy_volume: maybe(columns.taker_buy_volume, "taker_buy_volume")?,
            flow: maybe(columns.order_flow, "order_flow")?,
        };
        let factor = columns.adj_factor.map_or(Ok(1.0), |at| needed(at, "adj_factor"))?;
        let factor = checked_factor(factor)?;
        let ms = match stamp {
            Stamp::At(ms) => ms,
            Stamp::Slashed { day_first, month_first } => {
                self.slashed.push((self.rows.len(), Slashed { day_first, month_first }));
                row as i64
            }
        };
        Ok((RawBar { opened_at: Timestamp::from_ms(ms), ..bar }, factor))
    }

    /// A file may hold one symbol only, else two markets would be shuffled into one.
    fn check_symbol(&mut self, record: &ByteRecord) -> Result<(), BadRow> {
        let Some(at) = self.columns.symbol else { return Ok(()) };
        let symbol = bare(record.get(at).unwrap_or_default());
        match &self.symbol {
            _ if symbol.is_empty() => {}
            None => self.symbol = Some(symbol.into()),
            Some(first) if **first == *symbol => {}
            Some(first) => {
                return Err(BadRow::OtherSymbol {
                    symbol: shortened(symbol),
                    file_symbol: shortened(first),
                });
            }
        }
        Ok(())
    }

    fn stamp(&mut self, record: &ByteRecord) -> Result<Stamp, BadRow> {
        let field = |at: usize| record.get(at).map(bare).filter(|field| !field.is_empty());
        let bytes = field(self.columns.time).ok_or(BadRow::Missing { column: "time" })?;
        let text =
            std::str::from_utf8(bytes).map_err(|_| BadRow::NotATime { text: shortened(bytes) })?;
        let clock =
            self.columns.clock.and_then(field).and_then(|clock| std::str::from_utf8(clock).ok());
        let text = match clock {
            Some(clock) => {
                self.joined.clear();
                self.joined.extend([text, " ", clock]);
                &self.joined
            }
            None => text,
        };
        stamp::read(text).map_err(|why| match why {
            NoStamp::Unreadable => BadRow::NotATime { text: shortened(text.as_bytes()) },
            NoStamp::BeyondUnits(value) => BadRow::BeyondUnits { value },
        })
    }

    /// One value above 12 in the column tells day from month for all rows.
    fn settle_dates(&mut self) -> Result<(), MarketError> {
        let day_first = self.slashed.iter().any(|(_, stamp)| stamp.month_first.is_none());
        let month_first = self.slashed.iter().any(|(_, stamp)| stamp.day_first.is_none());
        let one_way = self.slashed.iter().all(|(_, stamp)| stamp.day_first == stamp.month_first);
        if day_first && month_first {
            let what = "mixes day-first and month-first dates: write them as 2017-01-31";
            return Err(MarketError::unclear(self.path, what));
        }
        if !day_first && !month_first && !one_way {
            let what =
                "has dates that read day-first and month-first alike: write them as 2017-01-31";
            return Err(MarketError::unclear(self.path, what));
        }
        for (at, stamp) in &self.slashed {
            let ms = if month_first { stamp.month_first } else { stamp.day_first };
            self.rows[*at].bar.opened_at = Timestamp::from_ms(ms.unwrap_or_default());
        }
        Ok(())
    }
}

pub(crate) fn number(
    record: &ByteRecord,
    at: usize,
    column: &'static str,
    comma: bool,
) -> Result<Option<f64>, BadRow> {
    let field = bare(record.get(at).unwrap_or_default());
    if field.is_empty() {
        return Ok(None);
    }
    let unreadable = || BadRow::NotANumber { column, text: shortened(field) };
    let text = std::str::from_utf8(field).map_err(|_| unreadable())?;
    let value = match text.parse::<f64>() {
        Ok(value) => value,
        Err(_) if comma && !text.contains('.') => {
            text.replacen(',', ".", 1).parse().map_err(|_| unreadable())?
        }
        Err(_) => return Err(unreadable()),
    };
    Ok(Some(value))
}

pub(crate) fn shortened(field: &[u8]) -> Box<str> {
    let text = String::from_utf8_lossy(&field[..field.len().min(40)]);
    one_line(&text).replace('"', "'").into_boxed_str()
}

pub(crate) fn csv_trouble(path: &Path, cause: csv::Error) -> MarketError {
    match cause.into_kind() {
        csv::ErrorKind::Io(cause) => trouble(path, cause),
        _ => MarketError::broken(path, "cannot be split into fields"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gzip_bomb_is_refused_by_its_unpacked_size() {
        let path: Arc<Path> = Path::new("bomb.csv.gz").into();
        let mut text = b"ts,open,high,low,close,volume\n".to_vec();
        text.resize(1 << 20, b'\n');
        let said =
            read_up_to(text.as_slice(), &path, None, 1 << 19).map(|_| ()).unwrap_err().to_string();
        assert_eq!(
            said,
            "bomb.csv.gz holds more than 524288 bytes of text: split it into smaller files"
        );
    }
}
