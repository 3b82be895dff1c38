//! From paths to series: files are decoded side by side and joined in the order they were given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use domain::Interval;
use rayon::prelude::*;

use crate::join::{Part, join};
use crate::source::{Found, Source};
use crate::{MarketError, Series, Wanted, files};

/// One symbol more has no number of its own: a symbol's place is 16 bits.
const SERIES_MAX: usize = 1 << 16;
/// How many symbols a sentence names.
const NAMED_MAX: usize = 5;

/// Reads bars from files and folders, one series per symbol, sorted by symbol.
///
/// Symbol and interval come from a name `SYMBOL-INTERVAL.EXT`, else from `wanted`, else the symbol
/// from a symbol column or the name's first word and the interval from the median step. Files of
/// the same symbol are merged. The result is the same for any number of threads; the pool is the
/// caller's. Bad rows are in each series' [`crate::Refusals`]. Files of readings and order books that
/// lie beside the bars are passed over.
///
/// # Errors
///
/// When a file cannot be read or told, a row is bad and `wanted.strict` is set, a file has no
/// usable bar, a symbol comes in several intervals, or nothing wanted is there.
pub fn read(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
    let groups = grouped(paths, wanted)?;
    check_one_interval_each(&groups)?;
    joined(groups, wanted)
}

/// The same where symbols may come in several intervals: one series per symbol and interval, sorted
/// by both. Made for looking at what lies in a folder.
///
/// # Errors
///
/// As [`read`], several intervals apart.
pub fn read_every_interval(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
    joined(grouped(paths, wanted)?, wanted)
}

/// Parts by symbol and interval, and what else lies there, in words.
struct Groups {
    parts: BTreeMap<(String, Interval), Vec<Part>>,
    others: BTreeSet<String>,
}

fn grouped(paths: &[PathBuf], wanted: &Wanted) -> Result<Groups, MarketError> {
    let files = files::find(paths)?;
    let (chosen, passed_over): (Vec<Source>, Vec<Source>) =
        files.into_iter().map(Source::of).partition(|file| file.may_be_wanted(wanted));
    // The order of results is the order of files, so the first error is always the same one.
    let read: Vec<Result<Found, MarketError>> =
        chosen.par_iter().map(|file| file.read(wanted)).collect();
    let mut groups =
        Groups { parts: BTreeMap::new(), others: passed_over.iter().map(Source::told).collect() };
    for found in read {
        match found? {
            Found::Wanted(part) => {
                let key = (part.symbol.clone(), part.interval);
                groups.parts.entry(key).or_default().push(part);
            }
            Found::Other(what) => {
                groups.others.insert(what);
            }
        }
    }
    if let (true, Some(part)) =
        (groups.parts.len() > SERIES_MAX, groups.parts.values().flatten().next())
    {
        return Err(MarketError::too_big(
            &part.path,
            format!("is one of more than {SERIES_MAX} symbols"),
        ));
    }
    Ok(groups)
}

fn joined(groups: Groups, wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
    let Groups { parts, mut others } = groups;
    others.extend(parts.keys().map(|(symbol, interval)| format!("{symbol} {interval}")));
    let joined: Vec<Result<Option<Series>, MarketError>> =
        parts.into_par_iter().map(|(_, parts)| join(parts, wanted)).collect();
    let series = joined
        .into_iter()
        .filter_map(Result::transpose)
        .collect::<Result<Vec<Series>, MarketError>>()?;
    if series.is_empty() {
        return Err(MarketError::NotWanted { found: listed(others.iter()) });
    }
    Ok(series)
}

fn check_one_interval_each(groups: &Groups) -> Result<(), MarketError> {
    let mut symbols: BTreeMap<Interval, BTreeSet<&String>> = BTreeMap::new();
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    let mut is_mixed = false;
    for (symbol, interval) in groups.parts.keys() {
        symbols.entry(*interval).or_default().insert(symbol);
        is_mixed |= !seen.insert(symbol);
    }
    if !is_mixed {
        return Ok(());
    }
    let of = |(interval, symbols): (&Interval, &BTreeSet<&String>)| {
        format!("{interval} of {}", listed(symbols.iter()))
    };
    let found: Vec<String> = symbols.iter().map(of).collect();
    Err(MarketError::MixedIntervals { found: found.join("; ") })
}

fn listed<S: ToString>(names: impl ExactSizeIterator<Item = S>) -> String {
    let count = names.len();
    let mut text =
        names.take(NAMED_MAX).map(|name| name.to_string()).collect::<Vec<_>>().join(", ");
    if count > NAMED_MAX {
        text.push_str(&format!(" and {} more", count - NAMED_MAX));
    }
    text
}
