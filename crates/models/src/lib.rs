//! Models that give opinions: fit, predict, save, load.
//! Compute only: what is fitted on and what is saved come and go as values. Nothing here reads a
//! file, asks a clock, or changes while it predicts, and a saved model is numbers, never code.

mod base_rate;
pub mod bench;
mod ensemble;
mod fit;
mod nets;
mod samples;
mod sealed;
mod train;
pub mod trees;

pub use base_rate::BaseRate;
pub use ensemble::{Ahead, Ensemble, Member};
pub use fit::{FitError, Listener, Progress};
pub use nets::{
    LearnRules, Learning, Loss, Nhits, NhitsSpec, PassLoss, PatchTst, PatchTstSpec, Scale, Stack,
    Weigh, WindowSet,
};
pub use samples::{Closes, Sample, Samples};
pub use sealed::ModelError;
pub use train::{LearningSet, TrainOrder, TrainRules, train};
