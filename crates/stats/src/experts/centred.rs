//! Centred gains: what a head's agreement said about the outcome, beyond its habit of agreeing.

use serde::{Deserialize, Serialize};

/// Outcomes imagined before the first real one, so that the first means exist.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// How many outcomes.
    pub count: f64,
    /// In how many of them each head agreed.
    pub agreed: f64,
    /// How many of them won.
    pub won: f64,
}

/// (a - mean a)(y - mean y) per head, the means as they stood before the outcome.
///
/// The seed's own score pays a head for agreeing whenever the system wins more than half of the
/// time (methods 1.1); this one is a covariance and pays constant and random heads nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CentredGains {
    count: f64,
    agreed: Vec<f64>,
    won: f64,
}

impl CentredGains {
    /// For `heads` heads, after the outcomes in `prior`.
    pub fn new(heads: usize, prior: Record) -> CentredGains {
        CentredGains { count: prior.count, agreed: vec![prior.agreed; heads], won: prior.won }
    }

    /// Takes in who agreed and whether it won; the answer is the gain of each head. With nothing
    /// before it, an outcome has no mean to differ from and gains are zero.
    pub fn observe(&mut self, agreed: &[bool], won: bool) -> Vec<f64> {
        let count = self.count;
        let surprise = one_if(won) - self.won / count;
        let mut gains = Vec::with_capacity(self.agreed.len());
        for (sum, &agrees) in self.agreed.iter_mut().zip(agreed) {
            let agrees = one_if(agrees);
            gains.push(if count > 0.0 { (agrees - *sum / count) * surprise } else { 0.0 });
            *sum += agrees;
        }
        self.won += one_if(won);
        self.count += 1.0;
        gains
    }
}

fn one_if(truth: bool) -> f64 {
    if truth { 1.0 } else { 0.0 }
}
