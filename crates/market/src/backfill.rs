//! Filling what a file of bars lacks with bars from elsewhere, without changing one it has.

use std::path::Path;
use std::sync::Arc;

use domain::{Bar, Timestamp};

use crate::door::Admitted;
use crate::join::{Part, join};
use crate::{
    BadRow, MarketError, Refusals, Series, Wanted, parquet_out, read, tables, write_parquet,
};

/// What came of filling a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// What the file holds now.
    pub series: Series,
    /// How many bars it did not have before.
    pub bars_added: u64,
    /// How many of the new bars differ from one it has, or overlap one. The file's own stayed.
    pub bars_differing: u64,
    /// When the first of those opened.
    pub differing: Vec<Timestamp>,
}

/// Adds to the Parquet file at `path` those bars of `new` that it lacks; makes it where there is none.
/// No bar it has is changed: bars that differ are counted and named. The file appears whole or stays as
/// it was, and is not touched when nothing is added.
///
/// # Errors
///
/// When the file is there and cannot be read, tells adjustment factors, holds another interval or bars
/// adjusted to another scale, or cannot be written.
pub fn fill(path: &Path, new: &Series, now: Timestamp) -> Result<Filled, MarketError> {
    if !path.exists() {
        write_parquet(path, new)?;
        let bars_added = new.bars.len() as u64;
        let series = new.clone();
        return Ok(Filled { series, bars_added, bars_differing: 0, differing: Vec::new() });
    }
    if tables::has_factors(path)? {
        // Bars are held adjusted forward: written back, they would stand on another scale than both
        // the file's own prices and the new ones, with no factor left to tell.
        let what = "has a column adj_factor, which filling it would lose: import it together with the new files into another folder";
        return Err(MarketError::unclear(path, what));
    }
    let held = read(&[path.to_owned()], &Wanted::all(now))?.remove(0);
    if held.interval != new.interval {
        let (held, new) = (held.interval, new.interval);
        let what =
            format!("holds {held} bars, to which {new} bars cannot be added: name another folder");
        return Err(MarketError::unclear(path, what));
    }
    let filled = merged(&held, new)?;
    let is_adjusted = parquet_out::is_adjusted(path)? || !new.adjustments().is_empty();
    if is_adjusted {
        check_scale(path, &held, new, &filled)?;
    }
    if filled.bars_added > 0 {
        parquet_out::write_on(path, &filled.series, is_adjusted)?;
    }
    Ok(filled)
}

fn merged(held: &Series, new: &Series) -> Result<Filled, MarketError> {
    let all = Wanted::all(Timestamp::default());
    let joined = join(vec![part(held, new), part(new, new)], &all)?;
    // Joining bars gives bars; a series of none does not exist.
    let series = joined.unwrap_or_else(|| held.clone());
    let opened_at = |reason: &BadRow| match reason {
        BadRow::Conflicting { opened_at } | BadRow::Overlaps { opened_at, .. } => Some(*opened_at),
        _ => None,
    };
    let differing =
        series.refusals.kept().iter().filter_map(|refusal| opened_at(&refusal.reason)).collect();
    Ok(Filled {
        bars_added: series.bars.len().saturating_sub(held.bars.len()) as u64,
        bars_differing: series.refusals.total(),
        differing,
        series,
    })
}

/// Bars as a file would have given them.
fn part(series: &Series, named: &Series) -> Part {
    let path: Arc<Path> = series.source.as_path().into();
    let whole = |bar: &Bar| Bar::admit(*bar.raw(), series.interval).ok();
    let bars = series.bars.iter().filter_map(whole);
    let admitted = bars.zip(1..).map(|(bar, row)| Admitted { bar, row, factor: 1.0 }).collect();
    Part {
        path,
        symbol: named.symbol.clone(),
        interval: series.interval,
        admitted,
        refusals: Refusals::default(),
    }
}

/// Adjusted prices are on the scale of their first bar. Where the two series share no bar, or differ in
/// one, nothing says that the scales are the same, and a jump would look like a crash.
fn check_scale(
    path: &Path,
    held: &Series,
    new: &Series,
    filled: &Filled,
) -> Result<(), MarketError> {
    if filled.bars_added == 0 {
        return Ok(());
    }
    let shared = (held.bars.len() + new.bars.len()) as u64
        - filled.series.bars.len() as u64
        - filled.bars_differing;
    if shared > 0 && filled.bars_differing == 0 {
        return Ok(());
    }
    let what = "may hold prices adjusted to another scale than the new ones: name another folder, or remove it and import all files at once";
    Err(MarketError::unclear(path, what))
}
