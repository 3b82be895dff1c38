//! D8: how capital is split between strategies, by the probability that each is the best.
//!
//! It goes by results per decision, in units of initial risk, of what no stateless gate refused: executed or
//! not, for what is held has nothing to do with whose idea was good. What a strategy's own gates refused is
//! not what its capital would be put into, and does not count.

use domain::{Amendment, Change, Cycle, Outcome, Phase, Policy, PolicyVersion, Timestamp};
use serde::{Deserialize, Serialize};

use crate::shares::{InProportionTo, Shares};
use crate::{LearnRules, Learner, LearnerReport};

/// Splits capital between strategies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coordinator {
    shares: Shares,
}

impl Coordinator {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> Coordinator {
        Coordinator { shares: Shares::new(rules) }
    }
}

impl Learner for Coordinator {
    fn name(&self) -> &'static str {
        "coordinator"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        if outcome.basis.stake > 0.0 || outcome.standing.is_executed() {
            self.shares.hear(usize::from(outcome.strategy.0), outcome.r, outcome.uniqueness);
        }
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        let wanted = self.shares.wanted(&policy.strategy_shares, InProportionTo::BeingBest);
        let amendment = |(shares, evidence)| Amendment {
            learner: self.name().to_owned(),
            change: Change::StrategyShares(shares),
            evidence,
        };
        wanted.map(amendment).into_iter().collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        self.shares.report(&policy.strategy_shares, "strategy", "R a decision")
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.shares.adopt(version, self.name());
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
