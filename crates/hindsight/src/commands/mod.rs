//! One file per command. Each does its work, says what happened, and fails with one sentence.

pub mod config;
pub mod data;
pub mod demo;
pub mod explain;
pub mod export;
pub mod learn;
pub mod replay;
pub mod runs;

mod bars;
mod setup;
mod shown;
