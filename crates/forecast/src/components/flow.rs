//! Who pressed: order flow, takers, and the side that volume came on.

use domain::Row;

use super::scaled;
use crate::feature_at;

const FLOW: usize = feature_at("flow_12");
const TAKERS: usize = feature_at("taker_share_12");
const BALANCE: usize = feature_at("obv_slope_24");

/// Order flow over volume that is sure; nothing was measured yet. Chosen, as the order-flow head has it.
const FLOW_SURE: f64 = 0.20;
/// A lean of takers that is sure: hourly crypto exceeds it one hour in twenty. Measured.
const TAKERS_SURE: f64 = 0.10;
/// Share of a day's volume that came on one side and is sure. Chosen: a third is about two standard
/// deviations of 24 coin flips of equal volume, which is .41, less what trends add.
const BALANCE_SURE: f64 = 1.0 / 3.0;

pub(super) fn order_flow(row: &Row<'_>) -> Option<f64> {
    scaled(row, FLOW, FLOW_SURE)
}

pub(super) fn takers(row: &Row<'_>) -> Option<f64> {
    scaled(row, TAKERS, TAKERS_SURE)
}

pub(super) fn volume_balance(row: &Row<'_>) -> Option<f64> {
    scaled(row, BALANCE, BALANCE_SURE)
}
