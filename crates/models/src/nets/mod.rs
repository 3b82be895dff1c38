//! Networks that forecast the next values of a series. `learn` trains them with the network library;
//! what comes out is plain numbers, and prediction is plain arithmetic of our own.

mod draws;
mod learn;
mod nhits;
mod patchtst;
mod plain;
mod saved;
mod windows;

pub use learn::{LearnRules, Learning, Loss, PassLoss, Weigh};
pub use nhits::{Nhits, NhitsSpec, Stack};
pub use patchtst::{PatchTst, PatchTstSpec};
pub use plain::Scale;
pub use windows::WindowSet;
