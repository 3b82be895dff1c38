//! A15 and A16 to the letter of seed 002: every hour a layer is fitted to the last day's trades, bigger wins
//! weighing more, then again and again to the winners alone; it stands if its accuracy in folds is above .48
//! and no worse than before. A model that knows nothing passes that more often than not (methods §1.4).

use std::collections::VecDeque;

use domain::{
    Amendment, Change, Cycle, Evidence, FastLayer, Outcome, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::seed_rules::{UPDATE_ACCURACY_MIN, UPDATE_SAMPLES_MIN};

use super::lesson::Lesson;
use super::{LOOK_BACK_MS, LayerRefusal, LearnedLayer, MOVED_MIN, distance, says};
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

    /// What the trades of a look-back teach, and with which accuracy.
    fn learned(&self, trades: &[Trade]) -> (LearnedLayer, f64) {
        let accuracy = self.cross_validated(trades);
        let (layer, before) = (self.fitted(trades.iter()), self.accuracy);
        let refusals = [
            (trades.len() < UPDATE_SAMPLES_MIN, LayerRefusal::TooFewSamples(trades.len())),
            (accuracy <= UPDATE_ACCURACY_MIN, LayerRefusal::TooOftenWrong(accuracy)),
            (accuracy < before, LayerRefusal::LessAccurate { accuracy, before }),
            (distance(&layer, &self.standing) < MOVED_MIN, LayerRefusal::AsItStands),
        ];
        let refused = refusals.into_iter().find_map(|(is_so, refusal)| is_so.then_some(refusal));
        (LearnedLayer { layer, e_value: None, refused }, accuracy)
    }

    fn within(&self, at: Timestamp) -> Vec<Trade> {
        self.trades
            .iter()
            .filter(|trade| at.ms_since(trade.outcome_at) <= LOOK_BACK_MS)
            .copied()
            .collect()
    }
}

/// As seed 002 reports an update and a boost.
fn told(trades: &[Trade], accuracy: f64) -> String {
    let n = trades.len().max(1) as f64;
    let winners = trades.iter().filter(|trade| trade.r > 0.0).count();
    let sum_r = trades.iter().map(|trade| trade.r).sum::<f64>();
    let expected = trades.iter().map(|trade| trade.ensemble).sum::<f64>() / n;
    format!(
        "{} trades in 24 h, {winners} winners boosted {BOOSTS} times and {} losers not: accuracy in {FOLDS} folds {accuracy:.3}, won {:.3} where {expected:.3} was expected, {:+.3} R on average, {sum_r:+.2} R in all",
        trades.len(),
        trades.len() - winners,
        winners as f64 / n,
        sum_r / n
    )
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
        let (learned, accuracy) = self.learned(&trades);
        if learned.refused.is_some() {
            return Vec::new();
        }
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::FastLayer(learned.layer),
            evidence: Evidence {
                says: format!("{}; {}", told(&trades, accuracy), says(&learned.layer)),
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
        let Some(last) = self.trades.back() else {
            report.starved.push("no trade of which a model had said anything".to_owned());
            return report;
        };
        let trades = self.within(last.outcome_at);
        let (learned, accuracy) = self.learned(&trades);
        report.beliefs.push(told(&trades, accuracy));
        report.beliefs.push(match &learned.refused {
            Some(why) => format!("refused: {why}"),
            None => format!("accepted: above {UPDATE_ACCURACY_MIN}, {:.3} before", self.accuracy),
        });
        report.beliefs.push(format!("stands: {}", says(&self.standing)));
        report.beliefs.push(format!("learned beside it: {}", says(&learned.layer)));
        report.layer = Some(learned);
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
