//! Has the promoted model turned to harm? Asked for as long as it is in charge.

use serde::{Deserialize, Serialize};
use stats::sequential::{GAIN_GRID, OnsetDetector};

/// How harm is watched for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchRules {
    /// The largest difference between two results on one signal, in R.
    pub difference_r_most: f64,
    /// The mean number of decisions without a change that one false alarm may take at least.
    pub decisions_per_false_alarm: f64,
}

impl Default for WatchRules {
    /// One false alarm in 5,000 decisions at the most, the length of a bench world. Simulated on
    /// R streams it still finds d = -.16 within half of the 600 decisions that decision 6 allows.
    fn default() -> WatchRules {
        WatchRules { difference_r_most: 2.5, decisions_per_false_alarm: 5_000.0 }
    }
}

/// Evidence that the model in charge has begun to do worse than the one it replaced, whenever
/// that began: a good spell before does not hide it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    detector: OnsetDetector,
    threshold: f64,
}

impl Watch {
    /// Begins at a promotion.
    pub fn begin(rules: &WatchRules) -> Watch {
        Watch {
            detector: OnsetDetector::new(rules.difference_r_most, &GAIN_GRID),
            threshold: rules.decisions_per_false_alarm,
        }
    }

    /// Takes in by how much the model in charge beat the one it replaced on one signal, in R.
    pub fn observe(&mut self, gain_r: f64) {
        self.detector.observe(-gain_r);
    }

    /// Whether to go back.
    pub fn calls_back(&self) -> bool {
        self.detector.has_reached(self.threshold)
    }

    /// The detector's evidence, to be read against the threshold.
    pub fn evidence(&self) -> f64 {
        self.detector.evidence()
    }
}
