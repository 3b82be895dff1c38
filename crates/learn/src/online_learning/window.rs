//! What the last day held, for who reports on an update.

use std::collections::VecDeque;

use domain::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};

use super::LOOK_BACK_MS;

/// Outcomes kept at most. Chosen: four symbols of minutes bring so many a day.
const SEEN_MAX: usize = 4_096;

/// One outcome of which models had said something.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    closed_at: Timestamp,
    r: f32,
    won: bool,
    expected: f32,
    learned: f32,
}

impl Seen {
    pub(crate) fn of(outcome: &Outcome, expected: f64, learned: f64) -> Seen {
        Seen {
            closed_at: outcome.closed_at,
            r: outcome.r as f32,
            won: outcome.won(),
            expected: expected as f32,
            learned: learned as f32,
        }
    }
}

/// The figures of a look-back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) samples: usize,
    pub(crate) winners: usize,
    pub(crate) accuracy: f64,
    expected: f64,
    mean_r: f64,
    sum_r: f64,
    /// By how much the layer's squared error is smaller than that of the one that stands, a sample.
    pub(crate) gain: f64,
    /// The layer's squared error, a sample; 0.25 is that of somebody who always says one half.
    score: f64,
    score_deviation: f64,
}

impl Told {
    /// In words, as seed 002 reports an update: what there was, and how it was expected.
    pub(crate) fn says(&self) -> [String; 2] {
        let n = self.samples.max(1) as f64;
        [
            format!(
                "{} outcomes in 24 h, {} winners and {} losers weighed alike by size: {:+.3} R on average, {:+.2} R in all",
                self.samples,
                self.winners,
                self.samples - self.winners,
                self.mean_r,
                self.sum_r
            ),
            format!(
                "won {:.3} where {:.3} was expected, accuracy {:.3}, squared error {:.4} ± {:.4}, {:+.5} against what stands",
                self.winners as f64 / n,
                self.expected,
                self.accuracy,
                self.score,
                self.score_deviation,
                -self.gain
            ),
        ]
    }
}

/// Outcomes of the last day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Window {
    seen: VecDeque<Seen>,
}

impl Window {
    pub(crate) fn hear(&mut self, seen: Seen) {
        let is_old = |old: &Seen| seen.closed_at.ms_since(old.closed_at) > LOOK_BACK_MS;
        while self.seen.len() >= SEEN_MAX || self.seen.front().is_some_and(is_old) {
            self.seen.pop_front();
        }
        self.seen.push_back(seen);
    }

    /// When the last outcome closed.
    pub(crate) fn latest(&self) -> Timestamp {
        self.seen.back().map_or(Timestamp::default(), |seen| seen.closed_at)
    }

    /// What the look-back from a moment holds.
    pub(crate) fn told(&self, at: Timestamp) -> Told {
        let inside = || self.seen.iter().filter(|seen| at.ms_since(seen.closed_at) <= LOOK_BACK_MS);
        let samples = inside().count();
        if samples == 0 {
            return Told::default();
        }
        let n = samples as f64;
        let mean = |of: &dyn Fn(&Seen) -> f64| inside().map(of).sum::<f64>() / n;
        let error = |seen: &Seen, said: f32| {
            let miss = f64::from(u8::from(seen.won)) - f64::from(said);
            miss * miss
        };
        let score = mean(&|seen| error(seen, seen.learned));
        let spread = mean(&|seen| {
            let apart = error(seen, seen.learned) - score;
            apart * apart
        });
        Told {
            samples,
            winners: inside().filter(|seen| seen.won).count(),
            accuracy: mean(&|seen| f64::from(u8::from((seen.learned > 0.5) == seen.won))),
            expected: mean(&|seen| f64::from(seen.expected)),
            mean_r: mean(&|seen| f64::from(seen.r)),
            sum_r: inside().map(|seen| f64::from(seen.r)).sum(),
            gain: mean(&|seen| error(seen, seen.expected) - error(seen, seen.learned)),
            score,
            score_deviation: spread.sqrt(),
        }
    }
}
