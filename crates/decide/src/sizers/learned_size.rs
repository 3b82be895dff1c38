//! What have convictions and claimed edges of this level earned? Both factors are 1 until something is known.

use domain::{conviction_level, edge_level};

use crate::{Case, SizeRules};

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    let policy = case.policy;
    let by_conviction = policy.conviction_sizes.get(conviction_level(case.signal.conviction));
    let by_edge = policy.edge_sizes.get(edge_level(case.edge_ratio()));
    by_conviction.unwrap_or(&1.0) * by_edge.unwrap_or(&1.0)
}
