//! From opinion to order, or to a refusal with its numbers: strategies, gates, standing orders,
//! sizing, limits.
//!
//! It reads the policy and never changes it. Estimates become exact money here, and only here.

mod case;
mod choose;
mod gates;
mod history;
mod limits;
mod math_ai;
mod safety;
mod size;
mod standing_order;
mod strategies;

pub use case::{Case, Holding, Portfolio};
pub use choose::{Choice, choose};
pub use gates::{GATES, GateSpec, ask_all};
pub use history::{History, HistoryRule, Prospects, Question};
pub use limits::{Limits, cap};
pub use math_ai::{MathAi, Terms};
pub use safety::{Degradation, Safety};
pub use size::{SizeRules, size};
pub use standing_order::{
    Circumstances, Record, StandingRules, SymbolRecord, standing_order, strictest,
};
pub use strategies::{ExitRules, Inputs, STRATEGIES, Strategy, strategy_named};
