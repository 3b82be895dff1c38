//! Is anything about it paused: its symbol by its own record, or it by a rule of the days before?

use domain::Verdict;

use crate::Case;

pub(super) fn check(case: &Case<'_>) -> Verdict {
    let policy = case.policy;
    let of_symbol = u32::from(policy.symbol_factor(case.symbol) <= 0.0);
    let pauses = of_symbol + by_rules(case);
    Verdict { passed: pauses == 0, measured: f64::from(pauses), needed: 0.0 }
}

fn by_rules(case: &Case<'_>) -> u32 {
    let mut declining = case.policy.rules.iter().filter(|rule| rule.factor <= 0.0).peekable();
    if declining.peek().is_none() {
        return 0;
    }
    let occurrence = case.occurrence();
    declining.map(|rule| u32::from(rule.applies(&occurrence, case.now))).sum()
}

pub(super) fn says(verdict: &Verdict) -> String {
    format!(
        "standing pauses of its symbol or by a rule: {:.0}, at most {:.0}",
        verdict.measured, verdict.needed
    )
}
