//! `learn strike`: outcomes of a stretch are taken out, and the rest is learned again.

use anyhow::bail;
use domain::{Command, Relearned, Timestamp};
use serde_json::json;
use store::{Lesson, Lessons};

use super::orders::tell;
use crate::args::Global;
use crate::commands::asked::moment;
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};

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
        return say(global, outcomes, struck, &lessons);
    }
    let relearned = relearn(&mut stood, &lessons, from, to)?;
    let at = stood.now();
    tell(global, &mut stood, Command::Strike { from, to, relearned, at })
}

/// Outcomes learned from, and those of them that would be struck.
fn counts(lessons: &Lessons, from: Timestamp, to: Timestamp) -> (usize, usize) {
    let is_outcome = |heard: &&store::Heard| matches!(heard.lesson, Lesson::Outcome(_));
    let outcomes = lessons.heard.iter().filter(is_outcome).count();
    (outcomes, outcomes - lessons.struck(from, to).filter(is_outcome).count())
}

fn say(global: &Global, outcomes: usize, struck: usize, lessons: &Lessons) -> Result<(), Failure> {
    if global.json {
        return setup::print_json(&json!({
            "outcomes": outcomes,
            "struck": struck,
            "left": outcomes - struck,
            "horizons_without_outcome": lessons.without_leans,
        }));
    }
    setup::print(&format!(
        "{} of {} outcomes would be struck, with their horizons and what-ifs; {} are left to learn from.\nNothing was changed.\n",
        grouped(struck as u64),
        grouped(outcomes as u64),
        grouped((outcomes - struck) as u64)
    ))
}

/// What an engine on day one learns from all lessons but those struck.
fn relearn(
    stood: &mut Stood,
    lessons: &Lessons,
    from: Timestamp,
    to: Timestamp,
) -> anyhow::Result<Relearned> {
    let left = lessons.struck(from, to).count();
    bail!(
        "run {} has {left} lessons left to learn from, and this version cannot learn them again yet; nothing was changed",
        stood.run.id
    )
}
