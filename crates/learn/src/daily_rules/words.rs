//! A rule as a person reads it.

use domain::{Condition, DailyRule, SymbolIx};

use crate::tuner::place;

/// "on BTCUSDT, short, 08–12: −0.21 R per decision [−0.33, −0.09], 214 effective; expires 2024-05-03".
pub fn rule_words(rule: &DailyRule, symbol_name: impl Fn(SymbolIx) -> String) -> String {
    let holds = rule.when.iter().map(|condition| match condition {
        Condition::Symbol(symbol) => format!("on {}", symbol_name(*symbol)),
        other => place(*other),
    });
    let expires = rule.expires_at.to_string();
    let day = expires.split('T').next().unwrap_or_default();
    format!(
        "{}: {} R per decision [{}, {}], {:.0} effective; expires {day}",
        holds.collect::<Vec<_>>().join(", "),
        signed(rule.mean_r),
        signed(rule.low_r),
        signed(rule.high_r),
        rule.support
    )
}

fn signed(value: f64) -> String {
    let sign = if value < 0.0 { '−' } else { '+' };
    format!("{sign}{:.2}", value.abs())
}
