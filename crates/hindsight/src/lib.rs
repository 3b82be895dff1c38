//! The house: commands, configuration, the worlds around the engine, and what a person sees of them.

pub mod report;
pub mod summary;
