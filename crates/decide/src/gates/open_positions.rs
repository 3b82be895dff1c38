//! Is there room for another position, and none on this symbol? Seed 002 holds at most eight.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let most = f64::from(case.policy.gates.positions_max);
    // One position a symbol: a second one counts as if the house were full.
    let would_hold = if case.portfolio.symbol_busy {
        most + 1.0
    } else {
        f64::from(case.portfolio.positions) + 1.0
    };
    Verdict { passed: would_hold <= most, measured: would_hold, needed: most }
}

pub(super) fn says(verdict: &Verdict) -> String {
    let why = if verdict.measured > verdict.needed {
        ": the symbol is held, or every place is taken"
    } else {
        ""
    };
    format!("would be position {:.0} of at most {:.0}{why}", verdict.measured, verdict.needed)
}
