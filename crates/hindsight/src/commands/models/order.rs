//! `models promote` and `models rollback`: a person moves versions between seats.

use anyhow::anyhow;
use domain::{Command, Stage};
use serde_json::{Value, json};

use super::list::{ruling_line, seated, seats_json};
use super::{command, find};
use crate::args::Global;
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
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
    let version = find(&models, called, &stood.run)?.record.version;
    if stood.store.seats(stood.run.no)?.is_some_and(|seats| seats.champion == version) {
        let id = &stood.run.id;
        return Err(usage(format!("version {version} is in charge of run {id} already")));
    }
    let at = stood.now();
    give(global, &mut stood, Command::Promote { version, at }, dry_run)
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
        return Err(anyhow!("nothing was changed in run {id}: {why}").into());
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
    say(global, stood, dry_run, &answer)
}

/// What an order or a training led to.
pub(super) fn say(
    global: &Global,
    stood: &mut Stood,
    dry_run: bool,
    answer: &Answer,
) -> Result<(), Failure> {
    let seats = stood.store.seats(stood.run.no)?.unwrap_or_default();
    if global.json {
        return setup::print_json(&as_json(stood, dry_run, answer));
    }
    let mut text = String::new();
    if dry_run {
        text.push_str("As a dry run, nothing was changed:\n");
    }
    answer.rulings.iter().for_each(|ruling| text.push_str(&ruling_line(ruling)));
    if !dry_run {
        text.push_str(&format!("{}\n", seated(&seats)));
        text.push_str(&format!("Back: {}\n", command(global, &stood.run, "rollback")));
    }
    setup::print(&text)
}

fn as_json(stood: &mut Stood, dry_run: bool, answer: &Answer) -> Value {
    let seats = stood.store.seats(stood.run.no).ok().flatten().unwrap_or_default();
    json!({
        "run": stood.run.id,
        "dry_run": dry_run,
        "rulings": answer.rulings,
        "seats": seats_json(&seats),
    })
}
