//! What was named must prove itself on what comes after: one e-process on batches of one effective outcome.

use domain::Effect;
use serde::{Deserialize, Serialize};
use stats::interval::Z_95;
use stats::sequential::GridEProcess;

/// Gains heard since something was named.
///
/// Outcomes that overlap are heard together: ten copies of a tenth each bet once, not ten times, since a
/// product of many small bets on one result would be more than one bet on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Proof {
    process: GridEProcess,
    batch_gain: f64,
    batch_worth: f64,
    outcomes: u64,
    worth: f64,
    gain: f64,
    gain_square: f64,
}

impl Proof {
    /// Evidence of one for gains that lose no more than `loss_most`, positive.
    pub(crate) fn new(loss_most: f64, stakes: &[f64]) -> Proof {
        Proof {
            process: GridEProcess::new(loss_most, stakes),
            batch_gain: 0.0,
            batch_worth: 0.0,
            outcomes: 0,
            worth: 0.0,
            gain: 0.0,
            gain_square: 0.0,
        }
    }

    /// Hears one gain, worth so many independent outcomes.
    pub(crate) fn hear(&mut self, gain: f64, worth: f64) {
        // Ten tenths are one, whatever their last bit says.
        const WHOLE: f64 = 1.0 - 1e-6;
        if worth.is_nan() || worth <= 0.0 {
            return;
        }
        self.outcomes += 1;
        self.worth += worth;
        self.gain += worth * gain;
        self.gain_square += worth * gain * gain;
        self.batch_gain += worth * gain;
        self.batch_worth += worth;
        if self.batch_worth >= WHOLE {
            self.process.observe(self.batch_gain / self.batch_worth);
            (self.batch_gain, self.batch_worth) = (0.0, 0.0);
        }
    }

    /// The e-value of "it gains".
    pub(crate) fn evidence(&self) -> f64 {
        self.process.evidence()
    }

    /// Outcomes heard.
    pub(crate) fn outcomes(&self) -> u64 {
        self.outcomes
    }

    /// The same with overlap discounted.
    pub(crate) fn effective(&self) -> f64 {
        self.worth
    }

    /// The mean gain and its ratio to its deviation; 0 where nothing is known.
    pub(crate) fn mean_and_sharpe(&self) -> (f64, f64) {
        if self.worth <= 0.0 {
            return (0.0, 0.0);
        }
        let mean = self.gain / self.worth;
        let deviation = (self.gain_square / self.worth - mean * mean).max(0.0).sqrt();
        (mean, if deviation > 0.0 { mean / deviation } else { 0.0 })
    }

    /// The mean gain with its 95 % interval; nothing is known of fewer than two effective outcomes.
    pub(crate) fn effect(&self) -> Option<Effect> {
        if self.worth < 2.0 {
            return None;
        }
        let mean = self.gain / self.worth;
        let variance = (self.gain_square / self.worth - mean * mean).max(0.0);
        let half = Z_95 * (variance / (self.worth - 1.0)).sqrt();
        Some(Effect { mean, low: mean - half, high: mean + half })
    }
}
