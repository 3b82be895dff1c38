//! What a trained model may see and say.

use serde::{Deserialize, Serialize};

/// The features at one moment. A feature that is still warming up, or whose input is absent, is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// One number per feature, in the order of the registry; zero where absent.
    pub values: &'a [f64],
    /// One bit per feature that is present, lowest first.
    pub present: u64,
}

impl Row<'_> {
    /// The feature at place `index`.
    pub fn get(&self, index: usize) -> Option<f64> {
        if index < self.values.len() && self.present & (1 << index) != 0 {
            Some(self.values[index])
        } else {
            None
        }
    }
}

/// Everything a model may look at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The features now.
    pub row: Row<'a>,
    /// Recent closes, oldest first, for models that read a window.
    pub window: &'a [f64],
}

/// What a model expects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// Probability that a long entered now reaches its target before its stop.
    pub win_probability: f64,
}

/// A trained model. Looking changes nothing.
pub trait Model {
    /// What it expects, or nothing where it has no opinion.
    fn predict(&self, view: &View<'_>) -> Option<Opinion>;
}
