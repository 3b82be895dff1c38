//! What became of candidates, and how positions ended.

use domain::{ExitReason, Standing};

use crate::report::html::{card, rests_on, spoken, table, toned};
use crate::report::numbers::{bare_risk_units, count, counted, money, risk_units, share_of};
use crate::report::story::{ExitStory, StandingStory, Story};

/// The standings card.
pub(super) fn standings(story: &Story) -> String {
    // The unfilled are outcomes of decisions that are counted already.
    let decided = story.standings.iter().filter(|told| told.standing != Standing::Unfilled);
    let all: u64 = decided.map(|told| told.count).sum();
    let rows: Vec<Vec<String>> =
        story.standings.iter().map(|standing| standing_row(standing, all)).collect();
    let body = table(
        "What became of candidates; R is the mean per trade after costs, for declined ones had they been \
         taken; overlapping outcomes weigh what they are worth together",
        &[
            ("Standing", false),
            ("Meaning", false),
            ("Count", true),
            ("Share", true),
            ("Mean R", true),
            ("95 % interval", true),
            ("Of", true),
        ],
        &rows,
    );
    card("standings", "Standings", &standings_finding(story), &body)
}

fn standings_finding(story: &Story) -> String {
    let find = |standing| story.standings.iter().find(|s| s.standing == standing);
    let part = |standing, name: &str| {
        let estimate = find(standing).and_then(|s| s.r);
        estimate.map(|r| format!("{name} {}", risk_units(r.value)))
    };
    let parts: Vec<String> = [
        part(Standing::Conviction, "conviction"),
        part(Standing::Probe, "probes"),
        part(Standing::Refused, "refused, had they been taken,"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        "No outcome is known yet, by any standing".to_owned()
    } else {
        format!("Mean result after costs: {}", parts.join(", "))
    }
}

fn standing_row(story: &StandingStory, all: u64) -> Vec<String> {
    let (mean, interval, of) = match &story.r {
        Some(r) => (
            toned(r.value, &risk_units(r.value)),
            format!("[{}, {}]", bare_risk_units(r.low), bare_risk_units(r.high)),
            rests_on(r),
        ),
        None => ("not known".to_owned(), String::new(), String::new()),
    };
    vec![
        spoken(story.standing.name()),
        format!("<span class=\"what\">{}</span>", meaning(story.standing)),
        count(story.count),
        if all == 0 { String::new() } else { share_of(story.count, all) },
        mean,
        interval,
        of,
    ]
}

fn meaning(standing: Standing) -> &'static str {
    match standing {
        Standing::Conviction => "traded at the size its edge earns",
        Standing::Probe => "traded small: allowed, no proven edge",
        Standing::Explored => "traded small against one gate, by a draw",
        Standing::Refused => "declined by a gate",
        Standing::Withheld => "allowed, declined by a draw",
        Standing::TooSmall => "allowed, limits left too little",
        Standing::Unfilled => "asked for, the venue filled nothing; followed as a shadow",
    }
}

/// The exits card.
pub(super) fn exits(story: &Story) -> String {
    let widest = story.exits.iter().map(|exit| exit.net.abs()).fold(1e-9, f64::max);
    let all: u64 = story.exits.iter().map(|exit| exit.count).sum();
    let mut rows: Vec<Vec<String>> =
        story.exits.iter().map(|exit| exit_row(exit, all, widest)).collect();
    if rows.is_empty() {
        rows.push(vec!["none".to_owned()]);
    }
    let body = table(
        "Why executed positions ended, and what they came to after costs",
        &[
            ("Reason", false),
            ("Count", true),
            ("Share", true),
            ("Net", true),
            ("Net each", true),
            ("Loss or gain", false),
        ],
        &rows,
    );
    card("exits", "Exits", &exits_finding(story), &body)
}

fn exits_finding(story: &Story) -> String {
    let with_any = || story.exits.iter().filter(|exit| exit.count > 0);
    let least = with_any().min_by(|a, b| a.net.total_cmp(&b.net));
    let most = with_any().max_by(|a, b| a.net.total_cmp(&b.net));
    let says = |exit: &ExitStory| {
        let exits = counted(exit.count, "exit", "exits");
        format!("{exits} by {} came to {}", reason(exit.reason), money(exit.net))
    };
    let near = match story.summary.near_targets {
        0 => String::new(),
        near => format!("; {near} came within 0.1 % of the target and turned"),
    };
    match (most, least) {
        (Some(most), Some(least)) if most.reason != least.reason => {
            format!("{}, {}{near}", says(most), says(least))
        }
        (Some(only), _) => format!("{}{near}", says(only)),
        _ => "No position was closed".to_owned(),
    }
}

fn exit_row(exit: &ExitStory, all: u64, widest: f64) -> Vec<String> {
    let each = exit.net / exit.count as f64;
    let has_any = exit.count > 0;
    vec![
        reason(exit.reason).to_owned(),
        count(exit.count),
        if all == 0 { String::new() } else { share_of(exit.count, all) },
        toned(exit.net, &money(exit.net)),
        if has_any { money(each) } else { String::new() },
        diverging(exit.net, widest),
    ]
}

/// A bar to the left of zero for a loss, to its right for a gain.
pub(super) fn diverging(value: f64, widest: f64) -> String {
    let width = if value.is_finite() { 50.0 * value.abs() / widest } else { 0.0 };
    let tone = crate::report::numbers::tone(value);
    format!(
        "<div class=\"bar\" aria-hidden=\"true\"><i class=\"{tone}\" style=\"width:{width:.1}%\"></i></div>"
    )
}

/// Why a position ended, in words.
pub(super) fn reason(reason: ExitReason) -> &'static str {
    match reason {
        ExitReason::Stop => "stop",
        ExitReason::TrailingStop => "trailing stop",
        ExitReason::Target => "target",
        ExitReason::Time => "longest hold",
        ExitReason::SessionEnd => "end of the session",
        ExitReason::Liquidated => "liquidation",
        ExitReason::Ordered => "order",
        ExitReason::Gap => "missing bars",
    }
}
