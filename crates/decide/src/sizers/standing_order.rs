//! What does the standing order leave of risk? It can only restrict.

use crate::{Case, SizeRules};

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    case.order.risk_scale.clamp(0.0, 1.0)
}
