//! Do the heads lean strongly enough?

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let (measured, needed) = (case.signal.conviction, case.policy.gates.conviction_min);
    Verdict { passed: measured >= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!("conviction {:.2}, needs {:.2}", verdict.measured, verdict.needed)
}
