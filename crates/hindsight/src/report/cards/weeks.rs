//! Week over week, and wins and losses in a row.

use super::cuts::{interval, rate};
use super::results::diverging;
use crate::report::html::{card as a_card, details, table, toned};
use crate::report::numbers::{
    bare_risk_units, count, counted, day, money, ratio, risk_units, share,
};
use crate::report::story::Story;
use crate::report::studies::WeekStory;
use crate::tally::Streak;

/// Weeks in sight: a quarter.
const WEEKS_SEEN: usize = 13;
/// Weeks in the table that unfolds.
const WEEKS_MAX: usize = 520;

/// The card of weeks and streaks.
pub(super) fn card(story: &Story) -> String {
    let studies = &story.studies;
    let finding = studies.trend_sentence();
    let finding = finding.trim_end_matches('.');
    if studies.weeks.is_empty() {
        return a_card("weeks", "Week over week", finding, "<p>There is nothing to list.</p>");
    }
    let body = format!(
        "<p>{}</p><p>A trend is named only with evidence: a bet on how each finished week ranks among \
         those before it, fair where weeks differ by luck alone. \
         It does not say why: markets and symbols change too.</p>{}{}{}",
        change(story),
        weeks(&studies.weeks, WEEKS_SEEN),
        earlier(&studies.weeks),
        streaks(story),
    );
    a_card("weeks", "Week over week", finding, &body)
}

/// The last week against the one before.
fn change(story: &Story) -> String {
    let Some(last) = story.studies.weeks.last() else { return String::new() };
    let came_to = format!(
        "The last week, from {}, came to {} in {}",
        day(last.from),
        toned(last.net, &money(last.net)),
        counted(last.trades, "trade", "trades"),
    );
    match &story.studies.week_change {
        None => format!("{came_to}; too little to compare with the one before."),
        Some(change) => {
            let reading = if change.low > 0.0 || change.high < 0.0 {
                "one such interval in twenty misses zero by luck"
            } else {
                "not told apart from no change"
            };
            format!(
                "{came_to}; its mean per trade against the week before: {} [{}, {}], {reading}.",
                risk_units(change.value),
                bare_risk_units(change.low),
                bare_risk_units(change.high),
            )
        }
    }
}

fn earlier(all: &[WeekStory]) -> String {
    if all.len() <= WEEKS_SEEN {
        return String::new();
    }
    let longer = all.len().min(WEEKS_MAX);
    details(&format!("The latest {longer} weeks as a table"), &weeks(all, WEEKS_MAX))
}

fn weeks(all: &[WeekStory], most: usize) -> String {
    let shown = || all.iter().rev().take(most);
    let widest = shown().map(|week| week.net.abs()).fold(1e-9, f64::max);
    let rows: Vec<Vec<String>> = shown()
        .map(|week| {
            let mean = week.figures.r.as_ref().map_or_else(
                || "not known".to_owned(),
                |r| format!("{} {}", risk_units(r.value), interval(r)),
            );
            vec![
                day(week.from),
                count(week.trades),
                toned(week.net, &money(week.net)),
                diverging(week.net, widest),
                mean,
                rate(&week.figures),
            ]
        })
        .collect();
    let caption = if all.len() > most {
        format!("Weeks by when trades closed, the latest {most} of {}", count(all.len() as u64))
    } else {
        "Weeks by when trades closed, latest first".to_owned()
    };
    table(
        &caption,
        &[
            ("Week from (UTC)", false),
            ("Trades", true),
            ("Net", true),
            ("Loss or gain", false),
            ("Mean R", true),
            ("Win rate", true),
        ],
        &rows,
    )
}

fn streaks(story: &Story) -> String {
    let says = |kind: &str, (streak, chance): (Streak, Option<f64>)| {
        if streak.trades == 0 {
            return format!("No {kind}.");
        }
        let chance = chance.map_or_else(String::new, |n| {
            format!("; at this win rate luck alone makes about {n:.0}")
        });
        format!(
            "Most {kind} in a row: <b>{}</b>, {}, {} to {}{chance}.",
            count(streak.trades),
            toned(streak.net, &money(streak.net)),
            day(streak.from),
            day(streak.to),
        )
    };
    let summary = &story.summary;
    format!(
        "<p>{}<br>{}</p><p>Win rate {}, profit factor {}.</p>",
        says("wins", story.studies.winning),
        says("losses", story.studies.losing),
        summary.win_rate.map_or_else(|| "undefined".to_owned(), share),
        ratio(summary.profit_factor),
    )
}
