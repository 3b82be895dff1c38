//! A person's orders about what is learned: back, pinned, let go, switched.

use anyhow::{Context, anyhow};
use domain::{Command, Policy, PolicyVersion};
use learn::LearnRules;

use super::history::as_json;
use super::{place, revert_to, value};
use crate::args::{Global, OnOff};
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
use crate::failure::{Failure, usage};
use crate::wording::{Names, moves};

/// Publishes an earlier version's values again.
pub(super) fn revert(global: &Global, number: u64, run: Option<&str>) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let versions = stood.store.policy_versions(stood.run.no)?;
    let to = versions[place(&versions, number, &stood.run)?].policy.clone();
    let stands = stood.at_rest()?.engine().policy().clone();
    if is_same(&stands, &to) {
        return Err(usage(format!(
            "the values of version {number} stand already in run {}; nothing was published",
            stood.run.id
        )));
    }
    let order = Command::Revert { to: Box::new(to), at: stood.now() };
    let version = published(&mut stood, order)?;
    if global.json {
        return setup::print_json(&as_json(&version));
    }
    let run = &stood.run;
    let mut text = format!("Published version {} of run {} with", version.policy.version, run.id);
    text.push_str(&format!(" the values of version {number}.\n"));
    text.push_str(&format!("Undo: {}\n", revert_to(global, run, versions.len() as u64)));
    text.push_str(&format!(
        "Start a replay from it: hindsight{} replay --policy {} --data ...; repeating that run itself replaces it.\n",
        setup::at_store(global),
        run.id
    ));
    setup::print(&text)
}

/// Whether going back would change nothing: what a person holds fast or has switched off stays anyway.
fn is_same(stands: &Policy, to: &Policy) -> bool {
    let (version, pins, silenced) = (stands.version, stands.pins.clone(), stands.silenced.clone());
    *stands == Policy { version, pins, silenced, ..to.clone() }
}

/// Holds a value fast.
pub(super) fn pin(global: &Global, text: &str, run: Option<&str>) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let rules: LearnRules = stood.config()?.learn;
    let pin = value::pin(text, &Names::of(&stood.header), &rules)?;
    let at = stood.now();
    tell(global, &mut stood, Command::Pin { pin, at })
}

/// Lets a value go.
pub(super) fn unpin(global: &Global, name: &str, run: Option<&str>) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let value = value::value(name, &Names::of(&stood.header))?;
    let stands = stood.store.active_policy(stood.run.no)?;
    let is_pinned =
        |version: &PolicyVersion| version.policy.pins.iter().any(|pin| pin.value == value);
    if !stands.is_some_and(|version| is_pinned(&version)) {
        return Err(usage(format!("{name} is not pinned in run {}", stood.run.id)));
    }
    let at = stood.now();
    tell(global, &mut stood, Command::Unpin { value, at })
}

/// Listens to a learner, or no more.
pub(super) fn switch(
    global: &Global,
    learner: &str,
    to: OnOff,
    run: Option<&str>,
) -> Result<(), Failure> {
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let stored = stood.at_rest()?;
    let known: Vec<&str> =
        stored.engine().learner_reports().into_iter().map(|(name, _)| name).collect();
    if !known.contains(&learner) {
        return Err(unknown(learner, &known));
    }
    let is_on = to == OnOff::On;
    if is_on != stored.engine().policy().is_silenced(learner) {
        let word = if is_on { "on" } else { "off" };
        return Err(usage(format!("{learner} is switched {word} already")));
    }
    let at = stood.now();
    tell(global, &mut stood, Command::Switch { learner: learner.to_owned(), is_on, at })
}

/// The sentence for a learner that is none.
pub(super) fn unknown(learner: &str, known: &[&str]) -> Failure {
    usage(format!("there is no learner {learner}; there are {}", known.join(", ")))
}

/// Gives an order that publishes a version, and says what that changed.
pub(super) fn tell(global: &Global, stood: &mut Stood, order: Command) -> Result<(), Failure> {
    let stands = stood.at_rest()?.engine().policy().version;
    let undo = revert_to(global, &stood.run, stands);
    tell_with(global, stood, order, &undo)
}

/// The same where it is not a revert that takes it back.
pub(super) fn tell_with(
    global: &Global,
    stood: &mut Stood,
    order: Command,
    undo: &str,
) -> Result<(), Failure> {
    let before = stood.store.active_policy(stood.run.no)?;
    let version = published(stood, order)?;
    if global.json {
        return setup::print_json(&as_json(&version));
    }
    let names = Names::of(&stood.header);
    let mut text =
        format!("Published version {} of run {}:\n", version.policy.version, stood.run.id);
    if let Some(before) = before {
        let moved = moves(&before.policy, &version.policy, &names);
        if moved.is_empty() {
            text.push_str("  nothing moved\n");
        }
        for moved in moved {
            text.push_str(&format!("  {}: {}\n", moved.part, moved.text()));
        }
        text.push_str(&format!("Undo: {undo}\n"));
    }
    setup::print(&text)
}

fn published(stood: &mut Stood, order: Command) -> Result<PolicyVersion, Failure> {
    // An order that changes nothing is not worth a line in the journal.
    let answer = stood.look(order.clone())?;
    if answer.versions.is_empty() {
        let why = answer.declined.first().map(|why| format!(": {why}")).unwrap_or_default();
        return Err(anyhow!("the order changes nothing in run {}{why}", stood.run.id).into());
    }
    let version = stood.give(order)?.versions.into_iter().next();
    Ok(version.with_context(|| format!("run {} published nothing", stood.run.id))?)
}
