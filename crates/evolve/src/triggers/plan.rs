//! What would be trained now, and why.

use domain::{ModelKind, PlannedTraining, Priority, Timestamp, Trigger};

use super::climate::Change;
use super::features::Test;
use super::{HOUR_MS, Triggers};
use crate::rules::{DeployRule, ModelRules};

/// A training that came to nothing is tried again after so many hours. Chosen: what made it fail is seldom gone
/// sooner, and a try a day is enough to notice.
const RETRY_HOURS: i64 = 24;

/// Every kind for one reason: a person's word, a week that is over, outcomes that have gathered.
pub fn plan_all(trigger: Trigger, rules: &ModelRules) -> Vec<PlannedTraining> {
    let (priority, says) = match trigger {
        Trigger::Person => (Priority::High, "a person asks for it".to_owned()),
        Trigger::Weekly => (Priority::Low, "the week is over: all from scratch".to_owned()),
        Trigger::Outcomes => {
            let says = format!("{} outcomes are new since the last fit", rules.outcomes_new);
            (Priority::Medium, says)
        }
        Trigger::Performance => (Priority::High, "performance asks for it".to_owned()),
        Trigger::Drift => (Priority::Medium, "drift asks for it".to_owned()),
        Trigger::Regime => (Priority::Medium, "the regime asks for it".to_owned()),
        Trigger::Time => (Priority::Low, "time asks for it".to_owned()),
    };
    let counted = if trigger == Trigger::Outcomes { f64::from(rules.outcomes_new) } else { 0.0 };
    let one = |&model: &ModelKind| PlannedTraining {
        model,
        trigger,
        priority,
        measured: counted,
        needed: counted,
        says: says.clone(),
    };
    rules.kinds.iter().map(one).collect()
}

impl Triggers {
    /// What would be trained now, and why: one line a model with its most urgent reason first, the most urgent
    /// model first. Looks and changes nothing.
    pub fn plan(&self, at: Timestamp, rules: &ModelRules, by: DeployRule) -> Vec<PlannedTraining> {
        if self.rests(at) {
            return Vec::new();
        }
        let of_one = |&kind: &ModelKind| merged(self.reasons(kind, at, rules, by), rules);
        let mut plan: Vec<PlannedTraining> = rules.kinds.iter().filter_map(of_one).collect();
        plan.sort_by_key(|planned| (planned.priority, planned.trigger != Trigger::Performance));
        plan
    }

    /// Whether a training came to nothing so short a time ago that none is tried again.
    pub(super) fn rests(&self, at: Timestamp) -> bool {
        self.failed_at.is_some_and(|failed_at| at.ms_since(failed_at) < RETRY_HOURS * HOUR_MS)
    }

    /// Every reason to train one model, the most urgent first.
    fn reasons(
        &self,
        kind: ModelKind,
        at: Timestamp,
        rules: &ModelRules,
        by: DeployRule,
    ) -> Vec<PlannedTraining> {
        let fitted_at = self.fitted_at[kind.at()];
        let mut reasons = Vec::new();
        if fitted_at.is_some() {
            reasons.extend(self.performance(kind, rules, by));
            reasons.extend(self.errors(kind));
            reasons.extend(self.features(kind));
            reasons.extend(self.regime(kind, at, rules));
        }
        reasons.extend(time(kind, fitted_at, at, rules));
        reasons
    }

    /// Under the seed's rule a win rate below its half; by evidence only what is below break-even, or earns less
    /// than it claims, at every look.
    fn performance(
        &self,
        kind: ModelKind,
        rules: &ModelRules,
        by: DeployRule,
    ) -> Option<PlannedTraining> {
        let record = &self.records[kind.at()];
        let (measured, needed, what) = match by {
            DeployRule::Evidence => {
                let alarm = record.performance.as_ref()?;
                (alarm.measured, alarm.needed, alarm.says.clone())
            }
            DeployRule::Seed => {
                let rate = record.win_rate().filter(|rate| rate.share < rules.win_rate_min)?;
                let what = format!("{}, below {:.0} %", rate.says(), 100.0 * rules.win_rate_min);
                (rate.share, rules.win_rate_min, what)
            }
        };
        let says = format!("{} {what}", kind.name());
        let (trigger, priority) = (Trigger::Performance, Priority::High);
        Some(PlannedTraining { model: kind, trigger, priority, measured, needed, says })
    }

