//! Learning sets whose truth is known.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ops::ControlFlow;
use std::sync::Arc;

use domain::{ModelKind, ModelRecord, Side, SymbolIx, Timestamp, Trigger};
use models::{
    Closes, Ensemble, FitError, LearningSet, Progress, Sample, Samples, TrainOrder, TrainRules,
    train,
};
use scenarios::{BEGIN, Dice, HOUR_MS};

/// How samples are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    /// Decides everything that is drawn.
    pub(crate) seed: u64,
    /// How many samples, one an hour.
    pub(crate) count: usize,
    /// Numbers in a row.
    pub(crate) features: usize,
    /// How much the first feature moves the log-odds of the side it points to.
    pub(crate) edge: f64,
    /// Hours for which a position is held: labels overlap by as many.
    pub(crate) held: usize,
}

/// Hours of closes before the first decision.
const BEFORE: usize = 300;

impl World {
    /// Five features, an hour held.
    pub(crate) fn new(seed: u64, count: usize, edge: f64) -> World {
        World { seed, count, features: 5, edge, held: 1 }
    }

    /// Its samples.
    pub(crate) fn samples(&self) -> Samples {
        let mut dice = Dice::new(self.seed);
        let mut samples = Samples::new(self.features, vec![Arc::new(self.closes())]);
        for at in 0..self.count {
            let row: Vec<f64> = (0..self.features).map(|_| dice.normal()).collect();
            let side = if dice.happens(0.5) { Side::Long } else { Side::Short };
            let sign = if side == Side::Long { 1.0 } else { -1.0 };
            let odds = -0.2 + self.edge * sign * row[0];
            let won = dice.happens(1.0 / (1.0 + libm::exp(-odds)));
            // One feature in twenty is absent now and then.
            let present = if dice.happens(0.05) { u64::MAX - 2 } else { u64::MAX };
            samples.push(
                Sample {
                    decision_no: at as u64 + 1,
                    symbol: SymbolIx(0),
                    side,
                    decided_at: hour(at),
                    closed_at: hour(at + self.held),
                    hold_ms: self.held as i64 * HOUR_MS,
                    won,
                    r: if won { 1.3 } else { -1.0 },
                    uniqueness: 1.0 / self.held as f32,
                    present,
                },
                row,
            );
        }
        samples
    }

    fn closes(&self) -> Closes {
        let mut dice = Dice::new(self.seed ^ 0xc105e5);
        let mut price = 100.0;
        let mut closes = Closes::default();
        for at in 0..BEFORE + self.count + 50 {
            price *= 1.0 + 0.01 * dice.normal();
            closes.values.push(price as f32);
            closes.closed_at.push(BEGIN.plus_ms((at as i64 - BEFORE as i64) * HOUR_MS));
            closes.in_a_row.push(at as u32 + 1);
        }
        closes
    }
}

/// The moment so many hours from the beginning.
pub(crate) fn hour(at: usize) -> Timestamp {
    BEGIN.plus_ms(at as i64 * HOUR_MS)
}

/// An order for these kinds, after everything has turned out.
pub(crate) fn order(kinds: &[ModelKind]) -> TrainOrder {
    TrainOrder {
        version: 7,
        training: 3,
        asked_at: hour(10_000_000),
        trigger: Trigger::Drift,
        kinds: kinds.to_vec(),
    }
}

/// Both kinds of trees.
pub(crate) const TREES: [ModelKind; 2] = [ModelKind::Xgboost, ModelKind::Lightgbm];

/// Few small trees and networks that learn for a moment.
pub(crate) fn small_rules(seed: u64) -> TrainRules {
    let mut rules = TrainRules::product(seed);
    for trees in [&mut rules.xgboost, &mut rules.lightgbm] {
        (trees.trees, trees.rate) = (20, 0.2);
    }
    for learn in [&mut rules.nhits.learn, &mut rules.patchtst.learn] {
        learn.passes = 1;
        learn.windows_per_pass = 128;
    }
    rules
}

/// A set whose features are called f0, f1 and so on.
pub(crate) fn set<'a>(samples: &'a Samples, names: &'a [&'a str]) -> LearningSet<'a> {
    LearningSet { samples, features: names, waiting: 11, left_out: 2 }
}

/// Names of features.
pub(crate) const NAMES: [&str; 5] = ["f0", "f1", "f2", "f3", "f4"];

/// Trains on all that has turned out.
pub(crate) fn trained(
    samples: &Samples,
    kinds: &[ModelKind],
    former: Option<&Ensemble>,
    rules: &TrainRules,
) -> Result<(Ensemble, ModelRecord), FitError> {
    let mut silent = |_: Progress<'_>| ControlFlow::Continue(());
    train(&set(samples, &NAMES), &order(kinds), former, rules, &mut silent)
}

/// A walk on which every hour's decision looks so many hours ahead, and its row as many back: nothing to know.
pub(crate) fn walk(seed: u64, count: usize, ahead: usize) -> Samples {
    let mut dice = Dice::new(seed ^ 0x3a1c);
    let back = [ahead, 2 * ahead, 4 * ahead];
    let from = 4 * ahead;
    let mut level = 0.0;
    let mut levels = Vec::new();
    for _ in 0..from + count + ahead {
        level += dice.normal();
        levels.push(level);
    }
    let mut samples = Samples::new(back.len(), Vec::new());
    for at in 0..count {
        let now = from + at;
        let won = levels[now + ahead] > levels[now];
        let row = back.map(|back| (levels[now] - levels[now - back]) / (back as f64).sqrt());
        samples.push(
            Sample {
                decision_no: at as u64 + 1,
                symbol: SymbolIx(0),
                side: Side::Long,
                decided_at: hour(at),
                closed_at: hour(at + ahead),
                hold_ms: ahead as i64 * HOUR_MS,
                won,
                r: if won { 1.0 } else { -1.0 },
                uniqueness: 1.0 / ahead as f32,
                present: u64::MAX,
            },
            row,
        );
    }
    samples
}
