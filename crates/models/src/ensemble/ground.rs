//! What a training stands on: the rows it may see in the order of decisions, and runs of closes without a gap.

use domain::{Side, Timestamp};
use stats::labels::{Span, Split, purged_walk_forward};

use super::{columns, columns_of};
use crate::{Closes, FitError, Samples, WindowSet};

/// Chosen: with fewer an ensemble has no rows to be judged by.
const SAMPLES_MIN: usize = 50;
/// |R| counts up to here (mission row A16: what lost weighs as what won) ...
const R_MOST: f32 = 3.0;
/// ... and from here on. Chosen: half a stop; who ended near zero was not nothing.
const R_LEAST: f32 = 0.25;
/// Rows on which members are weighed and calibrated (methods, Decision 12).
const JUDGED_MOST: usize = 20_000;

/// Rows in the order of decisions.
pub(crate) struct Ground<'a> {
    pub samples: &'a Samples,
    /// Places of samples.
    pub places: Vec<usize>,
    pub won: Vec<bool>,
    /// Uniqueness times |R|.
    weights: Vec<f32>,
    pub splits: Vec<Split>,
    spans: Vec<Span>,
    runs: Vec<Run<'a>>,
    /// Bars that trades are held on average, at least one.
    pub bars_held: usize,
}

/// Rows to fit trees on.
pub(crate) struct Table {
    pub values: Vec<f32>,
    pub columns: usize,
    pub won: Vec<bool>,
    pub weights: Vec<f32>,
}

impl<'a> Ground<'a> {
    /// The newest `most` samples that had settled by then, in so many folds going forward.
    pub(crate) fn new(
        samples: &'a Samples,
        known_to: Timestamp,
        most: usize,
        folds: usize,
    ) -> Result<Ground<'a>, FitError> {
        let all = samples.samples();
        let mut places: Vec<usize> =
            (0..all.len()).filter(|at| all[*at].settled_at() <= known_to).collect();
        places.sort_by_key(|at| (all[*at].decided_at, all[*at].decision_no));
        places.drain(..places.len().saturating_sub(most));
        if places.len() < SAMPLES_MIN {
            let (has, needed) = (places.len(), SAMPLES_MIN);
            return Err(FitError::TooFew { what: "an ensemble", has, needed });
        }
        let won: Vec<bool> = places.iter().map(|at| all[*at].won).collect();
        if won.iter().all(|one| *one == won[0]) {
            return Err(FitError::OneLabel);
        }
        let weight = |at: &usize| {
            let size = if all[*at].r.is_nan() { R_LEAST } else { all[*at].r.abs() };
            all[*at].uniqueness.clamp(0.0, 1.0) * size.clamp(R_LEAST, R_MOST)
        };
        let first = all[places[0]].decided_at;
        let since = |at: Timestamp| usize::try_from(at.ms_since(first)).unwrap_or(0);
        // To where it might have been held: each fold too learns only from what had settled when it begins.
        let span = |at: &usize| Span {
            from: since(all[*at].decided_at),
            to: since(all[*at].settled_at()),
        };
        let spans: Vec<Span> = places.iter().map(span).collect();
        Ok(Ground {
            samples,
            weights: places.iter().map(weight).collect(),
            splits: purged_walk_forward(&spans, folds.max(1) + 1, 0),
            runs: samples.closes().iter().flat_map(|closes| runs(closes, known_to)).collect(),
            bars_held: bars_held(samples, &places),
            spans,
            places,
            won,
        })
    }

    /// A row's sample.
    pub(crate) fn sample(&self, row: usize) -> &'a crate::Sample {
        &self.samples.samples()[self.places[row]]
    }

    /// From when to when a row's label might have known prices.
    pub(crate) fn span(&self, row: usize) -> Span {
        self.spans[row]
    }

    /// What trees see of rows. Weights have a mean of one.
    pub(crate) fn table(&self, rows: &[usize]) -> Table {
        let wide = columns_of(self.samples.features());
        let mut values = Vec::with_capacity(rows.len() * wide);
        for row in rows {
            let sample = self.sample(*row);
            let known = |at: usize| sample.present & 1_u64.unbounded_shl(at as u32) != 0;
            let features = self.samples.row(self.places[*row]).iter().enumerate();
            let seen = features.map(|(at, value)| if known(at) { *value } else { f32::NAN });
            values.extend(columns(seen, sample.side));
        }
        let sum: f64 = rows.iter().map(|row| f64::from(self.weights[*row])).sum();
        let mean = if sum > 0.0 { sum / rows.len() as f64 } else { 1.0 };
        let weight = |row: &usize| (f64::from(self.weights[*row]) / mean) as f32;
        Table {
            values,
            columns: wide,
            won: rows.iter().map(|row| self.won[*row]).collect(),
            weights: rows.iter().map(weight).collect(),
        }
    }

    /// Rows that a split tests members on: evenly spread, so many over all splits that weighing stays cheap.
    pub(crate) fn judged(&self, split: &Split) -> impl Iterator<Item = usize> + use<> {
        let all: usize = self.splits.iter().map(|split| split.test.len()).sum();
        let every = all.div_ceil(JUDGED_MOST).max(1);
        split.test.clone().filter(move |row| row.is_multiple_of(every))
    }

    /// When a split's test begins: what closed by then is known to whoever is tested.
    pub(crate) fn begins(&self, split: &Split) -> Timestamp {
        self.sample(split.test.start).decided_at
    }

    /// Windows to learn from and windows to watch: all that closed by then, the newest seventh watched. No
    /// learned target lies beyond where watching begins.
    pub(crate) fn windows(
        &self,
        (window, horizon): (usize, usize),
        known_to: Timestamp,
    ) -> (WindowSet<'_>, WindowSet<'_>) {
        const WATCHED_MOST: usize = 512;
        let first = self.runs.iter().filter_map(|run| run.closed_at.first()).min();
        let last = self.runs.iter().filter_map(|run| run.closed_at.last()).max();
        let from = first.copied().unwrap_or(known_to);
        let to = last.copied().unwrap_or(known_to).min(known_to);
        let watched_from = from.plus_ms(to.ms_since(from) / 7 * 6);
        let cuts = |run: &Run<'_>| (run.known(watched_from), run.known(known_to));
        let begin = |learned: usize| learned.saturating_sub(window);
        let room = |run: &Run<'_>| {
            let (learned, known) = cuts(run);
            known.saturating_sub(begin(learned)).saturating_sub(window + horizon - 1)
        };
        let watched: usize = self.runs.iter().map(room).sum();
        let stride = watched.div_ceil(WATCHED_MOST).max(1);
        let mut train = WindowSet::new(window, horizon);
        let mut watch = WindowSet::new(window, horizon);
        for run in &self.runs {
            let (learned, known) = cuts(run);
            train.add(&run.logs, 0..learned, 1);
            watch.add(&run.logs, begin(learned)..known, stride);
        }
        (train, watch)
    }
}

