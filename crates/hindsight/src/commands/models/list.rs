//! `models list`: every version, who sits where, and what was ruled.

use domain::RulingRecord;
use serde_json::{Value, json};
use store::{Seats, StoredModel, StoredTraining};

use super::told::{
    SILENT, broken, counting, model_json, over_base, ruling_json, ruling_line, speaks,
};
use super::{command, figure, how_to_get_one, minute};
use crate::args::Global;
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::Failure;

/// Versions and rulings that are told at a glance; `--all` and `--json` have all.
const VERSIONS_TOLD: usize = 30;
const RULINGS_TOLD: usize = 10;

pub(super) fn run(global: &Global, all: bool, run: Option<&str>) -> Result<(), Failure> {
    let (mut store, run, _) = setup::stored_run(global, run)?;
    let models = store.models(run.no)?;
    let seats = store.seats(run.no)?.unwrap_or_default();
    let (rulings, trainings) = (store.rulings(run.no)?, store.trainings(run.no)?);
    if global.json {
        return setup::print_json(&json!({
            "run": run.id,
            "seats": seats_json(&seats),
            "versions": models.iter().map(model_json).collect::<Vec<Value>>(),
            "rulings": rulings.iter().map(ruling_json).collect::<Vec<Value>>(),
            "trainings": trainings.iter().map(stored_json).collect::<Vec<Value>>(),
        }));
    }
    if models.is_empty() {
        let mut text = how_to_get_one(global, &run);
        text.push_str(&failed(&trainings));
        return setup::print(&text);
    }
    let things = if models.len() == 1 { "version" } else { "versions" };
    let mut text = format!("Models of run {}, {} {things} (UTC)\n\n", run.id, models.len());
    let (asked, why, stage) = ("asked for", "why", "stage");
    text.push_str(&format!(
        "version  {asked:<16}  {why:<11}  {stage:<9}  {:>6}   loss  against base    what counts\n",
        "rows"
    ));
    let more = if all { 0 } else { models.len().saturating_sub(VERSIONS_TOLD) };
    if more > 0 {
        text.push_str(&format!("         and {more} more: --all\n"));
    }
    models.iter().skip(more).for_each(|model| text.push_str(&line(model)));
    text.push_str(&notes(&models));
    text.push_str(&format!("\n{}\n", seated(&seats)));
    text.push_str(&failed(&trainings));
    text.push_str(&ruled(&rulings, all));
    text.push_str(&format!("\nOne of them: {}\n", command(global, &run, "show VERSION")));
    setup::print(&text)
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

fn stored_json(stored: &StoredTraining) -> Value {
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
    let begins = format!(
        "{:>7}  {:<16}  {:<11}  {:<9}  {:>6}  {:>5}  {:<14}  ",
        record.version,
        minute(record.asked_at),
        record.trigger.name(),
        model.stage.name(),
        grouped(record.rows.count),
        figure(record.figure("log_loss"), 3),
        over_base(record).unwrap_or_default(),
    );
    let right = begins.chars().count();
    broken(&(begins + &counting(record)), right)
}

/// What a log loss is beside the base rate's, where there is one; and what silence means, where one is silent.
fn notes(models: &[StoredModel]) -> String {
    let mut text = "\nloss: log loss on rows it had not seen; beside it that less the base rate's, with its 95 % interval\n".to_owned();
    if models.iter().any(|model| !speaks(&model.record)) {
        text.push_str(&format!("{SILENT}: no member is better than the base rate\n"));
    }
    text
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

fn ruled(rulings: &[RulingRecord], all: bool) -> String {
    // That versions come and are replaced is seen in the table; what was decided on them is not.
    let is_told =
        |ruling: &&RulingRecord| all || !matches!(ruling.ruling.as_str(), "enter" | "supersede");
    let told: Vec<&RulingRecord> = rulings.iter().filter(is_told).collect();
    if rulings.is_empty() {
        return String::new();
    }
    if told.is_empty() {
        return "\nNothing was ruled on them but that each newer one takes the seat (--all).\n"
            .to_owned();
    }
    let more = if all { 0 } else { told.len().saturating_sub(RULINGS_TOLD) };
    let mut text = match more {
        0 => "\nRulings\n".to_owned(),
        more => format!("\nRulings, the last {RULINGS_TOLD} (and {more} before: --all)\n"),
    };
    told.iter().skip(more).for_each(|ruling| text.push_str(&ruling_line(ruling)));
    text
}
