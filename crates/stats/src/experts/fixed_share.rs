//! Fixed share: Hedge that keeps a little of everyone, so that a fallen expert can come back.

use super::{mixed, softmax, uniform};
use serde::{Deserialize, Serialize};

/// Exponential weights of which a share is spread evenly after every round
/// (Herbster & Warmuth 1998). It follows the best expert through switches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixedShare {
    rate: f64,
    share_fraction: f64,
    weights: Vec<f64>,
    own_loss: f64,
}

impl FixedShare {
    /// Equal weights for `experts` experts; `share_fraction` is spread evenly each round.
    pub fn new(experts: usize, rate: f64, share_fraction: f64) -> FixedShare {
        FixedShare { rate, share_fraction, weights: uniform(experts), own_loss: 0.0 }
    }

    /// The weights to predict the next round with.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Takes in what each expert lost in one round.
    pub fn observe(&mut self, losses: &[f64]) {
        self.own_loss += mixed(&self.weights, losses);
        let scores: Vec<f64> = self
            .weights
            .iter()
            .zip(losses)
            .map(|(weight, loss)| libm::log(*weight) - self.rate * loss)
            .collect();
        let spread = self.share_fraction / scores.len().max(1) as f64;
        self.weights = softmax(&scores);
        for weight in &mut self.weights {
            *weight = (1.0 - self.share_fraction) * *weight + spread;
        }
    }

    /// The summed loss of the weighted mixture.
    pub fn own_loss(&self) -> f64 {
        self.own_loss
    }
}
