//! Tables of other things than bars: a moment and some numbers a row, from any file that holds rows.

use std::cell::Cell;
use std::io::{Cursor, Read};
use std::path::Path;

use arrow_array::RecordBatch;
use csv::ByteRecord;
use domain::Timestamp;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::archive::Check;
use crate::arrays::{Numbers, Times};
use crate::capped::{Capped, ROWS_MAX, TEXT_BYTES_MAX};
use crate::columns::{Columns, TIME, plain};
use crate::delimited::{HEAD_BYTES, csv_trouble, number, shortened};
use crate::files::{self, Format, trouble, unpacked};
use crate::header::{LineEnd, bare, check_width, fields, is_cut, split_quoted};
use crate::stamp::{self, NoStamp, Stamp};
use crate::{BadRow, MarketError, archive, feather, json_rows, parquet_in};

/// How many lines of banner may stand before the header.
const BANNER_LINES_MAX: usize = 20;

/// Which columns of a table are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick<const N: usize> {
    time: usize,
    is_in_ns: bool,
    numbers: [(usize, &'static str); N],
}

impl<const N: usize> Pick<N> {
    /// Finds a moment and one column for each list of aliases, the first of which names it.
    pub(crate) fn find(names: &[&str], wanted: [&[&'static str]; N]) -> Option<Pick<N>> {
        let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let place = |alias: &str| names.iter().position(|name| *name == plain(alias));
        let in_ns = place("recv_ns").or_else(|| place("ts_ns"));
        let by_calendar = || TIME.iter().chain(&["calctime", "fundingtime"]).find_map(|a| place(a));
        let time = in_ns.or_else(by_calendar)?;
        let mut numbers = [(0, ""); N];
        for (number, aliases) in numbers.iter_mut().zip(wanted) {
            *number = (aliases.iter().find_map(|alias| place(alias))?, aliases.first()?);
        }
        Some(Pick { time, is_in_ns: in_ns.is_some(), numbers })
    }
}

/// A row as far as it was wanted.
pub(crate) type Row<const N: usize> = Result<(Timestamp, [f64; N]), BadRow>;

/// What takes rows, by their number.
pub(crate) type Take<'a, const N: usize> = &'a mut dyn FnMut(u64, Row<N>);

/// How columns are chosen by their names.
pub(crate) type Choose<'a, const N: usize> = &'a dyn Fn(&[&str]) -> Option<Pick<N>>;

/// A table of the best bid and ask.
pub(crate) const QUOTES: &str = "best bid and ask";
/// A table of trades.
pub(crate) const TRADES: &str = "trades";

/// What a table that holds no bars holds, in words, where its columns tell.
pub(crate) fn kind_of(path: &Path) -> Option<&'static str> {
    const KINDS: [(&str, &[&str]); 4] = [
        ("funding rates", &["funding_rate"]),
        (QUOTES, &["bid", "bid_qty", "ask", "ask_qty"]),
        (TRADES, &["price", "qty", "buyer_is_maker"]),
        ("depth of the book", &["side", "price", "qty"]),
    ];
    let found = Cell::new(None);
    let look = |names: &[&str]| -> Option<Pick<0>> {
        let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let has = |wanted: &&str| names.contains(&plain(wanted));
        let kind = KINDS.iter().find(|(_, columns)| columns.iter().all(has));
        found.set(found.get().or(kind.map(|(kind, _)| *kind)));
        None
    };
    look_at(path, Check::Later, &look).ok()?;
    found.get()
}

/// Whether a table of bars tells the factors its prices are adjusted by.
pub(crate) fn has_factors(path: &Path) -> Result<bool, MarketError> {
    let found = Cell::new(false);
    let look = |names: &[&str]| -> Option<Pick<0>> {
        let columns = Columns::find(names, None);
        found.set(found.get() || columns.is_ok_and(|columns| columns.adj_factor.is_some()));
        None
    };
    look_at(path, Check::Later, &look)?;
    Ok(found.get())
}

/// Shows the names of a file's columns to `look`, which chooses none of them. Who takes the rows later
/// holds an archive against its checksum, so that looking need not do it too.
pub(crate) fn look_at(path: &Path, check: Check, look: Choose<'_, 0>) -> Result<(), MarketError> {
    each(path, check, look, &mut |_, _| {}).map(drop)
}

/// Gives every row of a file to `take`, in their order; returns how many there were, or nothing when
/// `choose` found no columns in it.
pub(crate) fn each_row<const N: usize>(
    path: &Path,
    choose: Choose<'_, N>,
    take: Take<'_, N>,
) -> Result<Option<u64>, MarketError> {
    each(path, Check::First, choose, take)
}

fn each<const N: usize>(
    path: &Path,
    check: Check,
    choose: Choose<'_, N>,
    take: Take<'_, N>,
) -> Result<Option<u64>, MarketError> {
    let (file, format) = files::open(path)?;
    match format {
        Format::Parquet => parquet_in::unharmed(path, || each_of_parquet(file, path, choose, take)),
        Format::Feather => feather::with_batches(file, path, |names, batches| {
            let Some(pick) = choose(names) else { return Ok(None) };
            each_of_batches(batches, &pick, |root| root, path, take).map(Some)
        })?,
        Format::Text => each_of_text(file, path, choose, take),
        Format::TextGzip => each_of_text(unpacked(file), path, choose, take),
        Format::Zip => {
            archive::with_text(file, path, check, |text| each_of_text(text, path, choose, take))
        }
        Format::Json => each_of_json(file, path, choose, take),
        Format::JsonGzip => each_of_json(unpacked(file), path, choose, take),
    }
}

/// Rows of JSON have no names: the first two cells are a moment and a number.
fn each_of_json<const N: usize>(
    text: impl Read,
    path: &Path,
    choose: Choose<'_, N>,
    take: Take<'_, N>,
) -> Result<Option<u64>, MarketError> {
    let Some(pick) = choose(&["ts", "value"]) else { return Ok(None) };
    let column = pick.numbers.first().map_or("value", |(_, column)| column);
    let mut take_one = |row: u64, read: Result<(Timestamp, f64), BadRow>| {
        take(row, read.map(|(at, value)| (at, [value; N])));
    };
    json_rows::each_reading(text, path, column, &mut take_one).map(Some)
}

fn each_of_parquet<const N: usize>(
    file: std::fs::File,
    path: &Path,
    choose: Choose<'_, N>,
    take: Take<'_, N>,
) -> Result<Option<u64>, MarketError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|cause| parquet_in::damaged(path, &cause))?;
    parquet_in::check_size(path, builder.metadata())?;
    let names: Vec<&str> = builder.schema().fields().iter().map(|f| f.name().as_str()).collect();
    let Some(pick) = choose(&names) else { return Ok(None) };
    let mut roots: Vec<usize> = pick.numbers.iter().map(|(at, _)| *at).collect();
    roots.push(pick.time);
    roots.sort_unstable();
    roots.dedup();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots.iter().copied());
    let mut batches = builder
        .with_projection(mask)
        .build()
        .map_err(|cause| parquet_in::damaged(path, &cause))?
        .map(|batch| batch.map_err(|cause| parquet_in::damaged(path, &cause)));
    let place = |root| roots.binary_search(&root).unwrap_or(usize::MAX);
    each_of_batches(&mut batches, &pick, place, path, take).map(Some)
}

