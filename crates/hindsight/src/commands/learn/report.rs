//! `learn report`: what each learner believes, from how much, how sure it is, and what followed.

use domain::PolicyVersion;
use serde_json::{Value, json};
use store::Run;

use super::brief;
use super::care::Care;
use super::gates::{GateResults, estimate};
use super::history::minute;
use super::orders::unknown;
use super::revert_to;
use crate::args::Global;
use crate::commands::order::{self, Fed};
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::Failure;
use crate::figures;
use crate::report::LearnerStory;
use crate::world::strikes;

/// Reports on all learners of a run, or on one.
pub(super) fn run(
    global: &Global,
    learner: Option<&str>,
    run: Option<&str>,
) -> Result<(), Failure> {
    // Who only looks may look at a run that is being fed.
    let mut stood = order::stored(global, run, Fed::ByNobody)?;
    let reports = stood.at_rest()?.engine().learner_reports();
    let judged = reports.iter().flat_map(|(_, report)| report.gates.clone()).collect();
    let known: Vec<&str> = reports.iter().map(|(name, _)| *name).collect();
    if let Some(learner) = learner.filter(|learner| !known.contains(learner)) {
        return Err(unknown(learner, &known));
    }
    let (run, header) = (&stood.run, &stood.header);
    let mut stories = figures::learners(&mut stood.store, run.no, header, reports)?;
    let versions = stood.store.policy_versions(run.no)?;
    if let Some(learner) = learner {
        stories.retain(|story| story.name == learner);
        return say(global, run, &header.rule, &versions, &stories, None);
    }
    brief::latest_first(&mut stories);
    let mut gates = GateResults::new(header, judged);
    let strikes = strikes(&mut stood.store, run.no)?;
    let (mut unlearned, mut struck) = (0, 0);
    stood.store.outcomes(run.no, |outcome| match outcome.teaches() {
        false => unlearned += 1,
        true if strikes.holds(outcome.decided_at) => struck += 1,
        true => gates.add(&outcome),
    })?;
    let care = Care::of(&mut stood.store, run, unlearned, struck)?;
    let summary = stood.store.summary(run.no)?.unwrap_or_default();
    let summary: Value = serde_json::from_str(&summary).unwrap_or_default();
    let rest = Rest { gates, care, twin: summary["twin"].clone() };
    say(global, run, &header.rule, &versions, &stories, Some(&rest))
}

/// What is told besides learners.
struct Rest {
    gates: GateResults,
    care: Care,
    /// Learning against the frozen twin, as the summary has it.
    twin: Value,
}

fn say(
    global: &Global,
    run: &Run,
    rule: &str,
    versions: &[PolicyVersion],
    stories: &[LearnerStory],
    rest: Option<&Rest>,
) -> Result<(), Failure> {
    let version = versions.last().map_or(0, |last| last.policy.version);
    if global.json {
        let mut told = json!({
            "run": run.id,
            "rule": rule,
            "policy_version": version,
            "learners": stories,
        });
        if let Some(rest) = rest {
            told["gates"] = rest.gates.json(versions).into();
            told["data"] = rest.care.json();
            told["twin"] = rest.twin.clone();
        }
        return setup::print_json(&told);
    }
    let at = minute(&run.cursor.at.to_string());
    let mut text = format!(
        "What run {} believes · {at} UTC · rule {rule} · policy version {version}\n",
        run.id
    );
    if let (Some(rest), Some(last)) = (rest, versions.last()) {
        text.push_str(&brief::lines(stories, &last.policy, &rest.twin));
    }
    for story in stories {
        text.push('\n');
        text.push_str(&of_learner(global, run, story, version, rest.is_none()));
    }
    if let Some(rest) = rest {
        text.push('\n');
        text.push_str(&rest.gates.text(versions));
        text.push('\n');
        text.push_str(&rest.care.text());
    }
    setup::print(&text)
}