    fn errors(&self, kind: ModelKind) -> Option<PlannedTraining> {
        let alarm = self.records[kind.at()].drift.as_ref()?;
        Some(PlannedTraining {
            model: kind,
            trigger: Trigger::Drift,
            priority: Priority::High,
            measured: alarm.measured,
            needed: alarm.needed,
            says: format!("{} {}", kind.name(), alarm.says),
        })
    }

    fn features(&self, kind: ModelKind) -> Option<PlannedTraining> {
        let moved = self.sample.moved[kind.at()]?;
        let by = match moved.by {
            Test::KolmogorovSmirnov => "Kolmogorov-Smirnov",
            Test::StabilityIndex => "stability index",
        };
        Some(PlannedTraining {
            model: kind,
            trigger: Trigger::Drift,
            priority: Priority::Medium,
            measured: moved.measured,
            needed: moved.needed,
            says: format!(
                "feature {} is not what it was at the fit: {by} {:.2}, chance allows {:.2}",
                moved.feature, moved.measured, moved.needed
            ),
        })
    }

    fn regime(
        &self,
        kind: ModelKind,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Option<PlannedTraining> {
        const DAY_MS: f64 = 24.0 * HOUR_MS as f64;
        let days = f64::from(rules.regime_days);
        let (measured, needed, says) = match self.weather.change(kind)? {
            Change::Global(from, to, since) => {
                let held = at.ms_since(since) as f64 / DAY_MS;
                let (from, to) = (from.name(), to.name());
                let says = format!(
                    "the market went from {from} to {to} {held:.1} days ago and stayed for {days:.0}"
                );
                (held, days, says)
            }
            Change::Symbols(share) => {
                let says = format!(
                    "the regime of {:.0} % of symbols changed and stayed for {days:.0} days",
                    100.0 * share
                );
                (share, 0.5, says)
            }
        };
        let (trigger, priority) = (Trigger::Regime, Priority::Medium);
        Some(PlannedTraining { model: kind, trigger, priority, measured, needed, says })
    }
}

fn time(
    kind: ModelKind,
    fitted_at: Option<Timestamp>,
    at: Timestamp,
    rules: &ModelRules,
) -> Option<PlannedTraining> {
    let needed = f64::from(rules.interval_hours);
    let name = kind.name();
    let (measured, says) = match fitted_at {
        None => (0.0, format!("{name} was never fitted")),
        Some(fitted_at) => {
            let hours = at.ms_since(fitted_at) as f64 / HOUR_MS as f64;
            (hours, format!("{name} was fitted {hours:.0} hours ago, due after {needed:.0}"))
        }
    };
    let due = fitted_at.is_none() || measured >= needed;
    let (trigger, priority) = (Trigger::Time, Priority::Low);
    due.then_some(PlannedTraining { model: kind, trigger, priority, measured, needed, says })
}

/// The first reason, with the others named and the minutes told.
fn merged(reasons: Vec<PlannedTraining>, rules: &ModelRules) -> Option<PlannedTraining> {
    let mut reasons = reasons.into_iter();
    let mut first = reasons.next()?;
    let mut others: Vec<&str> = reasons.map(|other| other.trigger.name()).collect();
    others.dedup();
    others.retain(|other| *other != first.trigger.name());
    if !others.is_empty() {
        first.says = format!("{}; also {}", first.says, others.join(", "));
    }
    first.says = format!("{} (about {} min)", first.says, rules.delay_min);
    Some(first)
}
