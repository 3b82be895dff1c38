//! Goes with whoever has been the taker: pressure at the best prices moves them (Cont, Kukanov &
//! Stoikov 2014) and comes in runs, for large orders are cut into many (Lillo & Farmer 2004).

use domain::{Row, Vote};

use crate::feature_at;

const TAKERS: usize = feature_at("taker_share_12");
const FLOW: usize = feature_at("flow_12");
const BALANCE: usize = feature_at("obv_slope_24");

/// A lean of takers that is sure: hourly crypto exceeds it one hour in twenty. Measured.
const TAKERS_SURE: f64 = 0.10;
/// The same of order flow over volume; nothing was measured yet. Chosen.
const FLOW_SURE: f64 = 0.20;
/// On-balance volume guesses the side from the price, so it only tips the scales. Chosen.
const BALANCE_WEIGHT: f64 = 0.25;
/// Below this nobody presses. Chosen.
const LEAN_MIN: f64 = 0.25;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let takers = row.get(TAKERS).map(|share| (share / TAKERS_SURE).clamp(-1.0, 1.0));
    let flow = row.get(FLOW).map(|share| (share / FLOW_SURE).clamp(-1.0, 1.0));
    // Where no source tells who took, there is nothing to go with.
    let told = match (takers, flow) {
        (Some(takers), Some(flow)) => (takers + flow) / 2.0,
        (one, other) => one.or(other)?,
    };
    let balance = row.get(BALANCE).unwrap_or(0.0).clamp(-1.0, 1.0);
    let lean = (1.0 - BALANCE_WEIGHT) * told + BALANCE_WEIGHT * balance;
    if lean.abs() < LEAN_MIN || lean * told <= 0.0 {
        return None;
    }
    Vote::leaning(lean)
}
