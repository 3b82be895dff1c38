//! Boosted trees: XGBoost's algorithm (Chen & Guestrin 2016), which grows level by level with a penalty on
//! leaves, and LightGBM's (Ke et al. 2017), which grows the best leaf next, on the rows that err most.
//! One tree at a time is grown by `forust-ml`; the boosting around it, what is kept and how it predicts are
//! ours, so that a fit can be asked and stopped between trees and a saved model is numbers we check.

mod bins;
mod contributions;
mod fit;
mod flat;
mod grow;
mod sampling;
mod saved;
mod spec;

pub use fit::{Matrix, fit_trees};
pub use flat::Trees;
pub use spec::{Algorithm, Sampling, TreeSpec};
