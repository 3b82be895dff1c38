//! Which outcomes tell of what is traded: those no gate refused, and those that came near.

use domain::{Combo, Outcome, Policy, Route, SymbolIx};
use serde::{Deserialize, Serialize};

/// What learned refusals stand: killed combos, paused symbols, closed routes.
///
/// What they refuse goes on being heard, else nothing they refused could ever come back; and where two of them
/// refuse the same, both go on hearing it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Restrictions {
    killed: Vec<Combo>,
    paused: Vec<SymbolIx>,
    closed: Vec<Route>,
}

impl Restrictions {
    /// What stands under this policy.
    pub(crate) fn of(policy: &Policy) -> Restrictions {
        let factors = policy.symbol_factors.iter().enumerate();
        let paused = factors.filter(|(_, factor)| **factor <= 0.0);
        Restrictions {
            killed: policy.killed.clone(),
            paused: paused.map(|(at, _)| SymbolIx(at as u16)).collect(),
            closed: policy.closed_routes.clone(),
        }
    }

    /// Whether at most one gate refused it besides those that learned to.
    ///
    /// What several gates refused would not be traded under any policy near this one; to judge by it would be
    /// to judge what nobody trades.
    pub(crate) fn counts(&self, outcome: &Outcome) -> bool {
        let refused = outcome.refused.count_ones();
        refused <= 1 || refused <= 1 + self.learned_refusals(outcome)
    }

    fn learned_refusals(&self, outcome: &Outcome) -> u32 {
        let (symbol, side) = (outcome.symbol, outcome.side);
        let route = Route { symbol, side, regime: outcome.climate.regime };
        let refusals = [
            self.killed.binary_search(&Combo { symbol, side }).is_ok(),
            self.paused.binary_search(&symbol).is_ok(),
            self.closed.binary_search(&route).is_ok(),
        ];
        refusals.into_iter().map(u32::from).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{GatePolicy, Side};

    #[test]
    fn what_one_gate_refused_counts_and_what_learned_gates_refuse_besides() {
        let mut policy = Policy::day_one(GatePolicy::default());
        let refused = |refused| Outcome { refused, ..scenarios::outcome(0, 1.0) };
        let counts = |policy: &Policy, bits| Restrictions::of(policy).counts(&refused(bits));
        assert!(counts(&policy, 0) && counts(&policy, 0b10) && !counts(&policy, 0b11));
        policy.killed = vec![Combo { symbol: SymbolIx(0), side: Side::Long }];
        assert!(counts(&policy, 0b11) && !counts(&policy, 0b111));
        policy.symbol_factors = vec![0.0];
        assert!(counts(&policy, 0b111) && !counts(&policy, 0b1111));
    }
}
