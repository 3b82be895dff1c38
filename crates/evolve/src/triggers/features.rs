//! Do decisions see what the models were fitted on?

use std::collections::VecDeque;

use domain::{DecisionId, MODEL_COUNT, ModelKind, Row, Timestamp, draw};
use serde::{Deserialize, Serialize};
use stats::drift::{Bins, kolmogorov_smirnov, psi, psi_limit};

const DAY_MS: i64 = 86_400_000;

/// Rows kept, of all features.
const ROWS_MOST: usize = 256;

/// The share of rows that the look-back of a training fills, so that there is room for what came after it.
const SLOTS: i64 = 240;

/// Bins of the stability index, as the folk and the reference figures have it.
const BINS: usize = 10;

/// The least a sample must be worth, in independent rows, to be compared. Chosen: with less, chance allows samples
/// to be all but wholly apart.
const WORTH_LEAST: f64 = 12.0;

/// The same for the index: five to a bin (Cochran 1952). Bins that happen to be empty make it no chi-square.
const INDEX_WORTH_LEAST: f64 = 5.0 * BINS as f64;

/// The error all looks of a month may make together, over features and both tests (methods §1.10: Bonferroni by
/// day).
const ERROR_A_MONTH: f64 = 0.05;
const DAYS_A_MONTH: f64 = 30.0;

/// One row in so many hours, drawn among those that came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    present: u64,
    values: Vec<f32>,
}

impl Kept {
    /// Single precision; what is no number there is absent.
    fn fill(&mut self, row: &Row<'_>, at: Timestamp, features: usize) {
        self.at = at;
        self.present = 0;
        self.values.clear();
        for feature in 0..features {
            let value = row.get(feature).map(|value| value as f32).filter(|v| v.is_finite());
            self.present |= u64::from(value.is_some()) << feature;
            self.values.push(value.unwrap_or(0.0));
        }
    }

    fn get(&self, feature: usize) -> Option<f64> {
        let value = self.values.get(feature)?;
        (self.present & (1 << feature) != 0).then(|| f64::from(*value))
    }
}

/// What moved, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Moved {
    /// The feature's place in the registry.
    pub(super) feature: usize,
    /// Which test says so.
    pub(super) by: Test,
    pub(super) measured: f64,
    pub(super) needed: f64,
}

/// Which of the two tests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Test {
    KolmogorovSmirnov,
    StabilityIndex,
}

/// Rows from before the last fit, and from after it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    features: usize,
    rows: VecDeque<Kept>,
    /// The one that the present slot has drawn, and of how many.
    drawn: Option<Kept>,
    drawn_of: u32,
    fitted_at: [Option<Timestamp>; MODEL_COUNT],
    looked_on: i64,
    /// By model: each was fitted at a time of its own.
    pub(super) moved: [Option<Moved>; MODEL_COUNT],
}

impl Sample {
    pub(super) fn new(features: usize) -> Sample {
        Sample { features, ..Sample::default() }
    }

    /// Hears the row of a decision. Of all in a slot each is kept with the same chance: whoever comes first in
    /// every hour would be one symbol.
    pub(super) fn observe(&mut self, row: &Row<'_>, at: Timestamp, lookback_days: u32) {
        let slot_ms = (i64::from(lookback_days) * DAY_MS / SLOTS).max(1);
        let slot = |at: Timestamp| at.ms().div_euclid(slot_ms);
        if let Some(full) = self.drawn.take_if(|drawn| slot(drawn.at) != slot(at)) {
            self.keep(full);
            self.drawn_of = 0;
            self.look(at);
        }
        self.drawn_of += 1;
        if !self.wins_the_slot(at) {
            return;
        }
        let mut drawn = self.drawn.take().unwrap_or_default();
        drawn.fill(row, at, self.features);
        self.drawn = Some(drawn);
    }

    /// A model was fitted: what came up to then is what it knows. One alarm a fit.
    pub(super) fn fitted(&mut self, kind: ModelKind, at: Timestamp) {
        self.fitted_at[kind.at()] = Some(at);
        self.moved[kind.at()] = None;
    }

