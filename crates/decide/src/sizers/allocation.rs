//! Which share of capital do strategy, symbol and venue have, against an equal one?

use crate::{Case, SizeRules};

/// The venue orders go to; there is one so far.
const VENUE: usize = 0;

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    let share = |shares: &[f64], at: usize| shares.get(at).copied().unwrap_or(1.0);
    let policy = case.policy;
    share(&policy.strategy_shares, usize::from(case.strategy.0))
        * share(&policy.symbol_shares, case.symbol.at())
        * share(&policy.venue_shares, VENUE)
}
