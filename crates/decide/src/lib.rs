//! From opinion to order, or to a refusal with its numbers: strategies, gates, sizing, limits.
//!
//! It reads the policy and never changes it. Estimates become exact money here, and only here.

mod case;
mod choose;
mod gates;
mod history;
mod limits;
mod math_ai;
mod size;
mod strategies;

pub use case::{Case, Holding, Portfolio};
pub use choose::{Choice, choose};
pub use gates::{GATES, GateSpec, ask_all};
pub use history::{History, HistoryRule, Prospects, Question};
pub use limits::{Limits, cap};
pub use math_ai::{MathAi, Terms};
pub use size::{SizeRules, size};
pub use strategies::{ExitRules, Inputs, STRATEGIES, Strategy, strategy_named};
