//! Has the symbol's regime been traded often enough? Seed 003 takes one to three signals a regime.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let needed = f64::from(case.policy.gates.regime_entries_max);
    let measured = f64::from(case.portfolio.regime_entries) + 1.0;
    Verdict { passed: measured <= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "would be entry {:.0} in this regime, of at most {:.0}",
        verdict.measured, verdict.needed
    )
}
