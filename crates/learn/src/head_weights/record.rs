//! What one head has shown: how often right, and what it knows beyond agreeing.

use domain::HeadEvidence;
use serde::{Deserialize, Serialize};

/// One head's record. Overlapping outcomes weigh their uniqueness; old ones are forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct HeadRecord {
    /// Σ weight, Σ weight·agreed, Σ weight·won, Σ weight·right, over all outcomes it voted on.
    votes: f64,
    agreed: f64,
    won: f64,
    right: f64,
    /// Gains with the past forgotten by a factor f: Σ w·f, Σ w·f², Σ w·f·gain, Σ w·f·gain².
    kept: f64,
    kept_squares: f64,
    gain: f64,
    gain_squares: f64,
}

/// The running means start from one made-up pair of votes, half agreed and half won, so that the
/// first outcome does not count as surprising.
const PRIOR_VOTES: f64 = 2.0;

impl HeadRecord {
    /// Hears one outcome this head had voted on.
    ///
    /// The score is the centred gain (a − ā)(y − ȳ), a covariance with the outcome: plain agreement
    /// with winners would reward a head that always agrees whenever more is won than lost
    /// (methods §1.1). Means are those before this outcome.
    pub(super) fn hear(&mut self, agreed: bool, won: bool, weight: f64, keep_fraction: f64) {
        let (a, y) = (f64::from(u8::from(agreed)), f64::from(u8::from(won)));
        let n = self.votes + PRIOR_VOTES;
        let gain =
            (a - (self.agreed + 0.5 * PRIOR_VOTES) / n) * (y - (self.won + 0.5 * PRIOR_VOTES) / n);
        self.votes += weight;
        self.agreed += weight * a;
        self.won += weight * y;
        self.right += weight * f64::from(u8::from(agreed == won));

        // An outcome worth a tenth of an independent one makes the past a tenth as much older;
        // at weight 1 this is the decided factor, and in between it is linear.
        let keep = 1.0 - (1.0 - keep_fraction) * weight;
        self.kept = self.kept * keep + weight;
        self.kept_squares = self.kept_squares * keep * keep + weight;
        self.gain = self.gain * keep + weight * gain;
        self.gain_squares = self.gain_squares * keep + weight * gain * gain;
    }

    /// Whether it has voted on enough for its record to say anything: a head of four votes shall not move.
    pub(super) fn has_spoken(&self, votes_min: f64) -> bool {
        self.votes >= votes_min
    }

    /// Forgotten mean gain.
    pub(super) fn mean_gain(&self) -> f64 {
        if self.kept > 0.0 { self.gain / self.kept } else { 0.0 }
    }

    /// Variance of that mean: the gains' variance over their effective count, (Σ w·f)² / Σ w·f².
    ///
    /// Only forgetting is squared (Kish). A weight says how much of an outcome is its own, so ten
    /// copies that weigh a tenth are one observation; squaring the weights too would count them as ten.
    pub(super) fn mean_gain_variance(&self) -> f64 {
        if self.kept <= 0.0 {
            return 0.0;
        }
        let mean = self.mean_gain();
        let variance = (self.gain_squares / self.kept - mean * mean).max(0.0);
        variance * self.kept_squares / (self.kept * self.kept)
    }

    /// As it is shown.
    pub(super) fn evidence(&self) -> HeadEvidence {
        HeadEvidence {
            votes_effective: self.votes,
            right_fraction: if self.votes > 0.0 { self.right / self.votes } else { 0.0 },
            gain: self.mean_gain(),
            gain_error: self.mean_gain_variance().sqrt(),
        }
    }
}
