//! `models train`: learns from what a run has stored. Nothing is changed until it is done.

use std::ops::ControlFlow;

use domain::{
    ModelKind, ModelNews, PlannedTraining, Priority, RunHeader, Timestamp, Training, Trigger,
};
use serde_json::json;

use super::on_threads;
use super::order::say;
use super::told::rows_json;
use crate::args::{Global, TrainArgs};
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::progress::Fitting;
use crate::world::{Learned, LearningSet, School, TrainedNews, samples_max, strikes};

const DAY_MS: i64 = 86_400_000;

pub(super) fn run(global: &Global, args: &TrainArgs) -> Result<(), Failure> {
    let named = setup::kinds(&args.models)?;
    let mut stood = order::stored(global, args.run.as_deref(), Fed::Perhaps)?;
    let rules = stood.config()?.models;
    let kinds = named.unwrap_or(rules.kinds);
    if kinds.is_empty() {
        return Err(usage("no model is named: write --models all, or a list of them"));
    }
    let lookback_days = (!args.all).then_some(rules.lookback_days);
    let training = by_person(&kinds, stood.now(), lookback_days, &stood.header);
    let symbols = stood.header.instruments.len();
    let set = LearningSet::of_store(&mut stood.store, stood.run.no, symbols, training.since)?;
    let struck = strikes(&mut stood.store, stood.run.no)?;
    let learned = set.learned(&training, &struck, samples_max(args.all));
    if args.dry_run {
        return would(global, &stood, &kinds, &learned, training.asked_at);
    }
    let told = taught(global, args, &mut stood, &training, &learned)?;
    if let ModelNews::Failed { why, .. } = &told.news {
        let id = &stood.run.id;
        return Err(anyhow::anyhow!("nothing was trained for run {id}: {why}").into());
    }
    let answer = stood.look_at(&told)?;
    if let Some(why) = answer.declined.first() {
        return Err(anyhow::anyhow!("run {} did not take it: {why}", stood.run.id).into());
    }
    let answer = stood.tell(&told)?;
    let trained = match &told.news {
        ModelNews::Trained(trained) => Some(&trained.record),
        ModelNews::Failed { .. } => None,
    };
    say(global, &mut stood, false, &answer, trained)
}

/// A training that a person asks for now. It has no number: no engine waits for it.
fn by_person(
    kinds: &[ModelKind],
    at: Timestamp,
    lookback_days: Option<u32>,
    header: &RunHeader,
) -> Training {
    let planned = |model: &ModelKind| PlannedTraining {
        model: *model,
        trigger: Trigger::Person,
        priority: Priority::High,
        measured: 0.0,
        needed: 0.0,
        says: "a person said so".to_owned(),
    };
    let since = lookback_days.map_or(header.from, |days| at.plus_ms(-i64::from(days) * DAY_MS));
    let plan = kinds.iter().map(planned).collect();
    Training { no: 0, asked_at: at, ready_at: at, since, plan }
}

fn would(
    global: &Global,
    stood: &Stood,
    kinds: &[ModelKind],
    learned: &Learned,
    at: Timestamp,
) -> Result<(), Failure> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    let rows = learned.samples.rows(at, learned.waiting, learned.left_out);
    if global.json {
        return setup::print_json(&json!({
            "run": stood.run.id, "dry_run": true, "models": kinds, "rows": rows_json(&rows),
            "older": learned.older,
        }));
    }
    setup::print(&format!(
        "{} would learn from {} outcomes (effective {:.0}) decided from {} on; {} before them are too many, {} more wait, {} are left out.\nNothing was changed.\n",
        kinds.join(", "),
        grouped(rows.count),
        rows.effective,
        super::minute(rows.decided_from),
        grouped(learned.older),
        grouped(rows.waiting),
        grouped(rows.left_out),
    ))
}

fn taught(
    global: &Global,
    args: &TrainArgs,
    stood: &mut Stood,
    training: &Training,
    learned: &Learned,
) -> anyhow::Result<TrainedNews> {
    let seed = stood.header.seed;
    let shown = Fitting::new(global);
    let listener = Box::new(|progress: ::models::Progress<'_>| {
        shown.at(&progress);
        ControlFlow::Continue(())
    });
    let mut school = School::of_store(&mut stood.store, stood.run.no, seed, listener)?;
    if args.all {
        school.take_all();
    }
    let told = on_threads(args.threads, || school.teach(training, learned, training.ready_at))?;
    drop(school);
    shown.done();
    told
}
