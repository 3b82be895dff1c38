//! From opinion to order, or to a refusal with its numbers: strategies, gates, standing orders,
//! sizing, limits.
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
mod meta_strategy;
mod safety;
mod size;
mod sizers;
mod standing_order;
mod strategies;

pub use case::{Case, Holding, Portfolio, fall_fraction};
pub use choose::{Choice, choose};
pub use exits::{DayEnd, ExitRules};
pub use gates::{GATES, GateSpec, ask_all, is_refused_by_itself};
pub use history::{History, HistoryRule, Prospects, Question};
pub use limits::{Limits, cap};
pub use math_ai::{MathAi, Step, Terms, kelly_fraction};
pub use meta_strategy::{CONTENDERS_MAX, MetaStrategy, Selection, SelectionRule};
pub use safety::{Degradation, Safety};
pub use size::{SizeRules, is_too_coarse, liquidation, recorded_terms, size, stake_wanted, terms};
pub use sizers::{SIZERS, SizerSpec, factors, volatility_factor};
pub use standing_order::{
    Circumstances, Record, StandingRules, SymbolRecord, standing_order, strictest,
};
pub use strategies::{Inputs, Occasion, STRATEGIES, Strategy, strategy_named};
