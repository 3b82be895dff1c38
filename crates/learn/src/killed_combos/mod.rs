//! A6: which symbol and side is traded smaller, and which not at all; by evidence and, beside it, by
//! the letter of seed 001.

mod evidence;
mod literal;
mod record;
mod throttle;

pub use evidence::KilledCombos;
pub use literal::LiteralKilledCombos;

use domain::{Combo, Side, SymbolIx};

/// The place of a combo in a list of all.
fn place(combo: Combo) -> usize {
    2 * combo.symbol.at() + usize::from(combo.side == Side::Short)
}

/// The combo at a place.
fn combo_at(place: usize) -> Combo {
    let side = if place.is_multiple_of(2) { Side::Long } else { Side::Short };
    Combo { symbol: SymbolIx((place / 2) as u16), side }
}

/// A combo as it is told.
fn says(combo: Combo) -> String {
    format!("symbol {} {}", combo.symbol.0, combo.side.name())
}
