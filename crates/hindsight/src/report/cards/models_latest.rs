//! What the habit of always deploying the latest would have done.

use crate::report::html::{card as a_card, table, toned};
use crate::report::models::LatestStory;
use crate::report::numbers::{count, counted, thousandths};
use crate::report::story::Story;

/// The card, where anything was compared.
pub(super) fn card(story: &Story) -> String {
    let Some(latest) = &story.models.latest else { return String::new() };
    let within = match latest.blocks {
        0 => "the two never differed".to_owned(),
        blocks => format!(
            "the interval holds at every look, over {} on which the two differed and which share nothing",
            counted(blocks, "block", "blocks")
        ),
    };
    let body = format!(
        "<p>Most systems put every newly trained model in charge. On each decision that any version would have \
         traded it is known what was done, and what the newest version alone would have staked. Results are R \
         times the stake over the largest stake anybody wanted; {within}.</p>{}",
        arms(latest)
    );
    a_card("latest", "Always the latest", &latest.sentence(), &body)
}

fn arms(latest: &LatestStory) -> String {
    let row = |name: &str, mean: f64, n: u64| {
        let mean = if n == 0 { "not known".to_owned() } else { toned(mean, &thousandths(mean)) };
        vec![whole(name), mean, count(n)]
    };
    let difference = vec![
        whole("done less the latest"),
        format!(
            "{} [{}, {}]",
            toned(latest.gain_mean_r, &thousandths(latest.gain_mean_r)),
            thousandths(latest.gain_low_r),
            thousandths(latest.gain_high_r)
        ),
        count(latest.decisions),
    ];
    table(
        "Mean result a decision, in R; the difference with its 95 % interval",
        &[("What", false), ("Mean", true), ("Decisions", true)],
        &[
            row("what was done", latest.line_mean_r, latest.decisions),
            row("always the latest", latest.latest_mean_r, latest.decisions),
            row("no model, where known", latest.without_mean_r, latest.without_decisions),
            difference,
        ],
    )
}

/// On one line whatever the width.
fn whole(name: &str) -> String {
    format!("<span class=\"whole\">{name}</span>")
}
