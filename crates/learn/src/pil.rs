//! PIL (mission row P5): is an open position a winner, a loser, or struggling? Told from what earlier ones that
//! stood so at the same share of their time came to (methods §1.13).

use domain::{Climate, Marks, Outcome, PilClass, Regime};
use serde::{Deserialize, Serialize};
use stats::calibration::Calibration;
use stats::shrinkage::{BetaPrior, WinCount};

/// From this probability of ending above zero on it is a winner (methods §1.13).
const WINNER_FROM: f64 = 0.60;
/// Up to this one it is a loser (methods §1.13).
const LOSER_TO: f64 = 0.35;
/// Effective outcomes at a mark before anything is classified there.
const OUTCOMES_MIN: f64 = 50.0;
/// What the row of all counts in a cell, in effective outcomes. Chosen.
const ROW_STRENGTH: f64 = 20.0;
/// What all results at the mark count in a row. Chosen: a bucket seen but a few times leans on its neighbours.
const MARK_STRENGTH: f64 = 4.0;
/// Results so far are told apart at these, units of initial risk. Chosen.
const EDGES_R: [f64; BUCKETS - 1] = [-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0];
const BUCKETS: usize = 8;

/// How many positions that stood so ended above zero, overlap discounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Cell {
    won: f64,
    heard: f64,
}

impl Cell {
    fn count(self) -> WinCount {
        WinCount { won: self.won, trials: self.heard }
    }

    fn and(self, other: Cell) -> Cell {
        Cell { won: self.won + other.won, heard: self.heard + other.heard }
    }
}

/// Results so far at one mark, by bucket.
type Row = [Cell; BUCKETS];

/// What an open position is, and from what that is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenClass {
    /// The class.
    pub class: PilClass,
    /// Probability of ending above zero.
    pub q: f64,
    /// Outcomes known at this mark, overlap discounted.
    pub n: f64,
}

/// What became of positions by how they stood on their way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pil {
    /// Per mark, where moves were ordinary and where they were large.
    rows: [[Row; 2]; Marks::COUNT],
}

impl Pil {
    /// Hears how one turned out, executed or declined.
    pub fn observe(&mut self, outcome: &Outcome) {
        let volatile = is_volatile(outcome.climate);
        for (mark, rows) in self.rows.iter_mut().enumerate() {
            let Some(r) = outcome.marks.at(mark) else { break };
            let cell = &mut rows[volatile][bucket(r)];
            cell.heard += outcome.uniqueness;
            cell.won += if outcome.won() { outcome.uniqueness } else { 0.0 };
        }
    }

    /// The class of a position with this result so far, after this share of its longest hold. Nothing before
    /// the first mark, nor where fewer than fifty effective outcomes have passed the last one.
    pub fn classify(&self, r_now: f64, used_fraction: f64, climate: Climate) -> Option<OpenClass> {
        let mark = Marks::AT.iter().rposition(|&at| at <= used_fraction)?;
        let n = self.heard(mark);
        if n < OUTCOMES_MIN || r_now.is_nan() {
            return None;
        }
        let q = self.probabilities(mark, is_volatile(climate))[bucket(r_now)];
        let class = match q {
            q if q >= WINNER_FROM => PilClass::Winner,
            q if q <= LOSER_TO => PilClass::Loser,
            _ => PilClass::Struggling,
        };
        Some(OpenClass { class, q, n })
    }

    /// Outcomes that passed a mark, overlap discounted.
    pub fn heard(&self, mark: usize) -> f64 {
        self.rows[mark].as_flattened().iter().map(|cell| cell.heard).sum()
    }

    /// The probability of ending above zero per bucket: each cell drawn towards the row of all, that towards
    /// the mark's, and none below one to its left.
    fn probabilities(&self, mark: usize, volatile: usize) -> [f64; BUCKETS] {
        let rows = &self.rows[mark];
        let all = rows.as_flattened().iter().fold(Cell::default(), |sum, &cell| sum.and(cell));
        // One of each, so that the prior is a distribution also where all have won.
        let middle = (all.won + 1.0) / (all.heard + 2.0);
        let shrunk: [(f64, f64); BUCKETS] = std::array::from_fn(|at| {
            let (cell, row) = (rows[volatile][at], rows[0][at].and(rows[1][at]));
            let row_mean = prior(middle, MARK_STRENGTH).mean(row.count());
            let mean = prior(row_mean, ROW_STRENGTH).mean(cell.count());
            (mean, cell.heard + 1.0)
        });
        let scores: Vec<f64> = (0..2 * BUCKETS).map(|at| (at / 2) as f64).collect();
        let wins: Vec<bool> = (0..2 * BUCKETS).map(|at| at % 2 == 0).collect();
        let weight = |at: usize| {
            let (mean, weight) = shrunk[at / 2];
            if wins[at] { mean * weight } else { (1.0 - mean) * weight }
        };
        let weights: Vec<f64> = (0..2 * BUCKETS).map(weight).collect();
        match Calibration::isotonic(&scores, &wins, &weights) {
            Some(rising) => std::array::from_fn(|at| rising.apply(at as f64)),
            None => [middle; BUCKETS],
        }
    }
}

fn prior(mean: f64, strength: f64) -> BetaPrior {
    BetaPrior { wins: strength * mean, losses: strength * (1.0 - mean) }
}

fn is_volatile(climate: Climate) -> usize {
    usize::from(climate.regime == Regime::HighVolatility)
}

fn bucket(r: f64) -> usize {
    EDGES_R.partition_point(|&edge| edge <= r)
}
