//! Synthetic markets and voters whose truth is known, for tests and the honesty bench.
//!
//! Everything here follows from a seed: the same seed gives the same world on every machine.

mod dice;
mod exits;
mod gates;
mod heads;
mod leans;
mod markets;
mod outcomes;
mod patterns;

pub use dice::Dice;
pub use exits::{ExitPaths, Fading, Left};
pub use gates::GateWorld;
pub use heads::{HeadWorld, Said};
pub use leans::{LeanWorld, overlapping_hours};
pub use markets::{Market, bars};
pub use outcomes::{BEGIN, Bets, HOUR_MS, outcome};
pub use patterns::Pattern;
