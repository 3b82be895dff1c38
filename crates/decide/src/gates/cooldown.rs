//! Has the symbol rested since its last trade? Seed 003 rests 15 to 60 minutes.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let needed = case.policy.gates.cooldown_min as f64;
    let rested = case.rested_min();
    // A symbol that was never traded has rested as long as anyone could ask.
    let measured = if rested.is_finite() { rested } else { needed };
    Verdict { passed: measured >= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!("rested {:.0} min, needs {:.0}", verdict.measured, verdict.needed)
}
