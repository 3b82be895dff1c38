//! The worst days, each explained.

use domain::{Money, estimate};

use super::results::reason;
use crate::report::html::{Text, card as a_card, table, toned};
use crate::report::numbers::{
    amount, count, counted, day, money, risk_units, share, share_of, words,
};
use crate::report::story::Story;
use crate::report::studies::DayStory;

/// Symbols that are named; the others are counted.
const SYMBOLS_NAMED: usize = 3;

/// A trade that lost so much more than it was to risk is worth a word. Chosen.
const MUCH_R: f64 = -1.5;

/// The card of the worst days.
pub(super) fn card(story: &Story) -> String {
    let worst = &story.studies.worst_days;
    let (days, lost) = story.studies.days;
    if worst.is_empty() {
        let finding = "No day lost money";
        return a_card("days", "Worst days", finding, "<p>There is nothing to explain.</p>");
    }
    let together: f64 = worst.iter().map(|day| day.net).sum();
    let finding = format!(
        "The {} came to {}; {} of {} days with trades lost money",
        if worst.len() == 1 {
            "worst day".to_owned()
        } else {
            format!("{} worst days", worst.len())
        },
        money(together),
        count(lost),
        count(days)
    );
    let rows: Vec<Vec<String>> = worst.iter().map(|bad| row(bad, story)).collect();
    let body = table(
        "Days (UTC) by what trades closed on them came to, worst first",
        &[
            ("Day", false),
            ("Net", true),
            ("Trades", true),
            ("Lost", true),
            ("Costs", true),
            ("What happened", false),
        ],
        &rows,
    );
    a_card("days", "Worst days", &finding, &body)
}

fn row(bad: &DayStory, story: &Story) -> Vec<String> {
    vec![
        day(bad.at),
        toned(bad.net, &money(bad.net)),
        count(bad.day.trades),
        count(bad.day.lost),
        amount(bad.costs),
        format!("<span class=\"tale\">{}</span>", tale(bad, story.equity_start)),
    ]
}

/// A day in words, escaped.
fn tale(bad: &DayStory, start: f64) -> String {
    let mut parts = vec![format!("{} of the start.", share(bad.net.abs() / start))];
    parts.push(format!("{}.", symbols(bad)));
    if let Some((why, (trades, net))) = least(&bad.day.exits) {
        parts.push(format!(
            "{} ended by {}, at {}.",
            counted(trades, "trade", "trades"),
            reason(*why),
            money(net)
        ));
    }
    if bad.day.worst_r < MUCH_R {
        parts.push(format!(
            "The worst came to {}, with costs and what the price jumped beyond its stop.",
            risk_units(bad.day.worst_r)
        ));
    }
    if let Some((regime, (trades, _))) = bad.day.regimes.iter().max_by_key(|(_, (n, _))| *n) {
        let all = if *trades == bad.day.trades {
            "All".to_owned()
        } else {
            share_of(*trades, bad.day.trades)
        };
        parts.push(format!("{all} decided in regime {}.", words(regime.name())));
    }
    if bad.costs > 0.0 {
        let before = bad.net + bad.costs;
        parts.push(if before < 0.0 {
            format!("Costs were {} of the loss.", share(bad.costs / bad.net.abs()))
        } else {
            format!("Before costs it would have been {}.", money(before))
        });
    }
    parts.join(" ")
}

fn symbols(bad: &DayStory) -> String {
    let named: Vec<String> = (bad.symbols.iter().take(SYMBOLS_NAMED))
        .map(|(name, trades, net)| {
            format!("{} {} in {}", Text(name), money(*net), counted(*trades, "trade", "trades"))
        })
        .collect();
    let others = bad.symbols.len().saturating_sub(SYMBOLS_NAMED);
    if others == 0 {
        return named.join(", ");
    }
    let net: f64 = bad.symbols.iter().skip(SYMBOLS_NAMED).map(|(_, _, net)| net).sum();
    format!("{}, {} {}", named.join(", "), counted(others as u64, "other", "others"), money(net))
}

fn least<K: Ord>(counts: &std::collections::BTreeMap<K, (u64, Money)>) -> Option<(&K, (u64, f64))> {
    let least = counts.iter().min_by_key(|(_, (_, net))| *net)?;
    Some((least.0, (least.1.0, estimate(least.1.1))))
}
