//! One file per command. Each does its work, says what happened, and fails with one sentence.

pub mod config;
pub mod control;
pub mod data;
pub mod db;
pub mod demo;
pub mod explain;
pub mod export;
pub mod import;
pub mod jobs;
pub mod learn;
pub mod models;
pub mod replay;
pub mod runs;

mod asked;
mod bars;
mod order;
mod setup;
mod shown;
