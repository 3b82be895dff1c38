//! What do the rules found in the days before make of it?

use crate::{Case, SizeRules};

/// Least and most that rules make of a stake together, unless one of them declines. Chosen: where every other
/// learned factor stays.
const BOUNDS: (f64, f64) = (0.25, 1.5);

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    let rules = &case.policy.rules;
    if rules.is_empty() {
        return 1.0;
    }
    let occurrence = case.occurrence();
    let applicable = rules.iter().filter(|rule| rule.applies(&occurrence, case.now));
    let product: f64 = applicable.map(|rule| rule.factor).product();
    if product > 0.0 { product.clamp(BOUNDS.0, BOUNDS.1) } else { 0.0 }
}
