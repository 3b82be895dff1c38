//! Is trading this symbol on this side still allowed? Seed 001 kills what keeps losing.

use domain::{Combo, Verdict};

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let combo = Combo { symbol: case.symbol, side: case.signal.side };
    let is_killed = case.policy.killed.binary_search(&combo).is_ok();
    Verdict { passed: !is_killed, measured: f64::from(u8::from(is_killed)), needed: 0.0 }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "{:.0} kills stand against this symbol and side, at most {:.0}",
        verdict.measured, verdict.needed
    )
}