fn each_of_batches<const N: usize>(
    batches: &mut dyn Iterator<Item = Result<RecordBatch, MarketError>>,
    pick: &Pick<N>,
    place: impl Fn(usize) -> usize,
    path: &Path,
    take: Take<'_, N>,
) -> Result<u64, MarketError> {
    let mut count = 0;
    for batch in batches {
        let batch = batch?;
        let column = |root: usize| batch.columns().get(place(root)).map(AsRef::as_ref);
        let times = match pick.is_in_ns {
            true => Times::in_ns(column(pick.time), path)?,
            false => Times::of(column(pick.time), path)?,
        };
        let numbers = pick.numbers.iter().map(|(at, name)| Numbers::of(column(*at), name, path));
        let numbers = numbers.collect::<Result<Vec<Numbers>, MarketError>>()?;
        for at in 0..batch.num_rows() {
            count += 1;
            let row = || -> Row<N> {
                let moment = times.at(at)?;
                let mut values = [0.0; N];
                for (value, numbers) in values.iter_mut().zip(&numbers) {
                    *value = numbers.at(at)?;
                }
                Ok((moment, values))
            };
            take(count, row());
        }
        if count > ROWS_MAX {
            return Err(MarketError::too_big(path, format!("has more than {ROWS_MAX} rows")));
        }
    }
    Ok(count)
}

