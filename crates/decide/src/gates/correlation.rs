//! Would it be the same bet again (the seeds' correlation throttle)?
//!
//! A holding is on the same side when its gains come together with the candidate's: both long and
//! moving together, or one long, one short and moving apart. Those are averaged by their value.
//! What would offset the candidate excuses nothing: correlations rise towards one when it matters.

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let needed = case.policy.gates.correlation_max;
    let measured = correlation_with_held(case);
    Verdict { passed: measured <= needed, measured, needed }
}

fn correlation_with_held(case: &Case<'_>) -> f64 {
    let (mut weighted, mut exposure) = (0.0, 0.0);
    for holding in case.portfolio.holdings {
        let together = holding.correlation * holding.side.sign() * case.signal.side.sign();
        if together > 0.0 && holding.notional > 0.0 {
            weighted += together * holding.notional;
            exposure += holding.notional;
        }
    }
    if exposure > 0.0 { weighted / exposure } else { 0.0 }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "correlation {:.2} with what is held on its side, at most {:.2}",
        verdict.measured, verdict.needed
    )
}
