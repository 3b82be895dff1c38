//! Point-in-time readings from files: funding, open interest, the mood.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{BadBar, Reading, Series as Measure, SymbolIx, Timestamp};

use crate::archive::Check;
use crate::columns::Columns;
use crate::files;
use crate::name::{FileName, Holds};
use crate::stamp::MOMENTS_MS;
use crate::tables::{self, Pick};
use crate::{BadRow, MarketError, Refusals, Wanted};

/// What the files held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesRead {
    /// By moment, then symbol (what concerns all of them first), then series.
    pub readings: Vec<Reading>,
    /// The rows that were turned away.
    pub refusals: Refusals,
    /// The files that were read, by name.
    pub files: Vec<SeriesFile>,
    /// Files of symbols that nobody asked for.
    pub skipped: Vec<SeriesFile>,
}

/// A file of readings.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesFile {
    /// Where it lies.
    pub path: PathBuf,
    /// On what, in capitals; all symbols where absent.
    pub symbol: Option<String>,
    /// What was measured.
    pub series: Measure,
    /// How many readings were taken from it.
    pub readings: u64,
    /// How many of its rows were turned away.
    pub refused: u64,
    /// The first reading's moment.
    pub from: Option<Timestamp>,
    /// The last reading's moment.
    pub to: Option<Timestamp>,
}

/// Reads every file of readings among files and folders: `SYMBOL-funding.EXT`, `-open_interest`,
/// `-long_short`, `-headlines`, `fear_greed.EXT`, and any table with a column `funding_rate` and no
/// bars. Columns are `ts`, when the value became public, and `value` or the series' name. `symbols`
/// are a run's, in the order of their places; `wanted` tells the present, the end and how strictly to
/// read. What was public before `wanted.from` is kept: it still holds when the span begins.
///
/// # Errors
///
/// When a file that is named as one of readings cannot be read, or a row is bad and `wanted.strict` is set.
pub fn read_series(
    paths: &[PathBuf],
    symbols: &[String],
    wanted: &Wanted,
) -> Result<SeriesRead, MarketError> {
    let mut read = SeriesRead::default();
    let mut rows: Vec<Placed> = Vec::new();
    for told in told_files(paths)? {
        let place = match &told.symbol {
            None => None,
            Some(symbol) => match symbols.iter().position(|s| s.eq_ignore_ascii_case(symbol)) {
                Some(at) => Some(SymbolIx(at as u16)),
                None => {
                    let file = told.file(&[], &Refusals::default());
                    read.skipped.push(file);
                    continue;
                }
            },
        };
        let (taken, refusals) = told.rows(wanted)?;
        if let (true, Some(first)) = (wanted.strict, refusals.kept().first()) {
            return Err(MarketError::BadRow(first.clone()));
        }
        read.files.push(told.file(&taken, &refusals));
        read.refusals.absorb(refusals);
        let placed = taken.into_iter().map(|(row, at, value)| Placed {
            reading: Reading { at, symbol: place, series: told.measure, value },
            file: told.path.clone(),
            row,
        });
        rows.extend(placed);
    }
    read.readings = in_order(rows, &mut read.refusals);
    read.refusals.settle(Vec::new());
    Ok(read)
}