fn each_of_text<const N: usize>(
    source: impl Read,
    path: &Path,
    choose: Choose<'_, N>,
    take: Take<'_, N>,
) -> Result<Option<u64>, MarketError> {
    let mut text = Capped::new(source, TEXT_BYTES_MAX);
    let mut head = Vec::new();
    text.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|cause| trouble(path, cause))?;
    let Some((pick, separator, bytes, lines, width)) = text_header(&head, choose) else {
        return Ok(None);
    };
    let line_end = LineEnd::of(&head);
    let mut records = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(false)
        .delimiter(separator)
        .from_reader(Cursor::new(&head[bytes..]).chain(text).chain(line_end.text()));
    let (mut record, mut count) = (ByteRecord::new(), 0);
    while records.read_byte_record(&mut record).map_err(|cause| csv_trouble(path, cause))? {
        count += 1;
        if count > ROWS_MAX {
            return Err(MarketError::too_big(path, format!("has more than {ROWS_MAX} rows")));
        }
        let row = lines + line_end.line(&records, count);
        if is_cut(&record) {
            let line: Vec<&[u8]> = record.iter().collect();
            record = split_quoted(&line.join(&separator), separator);
        }
        let read = check_width(&record, width);
        take(row, read.and_then(|()| text_row(&record, &pick, separator != b',')));
    }
    Ok(Some(count))
}

/// The columns, the separator, where rows begin, how many lines stand before them, and how many fields
/// they have.
type TextHeader<const N: usize> = (Pick<N>, u8, usize, u64, usize);

fn text_header<const N: usize>(head: &[u8], choose: Choose<'_, N>) -> Option<TextHeader<N>> {
    let mut bytes = 0;
    for (line, lines) in head.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        bytes += line.len();
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        for separator in *b",;\t" {
            let names = fields(line, separator);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            if let Some(pick) = choose(&names) {
                return Some((pick, separator, bytes, lines, names.len()));
            }
        }
        if lines as usize == BANNER_LINES_MAX {
            break;
        }
    }
    None
}

fn text_row<const N: usize>(record: &ByteRecord, pick: &Pick<N>, comma: bool) -> Row<N> {
    let field = bare(record.get(pick.time).unwrap_or_default());
    let moment = text_moment(field, pick.is_in_ns)?;
    let mut values = [0.0; N];
    for (value, (at, column)) in values.iter_mut().zip(&pick.numbers) {
        *value = number(record, *at, column, comma)?.ok_or(BadRow::Missing { column })?;
    }
    Ok((moment, values))
}

fn text_moment(field: &[u8], is_in_ns: bool) -> Result<Timestamp, BadRow> {
    let unreadable = || BadRow::NotATime { text: shortened(field) };
    if field.is_empty() {
        return Err(BadRow::Missing { column: "time" });
    }
    let text = std::str::from_utf8(field).map_err(|_| unreadable())?;
    if is_in_ns {
        let ns: i64 = text.parse().map_err(|_| unreadable())?;
        return Ok(Timestamp::from_ms(ns.div_euclid(1_000_000)));
    }
    match stamp::read(text) {
        Ok(Stamp::At(ms)) => Ok(Timestamp::from_ms(ms)),
        Ok(Stamp::Slashed { .. }) | Err(NoStamp::Unreadable) => Err(unreadable()),
        Err(NoStamp::BeyondUnits(value)) => Err(BadRow::BeyondUnits { value }),
    }
}
