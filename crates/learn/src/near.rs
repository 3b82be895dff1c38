//! Which outcomes tell of what is traded: those no gate refused, and those that came near.

use domain::Outcome;
use serde::{Deserialize, Serialize};

use crate::House;

/// Gates that refuse by what was learned. What they refuse goes on being heard, else nothing they refused could
/// ever come back; and where two of them refuse the same, both go on hearing it.
const LEARNED_GATES: [&str; 4] = ["killed", "paused", "direction", "selected"];

/// Tells what came near being traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Near {
    /// The bits of the gates that refuse by what was learned.
    learned: u16,
}

impl Near {
    /// In this house.
    pub(crate) fn of(house: &House) -> Near {
        let bits = LEARNED_GATES.iter().filter_map(|name| house.gate_bit(name));
        Near { learned: bits.fold(0, |all, bit| all | bit) }
    }

    /// The gates that guard capital, but for those that learned to refuse.
    pub(crate) fn guards(self, house: &House) -> u16 {
        house.capital_gates & !self.learned
    }

    /// Whether at most one gate refused it besides those that learned to.
    ///
    /// What several gates refused would not be traded under any policy near this one; to judge by it would be
    /// to judge what nobody trades.
    pub(crate) fn counts(self, outcome: &Outcome) -> bool {
        (outcome.refused & !self.learned).count_ones() <= 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_gate_refused_counts_and_what_learned_gates_refuse_besides() {
        let gates = vec!["conviction", "fee", "killed", "paused"];
        let near = Near::of(&House { gates, ..House::default() });
        let counts = |refused| near.counts(&Outcome { refused, ..scenarios::outcome(0, 1.0) });
        assert!(counts(0) && counts(0b1) && counts(0b1100) && counts(0b1110));
        assert!(!counts(0b11) && !counts(0b1111));
    }
}