/// The files of readings that lie among files and folders, of whatever symbols.
///
/// # Errors
///
/// As [`read_series`].
pub fn list_series(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<SeriesFile>, MarketError> {
    let mut files = Vec::new();
    for told in told_files(paths)? {
        let (taken, refusals) = told.rows(wanted)?;
        files.push(told.file(&taken, &refusals));
    }
    Ok(files)
}

/// A file that holds readings, as its name or its columns tell.
struct Told {
    path: Arc<Path>,
    symbol: Option<String>,
    measure: Measure,
    pick: Pick<1>,
}

/// A row, when it became public, and its value.
type Taken = (u64, Timestamp, f64);

impl Told {
    fn rows(&self, wanted: &Wanted) -> Result<(Vec<Taken>, Refusals), MarketError> {
        let (mut taken, mut refusals) = (Vec::new(), Refusals::default());
        let mut take = |row: u64, read: tables::Row<1>| {
            let read = read.and_then(|(at, [value])| self.admit(at, value, wanted));
            match read {
                Ok((at, _)) if wanted.to.is_some_and(|to| at >= to) => {}
                Ok((at, value)) => taken.push((row, at, value)),
                Err(reason) => refusals.refuse(&self.path, row, reason),
            }
        };
        tables::each_row(&self.path, &|names| self.pick_again(names), &mut take)?;
        Ok((taken, refusals))
    }

    /// The same columns, unless the file has changed since it was looked at.
    fn pick_again(&self, names: &[&str]) -> Option<Pick<1>> {
        pick(names, self.measure).filter(|pick| *pick == self.pick)
    }

    fn admit(
        &self,
        at: Timestamp,
        value: f64,
        wanted: &Wanted,
    ) -> Result<(Timestamp, f64), BadRow> {
        let (low, high) = self.measure.range();
        if !(low..=high).contains(&value) {
            return Err(BadRow::OutOfRange { series: self.measure.name(), value, low, high });
        }
        if !MOMENTS_MS.contains(&at.ms()) {
            return Err(BadRow::BadBar(BadBar::NotATime { ms: at.ms() }));
        }
        if at > wanted.now {
            return Err(BadRow::NotYetPublic { at, now: wanted.now });
        }
        Ok((at, value + 0.0))
    }

    fn file(&self, taken: &[Taken], refusals: &Refusals) -> SeriesFile {
        SeriesFile {
            path: self.path.to_path_buf(),
            symbol: self.symbol.clone(),
            series: self.measure,
            readings: taken.len() as u64,
            refused: refusals.total(),
            from: taken.iter().map(|(_, at, _)| *at).min(),
            to: taken.iter().map(|(_, at, _)| *at).max(),
        }
    }
}

fn told_files(paths: &[PathBuf]) -> Result<Vec<Told>, MarketError> {
    let mut found = Vec::new();
    for path in files::find(paths)? {
        let name = FileName::of(&path);
        let told = match name.holds {
            Holds::Readings(measure) => Some(named(&path, name.symbol, measure)?),
            Holds::UntradedBars => None,
            // What cannot be read here is the bars' reader's to complain about.
            Holds::Bars | Holds::Untold => funding_in_columns(&path).map(|pick| {
                let symbol = name.symbol.or_else(|| name.words.first().cloned());
                Told { path: path.into(), symbol, measure: Measure::Funding, pick }
            }),
        };
        found.extend(told);
    }
    Ok(found)
}

fn named(path: &Path, symbol: Option<String>, measure: Measure) -> Result<Told, MarketError> {
    let choose = |names: &[&str]| pick(names, measure);
    let found = match found_pick(path, Check::Later, choose) {
        Ok(Some(found)) => Some(found),
        // What cannot be told may be damaged, which a checksum says best.
        _ => found_pick(path, Check::First, choose)?,
    };
    match found {
        Some(pick) => Ok(Told { path: path.into(), symbol, measure, pick }),
        None => {
            let name = measure.name();
            Err(MarketError::columns(
                path,
                format!("has no columns ts and {name}: put \"ts,{name}\" above the rows"),
            ))
        }
    }
}

fn funding_in_columns(path: &Path) -> Option<Pick<1>> {
    let choose = |names: &[&str]| {
        let holds_bars = Columns::find(names, None).is_ok();
        Pick::find(names, [&["funding_rate", "last_funding_rate"]]).filter(|_| !holds_bars)
    };
    found_pick(path, Check::Later, choose).ok().flatten()
}

/// What columns a table's names make, without reading its rows.
fn found_pick(
    path: &Path,
    check: Check,
    choose: impl Fn(&[&str]) -> Option<Pick<1>>,
) -> Result<Option<Pick<1>>, MarketError> {
    let found = std::cell::Cell::new(None);
    let look = |names: &[&str]| -> Option<Pick<0>> {
        found.set(found.get().or_else(|| choose(names)));
        None
    };
    tables::look_at(path, check, &look)?;
    Ok(found.get())
}

/// Which column holds the value, by the names sources use. freqtrade keeps funding rates as bars, of
/// which the open is the rate.
fn pick(names: &[&str], measure: Measure) -> Option<Pick<1>> {
    let aliases: &[&'static str] = match measure {
        Measure::Funding => {
            &["funding_rate", "last_funding_rate", "funding", "rate", "value", "open"]
        }
        Measure::OpenInterest => &["open_interest", "sum_open_interest", "value"],
        Measure::LongShortRatio => &["long_short", "long_short_ratio", "ratio", "value"],
        Measure::FearGreed => &["fear_greed", "fng", "value"],
        Measure::Headlines => &["headlines", "score", "sentiment", "value"],
    };
    Pick::find(names, [aliases])
}

struct Placed {
    reading: Reading,
    file: Arc<Path>,
    row: u64,
}

impl Placed {
    fn key(&self) -> (Timestamp, Option<SymbolIx>, Measure) {
        (self.reading.at, self.reading.symbol, self.reading.series)
    }
}

/// The readings in order; the first of two for the same moment stays. Headlines may share a moment.
fn in_order(mut rows: Vec<Placed>, refusals: &mut Refusals) -> Vec<Reading> {
    rows.sort_by_key(Placed::key);
    let mut kept: Vec<Reading> = Vec::with_capacity(rows.len());
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    let mut last = None;
    for placed in rows {
        if last != Some(placed.key()) {
            last = Some(placed.key());
            seen.clear();
        }
        let is_first = seen.is_empty();
        match seen.insert(placed.reading.value.to_bits()) {
            false => refusals.count_repeat(),
            true if is_first || placed.reading.series == Measure::Headlines => {
                kept.push(placed.reading);
            }
            true => {
                let reason = BadRow::ConflictingReading { at: placed.reading.at };
                refusals.refuse(&placed.file, placed.row, reason);
            }
        }
    }
    kept
}
