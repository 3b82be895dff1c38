//! Is the symbol free? One position a symbol, whoever holds it.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let would_hold = f64::from(case.portfolio.positions_on_symbol) + 1.0;
    Verdict { passed: would_hold <= 1.0, measured: would_hold, needed: 1.0 }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "would be position {:.0} on the symbol, of at most {:.0}",
        verdict.measured, verdict.needed
    )
}
