//! Hedge: weights fall exponentially with what an expert has cost so far.

use super::{least, mixed, softmax};
use serde::{Deserialize, Serialize};

/// Exponential weights at a fixed rate (Freund & Schapire 1997).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hedge {
    rate: f64,
    losses: Vec<f64>,
    own_loss: f64,
}

impl Hedge {
    /// Equal weights for `experts` experts, learning at `rate` per unit of loss.
    pub fn new(experts: usize, rate: f64) -> Hedge {
        Hedge { rate, losses: vec![0.0; experts], own_loss: 0.0 }
    }

    /// The weights to predict the next round with.
    pub fn weights(&self) -> Vec<f64> {
        let scores: Vec<f64> = self.losses.iter().map(|loss| -self.rate * loss).collect();
        softmax(&scores)
    }

    /// Takes in what each expert lost in one round.
    pub fn observe(&mut self, losses: &[f64]) {
        self.own_loss += mixed(&self.weights(), losses);
        self.losses.iter_mut().zip(losses).for_each(|(sum, loss)| *sum += loss);
    }

    /// The summed loss of the weighted mixture.
    pub fn own_loss(&self) -> f64 {
        self.own_loss
    }

    /// By how much the best single expert would have done better.
    pub fn regret(&self) -> f64 {
        self.own_loss - least(&self.losses)
    }
}

/// The regret Hedge cannot exceed after `rounds` of losses in 0..1, at the rate best for them:
/// sqrt(T ln n / 2).
pub fn hedge_regret_bound(rounds: u64, experts: usize) -> f64 {
    libm::sqrt(rounds as f64 * libm::log(experts.max(1) as f64) / 2.0)
}
