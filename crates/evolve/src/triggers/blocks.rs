//! Overlapping outcomes as few that hardly overlap.

use serde::{Deserialize, Serialize};

/// Gathers values until they are worth enough together, and tells their mean. Labels that share the same hours
/// tell the same news many times; a detector that heard each of them would take it for so many news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Block {
    worth: f64,
    sum: f64,
}

impl Block {
    /// Effective outcomes in a block. Chosen: in labels that overlap evenly blocks of so many still vary by five
    /// sixths of what their worth says, which the detectors' reserve covers; more would only delay them.
    const WORTH: f64 = 2.0;

    /// Takes in one value, and gives the block's mean once it is full.
    pub(super) fn add(&mut self, value: f64, worth: f64) -> Option<f64> {
        self.worth += worth;
        self.sum += value * worth;
        // Rounding of what sums to a whole must not make a block one longer.
        if self.worth < Block::WORTH - 1e-9 {
            return None;
        }
        let mean = self.sum / self.worth;
        *self = Block::default();
        Some(mean)
    }

    /// How many blocks so many effective outcomes make.
    pub(super) fn in_outcomes(outcomes: f64) -> f64 {
        outcomes / Block::WORTH
    }
}
