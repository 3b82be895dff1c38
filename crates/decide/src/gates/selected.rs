//! Is it the one that was chosen among the strategies' candidates on its symbol?
//!
//! A rival is refused and followed as a shadow. What is measured is the probability with which this one
//! was to be chosen, what is needed the draw, counted from where this one's share of it begins: the
//! chosen one is the only one whose share the draw falls into.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let (measured, needed) = (case.selection.probability, case.selection.drawn);
    Verdict { passed: case.selection.is_chosen(), measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "chosen among strategies with probability {:.3}, the draw needs more than {:.3}",
        verdict.measured, verdict.needed
    )
}
