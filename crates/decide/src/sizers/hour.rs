//! What has this hour of the exchange's day been worth?

use crate::{Case, SizeRules};

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    case.policy.hour_factor(case.hour)
}
