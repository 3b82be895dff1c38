//! `models plan`: what would be trained next, and why; how each model stands.

use anyhow::anyhow;
use domain::{Job, ModelKind, PlannedTraining, Timestamp, Training};
use engine::Engine;
use evolve::{Mode, ModelHealth, ModelRules};
use serde_json::{Value, json};
use store::RunState;

use super::told::training_json;
use super::{command, minute};
use crate::args::Global;
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
use crate::failure::Failure;

pub(super) fn run(global: &Global, run: Option<&str>) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::ByNobody)?;
    let (at, stored) = (stood.now(), stood.at_rest_untold()?);
    let plan = Plan::of(stored.engine(), at);
    let id = &stood.run.id;
    if global.json {
        let mut told = plan.as_json();
        told["run"] = json!(id);
        setup::print_json(&told)?;
        return whole(&stood);
    }
    let mut text = format!("Trainings of run {id} at {} UTC: {}\n", minute(at), plan.mode());
    text.push_str(&plan.text());
    if stood.run.state != RunState::Building {
        let train = if plan.rules.kinds.is_empty() { "train --models all" } else { "train" };
        text.push_str(&format!("\nBy hand: {}\n", command(global, &stood.run, train)));
    }
    setup::print(&text)?;
    whole(&stood)
}

/// A plan made beside a model that cannot be read is told, and is no success.
fn whole(stood: &Stood) -> Result<(), Failure> {
    match stood.damaged.is_empty() {
        true => Ok(()),
        false => Err(anyhow!("{}", stood.damaged.join("; ")).into()),
    }
}

/// What an engine plans, and what that rests on.
struct Plan<'a> {
    rules: &'a ModelRules,
    planned: Vec<PlannedTraining>,
    waiting: Option<&'a Training>,
    health: Vec<(ModelKind, ModelHealth)>,
    whole: ModelHealth,
    next_run: Option<Timestamp>,
}

impl<'a> Plan<'a> {
    fn of(engine: &'a Engine, at: Timestamp) -> Plan<'a> {
        let rules = &engine.settings().models;
        let health = ModelKind::ALL.into_iter().zip(engine.model_health());
        let check = engine.planned().find(|planned| planned.job == Job::TriggerCheck);
        Plan {
            rules,
            planned: engine.plan(at),
            waiting: engine.training(),
            health: health.filter(|(kind, _)| rules.kinds.contains(kind)).collect(),
            whole: engine.triggers().health_of_whole(),
            next_run: check.and_then(|planned| planned.due_at),
        }
    }

    fn mode(&self) -> &'static str {
        match (self.rules.kinds.is_empty(), self.rules.retraining, self.rules.mode) {
            (true, ..) => "no model is switched on",
            (_, false, _) => "switched off",
            (_, _, Mode::Advisory) => "advisory, a person has them carried out",
            (_, _, Mode::Enforced) => "enforced, they are carried out",
        }
    }

    fn as_json(&self) -> Value {
        let planned = |planned: &PlannedTraining| {
            json!({
                "model": planned.model.name(),
                "reason": planned.trigger.name(),
                "priority": planned.priority.name(),
                "measured": planned.measured,
                "needed": planned.needed,
                "says": planned.says,
                "expected_minutes": self.rules.delay_min,
                "next_run": self.next_run.map(|at| at.to_string()),
            })
        };
        let health = |(kind, health): &(ModelKind, ModelHealth)| {
            let mut told = health_json(health);
            told["model"] = json!(kind.name());
            told
        };
        json!({
            "enabled": self.rules.retraining && !self.rules.kinds.is_empty(),
            "mode": self.rules.mode,
            "auto_deploy": self.rules.auto_deploy,
            "next_run": self.next_run.map(|at| at.to_string()),
            "plan": self.planned.iter().map(planned).collect::<Vec<Value>>(),
            "waiting": self.waiting.map(training_json),
            "health": self.health.iter().map(health).collect::<Vec<Value>>(),
            "ensemble": health_json(&self.whole),
        })
    }

    fn text(&self) -> String {
        if self.rules.kinds.is_empty() {
            return "A replay trains models with --models all, or a list of them.\n".to_owned();
        }
        let mut text = String::new();
        if let Some(training) = self.waiting {
            let kinds: Vec<&str> = training.plan.iter().map(|one| one.model.name()).collect();
            text.push_str(&format!(
                "Under way: training {} of {}, by {}, to be heard at {}.\n",
                training.no,
                kinds.join(", "),
                training.trigger().name(),
                minute(training.ready_at)
            ));
        }
        if self.planned.is_empty() {
            text.push_str("Nothing asks for a training now.\n");
        } else {
            text.push_str("\nmodel      priority  reason       minutes  why\n");
            for planned in &self.planned {
                text.push_str(&format!(
                    "{:<9}  {:<8}  {:<11}  {:>7}  {}\n",
                    planned.model.name(),
                    planned.priority.name(),
                    planned.trigger.name(),
                    self.rules.delay_min,
                    planned.says
                ));
            }
        }
        if let Some(next_run) = self.next_run {
            text.push_str(&format!("\nNext check: {}\n", minute(next_run)));
        }
        text.push_str("\nHow they stand\n");
        let all = self.health.iter().map(|(_, health)| health).chain([&self.whole]);
        all.for_each(|health| text.push_str(&health_line(health)));
        text
    }
}

fn health_json(health: &ModelHealth) -> Value {
    json!({
        "fitted_at": health.fitted_at.map(|at| at.to_string()),
        "outcomes_effective": health.outcomes_effective,
        "win_rate": health.win_rate,
        "win_rate_interval": health.win_rate_low.zip(health.win_rate_high),
        "break_even": health.break_even,
        "trend": health.trend,
        "says": health.says,
    })
}

fn health_line(health: &ModelHealth) -> String {
    let fitted = health.fitted_at.map_or_else(String::new, |at| format!("; fitted {}", minute(at)));
    let trend = health.trend.as_ref().map_or_else(String::new, |trend| format!("; {trend}"));
    format!("  {}{fitted}{trend}\n", health.says)
}
