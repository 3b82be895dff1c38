//! Capped Hedge: an exponential step, then back into the bounds every head is promised.

use super::{CentredGains, Record, mixed, uniform};
use crate::simplex::Bounds;
use serde::{Deserialize, Serialize};

/// Multiplicative weights kept inside their bounds by the exact projection, so that bounds, step
/// and sum hold together (seed 003: .05 to .30, 20 % a step, sum one).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CappedHedge {
    rate: f64,
    bounds: Bounds,
    weights: Vec<f64>,
    own_loss: f64,
}

impl CappedHedge {
    /// Equal weights for `experts` experts.
    pub fn new(experts: usize, rate: f64, bounds: Bounds) -> CappedHedge {
        CappedHedge { rate, bounds, weights: uniform(experts), own_loss: 0.0 }
    }

    /// The weights to predict the next round with.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Takes in what each expert lost in one round. Where the bounds allow no weights at all,
    /// the weights stay.
    pub fn observe(&mut self, losses: &[f64]) {
        self.own_loss += mixed(&self.weights, losses);
        let floor = losses.iter().fold(f64::INFINITY, |least, &l| least.min(l));
        let target: Vec<f64> = self
            .weights
            .iter()
            .zip(losses)
            .map(|(weight, loss)| weight * libm::exp(-self.rate * (loss - floor)))
            .collect();
        if let Some(weights) = self.bounds.around(&self.weights).project_kl(&target) {
            self.weights = weights;
        }
    }

    /// The summed loss of the weighted mixture.
    pub fn own_loss(&self) -> f64 {
        self.own_loss
    }
}

/// Capped Hedge on centred gains: agreeing with everything earns nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CentredCappedHedge {
    hedge: CappedHedge,
    gains: CentredGains,
}

impl CentredCappedHedge {
    /// Equal weights for `experts` experts, with a record of outcomes imagined before the first.
    pub fn new(experts: usize, rate: f64, bounds: Bounds, prior: Record) -> CentredCappedHedge {
        CentredCappedHedge {
            hedge: CappedHedge::new(experts, rate, bounds),
            gains: CentredGains::new(experts, prior),
        }
    }

    /// The weights to vote with next.
    pub fn weights(&self) -> &[f64] {
        self.hedge.weights()
    }

    /// Takes in who agreed with a signal, and whether it won.
    pub fn observe(&mut self, agreed: &[bool], won: bool) {
        let losses: Vec<f64> = self.gains.observe(agreed, won).iter().map(|gain| -gain).collect();
        self.hedge.observe(&losses);
    }
}
