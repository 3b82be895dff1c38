//! `models promote` and `models rollback`: a person moves versions between seats.

use anyhow::anyhow;
use domain::{Command, ModelRecord, Stage};
use serde_json::{Value, json};
use store::{Run, RunState};

use super::list::{seated, seats_json};
use super::told::{
    SAYS_NOTHING, against_base, counting, record_json, ruling_json, ruling_line, speaks,
};
use super::{command, find};
use crate::args::Global;
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::world::{Answer, check_bytes};

/// There is one line of models.
const LINE: &str = "ensemble";

/// Puts a version in charge.
pub(super) fn promote(
    global: &Global,
    called: &str,
    dry_run: bool,
    run: Option<&str>,
) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let models = stood.store.models(stood.run.no)?;
    let model = find(&models, called, &stood.run)?;
    let version = model.record.version;
    if stood.store.seats(stood.run.no)?.is_some_and(|seats| seats.champion == version) {
        let id = &stood.run.id;
        return Err(anyhow!("version {version} is in charge of run {id} already").into());
    }
    let is_silent = !speaks(&model.record);
    let at = stood.now();
    give(global, &mut stood, Command::Promote { version, at }, dry_run)?;
    if is_silent && !global.quiet {
        eprintln!("hindsight: version {version} {SAYS_NOTHING}: in charge, it changes no decision");
    }
    Ok(())
}

/// Goes one step back.
pub(super) fn roll_back(
    global: &Global,
    line: &str,
    dry_run: bool,
    run: Option<&str>,
) -> Result<(), Failure> {
    if line != LINE {
        return Err(usage(format!("there is no line of models called {line}; there is {LINE}")));
    }
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let at = stood.now();
    give(global, &mut stood, Command::RollBack { at }, dry_run)
}

fn give(global: &Global, stood: &mut Stood, order: Command, dry_run: bool) -> Result<(), Failure> {
    let would = stood.look(order.clone())?;
    if let Some(why) = would.declined.first() {
        let id = &stood.run.id;
        return Err(anyhow!("nothing was changed in run {id}: {}", said(why)).into());
    }
    // Who is to be in charge must be whole, or the one who is stays.
    let takes_charge = would.rulings.iter().filter(|ruling| ruling.to == Stage::Champion);
    for version in takes_charge.map(|ruling| ruling.version) {
        let models = stood.store.models(stood.run.no)?;
        let model = find(&models, &version.to_string(), &stood.run)?;
        check_bytes(&mut stood.store, version, &model.record.hash)
            .map_err(|error| error.context("nothing was changed"))?;
    }
    let answer = if dry_run { would } else { stood.give(order)? };
    say(global, stood, dry_run, &answer, None)
}

/// Where only a seat is missing, what would give it one.
fn said(why: &str) -> String {
    if why.ends_with("sits in no seat") {
        return format!("{why}; only versions in a seat can be put in charge: train again");
    }
    why.to_owned()
}

/// What an order or a training led to.
pub(super) fn say(
    global: &Global,
    stood: &mut Stood,
    dry_run: bool,
    answer: &Answer,
    trained: Option<&ModelRecord>,
) -> Result<(), Failure> {
    let seats = stood.store.seats(stood.run.no)?.unwrap_or_default();
    if global.json {
        let mut told = as_json(stood, dry_run, answer);
        if let Some(record) = trained {
            told["trained"] = record_json(record);
        }
        return setup::print_json(&told);
    }
    let mut text = trained.map_or_else(String::new, |record| came_to(record, &stood.run));
    if dry_run {
        text.push_str("As a dry run, nothing was changed:\n");
    }
    answer.rulings.iter().for_each(|ruling| text.push_str(&ruling_line(ruling)));
    if !dry_run {
        text.push_str(&format!("{}\n", seated(&seats)));
        let at = stood.now();
        if stood.look(Command::RollBack { at })?.declined.is_empty() {
            text.push_str(&format!("Back: {}\n", command(global, &stood.run, "rollback")));
        }
    }
    setup::print(&text)
}

/// What a training came to: what it learned from, how good that is, and who will hear it.
fn came_to(record: &ModelRecord, run: &Run) -> String {
    let mut text = format!(
        "Trained version {}, {}, on {} outcomes (effective {:.0}).\n",
        record.version,
        record.name,
        grouped(record.rows.count),
        record.rows.effective
    );
    let judged = against_base(record).map_or_else(String::new, |told| format!(": {told}"));
    text.push_str(&match speaks(record) {
        true => format!("It speaks by {}{judged}\n", counting(record)),
        false => format!("It {SAYS_NOTHING}{judged}\n"),
    });
    if run.state == RunState::Done {
        text.push_str(&format!(
            "Run {} is finished: nothing hears the model until the run goes on. replay --policy takes head \
             weights only; the model is left behind.\n",
            run.id
        ));
    }
    text
}

fn as_json(stood: &mut Stood, dry_run: bool, answer: &Answer) -> Value {
    let seats = stood.store.seats(stood.run.no).ok().flatten().unwrap_or_default();
    json!({
        "run": stood.run.id,
        "dry_run": dry_run,
        "rulings": answer.rulings.iter().map(ruling_json).collect::<Vec<Value>>(),
        "seats": seats_json(&seats),
    })
}
