//! Do enough of the voters agree? Seed 003 asks for 70 %.

use domain::Verdict;

use crate::Case;

/// Weights sum to one only up to rounding; a share exactly at the threshold must not fail by it.
const ROUNDING: f64 = 1e-12;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let (measured, needed) = (case.signal.confluence, case.policy.gates.confluence_min);
    Verdict { passed: measured + ROUNDING >= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "{:.0} % of voting weight agrees, needs {:.0} %",
        verdict.measured * 100.0,
        verdict.needed * 100.0
    )
}
