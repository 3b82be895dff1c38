//! How each model stands.

use domain::{MODEL_COUNT, ModelKind, Timestamp};
use serde::{Deserialize, Serialize};

use super::Triggers;
use super::record::Record;
use crate::rules::ModelRules;

/// How one model stands (mission row M1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelHealth {
    /// When it was fitted last; nothing before the first time.
    pub fitted_at: Option<Timestamp>,
    /// Outcomes on which it favoured the decided side, overlap discounted, as far as its record remembers: it
    /// favours where it expects no less than it does on average.
    pub outcomes_effective: f64,
    /// The share of them that won.
    pub win_rate: Option<f64>,
    /// The lower end of its 95 % interval.
    pub win_rate_low: Option<f64>,
    /// The upper end.
    pub win_rate_high: Option<f64>,
    /// The share at which they would have earned nothing, by targets, costs and results.
    pub break_even: Option<f64>,
    /// `STABLE`, `DEGRADING` or `IMPROVING`, and nothing without evidence.
    pub trend: Option<String>,
    /// In words: what is right or amiss with it.
    pub says: String,
}

impl Triggers {
    /// How each model stands, by the place of its kind.
    pub fn health(&self, rules: &ModelRules) -> [ModelHealth; MODEL_COUNT] {
        ModelKind::ALL.map(|kind| {
            if !rules.kinds.contains(&kind) {
                let says = format!("{} is not trained", kind.name());
                return ModelHealth { says, ..ModelHealth::default() };
            }
            let fitted_at = self.fitted_at[kind.at()];
            of(kind.name(), &self.records[kind.at()], fitted_at)
        })
    }

    /// How the ensemble stands as a whole.
    pub fn health_of_whole(&self) -> ModelHealth {
        let fitted_at = self.fitted_at.iter().flatten().max().copied();
        of("the ensemble", &self.whole, fitted_at)
    }
}

fn of(name: &str, record: &Record, fitted_at: Option<Timestamp>) -> ModelHealth {
    let rate = record.win_rate();
    let break_even = record.break_even();
    let amiss = record.performance.as_ref().or(record.drift.as_ref());
    let says = match (amiss, rate) {
        (Some(alarm), _) => format!("{name} {}", alarm.says),
        (None, Some(rate)) => {
            let even = break_even.map(|even| format!(", break-even {:.0} %", 100.0 * even));
            format!("{name} {}{}", rate.says(), even.unwrap_or_default())
        }
        (None, None) if fitted_at.is_none() => format!("{name} was never fitted"),
        (None, None) => format!("{name} has favoured nothing that has turned out"),
    };
    ModelHealth {
        fitted_at,
        outcomes_effective: rate.map_or(0.0, |rate| rate.count),
        win_rate: rate.map(|rate| rate.share),
        win_rate_low: rate.map(|rate| rate.interval.low),
        win_rate_high: rate.map(|rate| rate.interval.high),
        break_even,
        trend: record.trend().map(str::to_owned),
        says,
    }
}
