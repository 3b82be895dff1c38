//! Goes against a close that has strayed, where the strength index says it is stretched.

use domain::{Row, Vote};

use crate::feature_at;

const PLACE: usize = feature_at("band_z");
const STRENGTH: usize = feature_at("rsi_14");

/// Standard deviations from the mean that count as strayed. Chosen.
const STRAYED: f64 = 1.5;
/// At this many it is sure. Chosen.
const SURE: f64 = 3.5;
/// Distance of the strength index from 50 that counts as stretched (30 and 70 are Wilder's).
const STRETCHED: f64 = 12.0;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let place = row.get(PLACE)?;
    let stretch = row.get(STRENGTH)? - 50.0;
    if place.abs() < STRAYED || stretch.abs() < STRETCHED || place * stretch < 0.0 {
        return None;
    }
    Vote::leaning(-place / SURE)
}
