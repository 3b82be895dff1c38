//! Goes with the bar that ends a squeeze: volatility comes in spells, so a small market that takes a
//! long step tends to go on moving (Bollerslev 1986; the squeeze is Bollinger's and Carter's). In
//! turbulent times long steps say little, and it speaks the more softly.

use domain::{Row, Vote};

use crate::feature_at;

const SQUEEZE: usize = feature_at("squeeze");
const REACH: usize = feature_at("range_ratio");
const BODY: usize = feature_at("body");
const TURBULENT: usize = feature_at("regime_turbulent");

/// Bands wider than this against the channel are no squeeze. They touch at 1, and the step itself
/// widens them. Chosen.
const SQUEEZE_MAX: f64 = 1.2;
/// A bar that reaches this many average true ranges is a long step. Chosen.
const REACH_MIN: f64 = 1.3;
/// At this many it is sure. Chosen.
const REACH_SURE: f64 = 3.0;
/// A bar that kept less of its reach than this has not decided. Chosen.
const BODY_MIN: f64 = 0.3;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let turbulent = row.get(TURBULENT)?.clamp(0.0, 1.0);
    let (squeeze, reach, body) = (row.get(SQUEEZE)?, row.get(REACH)?, row.get(BODY)?);
    if squeeze > SQUEEZE_MAX || reach < REACH_MIN || body.abs() < BODY_MIN {
        return None;
    }
    let step = (reach / REACH_SURE).min(1.0);
    Vote::leaning(step * body * (1.0 - turbulent))
}
