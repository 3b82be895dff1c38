//! A15 and A16 to the letter of seed 002: every hour a layer is fitted to the last day's trades, bigger wins
//! weighing more, then again and again to the winners alone; it stands if its accuracy in folds is above .48
//! and no worse than before. A model that knows nothing passes that more often than not (methods §1.4).

use std::collections::VecDeque;

use domain::{
    Amendment, Change, Cycle, Evidence, FastLayer, Outcome, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::seed_rules::{UPDATE_ACCURACY_MIN, UPDATE_SAMPLES_MIN};

use super::{LOOK_BACK_MS, Lesson, MOVED_MIN, distance, says};
use crate::{LearnRules, Learner, LearnerReport};

/// Trades kept at most.
const TRADES_MAX: usize = 1_024;
/// Folds of the check. Chosen: the seed says cross-validated and no number.
const FOLDS: usize = 5;
/// Passes over winners alone. Chosen: "multiple times".
const BOOSTS: usize = 3;
/// A pass over a handful of trades moves nothing at the evidence rule's pace. Chosen.
const PACE: f64 = 10.0;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Trade {
    outcome_at: Timestamp,
    r: f64,
    ensemble: f64,
    members: [Option<f64>; domain::MODEL_COUNT],
}

impl Trade {
    fn lesson(&self) -> Lesson {
        Lesson { ensemble: self.ensemble, members: self.members, won: self.r > 0.0, weight: 1.0 }
    }
}

/// The literal rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralOnlineLearning {
    rules: LearnRules,
    trades: VecDeque<Trade>,
    heard: u64,
    heard_effective: f64,
    standing: FastLayer,
    /// Accuracy of what was accepted last.
    accuracy: f64,
}

impl LiteralOnlineLearning {
    /// One that has heard nothing.
    pub fn new(rules: LearnRules) -> LiteralOnlineLearning {
        LiteralOnlineLearning {
            rules,
            trades: VecDeque::new(),
            heard: 0,
            heard_effective: 0.0,
            standing: FastLayer::default(),
            accuracy: 0.0,
        }
    }

    fn fitted<'a>(&self, trades: impl Iterator<Item = &'a Trade> + Clone) -> FastLayer {
        let mut layer = self.standing;
        for trade in trades.clone() {
            // "Weights samples by P&L (bigger wins = more weight)".
            trade.lesson().teach(&mut layer, PACE * trade.r.max(0.0).max(0.25));
        }
        for _ in 0..BOOSTS {
            let winners = trades.clone().filter(|trade| trade.r > 0.0);
            winners.for_each(|trade| trade.lesson().teach(&mut layer, PACE * trade.r));
        }
        layer
    }

    /// Share of trades told right by layers that were fitted without them.
    fn cross_validated(&self, trades: &[Trade]) -> f64 {
        let right = (0..FOLDS).flat_map(|fold| {
            let others = trades.iter().enumerate().filter(move |(at, _)| at % FOLDS != fold);
            let layer = self.fitted(others.map(|(_, trade)| trade));
            let tested = trades.iter().enumerate().filter(move |(at, _)| at % FOLDS == fold);
            tested.map(move |(_, trade)| {
                (trade.lesson().expected_by(&layer) > 0.5) == (trade.r > 0.0)
            })
        });
        right.filter(|right| *right).count() as f64 / trades.len().max(1) as f64
    }

    fn within(&self, at: Timestamp) -> Vec<Trade> {
        self.trades
            .iter()
            .filter(|trade| at.ms_since(trade.outcome_at) <= LOOK_BACK_MS)
            .copied()
            .collect()
    }
}

impl Learner for LiteralOnlineLearning {
    fn name(&self) -> &'static str {
        "online_learning"
    }

    fn cycle(&self) -> Cycle {
        Cycle::OnlineLearning
    }

    fn observe(&mut self, outcome: &Outcome) {
        let modelled = &outcome.basis.modelled;
        let Some(ensemble) = modelled.ensemble().filter(|_| outcome.standing.is_executed()) else {
            return;
        };
        self.heard += 1;
        self.heard_effective += outcome.uniqueness;
        if self.trades.len() == TRADES_MAX {
            self.trades.pop_front();
        }
        let members = modelled.members();
        self.trades.push_back(Trade {
            outcome_at: outcome.closed_at,
            r: outcome.r,
            ensemble,
            members,
        });
    }

    fn propose(&self, _: &Policy, at: Timestamp) -> Vec<Amendment> {
        let trades = self.within(at);
        if trades.len() < UPDATE_SAMPLES_MIN {
            return Vec::new();
        }
        let accuracy = self.cross_validated(&trades);
        let layer = self.fitted(trades.iter());
        let is_accepted = accuracy > UPDATE_ACCURACY_MIN && accuracy >= self.accuracy;
        if !is_accepted || distance(&layer, &self.standing) < MOVED_MIN {
            return Vec::new();
        }
        let winners = trades.iter().filter(|trade| trade.r > 0.0).count();
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::FastLayer(layer),
            evidence: Evidence {
                says: format!(
                    "{} trades in 24 h, {winners} of them winners to boost, accuracy {accuracy:.3}; {}",
                    trades.len(),
                    says(&layer)
                ),
                ..Evidence::of(self.heard, self.heard_effective)
            },
        }]
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.heard,
            heard_effective: self.heard_effective,
            ..LearnerReport::default()
        };
        let at = self.trades.back().map_or(Timestamp::default(), |trade| trade.outcome_at);
        let trades = self.within(at);
        if trades.len() < UPDATE_SAMPLES_MIN {
            report.starved.push(format!("{} of {UPDATE_SAMPLES_MIN} trades in 24 h", trades.len()));
        } else {
            let accuracy = self.cross_validated(&trades);
            report.beliefs.push(format!(
                "{} trades in 24 h, accuracy {accuracy:.3}, before {:.3}; stands: {}",
                trades.len(),
                self.accuracy,
                says(&self.standing)
            ));
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        if version.policy.fast_layer != self.standing {
            self.accuracy = self.cross_validated(&self.within(version.at));
            self.standing = version.policy.fast_layer;
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
