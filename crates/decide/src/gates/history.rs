//! Does the record of similar candidates allow it?
//!
//! By the evidence it is refused once even the upper bound of its win probability lies below the
//! break-even of its stop, target and costs: it passes until there is evidence against. The bound is
//! asked again at every candidate and what is refused goes on as a shadow, so that a refusal is
//! taken back when the record recovers. To the letter of seed 003 it asks for a win rate of 60 %.
//! Both wait for enough outcomes; before that anything is possible, and the verdict says 100 %.

use domain::Verdict;

use crate::{Case, HistoryRule};

/// Seed 003.
const SEED_WIN_RATE_MIN: f64 = 0.60;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let record = case.prospects;
    let is_known = record.outcomes_effective >= case.policy.gates.history_outcomes_min;
    let (known, needed) = match case.rule {
        HistoryRule::Evidence => (Some(record.win_probability_high()), record.break_even()),
        HistoryRule::Seed => (record.win_rate, SEED_WIN_RATE_MIN),
    };
    let measured = known.filter(|_| is_known).unwrap_or(1.0);
    Verdict { passed: measured >= needed, measured, needed }
}

pub(super) fn says(verdict: &Verdict) -> String {
    if verdict.measured >= 1.0 {
        return format!("too few similar ones to say, needs {:.0} %", verdict.needed * 100.0);
    }
    format!(
        "similar ones may win up to {:.0} % of the time, needs {:.0} %",
        verdict.measured * 100.0,
        verdict.needed * 100.0
    )
}
