//! Does the standing order let it in?

use domain::Verdict;

use crate::Case;

/// More than any conviction: nothing may enter.
const NOTHING_ENTERS: f64 = 2.0;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let measured = case.signal.conviction;
    let needed = if case.order.may_enter { case.order.conviction_min } else { NOTHING_ENTERS };
    Verdict { passed: measured >= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    let why = if verdict.needed >= NOTHING_ENTERS { ": nothing may enter" } else { "" };
    format!(
        "conviction {:.2}, the standing order needs {:.2}{why}",
        verdict.measured, verdict.needed
    )
}
