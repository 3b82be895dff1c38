//! Has the symbol rested since its last trade? Seed 003 rests 15 to 60 minutes.

use domain::Verdict;

use crate::Case;

const MINUTE_MS: f64 = 60_000.0;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let needed = case.policy.gates.cooldown_min as f64;
    match case.portfolio.symbol_traded_at {
        // A symbol that was never traded has rested as long as anyone could ask.
        None => Verdict { passed: true, measured: needed, needed },
        Some(traded_at) => {
            let measured = case.now.ms_since(traded_at) as f64 / MINUTE_MS;
            Verdict { passed: measured >= needed, measured, needed }
        }
    }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!("rested {:.0} min, needs {:.0}", verdict.measured, verdict.needed)
}
