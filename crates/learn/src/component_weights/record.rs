//! What components have shown over one horizon.

use domain::{COMPONENTS_MAX, Leans};
use serde::{Deserialize, Serialize};
use stats::sequential::NormalMixture;

/// Around so many effective outcomes the evidence is sharpest. Chosen: half of what finds a tenth of a
/// standard deviation.
const SHARPEST_AT: f64 = 200.0;

/// A number per component.
type Lanes = [f64; COMPONENTS_MAX];

/// The gains sign(lean)·move of every component over one horizon. Overlapping windows weigh their
/// uniqueness. What evidence rests on is never forgotten; what sizes rest on is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct HorizonRecord {
    /// Lessons heard, and Σ weight.
    lessons: u64,
    heard: f64,
    /// Σ w, Σ w·gain, Σ w·gain².
    count: Lanes,
    sum: Lanes,
    squares: Lanes,
    /// With the past forgotten by a factor f: Σ w·f, Σ w·f², Σ w·f·gain, Σ w·f·gain².
    kept: Lanes,
    kept_squares: Lanes,
    gain: Lanes,
    gain_squares: Lanes,
}

impl HorizonRecord {
    /// Hears a move in its market's units. Who is silent, or leans nowhere, is neither right nor wrong.
    pub(super) fn hear(&mut self, leans: &Leans, up: f64, weight: f64, keep_fraction: f64) {
        self.lessons += 1;
        self.heard += weight;
        for (at, sign) in leans.signs().into_iter().enumerate() {
            // Without a branch: the silent hear everything at no weight.
            let (weight, gain) = (weight * sign.abs(), sign * up);
            self.count[at] += weight;
            self.sum[at] += weight * gain;
            self.squares[at] += weight * gain * gain;
            let keep = 1.0 - (1.0 - keep_fraction) * weight;
            self.kept[at] = self.kept[at] * keep + weight;
            self.kept_squares[at] = self.kept_squares[at] * keep * keep + weight;
            self.gain[at] = self.gain[at] * keep + weight * gain;
            self.gain_squares[at] = self.gain_squares[at] * keep + weight * gain * gain;
        }
    }

    pub(super) fn lessons(&self) -> u64 {
        self.lessons
    }

    pub(super) fn heard(&self) -> f64 {
        self.heard
    }

    /// Effective outcomes on which a component leaned.
    pub(super) fn count(&self, at: usize) -> f64 {
        self.count[at]
    }

    /// Its forgotten mean gain, in standard deviations of the move; what was forgotten weighs on neither
    /// side of the fraction, so there is no start to be biased towards.
    pub(super) fn mean(&self, at: usize) -> f64 {
        if self.kept[at] > 0.0 { self.gain[at] / self.kept[at] } else { 0.0 }
    }

    /// Variance of that mean, by the effective count (Σ w·f)² / Σ w·f²: only forgetting is squared.
    pub(super) fn mean_variance(&self, at: usize) -> f64 {
        let kept = self.kept[at];
        if kept <= 0.0 {
            return 0.0;
        }
        let mean = self.mean(at);
        let variance = (self.gain_squares[at] / kept - mean * mean).max(0.0);
        variance * self.kept_squares[at] / (kept * kept)
    }

    /// The evidence that it knows anything, good or bad: a normal mixture, valid at every look, over all it
    /// ever gained. None below `least` effective outcomes.
    pub(super) fn log_evidence(&self, at: usize, least: f64) -> f64 {
        let (count, squares) = (self.count[at], self.squares[at]);
        if count < least || squares <= 0.0 {
            return 0.0;
        }
        let spread = (squares / count).sqrt();
        NormalMixture::after(1.0, SHARPEST_AT, self.sum[at] / spread, count).log_evidence()
    }
}
