//! What each learner believes, when it changed its mind, on which evidence then and now, and what followed;
//! and what the clock had run.

use std::cmp::Reverse;

use crate::report::html::{Text, card as a_card, details, rests_on, spoken, table};
use crate::report::numbers::{about, bare_risk_units, count, counted, minute, risk_units};
use crate::report::schooling::{ChangeStory, JobStory, LearnerStory, TrialStory};
use crate::report::story::{Estimate, Story};

/// The learners card: a part per learner.
pub(super) fn card(story: &Story) -> String {
    if story.learners.is_empty() {
        return String::new();
    }
    let mut learners: Vec<&LearnerStory> = story.learners.iter().collect();
    // Those that changed the policy last come first.
    learners.sort_by_key(|one| Reverse(one.told.last().map(|change| change.at)));
    let parts: String = learners.into_iter().map(part).collect();
    let body = format!(
        "<p>Each learner proposes; the governor alone changes the policy, in bounded steps, as a new version. \
         Results before and since a change are what followed it, not what it caused: everything else changed \
         meanwhile too.</p>{parts}"
    );
    a_card("learners", "Learners", &finding(story), &body)
}

fn finding(story: &Story) -> String {
    let changes: u64 = story.learners.iter().map(|learner| learner.changes).sum();
    let starved = story.learners.iter().filter(|learner| learner.starves()).count();
    let silenced = story.learners.iter().filter(|learner| learner.silenced.is_some()).count();
    let mut text = format!(
        "{} changed the policy {}",
        counted(story.learners.len() as u64, "learner", "learners"),
        counted(changes, "time", "times")
    );
    if starved > 0 {
        text.push_str(&format!("; {} of them lack outcomes", count(starved as u64)));
    }
    if silenced > 0 {
        text.push_str(&format!("; {} not listened to", count(silenced as u64)));
    }
    text
}

fn part(learner: &LearnerStory) -> String {
    let mut out = format!(
        "<details id=\"learner-{}\"><summary><b>{}</b> <span class=\"what\">heard {}, effective {}; changed \
         the policy {}</span></summary>",
        Text(&learner.name),
        spoken(&learner.name),
        count(learner.heard),
        about(learner.heard_effective),
        counted(learner.changes, "time", "times")
    );
    if let Some(why) = &learner.silenced {
        out += &format!("<p><b>Not listened to:</b> {}.</p>", Text(why));
    }
    out += &list(&learner.beliefs, "");
    out += &list(&learner.starved, lacking(learner));
    if !learner.absent.is_empty() {
        out += &format!("<p>Not in these data: {}.</p>", Text(&learner.absent.join(", ")));
    }
    if learner.trials.cells > 0 {
        out += &format!("<p>{}</p>", tried(&learner.trials));
    }
    if let Some(refused) = &learner.refused {
        out += &format!(
            "<p>Not taken by the governor: {}, the last at {}: {}.</p>",
            counted(refused.times, "proposal", "proposals"),
            minute(refused.last_at),
            Text(&refused.why)
        );
    }
    if let Some(last) = learner.told.last() {
        out += &format!(
            "<p>Trades decided since version {}: {}; before it: {}.</p>",
            count(last.version),
            result(learner.since.as_ref()),
            result(learner.before.as_ref())
        );
        out += &details("When it changed its mind", &changes(learner));
    }
    if !learner.past.is_empty() {
        out += &details("What is over", &list(&learner.past, ""));
    }
    out + "</details>"
}

/// What stands before a line of what is lacked.
fn lacking(learner: &LearnerStory) -> &'static str {
    if learner.starves() { "Lacks outcomes: " } else { "Too few yet: " }
}

/// Reading a cell again says the same of nearly the same outcomes.
fn tried(trials: &TrialStory) -> String {
    format!(
        "Tried {}, read at {}; reading one again counts once. Taken {}.",
        counted(trials.cells, "cell", "cells"),
        counted(trials.moments, "moment", "moments"),
        counted(trials.taken, "time", "times")
    )
}

fn list(lines: &[String], before: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items = lines.iter().map(|line| format!("<li>{before}{}</li>", Text(line)));
    format!("<ul>{}</ul>", items.collect::<String>())
}

fn result(estimate: Option<&Estimate>) -> String {
    estimate.filter(|r| !r.is_few()).map_or_else(
        || "too few to say".to_owned(),
        |r| {
            format!(
                "{} <span class=\"whole\">[{}, {}]</span>, {}",
                risk_units(r.value),
                bare_risk_units(r.low),
                bare_risk_units(r.high),
                rests_on(r)
            )
        },
    )
}

fn changes(learner: &LearnerStory) -> String {
    let rows: Vec<Vec<String>> = learner.told.iter().rev().map(row).collect();
    let caption = if learner.changes > learner.told.len() as u64 {
        format!("The first and the latest of {} changes, latest first", count(learner.changes))
    } else {
        "Every change, latest first".to_owned()
    };
    table(
        &caption,
        &[
            ("Version", true),
            ("At (UTC)", false),
            ("Old → new", false),
            ("On", false),
            ("Effective outcomes", true),
        ],
        &rows,
    )
}

fn row(change: &ChangeStory) -> Vec<String> {
    let moved = change.moved.iter().map(|moved| Text(moved).to_string());
    vec![
        count(change.version),
        minute(change.at),
        moved.collect::<Vec<_>>().join("<br>"),
        format!("<span class=\"what\">{}</span>", Text(&change.rests)),
        about(change.outcomes_effective),
    ]
}

/// The jobs card: what ran, how often, what was published.
pub(super) fn jobs(story: &Story) -> String {
    let ran: Vec<&JobStory> = story.jobs.iter().filter(|job| job.last_at.is_some()).collect();
    if ran.is_empty() {
        return String::new();
    }
    let times: u64 = ran.iter().map(|job| job.times).sum();
    let amiss: u64 = ran.iter().map(|job| job.amiss).sum();
    let published: u64 = ran.iter().map(|job| job.published).sum();
    let finding = format!(
        "{} had something to say and published {}; {}",
        counted(times, "job run", "job runs"),
        counted(published, "version", "versions"),
        if amiss == 0 {
            "nothing was amiss".to_owned()
        } else {
            format!("something was amiss in {}", count(amiss))
        }
    );
    let rows: Vec<Vec<String>> = story.jobs.iter().map(job_row).collect();
    let body = table(
        "The schedule, and what its last run with findings said; quiet runs of frequent jobs are not counted",
        &[
            ("Job", false),
            ("When", false),
            ("Told", true),
            ("Amiss", true),
            ("Published", true),
            ("Last (UTC)", false),
            ("Next (UTC)", false),
            ("Found", false),
        ],
        &rows,
    );
    a_card("jobs", "Jobs", &finding, &body)
}

fn job_row(job: &JobStory) -> Vec<String> {
    let found = job.found.iter().map(|line| Text(line).to_string());
    vec![
        spoken(&job.name),
        Text(&job.when).to_string(),
        count(job.times),
        count(job.amiss),
        count(job.published),
        job.last_at.map_or_else(|| "never".to_owned(), minute),
        job.due_at.map_or_else(|| "not planned".to_owned(), minute),
        format!("<span class=\"what\">{}</span>", found.collect::<Vec<_>>().join("<br>")),
    ]
}
