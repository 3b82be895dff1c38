//! Would it be the same bet again (the seeds' correlation throttle)?

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let needed = case.policy.gates.correlation_max;
    let measured = case.correlation_with_held();
    Verdict { passed: measured <= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "correlation {:.2} with what is held on its side, at most {:.2}",
        verdict.measured, verdict.needed
    )
}
