//! `learn strike`: outcomes of a stretch are taken out, or given back, and the rest is learned again.

use domain::{Command, PolicyVersion, Relearned, Strikes, Timestamp};
use engine::Engine;
use serde_json::json;
use store::{Heard, Lesson, Lessons};

use super::orders::tell_with;
use crate::args::Global;
use crate::commands::asked::moment;
use crate::commands::order::{self, Fed, Stood};
use crate::commands::setup::{self, at_store};
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::world::{orders, strikes};

/// Strikes what was decided from one moment up to another, that moment left out; without a stretch it takes
/// the newest strike back.
pub(super) fn run(
    global: &Global,
    stretch: Option<(&str, &str)>,
    dry_run: bool,
    run: Option<&str>,
) -> Result<(), Failure> {
    let stretch = stretch.map(asked).transpose()?;
    let mut stood = order::stored(global, run, Fed::Perhaps)?;
    let (lessons, before) =
        (stood.store.lessons(stood.run.no)?, strikes(&mut stood.store, stood.run.no)?);
    let mut after = before.clone();
    let (from, to) = match stretch {
        Some((from, to)) => {
            after.add(from, to);
            (from, to)
        }
        None => {
            let why = || usage(format!("nothing is struck in run {}", stood.run.id));
            let (from, to) = before.newest().ok_or_else(why)?;
            after.take_back(from, to);
            (from, to)
        }
    };
    let counted = Counted::of(&lessons, &before, &after);
    if stretch.is_some() {
        refuse_idle(&stood, &lessons, &before, (from, to))?;
    }
    if dry_run {
        return counted.say(global);
    }
    if !global.json && counted.left == 0 {
        setup::print("Nothing is left to learn from: the policy of day one stands again.\n")?;
    }
    let relearned = Box::new(relearn(&mut stood, &lessons, &after)?);
    let at = stood.now();
    let here = format!("hindsight{} learn strike", at_store(global));
    let id = stood.run.id.clone();
    match stretch {
        Some(_) => {
            let undo = format!("{here} --undo --run {id}");
            tell_with(global, &mut stood, Command::Strike { from, to, relearned, at }, &undo)
        }
        None => {
            let undo = format!("{here} {from} {to} --run {id}");
            tell_with(global, &mut stood, Command::Unstrike { from, to, relearned, at }, &undo)
        }
    }
}

fn asked((from, to): (&str, &str)) -> Result<(Timestamp, Timestamp), Failure> {
    let (from, to) = (moment("FROM", from)?, moment("TO", to)?);
    if from >= to {
        return Err(usage(format!("a stretch from {from} to {to} is empty")));
    }
    Ok((from, to))
}

/// A strike that takes nothing away is no order worth keeping.
fn refuse_idle(
    stood: &Stood,
    lessons: &Lessons,
    before: &Strikes,
    (from, to): (Timestamp, Timestamp),
) -> Result<(), Failure> {
    let id = &stood.run.id;
    let mut within = lessons.heard.iter();
    let mut within = within
        .by_ref()
        .filter(|heard| from <= heard.decided_at && heard.decided_at < to)
        .peekable();
    if within.peek().is_none() {
        return Err(usage(format!(
            "run {id} decided nothing that taught anything from {from} to {to}"
        )));
    }
    if within.all(|heard| before.holds(heard.decided_at)) {
        return Err(usage(format!(
            "everything that run {id} decided from {from} to {to} is struck already"
        )));
    }
    Ok(())
}

/// Outcomes that teach before and after, and those of them that are struck or given back.
struct Counted {
    taught: usize,
    struck: usize,
    given_back: usize,
    left: usize,
}

impl Counted {
    fn of(lessons: &Lessons, before: &Strikes, after: &Strikes) -> Counted {
        let outcomes = || {
            let all = lessons.heard.iter();
            all.filter(|heard| matches!(heard.lesson, Lesson::Outcome(_)))
                .map(|heard| (before.holds(heard.decided_at), after.holds(heard.decided_at)))
        };
        Counted {
            taught: outcomes().filter(|(was, _)| !was).count(),
            struck: outcomes().filter(|(was, is)| !was && *is).count(),
            given_back: outcomes().filter(|(was, is)| *was && !is).count(),
            left: outcomes().filter(|(_, is)| !is).count(),
        }
    }

    fn say(&self, global: &Global) -> Result<(), Failure> {
        if global.json {
            return setup::print_json(&json!({
                "outcomes": self.taught,
                "struck": self.struck,
                "given_back": self.given_back,
                "left": self.left,
            }));
        }
        let number = |count: usize| grouped(count as u64);
        let left = match self.left {
            0 => "nothing is left to learn from".to_owned(),
            left => format!("{} are left to learn from", number(left)),
        };
        let what = if self.given_back > 0 {
            format!("{} outcomes would teach again", number(self.given_back))
        } else {
            let (struck, taught) = (number(self.struck), number(self.taught));
            format!("{struck} of {taught} outcomes that teach would be struck")
        };
        setup::print(&format!(
            "{what}, with their horizons and what-ifs; {left}.\nNothing was changed.\n"
        ))
    }
}

/// What an engine on day one learns from all lessons but those struck, under the same schedule and the same
/// orders.
fn relearn(stood: &mut Stood, lessons: &Lessons, strikes: &Strikes) -> anyhow::Result<Relearned> {
    let settings = stood.config()?.settings();
    let versions = stood.store.policy_versions(stood.run.no)?;
    let orders = orders(&mut stood.store, stood.run.no)?;
    let bars = lessons.moments.iter().map(|at| (*at, 0_u8, engine::Lesson::Bars));
    let heard = lessons.heard.iter().filter(|heard: &&Heard| !strikes.holds(heard.decided_at));
    let heard = heard.map(|heard| (heard.at, 1, of(heard.lesson)));
    let orders = orders.into_iter().map(|(at, order)| (at, 2, ordered(order, &versions)));
    let mut all: Vec<(Timestamp, u8, engine::Lesson)> = bars.chain(heard).chain(orders).collect();
    // Stable: what was heard at one moment stays in its order, between the bars and a person's orders.
    all.sort_by_key(|(at, kind, _)| (*at, *kind));
    let all = all.into_iter().map(|(at, _, lesson)| (at, lesson));
    Ok(Engine::relearn(settings, stood.header.instruments.clone(), all))
}

/// Who went back to a version went back to what was known then; what is struck since is not known any more.
fn ordered(order: Command, versions: &[PolicyVersion]) -> engine::Lesson {
    if let Command::Revert { to, .. } = &order {
        let found = versions.iter().find(|version| version.policy.version == to.version);
        if let Some(found) = found {
            return engine::Lesson::Revert { version: to.version, published_at: found.at };
        }
    }
    engine::Lesson::Order(Box::new(order))
}

fn of(lesson: Lesson) -> engine::Lesson {
    match lesson {
        Lesson::Outcome(outcome) => engine::Lesson::Outcome(Box::new(outcome)),
        Lesson::Horizon(horizon) => engine::Lesson::Horizon(horizon),
        Lesson::WhatIf(what_if) => engine::Lesson::WhatIf(what_if),
    }
}
