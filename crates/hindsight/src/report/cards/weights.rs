//! Nine head weights in their box, and what is known of each head.

use crate::report::html::{Text, card as a_card, details, rests_on, spoken, table};
use crate::report::numbers::{about, count, minute, share, weight};
use crate::report::story::{Estimate, HeadStory, Story, WeightPlace};

/// Versions in the table behind the charts.
const VERSIONS_MAX: usize = 200;

/// The weights card.
pub(super) fn card(story: &Story) -> String {
    let bounds = story.weight_bounds;
    let body = format!(
        "<p>Dashed lines are the bounds, {} and {}; the dotted line is the weight on day one. A \
         tick is a published version: point at it for its number, its reason and the outcomes behind it. \
         {}</p>\
         <div class=\"tools\"><button type=\"button\" data-whole>Whole run</button></div>\
         <div class=\"multiples\">{}</div>{}{}",
        weight(bounds.0),
        weight(bounds.1),
        helped(story),
        multiples(story),
        heads(story),
        details("Published versions as a table", &versions(story)),
    );
    a_card("weights", "Head weights", &finding(story), &body)
}

/// Where to read whether the moves helped.
fn helped(story: &Story) -> &'static str {
    if story.studies.twin.is_some() {
        "<a href=\"#twin\">Whether these moves helped</a> is measured beside a twin that made none."
    } else {
        "Whether these moves helped is not measured: no frozen twin ran."
    }
}

fn finding(story: &Story) -> String {
    let change = |head: &HeadStory| head.weight_last - head.weight_first;
    let up = story.heads.iter().max_by(|a, b| change(a).total_cmp(&change(b)));
    let down = story.heads.iter().min_by(|a, b| change(a).total_cmp(&change(b)));
    let says = |head: &HeadStory| {
        let (first, last) = (weight(head.weight_first), weight(head.weight_last));
        format!("{} {first} → {last}", head.name.replace('_', " "))
    };
    match (up, down) {
        (Some(up), Some(down)) if change(up) > 0.0 => {
            format!("Raised most: {}; lowered most: {}", says(up), says(down))
        }
        _ => "Every head weighs what it did on day one".to_owned(),
    }
}

fn multiples(story: &Story) -> String {
    (story.heads.iter().take(domain::HEAD_COUNT).enumerate())
        .map(|(at, head)| {
            let note = if waits(head) { " <em>waiting</em>" } else { "" };
            format!(
                "<figure><figcaption><b>{}</b> {} → {}{note}</figcaption><div class=\"chart small\" \
                 data-chart=\"weight\" tabindex=\"0\" data-head=\"{at}\" role=\"img\" aria-label=\"Weight of {} \
                 over time, {} to {}\"></div></figure>",
                spoken(&head.name),
                weight(head.weight_first),
                weight(head.weight_last),
                spoken(&head.name),
                weight(head.weight_first),
                weight(head.weight_last),
            )
        })
        .collect()
}

fn heads(story: &Story) -> String {
    let rows: Vec<Vec<String>> = story.heads.iter().map(head_row).collect();
    table(
        "What is known of each head; shares weigh overlapping outcomes by what they are worth together",
        &[
            ("Head", false),
            ("Goes by", false),
            ("Weight, first → last", true),
            ("Paid when it agreed", true),
            ("When it disagreed", true),
            ("Difference, points", true),
            ("Reading", false),
        ],
        &rows,
    )
}

fn head_row(head: &HeadStory) -> Vec<String> {
    let rate = |told: &Option<Estimate>| match told {
        Some(told) => {
            format!("{}<br><span class=\"what\">{}</span>", share(told.value), rests_on(told))
        }
        None => "no vote yet".to_owned(),
    };
    let lead = head.lead.as_ref().map_or_else(String::new, |lead| {
        format!(
            "{}<br><span class=\"what\">[{}, {}]</span>",
            points(lead.value),
            points(lead.low),
            points(lead.high)
        )
    });
    vec![
        spoken(&head.name),
        format!("<span class=\"what\">{}</span>", Text(&head.what)),
        format!("{} → {}", weight(head.weight_first), weight(head.weight_last)),
        rate(&head.agreed),
        rate(&head.disagreed),
        lead,
        reading(head).to_owned(),
    ]
}

/// A difference of shares, in percentage points.
fn points(difference: f64) -> String {
    let sign = if difference < 0.0 { '−' } else { '+' };
    format!("{sign}{:.1}", difference.abs() * 100.0)
}

/// Only an interval that lies wholly on one side of zero says anything.
fn reading(head: &HeadStory) -> &'static str {
    match &head.lead {
        _ if waits(head) => "waiting",
        Some(lead) if lead.low > 0.0 => "candidates pay more often when it agrees",
        Some(lead) if lead.high < 0.0 => "candidates pay less often when it agrees",
        _ => "its vote tells nothing yet",
    }
}

fn waits(head: &HeadStory) -> bool {
    head.votes_effective <= 0.0
}

fn versions(story: &Story) -> String {
    let mut titles = vec![("Version", true), ("At (UTC)", false), ("Reason", false)];
    titles.push(("Effective outcomes", true));
    let names: Vec<String> = story.heads.iter().map(|head| spoken(&head.name)).collect();
    titles.extend(names.iter().map(|name| (name.as_str(), true)));
    let rows: Vec<Vec<String>> =
        story.weights.iter().rev().take(VERSIONS_MAX).map(version_row).collect();
    let note = if story.weights.len() > VERSIONS_MAX {
        format!(
            "<p>The latest {VERSIONS_MAX} of {}; <code>hindsight learn history --json</code> prints \
             all.</p>",
            count(story.weights.len() as u64)
        )
    } else {
        String::new()
    };
    note + &table("Published versions, latest first", &titles, &rows)
}

fn version_row(place: &WeightPlace) -> Vec<String> {
    let mut row = vec![
        count(place.version),
        minute(place.at),
        spoken(&place.reason),
        about(place.outcomes_effective),
    ];
    row.extend(place.weights.iter().map(|value| weight(*value)));
    row
}
