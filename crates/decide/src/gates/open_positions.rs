//! Is there room for another position? Seed 002 holds at most eight.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let most = f64::from(case.policy.gates.positions_max);
    let would_hold = f64::from(case.portfolio.positions) + 1.0;
    Verdict { passed: would_hold <= most, measured: would_hold, needed: most }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!("would be position {:.0} of at most {:.0}", verdict.measured, verdict.needed)
}
