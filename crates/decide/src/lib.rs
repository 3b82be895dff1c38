//! From opinion to order, or to a refusal with its numbers: strategies, gates, sizing, limits.
//!
//! It reads the policy and never changes it. Estimates become exact money here, and only here.

mod balance;
mod case;
mod choose;
mod exits;
mod gates;
mod history;
mod limits;
mod math_ai;
mod size;
mod sizers;
mod strategies;

pub use case::{Case, Holding, Portfolio};
pub use choose::{Choice, choose};
pub use exits::{DayEnd, ExitRules};
pub use gates::{GATES, GateSpec, ask_all};
pub use history::{History, Prospects};
pub use limits::{Limits, cap};
pub use math_ai::{DrawdownBound, MathAi, Step, Terms, kelly_fraction};
pub use size::{SizeRules, liquidation, size, terms};
pub use sizers::{SIZERS, SizerSpec, factors, volatility_factor};
pub use strategies::{Circumstances, Inputs, STRATEGIES, Strategy, strategy_named};
