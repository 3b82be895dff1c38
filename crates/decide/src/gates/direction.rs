//! Is this symbol still entered this way in this kind of market? Seed 001 routes directions by what they
//! earn.

use domain::{Route, Verdict};

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let route = Route { symbol: case.symbol, side: case.signal.side, regime: case.climate.regime };
    let is_closed = case.policy.closed_routes.binary_search(&route).is_ok();
    Verdict { passed: !is_closed, measured: f64::from(u8::from(is_closed)), needed: 0.0 }
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "closed routes of this symbol, side and regime: {:.0}, at most {:.0}",
        verdict.measured, verdict.needed
    )
}
