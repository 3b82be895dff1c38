//! How often each head was right.

use domain::{HEAD_COUNT, HeadName, Outcome};
use stats::interval::wilson;

use super::results::Z_95;
use crate::report::Estimate;

/// Votes and right votes of the nine heads, on every outcome they had voted on.
#[derive(Clone, Debug, Default)]
pub struct HeadTally {
    votes: [u64; HEAD_COUNT],
    votes_effective: [f64; HEAD_COUNT],
    right_effective: [f64; HEAD_COUNT],
}

impl HeadTally {
    /// Adds an outcome: a head was right if the side it voted for is the one that paid.
    pub fn add(&mut self, outcome: &Outcome) {
        for at in 0..HEAD_COUNT {
            if let Some(vote) = outcome.votes.at(at) {
                let right = (vote.side == outcome.side) == outcome.won();
                self.votes[at] += 1;
                self.votes_effective[at] += outcome.uniqueness;
                self.right_effective[at] += if right { outcome.uniqueness } else { 0.0 };
            }
        }
    }

    /// Outcomes a head voted on, overlap discounted.
    pub fn votes_effective(&self, head: HeadName) -> f64 {
        self.votes_effective[head.at()]
    }

    /// Share of right votes with its 95 % interval (Wilson 1927).
    pub fn right(&self, head: HeadName) -> Option<Estimate> {
        let at = head.at();
        let n = self.votes_effective[at];
        if n <= 0.0 {
            return None;
        }
        let interval = wilson(self.right_effective[at], n, Z_95);
        Some(Estimate {
            value: self.right_effective[at] / n,
            low: interval.low,
            high: interval.high,
            n: self.votes[at],
            n_effective: n,
        })
    }
}
