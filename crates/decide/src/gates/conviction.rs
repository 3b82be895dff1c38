//! Do the heads lean strongly enough, by the threshold that holds for a candidate like this one?

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let (measured, needed) = (case.signal.conviction, needed(case));
    Verdict { passed: measured >= needed, measured, needed }
}

/// The gate's threshold, or that of the slice it lies in; of several slices the strictest.
fn needed(case: &Case<'_>) -> f64 {
    let slices = &case.policy.slices;
    let everywhere = case.policy.gates.conviction_min;
    if slices.is_empty() {
        return everywhere;
    }
    let occurrence = case.occurrence();
    let here = slices.iter().filter(|slice| slice.when.holds(&occurrence));
    here.map(|slice| slice.conviction_min).reduce(f64::max).unwrap_or(everywhere)
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!("conviction {:.2}, needs {:.2}", verdict.measured, verdict.needed)
}
