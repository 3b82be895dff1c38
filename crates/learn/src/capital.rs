//! A11: the governor of capital over symbols and venues, by realised profit.
//!
//! It goes by money made: what executed decisions brought of what was staked on them. The symbols'
//! own factors (A14) go by the record of all candidates on a symbol, in units of risk, and say how well it is
//! read; this says where capital has paid. A symbol that is read well but seldom traded moves there and not
//! here. A profit is counted per unit staked, with every learned factor divided out: what has much would else
//! look good for having much, and be given more.
//!
//! Venues are split alike once there are two. A replay has one, and its share stays 1.

use domain::{Amendment, Change, Cycle, Outcome, Phase, Policy, PolicyVersion, Timestamp};
use serde::{Deserialize, Serialize};

use crate::shares::{InProportionTo, Shares};
use crate::{House, LearnRules, Learner, LearnerReport};

/// Promotes and demotes symbols by realised profit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capital {
    shares: Shares,
    venues: usize,
}

impl Capital {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules, house: &House) -> Capital {
        let (shares, venues) = (Shares::new(rules), house.venues);
        Capital { shares, venues }
    }
}

impl Learner for Capital {
    fn name(&self) -> &'static str {
        "capital"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Allocation)
    }

    fn observe(&mut self, outcome: &Outcome) {
        // What a draw traded against a gate's refusal has no stake of its own, and was no capital's.
        if !outcome.standing.is_executed() || outcome.basis.stake <= 0.0 {
            return;
        }
        let at = outcome.symbol.at();
        // Profit over the stake: in units of what was risked, so that no learned factor is paid twice.
        self.shares.hear(at, outcome.r, outcome.uniqueness);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        let wanted = self.shares.wanted(&policy.symbol_shares, InProportionTo::BeatingAnother);
        let amendment = |(shares, evidence)| Amendment {
            learner: self.name().to_owned(),
            change: Change::SymbolShares(shares),
            evidence,
        };
        wanted.map(amendment).into_iter().collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let unit = "R of what was staked a trade";
        let mut report = self.shares.report(&policy.symbol_shares, "symbol", unit);
        if self.venues < 2 {
            report.starved.push(format!("{} of 2 venues: shares of venues stay 1", self.venues));
        }
        report
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
