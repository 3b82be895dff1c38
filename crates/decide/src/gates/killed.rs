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
        "standing kills of this symbol and side: {:.0}, at most {:.0}",
        verdict.measured, verdict.needed
    )
}
