//! One file on its way to bars: its format, its symbol, its interval.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Interval;

use crate::archive::Check;
use crate::door::{self, RawRows};
use crate::files::{self, Format, unpacked};
use crate::join::Part;
use crate::name::{self, FileName, Holds};
use crate::{MarketError, Wanted, archive, delimited, feather, json_rows, parquet_in, tables};

/// A file and what its name tells.
pub(crate) struct Source {
    path: Arc<Path>,
    name: FileName,
}

/// What a file turned out to hold.
pub(crate) enum Found {
    /// Bars that were asked for.
    Wanted(Part),
    /// Something else, in words.
    Other(String),
}

impl Source {
    pub(crate) fn of(path: PathBuf) -> Source {
        Source { name: FileName::of(&path), path: path.into() }
    }

    /// Whether the name leaves it possible that wanted bars are inside.
    pub(crate) fn may_be_wanted(&self, wanted: &Wanted) -> bool {
        matches!(self.name.holds, Holds::Bars | Holds::Untold)
            && self.name.symbol.as_ref().is_none_or(|symbol| wanted.takes_symbol(symbol))
            && self.name.interval.is_none_or(|interval| wanted.takes_interval(interval))
    }

    /// What the name tells, in words.
    pub(crate) fn told(&self) -> String {
        match (&self.name.symbol, self.name.interval, self.name.holds) {
            (symbol, _, Holds::Readings(measure)) => {
                format!("{} {}", symbol.as_deref().unwrap_or("all"), measure.name())
            }
            (Some(symbol), Some(interval), _) => format!("{symbol} {interval}"),
            _ => self.path.display().to_string(),
        }
    }

    /// Reads the file's bars.
    pub(crate) fn read(&self, wanted: &Wanted) -> Result<Found, MarketError> {
        let told = self.symbol_told(wanted);
        let mut raw = match self.decode(told.as_deref()) {
            Ok(raw) => raw,
            // A folder may hold funding rates or an order book beside its bars.
            Err(error @ MarketError::Columns { .. }) => match tables::kind_of(&self.path) {
                Some(kind) => return Ok(Found::Other(format!("{} ({kind})", self.path.display()))),
                None => return Err(error),
            },
            Err(error) => return Err(error),
        };
        let symbol = self.symbol(told, raw.symbol.as_deref())?;
        if !wanted.takes_symbol(&symbol) {
            return Ok(Found::Other(symbol));
        }
        self.check_some_bar(&raw, wanted, raw.rows.len())?;
        if let Some(interval) = self.other_interval(&raw, wanted) {
            return Ok(Found::Other(format!("{symbol} {interval}")));
        }
        let told = self.name.interval.or(wanted.interval);
        let interval = door::interval_of(told, &raw.rows, &self.path)?;
        let rows = raw.rows.len() as u64 + raw.refusals.total();
        let admitted = door::admit(&mut raw, interval, &self.path, wanted);
        let usable = rows.saturating_sub(raw.refusals.total());
        self.check_some_bar(&raw, wanted, usable as usize)?;
        let path = self.path.clone();
        Ok(Found::Wanted(Part { path, symbol, interval, admitted, refusals: raw.refusals }))
    }

    fn decode(&self, symbol: Option<&str>) -> Result<RawRows, MarketError> {
        let path = &self.path;
        let (file, format) = files::open(path)?;
        match format {
            Format::Parquet => parquet_in::read(file, path, symbol),
            Format::Feather => feather::read(file, path, symbol),
            Format::Text => delimited::read(file, path, symbol),
            Format::TextGzip => delimited::read(unpacked(file), path, symbol),
            Format::Json => json_rows::read(file, path),
            Format::JsonGzip => json_rows::read(unpacked(file), path),
            Format::Zip => archive::with_text(file, path, Check::First, |text| {
                delimited::read(text, path, symbol)
            }),
        }
    }

    /// The interval of a file that does not tell it, where another one is wanted.
    fn other_interval(&self, raw: &RawRows, wanted: &Wanted) -> Option<Interval> {
        let wanted = wanted.interval.filter(|_| self.name.interval.is_none())?;
        door::median_step(&raw.rows).filter(|step| *step < wanted)
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
