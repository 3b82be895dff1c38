//! The first lines of `learn report`: what moved money, what is frozen, what is proven, how many starve.

use std::cmp::Reverse;

use domain::{Policy, Timestamp};
use serde_json::Value;

use crate::commands::shown::{day, grouped};
use crate::report::{LearnerStory, evidence};

/// Evidence that counts at 5 % (methods, Decision 2: 1/α).
const E_NEEDED: f64 = 20.0;
/// Learners that a line names.
const NAMED: usize = 4;

/// A line for each, broken where it is long.
pub(super) fn lines(stories: &[LearnerStory], policy: &Policy, twin: &Value) -> String {
    let said = [
        ("Helped?", beside_the_twin(twin)),
        ("Changed", changed(stories)),
        ("Proven", proven(stories)),
        ("In force", in_force(policy)),
        ("Frozen", frozen(stories, policy)),
        ("Starving", starving(stories)),
    ];
    said.iter().map(|(what, says)| format!("  {what:<9} {}\n", wrapped(says))).collect()
}

/// Broken before a hundred columns, further lines under the first.
fn wrapped(says: &str) -> String {
    const WIDTH: usize = 86;
    let mut out = String::new();
    let mut length = 0;
    for word in says.split(' ') {
        let letters = word.chars().count();
        if length > 0 && length + 1 + letters > WIDTH {
            out.push_str("\n            ");
            length = 0;
        } else if length > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += letters;
    }
    out
}

/// Those that changed the policy last come first.
pub(super) fn latest_first(stories: &mut [LearnerStory]) {
    stories.sort_by_key(|story| Reverse(last_change(story)));
}

fn last_change(story: &LearnerStory) -> Option<Timestamp> {
    story.told.last().map(|change| change.at)
}

fn beside_the_twin(twin: &Value) -> String {
    let unmeasured = "whether it helped is not measured: no twin that does not learn ran beside it";
    twin["says"].as_str().unwrap_or(unmeasured).to_owned()
}

fn changed(stories: &[LearnerStory]) -> String {
    let changed: Vec<String> = (stories.iter())
        .filter_map(|story| {
            let last = last_change(story)?.to_string();
            let times = if story.changes == 1 { "once" } else { "times" };
            let count =
                if story.changes == 1 { String::new() } else { grouped(story.changes) + " " };
            Some(format!("{} {count}{times}, last on {}", name(story), day(&last)))
        })
        .collect();
    listed(&changed, "; ", "nobody has changed the policy")
}

fn proven(stories: &[LearnerStory]) -> String {
    let proven: Vec<String> = (stories.iter())
        .filter_map(|story| {
            let last = story.told.last()?;
            let e_value = last.e_value.filter(|e_value| *e_value >= E_NEEDED)?;
            Some(format!("{}, version {} (e = {})", name(story), last.version, evidence(e_value)))
        })
        .collect();
    listed(&proven, "; ", "no learner's last change rests on evidence of 20 or more")
}

/// What the policy takes stakes away by, and adds.
fn in_force(policy: &Policy) -> String {
    let moved = |factors: &[f64]| factors.iter().filter(|factor| **factor != 1.0).count();
    let smaller = policy.throttles.iter().filter(|throttle| throttle.factor < 1.0).count();
    let counts = [
        (policy.killed.len(), "symbol and side not traded", "symbols and sides not traded"),
        (smaller, "traded smaller", "traded smaller"),
        (policy.closed_routes.len(), "route closed", "routes closed"),
        (moved(&policy.symbol_factors), "symbol with a factor", "symbols with a factor"),
        (moved(&policy.hour_factors), "hour with a factor", "hours with a factor"),
        (policy.slices.len(), "slice with its own bar", "slices with their own bars"),
        (policy.rules.len(), "daily rule", "daily rules"),
    ];
    let told: Vec<String> = (counts.iter())
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if told.is_empty() { "nothing stops or shrinks a trade".to_owned() } else { told.join(", ") }
}

fn frozen(stories: &[LearnerStory], policy: &Policy) -> String {
    let silent =
        |story: &LearnerStory| Some(format!("{}: {}", name(story), story.silenced.as_ref()?));
    let frozen: Vec<String> = stories.iter().filter_map(silent).collect();
    let pins = match policy.pins.len() {
        0 => String::new(),
        1 => "; 1 value held fast by a person".to_owned(),
        pins => format!("; {pins} values held fast by a person"),
    };
    listed(&frozen, "; ", "nobody") + &pins
}

fn starving(stories: &[LearnerStory]) -> String {
    let names: Vec<String> = stories.iter().filter(|story| story.starves()).map(name).collect();
    let all = stories.len();
    match names.len() {
        0 => format!("none of {all} learners"),
        some => format!("{some} of {all} learners: {}", listed(&names, ", ", "")),
    }
}

fn name(story: &LearnerStory) -> String {
    story.name.replace('_', " ")
}

fn listed(said: &[String], between: &str, nothing: &str) -> String {
    let mut text = said.iter().take(NAMED).cloned().collect::<Vec<_>>().join(between);
    if said.len() > NAMED {
        text.push_str(&format!("{between}and {} more", said.len() - NAMED));
    }
    if text.is_empty() { nothing.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use domain::GatePolicy;

    use super::*;
    use crate::report::ChangeStory;

    fn story(name: &str, hour: Option<i64>, e_value: Option<f64>) -> LearnerStory {
        let told = hour.map(|hour| ChangeStory {
            version: 7,
            at: Timestamp::from_ms(hour * 3_600_000),
            moved: Vec::new(),
            rests: String::new(),
            e_value,
            outcomes_effective: 60.0,
        });
        let changes = u64::from(told.is_some());
        let told = told.into_iter().collect();
        LearnerStory { name: name.to_owned(), changes, told, ..LearnerStory::default() }
    }

    #[test]
    fn a_few_lines_say_what_moved_what_is_proven_and_who_starves() {
        let mut stories = [
            story("idle", None, None),
            story("one", Some(5), Some(2.0)),
            story("two", Some(9), Some(31.0)),
        ];
        stories[0].starved = vec!["0 of 50 outcomes".to_owned()];
        stories[1].silenced = Some("frozen by a watchdog".to_owned());
        latest_first(&mut stories);
        assert_eq!(stories.each_ref().map(|story| story.name.as_str()), ["two", "one", "idle"]);
        let said = lines(&stories, &Policy::day_one(GatePolicy::default()), &Value::Null);
        assert!(said.lines().count() <= 10);
        assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
        for words in [
            "two once, last on 1970-01-01; one once",
            "two, version 7 (e = 31)",
            "one: frozen by a watchdog",
            "1 of 3 learners: idle",
            "nothing stops or shrinks a trade",
            "not measured",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
