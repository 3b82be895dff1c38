//! Bars from JSON: a list of `[time, open, high, low, close, volume]`, as freqtrade keeps them and
//! exchanges answer.

use std::fmt;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use domain::{RawBar, Timestamp};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};

use crate::capped::{Capped, ROWS_MAX, TEXT_BYTES_MAX};
use crate::delimited::shortened;
use crate::door::{NO_VOLUME, RawRows, Row};
use crate::error::one_line;
use crate::files::trouble;
use crate::stamp::{self, NoStamp, Stamp};
use crate::{BadRow, MarketError, Refusals};

const COLUMNS: [&str; 6] = ["time", "open", "high", "low", "close", "volume"];
const VOLUME: usize = 5;
/// Rows of an exchange have twelve cells, of which this one is the volume that takers bought.
const EXCHANGE_CELLS: usize = 12;
const TAKER: usize = 9;

/// Reads JSON text as bars.
pub(crate) fn read(text: impl Read, path: &Arc<Path>) -> Result<RawRows, MarketError> {
    let mut found = RawRows::default();
    let mut without_volume = Vec::new();
    let mut take = |row: u64, cells: &Cells| {
        found.count = row;
        match bar(cells) {
            Ok((bar, has_volume)) => {
                if !has_volume {
                    without_volume.push(found.rows.len());
                }
                found.rows.push(Row { row, bar, factor: 1.0 });
            }
            Err(reason) => found.refusals.refuse(path, row, reason),
        }
    };
    each_row(text, path, &mut take)?;
    if without_volume.len() < found.rows.len() {
        refuse_without_volume(&mut found, &without_volume, path);
    }
    Ok(found)
}

/// Where other rows tell a volume, one that tells none is not one of nothing traded.
fn refuse_without_volume(found: &mut RawRows, places: &[usize], path: &Arc<Path>) {
    let mut late = Refusals::default();
    for at in places {
        late.refuse(path, found.rows[*at].row, BadRow::Missing { column: COLUMNS[VOLUME] });
    }
    let mut at = 0;
    found.rows.retain(|_| {
        at += 1;
        places.binary_search(&(at - 1)).is_err()
    });
    found.refusals.absorb_same_file(late);
}

/// Gives every row of JSON text to `take` as a moment and the number after it; returns how many there
/// were. Tools keep readings so, with cells behind them that say nothing.
pub(crate) fn each_reading(
    text: impl Read,
    path: &Path,
    column: &'static str,
    take: &mut dyn FnMut(u64, Result<(Timestamp, f64), BadRow>),
) -> Result<u64, MarketError> {
    each_row(text, path, &mut |row, cells| take(row, reading(cells, column)))
}

fn reading(Cells(cells): &Cells, column: &'static str) -> Result<(Timestamp, f64), BadRow> {
    let at = cells.first().unwrap_or(&Cell::Nothing).moment()?;
    let value = cells.get(1).map_or(Ok(None), |cell| cell.number(column))?;
    Ok((at, value.ok_or(BadRow::Missing { column })?))
}

type TakeCells<'a> = &'a mut dyn FnMut(u64, &Cells);

fn each_row(text: impl Read, path: &Path, take: TakeCells<'_>) -> Result<u64, MarketError> {
    let text = BufReader::with_capacity(1 << 16, Capped::of_any_line(text, TEXT_BYTES_MAX));
    let mut json = serde_json::Deserializer::from_reader(text);
    let mut count = 0;
    let read = Table { take, count: &mut count }.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|cause| json_trouble(path, cause))?;
    if count > ROWS_MAX {
        return Err(MarketError::too_big(path, format!("has more than {ROWS_MAX} rows")));
    }
    Ok(count)
}

fn json_trouble(path: &Path, cause: serde_json::Error) -> MarketError {
    match cause.classify() {
        serde_json::error::Category::Io => trouble(path, cause.into()),
        serde_json::error::Category::Eof => MarketError::broken(path, "is cut short"),
        serde_json::error::Category::Syntax => {
            MarketError::broken(path, format!("is no JSON ({})", one_line(&cause.to_string())))
        }
        serde_json::error::Category::Data => MarketError::columns(
            path,
            "is JSON of another shape: write a list of [time, open, high, low, close, volume]",
        ),
    }
}

/// The list as a whole, taken row by row so that one bad row costs itself only.
struct Table<'a> {
    take: TakeCells<'a>,
    count: &'a mut u64,
}

impl<'de> DeserializeSeed<'de> for Table<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Table<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(cells) = rows.next_element::<Cells>()? {
            *self.count += 1;
            if *self.count > ROWS_MAX {
                // The rest need not be read to be refused.
                while rows.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            (self.take)(*self.count, &cells);
        }
        Ok(())
    }
}

