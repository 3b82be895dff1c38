//! A11: the governor of capital over symbols and venues, by realised profit.
//!
//! It goes by money made: what executed decisions came to times what was staked on them. The symbols'
//! own factors (A14) go by the record of all candidates on a symbol, in units of risk, and say how well it is
//! read; this says where capital has paid. A symbol that is read well but seldom traded, or traded small,
//! moves there and not here. A profit is counted per unit of the symbol's share, or what has much would
//! look good for having much.
//!
//! Venues are split alike once there are two. A replay has one, and its share stays 1.

use domain::{Amendment, Change, Cycle, Outcome, Phase, Policy, PolicyVersion, Timestamp};
use serde::{Deserialize, Serialize};

use crate::quiet::is_taken_back;
use crate::shares::{InProportionTo, Shares};
use crate::{House, LearnRules, Learner, LearnerReport};

/// Promotes and demotes symbols by realised profit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capital {
    shares: Shares,
    /// The symbols' shares that stand.
    standing: Vec<f64>,
    venues: usize,
}

impl Capital {
    /// A learner that has heard nothing, under the policy that stands.
    pub fn new(rules: LearnRules, policy: &Policy, house: &House) -> Capital {
        let (shares, venues) = (Shares::new(rules), house.venues);
        Capital { shares, standing: policy.symbol_shares.clone(), venues }
    }
}

/// Ten thousandths of equity.
const BPS: f64 = 1e4;

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
        let share = self.standing.get(at).copied().unwrap_or(1.0);
        let profit_bps = outcome.r * f64::from(outcome.basis.stake) / share * BPS;
        self.shares.hear(at, profit_bps, outcome.uniqueness);
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
        let unit = "bp of equity a trade";
        let mut report = self.shares.report(&policy.symbol_shares, "symbol", unit);
        if self.venues < 2 {
            report.starved.push(format!("{} of 2 venues: shares of venues stay 1", self.venues));
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.standing.clone_from(&version.policy.symbol_shares);
        if is_taken_back(&version.reason) {
            self.shares.keep_quiet();
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
