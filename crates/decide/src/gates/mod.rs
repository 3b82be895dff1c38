//! The registry of gates: one file and one line each. Every gate is asked about every candidate, so
//! that each one's worth can be learned.

mod confluence;
mod conviction;
mod cooldown;
mod fee;
mod free_symbol;
mod open_positions;

use domain::{GATES_MAX, Verdict, Verdicts};

use crate::Case;

/// One gate.
pub struct GateSpec {
    /// Its name in records.
    pub name: &'static str,
    /// What it asks, for a reader.
    pub asks: &'static str,
    /// Its answer.
    pub check: fn(&Case<'_>) -> Verdict,
    /// Its numbers in words, with units.
    pub says: fn(&Verdict) -> String,
    /// Whether a draw may overrule it at probe size, to learn what it is worth. Gates that guard
    /// capital are never overruled.
    pub may_be_explored: bool,
}

/// All gates, in the order they are shown.
pub const GATES: &[GateSpec] = &[
    GateSpec {
        name: "conviction",
        asks: "do the heads lean strongly enough",
        check: conviction::check,
        says: conviction::says,
        may_be_explored: true,
    },
    GateSpec {
        name: "confluence",
        asks: "do enough of them agree",
        check: confluence::check,
        says: confluence::says,
        may_be_explored: true,
    },
    GateSpec {
        name: "fee",
        asks: "does the claimed edge cover the costs",
        check: fee::check,
        says: fee::says,
        may_be_explored: true,
    },
    GateSpec {
        name: "cooldown",
        asks: "has the symbol rested since its last trade",
        check: cooldown::check,
        says: cooldown::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "free_symbol",
        asks: "is the symbol without a position",
        check: free_symbol::check,
        says: free_symbol::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "open_positions",
        asks: "is there room for another position",
        check: open_positions::check,
        says: open_positions::says,
        may_be_explored: false,
    },
];

const _: () = assert!(GATES.len() <= GATES_MAX, "a decision has no room for so many verdicts");

/// Asks every gate, also after one has refused.
pub fn ask_all(case: &Case<'_>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for gate in GATES {
        verdicts.push((gate.check)(case));
    }
    verdicts
}
