//! A14, symbols: what each symbol keeps of its stakes by its own record, and which are paused; by evidence
//! and, beside it, by the letter of the seeds.

mod evidence;
mod literal;
mod record;

pub use evidence::SymbolFactors;
pub use literal::LiteralSymbolFactors;

use domain::{PinnedValue, Policy, SymbolIx};

use crate::results::{MeanR, Results};

/// Whether a person holds a symbol's factor fast.
fn is_pinned(policy: &Policy, at: usize) -> bool {
    let value = PinnedValue::SymbolFactor(SymbolIx(at as u16));
    policy.pins.iter().any(|pin| pin.value == value)
}

/// What stands for symbols and for those that nothing stands for.
fn standing(policy: &Policy, symbols: usize) -> Vec<f64> {
    let count = symbols.max(policy.symbol_factors.len());
    (0..count).map(|at| policy.symbol_factor(SymbolIx(at as u16))).collect()
}

/// A symbol as it is told.
fn says(policy: &Policy, at: usize, results: &Results, mean: &MeanR) -> String {
    format!(
        "x {:.2}, symbol {at}: won {:.0} % of {:.0} effective outcomes, {} each ({})",
        policy.symbol_factor(SymbolIx(at as u16)),
        results.win_rate().unwrap_or(0.0) * 100.0,
        results.effective(),
        mean.says(),
        results.says_classes()
    )
}

/// Lines for the best and the worst of several, the best first (seed 002 reports both).
fn ranked(mut all: Vec<(f64, String)>) -> Vec<String> {
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let last = all.len().saturating_sub(1);
    let name = |at: usize| match at {
        _ if last == 0 => "",
        0 => "best: ",
        at if at == last => "worst: ",
        _ => "",
    };
    all.into_iter().enumerate().map(|(at, (_, line))| format!("{}{line}", name(at))).collect()
}
