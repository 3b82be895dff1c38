//! What does the evidence say at every look, not only at the last?
//!
//! An e-value starts at one and, if nothing is there, grows beyond 1/alpha with probability at
//! most alpha, ever (Ville 1939). So one may look after every trade and stop when convinced.

mod asymptotic;
mod betting;
mod e_bh;
mod empirical_bernstein;
mod grid;
mod normal_mixture;
mod onset;
mod sprt;

pub use asymptotic::{asymptotic_evidence, asymptotic_evidence_above};
pub use betting::BettingTest;
pub use e_bh::{e_bh, merged_e};
pub use empirical_bernstein::EmpiricalBernstein;
pub use grid::{GAIN_GRID, GridEProcess, HARM_GRID};
pub use normal_mixture::NormalMixture;
pub use onset::OnsetDetector;
pub use sprt::{Sprt, SprtDecision};

/// ln of the mean of exp(logs), without overflow; negative infinity of nothing.
pub(crate) fn log_mean_exp(logs: &[f64]) -> f64 {
    let most = logs.iter().fold(f64::NEG_INFINITY, |most, &l| most.max(l));
    if most == f64::NEG_INFINITY {
        return most;
    }
    let sum: f64 = logs.iter().map(|l| libm::exp(l - most)).sum();
    most + libm::log(sum / logs.len() as f64)
}

/// exp(log) that stops at the largest number instead of overflowing.
pub(crate) fn exp_capped(log: f64) -> f64 {
    libm::exp(log).min(f64::MAX)
}
