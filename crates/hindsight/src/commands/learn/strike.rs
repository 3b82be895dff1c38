//! `learn strike`: outcomes of a stretch are taken out, and the rest is learned again.

use domain::{Command, Relearned, Timestamp};
use engine::Engine;
use serde_json::json;
use store::{Heard, Lesson, Lessons};

use super::orders::tell;
use crate::args::Global;
use crate::commands::asked::moment;
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::world::orders;

/// Strikes what was decided from one moment up to another, that moment left out.
pub(super) fn run(
    global: &Global,
    from: &str,
    to: &str,
    dry_run: bool,
    run: Option<&str>,
) -> Result<(), Failure> {
    let (from, to) = (moment("FROM", from)?, moment("TO", to)?);
    if from >= to {
        return Err(usage(format!("a stretch from {from} to {to} is empty")));
    }
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let lessons = stood.store.lessons(stood.run.no)?;
    let (outcomes, struck) = counts(&lessons, from, to);
    if struck == 0 {
        return Err(usage(format!(
            "run {} decided nothing that taught anything from {from} to {to}",
            stood.run.id
        )));
    }
    if dry_run {
        return say(global, outcomes, struck);
    }
    let relearned = relearn(&mut stood, &lessons, from, to)?;
    let at = stood.now();
    tell(global, &mut stood, Command::Strike { from, to, relearned: Box::new(relearned), at })
}

/// Outcomes learned from, and those of them that would be struck.
fn counts(lessons: &Lessons, from: Timestamp, to: Timestamp) -> (usize, usize) {
    let is_outcome = |heard: &&store::Heard| matches!(heard.lesson, Lesson::Outcome(_));
    let outcomes = lessons.heard.iter().filter(is_outcome).count();
    (outcomes, outcomes - lessons.struck(from, to).filter(is_outcome).count())
}

fn say(global: &Global, outcomes: usize, struck: usize) -> Result<(), Failure> {
    if global.json {
        return setup::print_json(&json!({
            "outcomes": outcomes,
            "struck": struck,
            "left": outcomes - struck,
        }));
    }
    setup::print(&format!(
        "{} of {} outcomes would be struck, with their horizons and what-ifs; {} are left to learn from.\nNothing was changed.\n",
        grouped(struck as u64),
        grouped(outcomes as u64),
        grouped((outcomes - struck) as u64)
    ))
}

/// What an engine on day one learns from all lessons but those struck, under the same schedule and the same
/// orders. Earlier strikes stay struck: what they took is left out here too.
fn relearn(
    stood: &mut Stood,
    lessons: &Lessons,
    from: Timestamp,
    to: Timestamp,
) -> anyhow::Result<Relearned> {
    let settings = stood.config()?.settings();
    let orders = orders(&mut stood.store, stood.run.no)?;
    let mut stretches = vec![(from, to)];
    for (_, order) in &orders {
        if let Command::Strike { from, to, .. } = order {
            stretches.push((*from, *to));
        }
    }
    let is_struck = |heard: &Heard| {
        stretches.iter().any(|(from, to)| heard.decided_at >= *from && heard.decided_at < *to)
    };
    let bars = lessons.moments.iter().map(|at| (*at, 0_u8, engine::Lesson::Bars));
    let heard = lessons.heard.iter().filter(|heard| !is_struck(heard));
    let heard = heard.map(|heard| (heard.at, 1, of(heard.lesson)));
    let orders =
        orders.into_iter().map(|(at, order)| (at, 2, engine::Lesson::Order(Box::new(order))));
    let mut all: Vec<(Timestamp, u8, engine::Lesson)> = bars.chain(heard).chain(orders).collect();
    // Stable: what was heard at one moment stays in its order, between the bars and a person's orders.
    all.sort_by_key(|(at, kind, _)| (*at, *kind));
    let all = all.into_iter().map(|(at, _, lesson)| (at, lesson));
    Ok(Engine::relearn(settings, stood.header.instruments.clone(), all))
}

fn of(lesson: Lesson) -> engine::Lesson {
    match lesson {
        Lesson::Outcome(outcome) => engine::Lesson::Outcome(Box::new(outcome)),
        Lesson::Horizon(horizon) => engine::Lesson::Horizon(horizon),
        Lesson::WhatIf(what_if) => engine::Lesson::WhatIf(what_if),
    }
}
