//! From paths to series: files are decoded side by side and joined in the order they were given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Interval;
use rayon::prelude::*;

use crate::door::{self, RawRows};
use crate::files::{self, Format};
use crate::join::{Part, join};
use crate::name::{self, FileName};
use crate::{MarketError, Series, Wanted, delimited, parquet_in};

/// One symbol more has no number of its own: a symbol's place is 16 bits.
const SERIES_MAX: usize = 1 << 16;

/// Reads bars from files and folders, one series per symbol, sorted by symbol.
///
/// Symbol and interval come from a name `SYMBOL-INTERVAL.EXT`, else from `wanted`, else the symbol
/// from a symbol column or the name's first word and the interval from the median step. Files of
/// the same symbol are merged. The result is the same for any number of threads; the pool is the
/// caller's. Bad rows are in each series' [`crate::Refusals`].
///
/// # Errors
///
/// When a file cannot be read or told, a row is bad and `wanted.strict` is set, a file has no
/// usable bar, a symbol comes in several intervals, or nothing wanted is there.
pub fn read(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
    let files = files::find(paths)?;
    let (chosen, passed_over): (Vec<File>, Vec<File>) =
        files.into_iter().map(File::of).partition(|file| file.may_be_wanted(wanted));
    // The order of results is the order of files, so the first error is always the same one.
    let read: Vec<Result<Found, MarketError>> =
        chosen.par_iter().map(|file| file.read(wanted)).collect();
    let mut parts: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    let mut others: BTreeSet<String> = passed_over.iter().map(File::told).collect();
    for found in read {
        match found? {
            Found::Wanted(part) => parts.entry(part.symbol.clone()).or_default().push(part),
            Found::OtherSymbol(symbol) => {
                others.insert(symbol);
            }
        }
    }
    check_intervals(&parts)?;
    others.extend(parts.keys().cloned());
    let joined: Vec<Result<Option<Series>, MarketError>> =
        parts.into_par_iter().map(|(_, parts)| join(parts, wanted)).collect();
    let series = joined
        .into_iter()
        .filter_map(Result::transpose)
        .collect::<Result<Vec<Series>, MarketError>>()?;
    if series.is_empty() {
        return Err(MarketError::NotWanted { found: listed(&others) });
    }
    Ok(series)
}

fn check_intervals(parts: &BTreeMap<String, Vec<Part>>) -> Result<(), MarketError> {
    for (symbol, parts) in parts {
        let intervals: BTreeSet<Interval> = parts.iter().map(|part| part.interval).collect();
        if intervals.len() > 1 {
            let intervals: Vec<String> = intervals.iter().map(Interval::to_string).collect();
            return Err(MarketError::MixedIntervals {
                symbol: symbol.clone(),
                intervals: intervals.join(", "),
            });
        }
    }
    if let (true, Some(part)) = (parts.len() > SERIES_MAX, parts.values().flatten().next()) {
        return Err(MarketError::too_big(
            &part.path,
            format!("is one of more than {SERIES_MAX} symbols"),
        ));
    }
    Ok(())
}

fn listed(names: &BTreeSet<String>) -> String {
    const NAMES_MAX: usize = 5;
    let mut text = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMES_MAX {
        text.push_str(&format!(" and {} more", names.len() - NAMES_MAX));
    }
    text
}

/// A file and what its name tells.
struct File {
    path: Arc<Path>,
    name: FileName,
}

enum Found {
    Wanted(Part),
    OtherSymbol(String),
}

impl File {
    fn of(path: PathBuf) -> File {
        File { name: FileName::of(&path), path: path.into() }
    }

    fn may_be_wanted(&self, wanted: &Wanted) -> bool {
        self.name.symbol.as_ref().is_none_or(|symbol| wanted.takes_symbol(symbol))
            && self.name.interval.is_none_or(|interval| wanted.takes_interval(interval))
    }

    fn told(&self) -> String {
        match (&self.name.symbol, self.name.interval) {
            (Some(symbol), Some(interval)) => format!("{symbol} {interval}"),
            _ => self.path.display().to_string(),
        }
    }

    fn read(&self, wanted: &Wanted) -> Result<Found, MarketError> {
        let told = self.symbol_told(wanted);
        let (file, format) = files::open(&self.path)?;
        let mut raw = match format {
            Format::Parquet => parquet_in::read(file, &self.path, told.as_deref()),
            Format::Delimited => delimited::read(file, &self.path, told.as_deref()),
            Format::DelimitedGzip => delimited::read_gzip(file, &self.path, told.as_deref()),
        }?;
        let symbol = self.symbol(told, raw.symbol.as_deref())?;
        if !wanted.takes_symbol(&symbol) {
            return Ok(Found::OtherSymbol(symbol));
        }
        self.check_some_bar(&raw, wanted, raw.rows.len())?;
        let told = self.name.interval.or(wanted.interval);
        let interval = door::interval_of(told, &raw.rows, &self.path)?;
        let rows = raw.rows.len() as u64 + raw.refusals.total();
        let admitted = door::admit(&mut raw, interval, &self.path, wanted);
        let usable = rows.saturating_sub(raw.refusals.total());
        self.check_some_bar(&raw, wanted, usable as usize)?;
        let path = self.path.clone();
        Ok(Found::Wanted(Part { path, symbol, interval, admitted, refusals: raw.refusals }))
    }

    /// What is known of the symbol before the file is opened.
    fn symbol_told(&self, wanted: &Wanted) -> Option<String> {
        let in_name =
            |symbol: &&String| self.name.words.iter().any(|word| word.eq_ignore_ascii_case(symbol));
        let named = wanted.symbols.iter().find(in_name);
        let only = wanted.symbols.first().filter(|_| wanted.symbols.len() == 1);
        self.name.symbol.clone().or_else(|| name::symbol(named.or(only)?))
    }

    fn symbol(&self, told: Option<String>, in_column: Option<&str>) -> Result<String, MarketError> {
        let by_word = || self.name.words.first().cloned();
        told.or_else(|| in_column.and_then(name::symbol)).or_else(by_word).ok_or_else(|| {
            MarketError::unclear(
                &self.path,
                "does not tell its symbol: name it SYMBOL-INTERVAL.EXT, or give --symbols",
            )
        })
    }

    fn check_some_bar(
        &self,
        raw: &RawRows,
        wanted: &Wanted,
        usable: usize,
    ) -> Result<(), MarketError> {
        match raw.refusals.kept().first() {
            _ if usable > 0 => Ok(()),
            None => Err(MarketError::broken(&self.path, "holds no rows")),
            Some(refusal) if wanted.strict => Err(MarketError::BadRow(refusal.clone())),
            Some(first) => Err(MarketError::NoBars {
                path: self.path.to_path_buf(),
                rows: raw.count,
                mostly: format!(
                    "the first refused being row {} because {}",
                    first.row, first.reason
                ),
            }),
        }
    }
}
