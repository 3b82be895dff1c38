//! Does the edge the heads claim cover the costs?
//!
//! The claim is conviction times the hoped-for move: a conviction of 1 says that the target will be
//! reached. It is a claim, not a proof; what it is worth is learned from what refusals come to.

use domain::Verdict;

use crate::Case;

const BPS: f64 = 1e4;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let edge_bps = case.signal.conviction * case.plan.reward_fraction() * BPS;
    let needed_bps = case.costs.round_trip_fraction() * BPS * case.policy.gates.fee_margin;
    Verdict { passed: edge_bps >= needed_bps, measured: edge_bps, needed: needed_bps }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!("claimed edge {:.1} bp, needs {:.1} bp", verdict.measured, verdict.needed)
}
