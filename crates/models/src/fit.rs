//! What every fit shares: how it tells how far it is, and how it is told to stop.

use std::ops::ControlFlow;

/// How far a fit has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// What is being fitted, in words: `nhits, fold 2 of 3`.
    pub of: &'a str,
    /// Steps done: trees, or passes over the data.
    pub done: usize,
    /// Steps there will be.
    pub all: usize,
    /// The loss so far, where there is one.
    pub loss: Option<f64>,
}

/// Hears how far a fit has come, and may end it. It is asked at every step: between trees, and between
/// batches of a network. Fits run beside each other, and it hears all of them, one at a time.
pub type Listener<'a> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + Send + 'a;

/// Why nothing was fitted, sorted by what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Who listened said stop. Nothing was changed.
    #[error("the training was interrupted")]
    Interrupted,
    /// Wait for more outcomes.
    #[error("{has} samples are too few to fit {what}: it takes {needed}")]
    TooFew {
        /// What was to be fitted.
        what: &'static str,
        /// How many there are.
        has: usize,
        /// How many it takes.
        needed: usize,
    },
    /// All of one kind: there is nothing to tell apart.
    #[error("every sample has the same label: there is nothing to tell apart")]
    OneLabel,
    /// A parameter that no model can be fitted with: mend it.
    #[error("{what}")]
    BadParameter {
        /// Which, and why, in a sentence.
        what: String,
    },
}
