//! The seed's rules, to the letter: what has fifty outcomes and a mean beyond one standard error is a discovery
//! (seed 001 names discoveries and rules, and no test).

use domain::{DailyRule, Evidence, Timestamp};

use super::table::Table;
use super::{DAY_MS, DAYS_MOST, LOSER, RULES_MAX, WINNER, numbered};

/// Outcomes a discovery asks for (seed 001).
const OUTCOMES_MIN: f64 = 50.0;
/// Standard errors a discovery asks for.
const ERRORS_MIN: f64 = 1.0;

/// The farthest discoveries of the day.
pub(super) fn rules(table: &Table, at: Timestamp) -> (Vec<DailyRule>, Evidence) {
    let heard = table.heard(OUTCOMES_MIN).filter(|(_, sums)| sums.error() > 0.0);
    let errors = heard.map(|(pattern, sums)| (sums.mean() / sums.error(), pattern));
    let mut found: Vec<_> = errors.filter(|(errors, _)| errors.abs() > ERRORS_MIN).collect();
    found.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    found.truncate(RULES_MAX);
    let rules: Vec<DailyRule> = (found.into_iter())
        .map(|(errors, pattern)| {
            let sums = table.sums(pattern);
            let (mean_r, error) = (sums.mean(), sums.error());
            DailyRule {
                when: pattern.conditions(),
                factor: if errors < 0.0 { LOSER } else { WINNER },
                support: sums.worth,
                mean_r,
                low_r: mean_r - stats::interval::Z_95 * error,
                high_r: mean_r + stats::interval::Z_95 * error,
                found_at: at,
                expires_at: at.plus_ms(DAYS_MOST * DAY_MS),
            }
        })
        .collect();
    let mut evidence = Evidence::of(table.all().worth as u64, table.all().worth);
    evidence.says = rules.iter().map(numbered).collect::<Vec<_>>().join("; ");
    (rules, evidence)
}