/// A row's bar, and whether it tells a volume.
fn bar(Cells(cells): &Cells) -> Result<(RawBar, bool), BadRow> {
    let number = |at: usize| cells.get(at).map_or(Ok(None), |cell| cell.number(COLUMNS[at]));
    let needed = |at: usize| number(at)?.ok_or(BadRow::Missing { column: COLUMNS[at] });
    let has_taker = cells.len() == EXCHANGE_CELLS;
    let volume = number(VOLUME);
    let bar = RawBar {
        opened_at: cells.first().unwrap_or(&Cell::Nothing).moment()?,
        open: needed(1)?,
        high: needed(2)?,
        low: needed(3)?,
        close: needed(4)?,
        volume: volume.clone()?.unwrap_or(NO_VOLUME),
        taker_buy_volume: match cells.get(TAKER).filter(|_| has_taker) {
            Some(cell) => cell.number("taker_buy_volume")?,
            None => None,
        },
        flow: None,
    };
    Ok((bar, volume?.is_some()))
}

/// The first cells of a row; whatever is no row has none.
struct Cells(Vec<Cell>);

/// A cell as far as bars have use for it.
enum Cell {
    Whole(i64),
    Real(f64),
    Text(String),
    /// What is no number in any writing: yes or no, a list, an object.
    Nonsense(&'static str),
    Nothing,
}

impl Cell {
    fn number(&self, column: &'static str) -> Result<Option<f64>, BadRow> {
        match self {
            Cell::Whole(value) => Ok(Some(*value as f64)),
            Cell::Real(value) => Ok(Some(*value)),
            Cell::Nothing => Ok(None),
            Cell::Nonsense(what) => Err(BadRow::NotANumber { column, text: (*what).into() }),
            Cell::Text(text) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| BadRow::NotANumber { column, text: shortened(text.as_bytes()) }),
        }
    }

    fn moment(&self) -> Result<Timestamp, BadRow> {
        let not_a_time = |text: &str| BadRow::NotATime { text: shortened(text.as_bytes()) };
        let read = match self {
            Cell::Nothing => return Err(BadRow::Missing { column: COLUMNS[0] }),
            Cell::Whole(value) => stamp::epoch_ms(*value).map(Stamp::At),
            // Milliseconds that went through a table of floats.
            Cell::Real(value) => stamp::epoch_ms(*value as i64).map(Stamp::At),
            Cell::Text(text) => stamp::read(text),
            Cell::Nonsense(_) => Err(NoStamp::Unreadable),
        };
        let said = || match self {
            Cell::Text(text) => text.clone(),
            Cell::Nonsense(what) => (*what).to_owned(),
            Cell::Whole(value) => value.to_string(),
            Cell::Real(value) => value.to_string(),
            Cell::Nothing => String::new(),
        };
        match read {
            Ok(Stamp::At(ms)) => Ok(Timestamp::from_ms(ms)),
            Ok(Stamp::Slashed { .. }) | Err(NoStamp::Unreadable) => Err(not_a_time(&said())),
            Err(NoStamp::BeyondUnits(value)) => Err(BadRow::BeyondUnits { value }),
        }
    }
}

/// Takes any JSON value: a row that holds nonsense is refused as a row, not as a file.
macro_rules! visit_scalars {
    ($($visit:ident($from:ty) => $value:expr;)*) => {
        $(fn $visit<E: de::Error>(self, value: $from) -> Result<Self::Value, E> {
            Ok(($value)(value))
        })*
    };
}

struct AnyCell;

impl<'de> Visitor<'de> for AnyCell {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    visit_scalars! {
        visit_bool(bool) => |value| Cell::Nonsense(if value { "true" } else { "false" });
        visit_i64(i64) => Cell::Whole;
        visit_u64(u64) => |value| i64::try_from(value).map_or(Cell::Real(value as f64), Cell::Whole);
        visit_f64(f64) => Cell::Real;
        visit_str(&str) => |text: &str| Cell::Text(text.to_owned());
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
        Ok(Cell::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cell, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Nonsense("[…]"))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nonsense("{…}"))
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Cell, D::Error> {
        json.deserialize_any(AnyCell)
    }
}

struct AnyRow;

impl<'de> Visitor<'de> for AnyRow {
    type Value = Cells;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    visit_scalars! {
        visit_bool(bool) => |_| Cells(Vec::new());
        visit_i64(i64) => |_| Cells(Vec::new());
        visit_u64(u64) => |_| Cells(Vec::new());
        visit_f64(f64) => |_| Cells(Vec::new());
        visit_str(&str) => |_| Cells(Vec::new());
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cells, E> {
        Ok(Cells(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cells, A::Error> {
        let mut cells = Vec::with_capacity(EXCHANGE_CELLS);
        while cells.len() < EXCHANGE_CELLS
            && let Some(cell) = list.next_element()?
        {
            cells.push(cell);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cells(cells))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Cells, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cells(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Cells, D::Error> {
        json.deserialize_any(AnyRow)
    }
}
