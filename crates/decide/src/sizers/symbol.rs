//! What does the symbol's own record leave? Zero pauses it.

use crate::{Case, SizeRules};

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    case.policy.symbol_factor(case.symbol)
}
