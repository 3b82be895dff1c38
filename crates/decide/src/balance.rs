//! The portfolio balancer (mission row S3): how much more of a symbol, of a side and of what moves
//! together may be held. Everything is in quote units of notional.
//!
//! Rooms are never below zero; an empty portfolio leaves the whole share.

use crate::{Case, Holding};

/// Room for more of one symbol, whichever way, under a share of equity.
pub(crate) fn symbol_room(case: &Case<'_>, fraction_max: f64) -> f64 {
    let on_symbol = |holding: &&Holding| holding.symbol == case.symbol;
    let held: f64 =
        case.portfolio.holdings.iter().filter(on_symbol).map(|holding| holding.notional).sum();
    room(case, fraction_max, held)
}

/// Room for more on the candidate's side, where what is held on the other side counts against it.
pub(crate) fn side_room(case: &Case<'_>, fraction_max: f64) -> f64 {
    let held: f64 =
        case.portfolio.holdings.iter().map(|holding| with_candidate(case, holding)).sum();
    room(case, fraction_max, held)
}

/// Room for more of what moves with the candidate: holdings count by their correlation with it and by
/// side, so that the sum is what the candidate's own move would do to all of it. What is held against
/// it makes room.
pub(crate) fn correlated_room(case: &Case<'_>, fraction_max: f64) -> f64 {
    let moves = |holding: &Holding| holding.correlation * with_candidate(case, holding);
    let held: f64 = case.portfolio.holdings.iter().map(moves).sum();
    room(case, fraction_max, held)
}

/// The share of a position's room that the fall from the highest equity leaves: all of it up to `soft`,
/// none from `hard` on, a straight line between.
pub(crate) fn drawdown_share(case: &Case<'_>, soft: f64, hard: f64) -> f64 {
    let fallen = case.portfolio.drawdown_fraction();
    if fallen >= hard {
        return 0.0;
    }
    if fallen <= soft { 1.0 } else { (hard - fallen) / (hard - soft) }
}

/// A holding's value, below zero where it is on the other side.
fn with_candidate(case: &Case<'_>, holding: &Holding) -> f64 {
    holding.notional * holding.side.sign() * case.signal.side.sign()
}

fn room(case: &Case<'_>, fraction_max: f64, held: f64) -> f64 {
    (fraction_max * case.portfolio.equity.max(0.0) - held).max(0.0)
}
