//! Which bars are missing inside sessions.

use domain::{Calendar, Timestamp};

use crate::Series;

/// Bars that are missing between two that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingBars {
    /// When the last bar before them closed.
    pub from: Timestamp,
    /// When the first bar after them opened.
    pub to: Timestamp,
    /// How many are missing, at least one.
    pub bars_missing: u32,
}

/// All gaps of a series under a calendar, oldest first.
pub fn gaps(series: &Series, calendar: Calendar) -> Vec<MissingBars> {
    let mut found = Vec::new();
    for pair in series.bars.windows(2) {
        let (from, to) = (pair[0].closed_at(), pair[1].opened_at());
        let bars_missing = calendar.bars_missing(from, to, series.interval);
        if bars_missing > 0 {
            found.push(MissingBars { from, to, bars_missing });
        }
    }
    found
}
