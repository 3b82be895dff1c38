//! The house: commands, configuration, the worlds around the engine, and what a person sees of them.

pub mod args;
pub mod cli;
mod clock;
pub mod commands;
pub mod config;
pub mod failure;
mod figures;
mod progress;
pub mod report;
pub mod summary;
pub mod tally;
mod wording;
pub mod world;
