//! Which state is the market in? Hidden Markov models with Gaussian observations.
//! A live label comes from filtered probabilities; nothing here looks back from a later bar,
//! except [`GaussianHmm::smoothed`], which is for labelling the past.

mod dwell;
mod fixed;
mod online;
mod recursion;
mod seed;

pub use dwell::Dwell;
pub use fixed::{GaussianHmm, ViterbiPath};
pub use online::{HmmSettings, OnlineHmm};
