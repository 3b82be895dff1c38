//! The door: raw rows of one file become bars, or refusals with row and reason.

use std::path::Path;
use std::sync::Arc;

use domain::{Bar, Interval, RawBar};

use crate::{BadRow, MarketError, Refusals, Wanted};

/// The volume where a source tells none: nothing is known to have been traded.
pub(crate) const NO_VOLUME: f64 = 0.0;

/// A raw bar and where it stands in its file; the first row is 1.
pub(crate) struct Row {
    pub(crate) row: u64,
    pub(crate) bar: RawBar,
    /// What prices are multiplied by to undo later splits and dividends; 1 where the file tells none.
    pub(crate) factor: f64,
}

/// What a file's decoder hands over.
#[derive(Default)]
pub(crate) struct RawRows {
    pub(crate) rows: Vec<Row>,
    pub(crate) refusals: Refusals,
    /// The symbol a column names, as it is written.
    pub(crate) symbol: Option<String>,
    /// Rows seen, refused ones included.
    pub(crate) count: u64,
}

/// A bar that passed and where it stood.
pub(crate) struct Admitted {
    pub(crate) bar: Bar,
    pub(crate) row: u64,
    pub(crate) factor: f64,
}

/// A factor that can scale a price.
pub(crate) fn checked_factor(factor: f64) -> Result<f64, BadRow> {
    let can_scale = factor.is_finite() && factor > 0.0;
    can_scale.then_some(factor).ok_or(BadRow::BadFactor { factor })
}

/// Admits rows; those outside the wanted span are dropped without a word.
pub(crate) fn admit(
    raw: &mut RawRows,
    interval: Interval,
    path: &Arc<Path>,
    wanted: &Wanted,
) -> Vec<Admitted> {
    let mut refusals = Refusals::default();
    let mut admitted = Vec::with_capacity(raw.rows.len());
    for Row { row, bar, factor } in raw.rows.drain(..) {
        match pass(bar, interval, wanted) {
            Ok(bar) if wanted.takes_moment(bar.opened_at()) => {
                admitted.push(Admitted { bar, row, factor });
            }
            Ok(_) => {}
            Err(reason) => refusals.refuse(path, row, reason),
        }
    }
    raw.refusals.absorb_same_file(refusals);
    admitted
}

fn pass(raw: RawBar, interval: Interval, wanted: &Wanted) -> Result<Bar, BadRow> {
    // A negative zero equals zero and has other bits: one bar, one hash.
    let raw = RawBar {
        volume: raw.volume + 0.0,
        taker_buy_volume: raw.taker_buy_volume.map(|v| v + 0.0),
        flow: raw.flow.map(|v| v + 0.0),
        ..raw
    };
    let bar = Bar::admit(raw, interval).map_err(BadRow::BadBar)?;
    if bar.closed_at() > wanted.now {
        return Err(BadRow::NotYetClosed { closed_at: bar.closed_at(), now: wanted.now });
    }
    Ok(bar)
}

/// The median step between rows, which is their interval where nobody tells it.
pub(crate) fn median_step(rows: &[Row]) -> Option<Interval> {
    let mut moments: Vec<i64> = rows.iter().map(|row| row.bar.opened_at.ms()).collect();
    if !moments.is_sorted() {
        moments.sort_unstable();
    }
    let mut steps: Vec<i64> =
        moments.windows(2).filter_map(|pair| pair[1].checked_sub(pair[0])).collect();
    steps.retain(|step| *step > 0);
    let middle = steps.len().checked_sub(1)? / 2;
    let (_, median, _) = steps.select_nth_unstable(middle);
    Interval::from_ms(*median)
}

/// The interval a file is said to have, checked against its rows, or else their median step.
pub(crate) fn interval_of(
    told: Option<Interval>,
    rows: &[Row],
    path: &Path,
) -> Result<Interval, MarketError> {
    match (told, median_step(rows)) {
        (Some(told), Some(step)) if step < told => Err(MarketError::unclear(
            path,
            format!(
                "is said to hold {told} bars, but they open {step} apart: rename it SYMBOL-{step}.EXT"
            ),
        )),
        (Some(told), _) => Ok(told),
        (None, Some(step)) => Ok(step),
        (None, None) => Err(MarketError::unclear(
            path,
            "has too few rows to tell its interval: name it SYMBOL-INTERVAL.EXT, or give --interval",
        )),
    }
}
