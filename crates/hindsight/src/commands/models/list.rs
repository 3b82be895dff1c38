//! `models list`: every version, who sits where, and what was ruled.

use domain::{RulingRecord, Stage};
use serde_json::{Value, json};
use store::{Seats, StoredModel, StoredTraining};

use super::{command, figure, how_to_get_one, minute};
use crate::args::Global;
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::Failure;

/// Rulings that are told at a glance; `--json` has all.
const RULINGS_TOLD: usize = 6;

pub(super) fn run(global: &Global, run: Option<&str>) -> Result<(), Failure> {
    let (mut store, run, _) = setup::stored_run(global, run)?;
    let models = store.models(run.no)?;
    let seats = store.seats(run.no)?.unwrap_or_default();
    let (rulings, trainings) = (store.rulings(run.no)?, store.trainings(run.no)?);
    if global.json {
        return setup::print_json(&json!({
            "run": run.id,
            "seats": seats_json(&seats),
            "versions": models.iter().map(as_json).collect::<Vec<Value>>(),
            "rulings": rulings,
            "trainings": trainings.iter().map(training_json).collect::<Vec<Value>>(),
        }));
    }
    if models.is_empty() {
        let mut text = how_to_get_one(global, &run);
        text.push_str(&failed(&trainings));
        return setup::print(&text);
    }
    let things = if models.len() == 1 { "version" } else { "versions" };
    let mut text = format!("Models of run {}, {} {things} (UTC)\n\n", run.id, models.len());
    text.push_str("version  asked for         why          stage         rows  log loss   (base)  members and weights\n");
    models.iter().for_each(|model| text.push_str(&line(model)));
    text.push_str(&format!("\n{}\n", seated(&seats)));
    text.push_str(&failed(&trainings));
    text.push_str(&ruled(&rulings));
    text.push_str(&format!("\nOne of them: {}\n", command(global, &run, "show VERSION")));
    setup::print(&text)
}

/// One version as scripts read it.
pub(super) fn as_json(model: &StoredModel) -> Value {
    let record = &model.record;
    json!({
        "version": record.version,
        "name": record.name,
        "trigger": record.trigger.name(),
        "training": record.training,
        "asked_at": record.asked_at.to_string(),
        "entered_at": model.entered_at.to_string(),
        "stage": model.stage.name(),
        "rows": record.rows,
        "log_loss": record.figure("log_loss"),
        "base_log_loss": record.figure("base_log_loss"),
        "figures": figures_json(&record.figures),
        "members": record.members.iter().map(|member| json!({
            "model": member.kind.name(),
            "weight": member.weight,
            "fitted_at": member.fitted_at.to_string(),
            "hash": member.hash,
            "figures": figures_json(&member.figures),
        })).collect::<Vec<Value>>(),
        "hash": record.hash,
    })
}

pub(super) fn figures_json(figures: &[(String, f64)]) -> Value {
    let figures = figures.iter().map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(figures.collect())
}

pub(super) fn seats_json(seats: &Seats) -> Value {
    let seat = |version: u64| if version == 0 { Value::Null } else { json!(version) };
    json!({
        "champion": seat(seats.champion),
        "challenger": seat(seats.challenger),
        "former": seat(seats.former),
        "share": seats.share,
    })
}

fn training_json(stored: &StoredTraining) -> Value {
    let training = &stored.training;
    let end = stored.end.as_ref();
    json!({
        "training": training.no,
        "asked_at": training.asked_at.to_string(),
        "ready_at": training.ready_at.to_string(),
        "since": training.since.to_string(),
        "plan": training.plan,
        "ended_at": end.map(|end| end.at.to_string()),
        "version": end.and_then(|end| end.came_to.as_ref().ok()),
        "failed": end.and_then(|end| end.came_to.as_ref().err()),
    })
}

fn line(model: &StoredModel) -> String {
    let record = &model.record;
    let members: Vec<String> = record
        .members
        .iter()
        .map(|member| format!("{} {:.2}", member.kind.name(), member.weight))
        .collect();
    format!(
        "{:>7}  {:<16}  {:<11}  {:<10} {:>7}  {:>8} {:>8}  {}\n",
        record.version,
        minute(record.asked_at),
        record.trigger.name(),
        model.stage.name(),
        grouped(record.rows.count),
        figure(record.figure("log_loss"), 4),
        figure(record.figure("base_log_loss"), 4),
        members.join(", "),
    )
}

/// Who sits where, in a sentence or two.
pub(super) fn seated(seats: &Seats) -> String {
    let mut text = match seats.champion {
        0 => "In charge: no model; the ninth head abstains.".to_owned(),
        version => format!("In charge: version {version}."),
    };
    if seats.challenger != 0 {
        let share = match seats.share {
            share if share > 0.0 => format!("heard on {:.0} % of decisions", share * 100.0),
            _ => "not heard".to_owned(),
        };
        text.push_str(&format!(" Beside it: version {}, {share}.", seats.challenger));
    }
    if seats.former != 0 {
        text.push_str(&format!(" Before it: version {}.", seats.former));
    }
    text
}

fn failed(trainings: &[StoredTraining]) -> String {
    let failed = trainings.iter().filter_map(|stored| stored.end.as_ref()?.came_to.as_ref().err());
    let (mut count, mut last) = (0, None);
    failed.for_each(|why| {
        count += 1;
        last = Some(why);
    });
    let things = if count == 1 { "training" } else { "trainings" };
    last.map_or_else(String::new, |why| {
        format!("{count} {things} came to nothing, the last: {why}.\n")
    })
}

fn ruled(rulings: &[RulingRecord]) -> String {
    if rulings.is_empty() {
        return String::new();
    }
    let more = rulings.len().saturating_sub(RULINGS_TOLD);
    let mut text = match more {
        0 => "\nRulings\n".to_owned(),
        more => format!("\nRulings, the last {RULINGS_TOLD} ({more} before)\n"),
    };
    rulings.iter().skip(more).for_each(|ruling| text.push_str(&ruling_line(ruling)));
    text
}

/// One ruling in one line.
pub(super) fn ruling_line(ruling: &RulingRecord) -> String {
    let who = if ruling.by_person { ", by a person" } else { "" };
    let moved = match (ruling.from, ruling.to) {
        (from, to) if from == to => to.name().to_owned(),
        (from, to) => format!("{} to {}", from.name(), to.name()),
    };
    let share = match ruling.to {
        Stage::Canary => format!(" at {:.0} %", ruling.share * 100.0),
        _ => String::new(),
    };
    format!(
        "{}  version {} {}{who}: {moved}{share}; {}\n",
        minute(ruling.at),
        ruling.version,
        ruling.ruling.replace('_', " "),
        ruling.says
    )
}
