//! Goes with the order of swings (higher highs and higher lows are a rise, Dow), with the level that
//! has just been broken, and with where the higher frame stands; it waits where a level is in the way.

use domain::{Row, Vote};

use crate::feature_at;

const ORDER: usize = feature_at("structure");
const ABOVE_HIGH: usize = feature_at("swing_high_gap");
const ABOVE_LOW: usize = feature_at("swing_low_gap");
const HIGHER: usize = feature_at("higher_channel");

/// What each of the three weighs in the lean. Chosen.
const ORDER_WEIGHT: f64 = 0.45;
const BREAK_WEIGHT: f64 = 0.35;
const HIGHER_WEIGHT: f64 = 0.20;
/// A level this many average true ranges ahead is in the way. Chosen.
const ROOM: f64 = 0.5;
/// And leaves this much of the vote. Chosen.
const WITHOUT_ROOM: f64 = 0.5;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let order = row.get(ORDER)?.clamp(-1.0, 1.0);
    let (above_high, above_low) = (row.get(ABOVE_HIGH)?, row.get(ABOVE_LOW)?);
    let broken = f64::from(above_high > 0.0) - f64::from(above_low < 0.0);
    if order == 0.0 && broken == 0.0 {
        return None;
    }
    // Without a higher frame it is as if the close stood in its middle.
    let place = row.get(HIGHER).unwrap_or(0.5).clamp(0.0, 1.0);
    let lean = ORDER_WEIGHT * order + BREAK_WEIGHT * broken + HIGHER_WEIGHT * (2.0 * place - 1.0);
    let ahead = if lean > 0.0 { -above_high } else { above_low };
    let room = if (0.0..ROOM).contains(&ahead) { WITHOUT_ROOM } else { 1.0 };
    Vote::leaning(lean * room)
}
