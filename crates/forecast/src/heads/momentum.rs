//! Goes with a day's move that is large for this market.

use domain::{Row, Vote};

use crate::feature_at;

const MOVE: usize = feature_at("return_24");
const VOLATILITY: usize = feature_at("volatility_24");

/// √24: a walk's spread over 24 bars, in one-bar volatilities.
const WALK_24: f64 = 4.898_979_485_566_356;
/// Below this many of a walk's standard deviations a move is nothing special. Chosen.
const MOVE_MIN: f64 = 0.5;
/// At this many it is sure. Chosen.
const MOVE_SURE: f64 = 2.5;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let usual = row.get(VOLATILITY)? * WALK_24;
    if usual <= 0.0 {
        return None;
    }
    let size = row.get(MOVE)? / usual;
    if size.abs() < MOVE_MIN {
        return None;
    }
    Vote::leaning(size / MOVE_SURE)
}
