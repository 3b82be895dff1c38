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
    /// Takes in one value, and gives the mean once `full` effective outcomes have gathered.
    ///
    /// In labels that overlap evenly, means of blocks of one vary by two thirds of what their worth says, of two by
    /// five sixths: the longer, the less a detector is deceived, and the later it hears.
    pub(super) fn add(&mut self, value: f64, worth: f64, full: f64) -> Option<f64> {
        self.worth += worth;
        self.sum += value * worth;
        // Rounding of what sums to a whole must not make a block one longer.
        if self.worth < full - 1e-9 {
            return None;
        }
        let mean = self.sum / self.worth;
        *self = Block::default();
        Some(mean)
    }
}
