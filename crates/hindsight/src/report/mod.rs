//! The report: one self-contained page that tells a run.

mod story;

pub use story::*;
