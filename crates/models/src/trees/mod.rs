//! Boosted trees: XGBoost's algorithm (Chen & Guestrin 2016), which grows level by level with a penalty on
//! leaves, and LightGBM's (Ke et al. 2017), which grows the best leaf next, on the rows that err most.
//! Level-wise trees are grown one at a time by `forust-ml`; leaf-wise ones, the boosting around both, what is
//! kept and how it predicts are ours, so that a fit can be asked and stopped between trees and a saved model is
//! numbers we check.

mod bins;
mod contributions;
mod fit;
mod flat;
mod grow;
mod leafwise;
mod sampling;
mod saved;
mod spec;

pub use fit::{Matrix, fit_trees};
pub use flat::Trees;
pub use spec::{Algorithm, Sampling, TreeSpec};