    fn wins_the_slot(&self, at: Timestamp) -> bool {
        let of = u64::from(self.drawn_of);
        draw(of, DecisionId(at.ms() as u64), ROWS_MOST as u64) * (of as f64) < 1.0
    }

    fn keep(&mut self, row: Kept) {
        if self.rows.len() >= ROWS_MOST {
            self.rows.pop_front();
        }
        self.rows.push_back(row);
    }

    /// Once a day, and for each model only for as long as nothing was found. Models that were fitted together are
    /// compared once.
    fn look(&mut self, at: Timestamp) {
        let today = at.day_closed();
        if today == self.looked_on {
            return;
        }
        self.looked_on = today;
        let mut fits: Vec<Timestamp> = self.fitted_at.iter().flatten().copied().collect();
        fits.sort_unstable();
        fits.dedup();
        let looks = DAYS_A_MONTH * (2 * self.features.max(1) * fits.len().max(1)) as f64;
        for fitted_at in fits {
            let of = |kind: usize| self.fitted_at[kind] == Some(fitted_at);
            if (0..MODEL_COUNT).any(|kind| of(kind) && self.moved[kind].is_none()) {
                let found = self.moved_since(fitted_at, ERROR_A_MONTH / looks);
                for kind in 0..MODEL_COUNT {
                    if self.fitted_at[kind] == Some(fitted_at) {
                        self.moved[kind] = self.moved[kind].or(found);
                    }
                }
            }
        }
    }

    fn moved_since(&self, fitted_at: Timestamp, alpha: f64) -> Option<Moved> {
        let split = self.rows.partition_point(|row| row.at <= fitted_at);
        if (split as f64) < WORTH_LEAST || ((self.rows.len() - split) as f64) < WORTH_LEAST {
            return None;
        }
        (0..self.features).find_map(|feature| self.compare(feature, split, alpha))
    }

    fn compare(&self, feature: usize, split: usize, alpha: f64) -> Option<Moved> {
        let values = || self.rows.iter().map(|row| row.get(feature));
        let before: Vec<f64> = values().take(split).flatten().collect();
        let after: Vec<f64> = values().skip(split).flatten().collect();
        let reach = reach(&before);
        let (n, m) = (before.len() as f64 / reach, after.len() as f64 / reach);
        if n < WORTH_LEAST || m < WORTH_LEAST {
            return None;
        }
        let moved = |by, measured, needed| {
            (measured > needed).then_some(Moved { feature, by, measured, needed })
        };
        // The limit's first term, which is never below its tail (Kolmogorov 1933).
        let apart_most = libm::sqrt(-0.5 * libm::log(0.5 * alpha) * (1.0 / n + 1.0 / m));
        let apart = kolmogorov_smirnov(&before, &after)?.statistic;
        moved(Test::KolmogorovSmirnov, apart, apart_most).or_else(|| {
            if n.min(m) < INDEX_WORTH_LEAST {
                return None;
            }
            let bins = Bins::of(&before, BINS)?;
            let index = psi(&bins, &before, &after, 0.5 / n.min(m))?;
            moved(Test::StabilityIndex, index, psi_limit(BINS, alpha, n, m))
        })
    }
}

/// How many rows in a row are worth one: one, and twice the correlation with each row before it, for as long as
/// that is above its own noise; at least what the nearest says by itself. Features move slowly, and the same
/// hours seen twice are no two samples.
fn reach(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let scatter: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    if scatter <= 0.0 {
        return 1.0;
    }
    let noise = 2.0 / libm::sqrt(n);
    let correlation = |lag: usize| {
        let pairs = values.iter().zip(&values[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / scatter
    };
    let lags = (1..=values.len() / 4).map(correlation).take_while(|one| *one > noise);
    let summed = 1.0 + 2.0 * lags.sum::<f64>();
    // Estimates from a short stretch are too low: the upper end of what the nearest row may share is taken.
    let nearest = if values.len() > 1 { correlation(1) } else { 0.0 };
    let nearest = (nearest + if nearest > noise { noise } else { 0.0 }).clamp(0.0, 0.99);
    summed.max((1.0 + nearest) / (1.0 - nearest))
}