/// `whole`: what is over too.
fn of_learner(
    global: &Global,
    run: &Run,
    story: &LearnerStory,
    version: u64,
    whole: bool,
) -> String {
    let mut text = format!(
        "{} · heard {} (effective {}) · changed the policy {}\n",
        spoken(&story.name),
        grouped(story.heard),
        grouped(story.heard_effective.round() as u64),
        times(story.changes)
    );
    if let Some(why) = &story.silenced {
        text.push_str(&format!("  Not listened to: {why}.\n"));
        text.push_str(&format!(
            "  Listen again: hindsight{} learn switch {} on --run {}\n",
            setup::at_store(global),
            story.name,
            run.id
        ));
    }
    for belief in &story.beliefs {
        text.push_str(&format!("  {belief}\n"));
    }
    if whole {
        text.extend(story.past.iter().map(|over| format!("  Over: {over}\n")));
    } else if !story.past.is_empty() {
        text.push_str(&format!(
            "  {} over: hindsight{} learn report --learner {} --run {}\n",
            grouped(story.past.len() as u64),
            setup::at_store(global),
            story.name,
            run.id
        ));
    }
    let lacking = if story.starves() { "Starved" } else { "Too few yet" };
    for lack in &story.starved {
        text.push_str(&format!("  {lacking}: {lack}\n"));
    }
    if !story.absent.is_empty() {
        text.push_str(&format!("  Not in these data: {}.\n", story.absent.join(", ")));
    }
    if story.beliefs.is_empty() && story.starved.is_empty() {
        text.push_str("  It believes nothing yet.\n");
    }
    if story.trials.cells > 0 {
        text.push_str(&format!(
            "  Tried {} cells, read at {} moments; reading one again counts once. Taken {}.\n",
            grouped(story.trials.cells),
            grouped(story.trials.moments),
            times(story.trials.taken)
        ));
    }
    text.push_str(&changes(global, run, story, version));
    if let Some(refused) = &story.refused {
        text.push_str(&format!(
            "  The governor did not take {} of its proposals, last on {}: {}.\n",
            grouped(refused.times),
            minute(&refused.last_at.to_string()),
            refused.why
        ));
    }
    text
}

fn changes(global: &Global, run: &Run, story: &LearnerStory, version: u64) -> String {
    let (Some(first), Some(last)) = (story.told.first(), story.told.last()) else {
        return "  It has not changed the policy.\n".to_owned();
    };
    let mut text = format!(
        "  Version {} → {} · {} UTC · on {}\n",
        last.version.saturating_sub(1),
        last.version,
        minute(&last.at.to_string()),
        last.rests
    );
    for moved in &last.moved {
        text.push_str(&format!("    {moved}\n"));
    }
    if first.version != last.version {
        text.push_str(&format!(
            "  It first changed its mind on {}, in version {}, on {}.\n",
            minute(&first.at.to_string()),
            first.version,
            // What it was taken from then is told by `learn show`.
            first.rests.split(';').next().unwrap_or_default()
        ));
    }
    text.push_str(&followed(story));
    let before = last.version.saturating_sub(1);
    let undo = revert_to(global, run, before);
    text.push_str(&format!(
        "  Undo: {undo} takes back every change since, of every learner: {} versions.\n",
        grouped(version.saturating_sub(before))
    ));
    text.push_str(&format!(
        "  No more of its own: hindsight{} learn switch {} off --run {}\n",
        setup::at_store(global),
        story.name,
        run.id
    ));
    text
}

/// What followed is no proof of what caused it, and is not called one.
fn followed(story: &LearnerStory) -> String {
    let said = |of: &Option<crate::report::Estimate>| {
        of.as_ref().map_or_else(|| "too few to say".to_owned(), estimate)
    };
    format!(
        "  Trades decided since: {}; before: {}. That is what followed, not what it caused.\n",
        said(&story.since),
        said(&story.before)
    )
}

/// `1 time`, `2 times`.
fn times(count: u64) -> String {
    format!("{} {}", grouped(count), if count == 1 { "time" } else { "times" })
}

fn spoken(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
