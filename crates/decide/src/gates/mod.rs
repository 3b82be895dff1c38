//! The registry of gates: one file and one line each. Every gate is asked about every candidate, so
//! that each one's worth can be learned.

mod confluence;
mod conviction;
mod cooldown;
mod correlation;
mod direction;
mod fee;
mod free_symbol;
mod history;
mod killed;
mod open_positions;
mod paused;
mod regime_entries;
mod selected;
mod standing_order;

use domain::{GATES_MAX, Verdict, Verdicts, name_hash};

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
        asks: "does the claimed edge, conviction times target, cover the costs",
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
    GateSpec {
        name: "history",
        asks: "does the record of similar candidates allow it",
        check: history::check,
        says: history::says,
        may_be_explored: true,
    },
    GateSpec {
        name: "regime_entries",
        asks: "is the regime not yet traded out",
        check: regime_entries::check,
        says: regime_entries::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "correlation",
        asks: "is it another bet than those held",
        check: correlation::check,
        says: correlation::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "killed",
        asks: "is its symbol and side still traded",
        check: killed::check,
        says: killed::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "direction",
        asks: "is its symbol still entered this way in this kind of market",
        check: direction::check,
        says: direction::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "standing_order",
        asks: "does the standing order let it in",
        check: standing_order::check,
        says: standing_order::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "paused",
        asks: "is neither its symbol paused nor it declined by a rule",
        check: paused::check,
        says: paused::says,
        may_be_explored: false,
    },
    GateSpec {
        name: "selected",
        asks: "is it the strategy's turn that the selector chose",
        check: selected::check,
        says: selected::says,
        may_be_explored: false,
    },
];

const _: () = assert!(GATES.len() <= GATES_MAX, "a decision has no room for so many verdicts");

/// The bit of the gate of this name in [`Verdicts::refused`].
const fn bit_of(name: &str) -> u16 {
    let mut at = 0;
    while name_hash(GATES[at].name) != name_hash(name) {
        at += 1;
    }
    1 << at
}

/// The gate that refuses a chosen candidate's rivals.
pub(crate) const SELECTED: u16 = bit_of("selected");

/// Gates whose answer depends on more than the candidate and the policy: on what is held, was traded or
/// has been learned of others. Any gate that is not among these is stateless.
const STATEFUL: u16 = SELECTED
    | bit_of("cooldown")
    | bit_of("free_symbol")
    | bit_of("open_positions")
    | bit_of("history")
    | bit_of("regime_entries")
    | bit_of("correlation")
    | bit_of("standing_order");

/// Whether a stateless gate refuses it: for what it is, whatever is held and whoever competes.
pub fn is_refused_by_itself(case: &Case<'_>) -> bool {
    let stateless = GATES.iter().enumerate().filter(|(at, _)| STATEFUL & (1 << at) == 0);
    stateless.map(|(_, gate)| (gate.check)(case)).any(|verdict| !verdict.passed)
}

/// Asks every gate, also after one has refused.
pub fn ask_all(case: &Case<'_>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for gate in GATES {
        verdicts.push((gate.check)(case));
    }
    verdicts
}
