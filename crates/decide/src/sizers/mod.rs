//! The registry of sizers: one file and one line each. Each says what the stake is multiplied by, and
//! why can be read from the record. Their product never lifts a stake above the rules' caps.

mod allocation;
mod combo;
mod conviction;
mod hour;
mod learned_size;
mod open_class;
mod rules;
mod standing_order;
mod symbol;
mod throttle;
mod volatility;

pub use volatility::volatility_factor;

use domain::SIZERS_MAX;

use crate::{Case, SizeRules};

/// One sizer.
pub struct SizerSpec {
    /// Its name in records.
    pub name: &'static str,
    /// What it does, for a reader.
    pub what: &'static str,
    /// What it multiplies the stake by, never below zero.
    pub factor: fn(&Case<'_>, &SizeRules) -> f64,
}

/// All sizers, in the order of [`domain::Sizing::factors`].
pub const SIZERS: &[SizerSpec] = &[
    SizerSpec {
        name: "conviction",
        what: "more where the heads lean strongly, or where that has paid",
        factor: conviction::factor,
    },
    SizerSpec {
        name: "volatility",
        what: "less where the symbol moves much in a day",
        factor: volatility::factor,
    },
    SizerSpec {
        name: "throttle",
        what: "less where the record speaks against an edge",
        factor: throttle::factor,
    },
    SizerSpec {
        name: "open_class",
        what: "less while half of what is open on the same side is losing",
        factor: open_class::factor,
    },
    SizerSpec {
        name: "standing_order",
        what: "what the standing order leaves of risk",
        factor: standing_order::factor,
    },
    SizerSpec {
        name: "learned_size",
        what: "more where conviction and claimed edge of this level have earned more",
        factor: learned_size::factor,
    },
    SizerSpec {
        name: "combo",
        what: "less where its symbol and side have lost",
        factor: combo::factor,
    },
    SizerSpec {
        name: "allocation",
        what: "what strategy, symbol and venue have of the capital",
        factor: allocation::factor,
    },
    SizerSpec {
        name: "symbol",
        what: "more or less by the symbol's own record",
        factor: symbol::factor,
    },
    SizerSpec {
        name: "hour",
        what: "more or less by what the hour has been worth",
        factor: hour::factor,
    },
    SizerSpec {
        name: "rules",
        what: "more or less by the rules found in the days before",
        factor: rules::factor,
    },
];

const _: () = assert!(SIZERS.len() <= SIZERS_MAX, "a decision has no room for so many factors");

/// Every sizer's factor in order, 1 where there is none.
pub fn factors(case: &Case<'_>, rules: &SizeRules) -> [f64; SIZERS_MAX] {
    let mut factors = [1.0; SIZERS_MAX];
    for (factor, sizer) in factors.iter_mut().zip(SIZERS) {
        *factor = (sizer.factor)(case, rules);
    }
    factors
}
