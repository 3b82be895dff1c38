//! Mean results with an interval that knows about overlap.

use domain::Outcome;
use stats::interval::MeanInterval;
use stats::moments::Moments;

use crate::report::Estimate;

/// 95 % of a normal lies within so many standard errors.
pub(crate) const Z_95: f64 = 1.959_964;

/// Results in R of a kind of decision.
#[derive(Clone, Debug, Default)]
pub struct ResultTally {
    n: u64,
    effective: f64,
    moments: Moments,
}

impl ResultTally {
    /// Adds a result, weighing its uniqueness.
    pub fn add(&mut self, outcome: &Outcome) {
        self.n += 1;
        self.effective += outcome.uniqueness;
        self.moments.observe_weighted(outcome.r, outcome.uniqueness);
    }

    /// Mean in R with its 95 % interval; overlapping outcomes count for what they are worth together.
    pub fn mean(&self) -> Option<Estimate> {
        let interval = MeanInterval::with_count(&self.moments, self.effective, Z_95)?;
        Some(Estimate {
            value: interval.mean,
            low: interval.low,
            high: interval.high,
            n: self.n,
            n_effective: self.effective,
        })
    }
}
