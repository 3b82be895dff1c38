//! Learning beside its frozen twin: two equities, and what is known of the difference.

use crate::report::claims::evidence;
use crate::report::html::{Text, card as a_card, details, table, toned};
use crate::report::numbers::{amount, change, count, counted, minute, share};
use crate::report::story::Story;
use crate::report::studies::{TwinPlace, TwinStory};

/// Rows in the table behind the chart.
const ROWS_MAX: usize = 60;

/// The card, where a twin ran.
pub(super) fn card(story: &Story) -> String {
    let Some(twin) = &story.studies.twin else { return String::new() };
    let sentence = twin.sentence();
    let finding = sentence.trim_end_matches('.');
    let body = format!(
        "<p>{}{}</p><div class=\"tools\"><button type=\"button\" data-whole>Whole run</button></div>\
         <div class=\"chart\" data-chart=\"twin\" tabindex=\"0\" role=\"img\" aria-label=\"Equity of the engine that \
         learns and of its twin that keeps day one. The tables below carry the figures.\"></div>{}{}",
        twin.in_money().map_or_else(String::new, |money| format!("<b>{}</b> ", Text(&money))),
        how(twin),
        arms(twin),
        details("Both equities as a table", &curve(&twin.curve)),
    );
    a_card("twin", "Learning against day one", finding, &body)
}

/// How it was measured.
fn how(twin: &TwinStory) -> String {
    let void = if twin.void == 0 {
        String::new()
    } else {
        format!(" {} left out: bars went missing, or no end was heard of.", count(twin.void))
    };
    format!(
        "A twin whose policy stays that of day one decided on the same bars; its record of results sizes and gates as usual. {} \
         taken by both{}; {} by one of them alone. A difference is what learning earned on a decision less what \
         day one earned, in R after costs; what was not taken earned nothing. Evidence that it is \
         above zero: e\u{a0}=\u{a0}{}, below zero: {}, of {} (of four bets the best, \
         divided by four); gains count for 5\u{a0}R at most and a loss below {}\u{a0}R a decision would void it.{void}",
        counted(twin.alike, "decision was", "decisions were"),
        twin.stake_ratio.map_or_else(String::new, |ratio| format!(
            ", on which learning staked {ratio:.2} of what day one did: that shows in the net returns and is no \
             part of the difference"
        )),
        count(twin.differing),
        evidence(twin.evidence),
        evidence(twin.evidence_worse),
        twin.evidence_needed,
        twin.floor_r,
    )
}

fn arms(twin: &TwinStory) -> String {
    let row = |name: &str, arm: &crate::report::TwinArm| {
        vec![
            name.to_owned(),
            toned(arm.net_return, &change(arm.net_return)),
            amount(arm.equity),
            share(arm.worst_fall),
            count(arm.executed),
        ]
    };
    table(
        "Both engines at the end",
        &[
            ("Engine", false),
            ("Net return", true),
            ("Equity", true),
            ("Largest fall", true),
            ("Decisions executed", true),
        ],
        &[row("learning", &twin.learning), row("day one", &twin.frozen)],
    )
}

fn curve(places: &[TwinPlace]) -> String {
    let step = places.len().div_ceil(ROWS_MAX).max(1);
    let last = places.len().saturating_sub(1);
    let kept = places.iter().enumerate().filter(|(at, _)| at % step == 0 || *at == last);
    let rows: Vec<Vec<String>> = kept
        .map(|(_, place)| {
            let lead = place.learning - place.frozen;
            vec![
                minute(place.at),
                amount(place.learning),
                amount(place.frozen),
                toned(lead, &crate::report::numbers::money(lead)),
            ]
        })
        .collect();
    table(
        "Equity at the end of days (UTC)",
        &[("At", false), ("Learning", true), ("Day one", true), ("Difference", true)],
        &rows,
    )
}
