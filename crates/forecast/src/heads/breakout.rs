//! Goes with a close outside the range of 55 bars, the surer the more was traded on it.

use domain::{Row, Vote};

use crate::feature_at;

const PLACE: usize = feature_at("channel_55");
const VOLUME: usize = feature_at("volume_ratio");

/// How sure a breakout on average volume is. Chosen.
const SURE_AT_MEAN_VOLUME: f64 = 0.4;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let place = row.get(PLACE)?;
    // Where volume is not told, a breakout is as sure as on average volume.
    let volume = row.get(VOLUME).unwrap_or(1.0);
    let sure = (SURE_AT_MEAN_VOLUME * volume).min(1.0);
    if place > 1.0 {
        Vote::leaning(sure)
    } else if place < 0.0 {
        Vote::leaning(-sure)
    } else {
        None
    }
}
