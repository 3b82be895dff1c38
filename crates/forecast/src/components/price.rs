//! Where price stands and how it came there.

use domain::Row;

use super::scaled;
use crate::feature_at;

const STEP: usize = feature_at("return_1");
const MOVE: usize = feature_at("return_24");
const VOLATILITY: usize = feature_at("volatility_24");
const SPREAD: usize = feature_at("ema_spread");
const PLACE: usize = feature_at("band_z");
const CHANNEL: usize = feature_at("channel_55");
const VWAP_GAP: usize = feature_at("vwap_gap_24");
const REPEATS: usize = feature_at("autocorrelation_24");

/// √24: a walk's spread over 24 bars, in one-bar volatilities.
const WALK_24: f64 = 4.898_979_485_566_356;
/// A walk's standard deviations at which a day's move is sure, as the momentum head has it. Chosen.
const MOVE_SURE: f64 = 2.5;
/// Average true ranges between the means that are sure, as the trend head has it. Chosen.
const SPREAD_SURE: f64 = 2.0;
/// Standard deviations from the mean that are sure to come back, as the reversion head has it. Chosen.
const PLACE_SURE: f64 = 3.5;
/// One-bar volatilities between close and average price that are sure to come back. Chosen: a walk's
/// distance from its mean of 24 bars has a spread of √(24/3) = 2.8, and this is not quite twice that.
const VWAP_SURE: f64 = 5.0;
/// Autocorrelation times the last step's size, in volatilities, that is sure. Chosen: 24 steps of a walk
/// show .2 by chance, so half is a large step where steps clearly repeat.
const REPEAT_SURE: f64 = 0.5;

pub(super) fn momentum(row: &Row<'_>) -> Option<f64> {
    in_volatilities(row, MOVE).map(|size| size / (WALK_24 * MOVE_SURE))
}

pub(super) fn trend(row: &Row<'_>) -> Option<f64> {
    scaled(row, SPREAD, SPREAD_SURE)
}

pub(super) fn reversion(row: &Row<'_>) -> Option<f64> {
    scaled(row, PLACE, -PLACE_SURE)
}

pub(super) fn channel(row: &Row<'_>) -> Option<f64> {
    row.get(CHANNEL).map(|place| 2.0 * place.clamp(0.0, 1.0) - 1.0)
}

pub(super) fn vwap(row: &Row<'_>) -> Option<f64> {
    in_volatilities(row, VWAP_GAP).map(|gap| -gap / VWAP_SURE)
}

pub(super) fn autocorrelation(row: &Row<'_>) -> Option<f64> {
    let repeats = row.get(REPEATS)?;
    in_volatilities(row, STEP).map(|step| repeats * step / REPEAT_SURE)
}

/// A move over the volatility of one bar; nothing on a market that stands still.
fn in_volatilities(row: &Row<'_>, at: usize) -> Option<f64> {
    let usual = row.get(VOLATILITY).filter(|usual| *usual > 0.0)?;
    row.get(at).map(|size| size / usual)
}
