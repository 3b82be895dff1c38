//! Hard limits. They only shrink.

use domain::{SizingLimit, estimate};
use serde::{Deserialize, Serialize};

use crate::Case;
use crate::balance::{correlated_room, drawdown_share, side_room, symbol_room};

/// What a position and all of them together may not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// One position's value over equity.
    pub position_fraction_max: f64,
    /// All positions' value over equity.
    pub exposure_fraction_max: f64,
    /// The day's loss over the day's first equity at which no more positions are opened.
    pub daily_loss_fraction: f64,
    /// All positions on one symbol over equity. Chosen: what one position may be.
    pub symbol_fraction_max: f64,
    /// What one side holds beyond the other, over equity. Chosen: between one position and all of them.
    pub net_fraction_max: f64,
    /// What moves with the candidate, over equity, weighted by correlation and side. Chosen: at a day's
    /// volatility of 3 % the day's loss limit lies 1.7 standard deviations away.
    pub correlated_fraction_max: f64,
    /// The fall from the highest equity from which the most that one position may be shrinks in a straight
    /// line, fraction. Chosen: well before standing orders scale risk, and a limit of its own, because
    /// two scales for one fall would count it twice.
    pub drawdown_soft_fraction: f64,
    /// The fall at which no more positions are opened, fraction (bench row i: 30 %).
    pub drawdown_hard_fraction: f64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            position_fraction_max: 0.50,
            exposure_fraction_max: 2.0,
            daily_loss_fraction: 0.05,
            symbol_fraction_max: 0.50,
            net_fraction_max: 1.5,
            correlated_fraction_max: 1.0,
            drawdown_soft_fraction: 0.10,
            drawdown_hard_fraction: 0.30,
        }
    }
}

/// The notional after limits, quote units, and which one had the last word. `leverage_max` is the
/// leverage at which liquidation would lie too near the stop.
pub fn cap(
    case: &Case<'_>,
    limits: &Limits,
    leverage_max: f64,
    notional: f64,
) -> (f64, SizingLimit) {
    if let Some(limit) = stops_entries(case, limits) {
        return (0.0, limit);
    }
    let equity = case.portfolio.equity.max(0.0);
    let left = |fraction_max: f64| (fraction_max * equity - case.portfolio.exposure).max(0.0);
    let drawdown =
        drawdown_share(case, limits.drawdown_soft_fraction, limits.drawdown_hard_fraction);
    let mut capped = (notional, SizingLimit::None);
    for (most, limit) in [
        (limits.position_fraction_max * equity, SizingLimit::PositionNotional),
        (drawdown * limits.position_fraction_max * equity, SizingLimit::Drawdown),
        (left(limits.exposure_fraction_max), SizingLimit::GrossExposure),
        (left(leverage_max), SizingLimit::Leverage),
        (symbol_room(case, limits.symbol_fraction_max), SizingLimit::Concentration),
        (side_room(case, limits.net_fraction_max), SizingLimit::Concentration),
        (correlated_room(case, limits.correlated_fraction_max), SizingLimit::Correlation),
    ] {
        if capped.0 > most {
            capped = (most, limit);
        }
    }
    match capped {
        // A limit that left nothing is the reason, and not that nothing is too little.
        (0.0, limit) if limit != SizingLimit::None => capped,
        (left, _) if left < estimate(case.instrument.notional_min) => {
            (0.0, SizingLimit::NotionalMin)
        }
        _ => capped,
    }
}

/// What lets nobody enter, whatever the size.
fn stops_entries(case: &Case<'_>, limits: &Limits) -> Option<SizingLimit> {
    if case.portfolio.day_loss_fraction() >= limits.daily_loss_fraction {
        return Some(SizingLimit::DailyLoss);
    }
    (!case.order.may_enter).then_some(SizingLimit::StandingOrder)
}
