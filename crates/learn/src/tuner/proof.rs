//! What was named must prove itself on what comes after: one e-process on batches of one effective outcome.

use domain::Effect;
use serde::{Deserialize, Serialize};
use stats::interval::Z_95;
use stats::sequential::GridEProcess;

/// The most that an effective outcome may speak against a claim, units of initial risk. Nothing that does is
/// ever counted as less: who clips what a refused winner costs finds losers on a market that has none
/// (methods §5). What speaks louder ends the proof, and asking again is to name again. Chosen: target times
/// two and a trailing stop far beyond it.
const AGAINST_R_MOST: f64 = 8.0;

/// What speaks for a claim counts up to as much. That costs power and never truth.
const FOR_R_MOST: f64 = AGAINST_R_MOST;

/// Stakes, as fractions of what the worst outcome can cost. Chosen: the floor is far below an ordinary stop,
/// so that stakes lie higher than where it is close.
const STAKES: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];

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
    /// Evidence of one.
    pub(crate) fn new() -> Proof {
        Proof {
            process: GridEProcess::new(AGAINST_R_MOST, &STAKES),
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
        self.batch_gain += worth * gain.min(FOR_R_MOST);
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

    /// Whether something spoke so loud against it that it is over.
    pub(crate) fn is_over(&self) -> bool {
        self.process.is_ruined()
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
