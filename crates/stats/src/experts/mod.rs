//! How much should each head weigh, given what it said and what came of it?
//! Losses go in, weights that sum to one come out; nothing here knows what a head is.

mod ada_hedge;
mod capped;
mod centred;
mod fixed_share;
mod hedge;
mod james_stein;

pub use ada_hedge::AdaHedge;
pub use capped::{CappedHedge, CentredCappedHedge};
pub use centred::{CentredGains, Record};
pub use fixed_share::FixedShare;
pub use hedge::{Hedge, hedge_regret_bound};
pub use james_stein::{JamesStein, shrink_factor};

/// exp(score) scaled to sum one. The largest score is taken out first, so nothing overflows.
pub(crate) fn softmax(scores: &[f64]) -> Vec<f64> {
    let most = scores.iter().fold(f64::NEG_INFINITY, |most, &s| most.max(s));
    let mut shares: Vec<f64> = scores.iter().map(|s| libm::exp(s - most)).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

/// What following the weights cost.
pub(crate) fn mixed(weights: &[f64], losses: &[f64]) -> f64 {
    weights.iter().zip(losses).map(|(w, l)| w * l).sum()
}

/// The least of some sums; zero of none.
pub(crate) fn least(values: &[f64]) -> f64 {
    let least = values.iter().fold(f64::INFINITY, |least, &v| least.min(v));
    if least.is_finite() { least } else { 0.0 }
}

pub(crate) fn uniform(experts: usize) -> Vec<f64> {
    vec![1.0 / experts.max(1) as f64; experts]
}
