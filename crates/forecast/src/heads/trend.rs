//! Goes with the averages, the more the farther they stand apart and the straighter the way was.

use domain::{Row, Vote};

use crate::feature_at;

const SPREAD: usize = feature_at("ema_spread");
const EFFICIENCY: usize = feature_at("efficiency_24");

/// Below this many average true ranges between the means there is no trend to go with. Chosen.
const SPREAD_MIN: f64 = 0.20;
/// At this spread, and on a straight way, it is sure. Chosen.
const SPREAD_SURE: f64 = 2.0;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let spread = row.get(SPREAD)?;
    let efficiency = row.get(EFFICIENCY)?;
    if spread.abs() < SPREAD_MIN {
        return None;
    }
    Vote::leaning(spread / SPREAD_SURE * (0.5 + efficiency))
}