/// Closes without a gap, as log-returns to the first of them.
struct Run<'a> {
    logs: Vec<f32>,
    closed_at: &'a [Timestamp],
}

impl Run<'_> {
    /// How many of its bars had closed by then.
    fn known(&self, to: Timestamp) -> usize {
        self.closed_at.partition_point(|closed_at| *closed_at <= to)
    }
}

/// A symbol's runs. A bar after a gap begins one, and what is no price ends one.
fn runs(closes: &Closes, known_to: Timestamp) -> Vec<Run<'_>> {
    let known = closes.closed_at.partition_point(|closed_at| *closed_at <= known_to);
    let mut runs: Vec<Run<'_>> = Vec::new();
    let (mut begun, mut first) = (0, f64::NAN);
    for at in 0..known.min(closes.values.len()).min(closes.in_a_row.len()) {
        let value = f64::from(closes.values[at]);
        let log = libm::log(value / first);
        match runs.last_mut() {
            Some(run) if closes.in_a_row[at] > 1 && log.is_finite() => {
                run.logs.push(log as f32);
                run.closed_at = &closes.closed_at[begun..=at];
            }
            _ if value > 0.0 && value.is_finite() => {
                (begun, first) = (at, value);
                runs.push(Run { logs: vec![0.0], closed_at: &closes.closed_at[at..=at] });
            }
            _ => first = f64::NAN,
        }
    }
    runs
}

/// How many bars labels span on average.
fn bars_held(samples: &Samples, places: &[usize]) -> usize {
    let steps = samples.closes().iter().flat_map(|closes| closes.closed_at.windows(2));
    let bar_ms = steps.map(|two| two[1].ms_since(two[0])).filter(|ms| *ms > 0).min();
    let all = places.iter().map(|at| &samples.samples()[*at]);
    let held_ms: f64 = all.map(|one| one.closed_at.ms_since(one.decided_at) as f64).sum();
    let bars = held_ms / places.len().max(1) as f64 / bar_ms.unwrap_or(i64::MAX) as f64;
    (bars.round() as usize).max(1)
}

/// The side a row was decided on.
pub(crate) fn side(ground: &Ground<'_>, row: usize) -> Side {
    ground.sample(row).side
}
