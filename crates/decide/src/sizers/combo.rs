//! Is this symbol and side traded smaller, because its own record speaks against it?

use domain::Combo;

use crate::{Case, SizeRules};

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    let combo = Combo { symbol: case.symbol, side: case.signal.side };
    let throttles = &case.policy.throttles;
    match throttles.binary_search_by_key(&combo, |throttle| throttle.combo) {
        Ok(at) => throttles[at].factor,
        Err(_) => 1.0,
    }
}
