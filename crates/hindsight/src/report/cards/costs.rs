//! From price differences to what was left.

use super::results::diverging;
use crate::report::html::{card as a_card, table, toned};
use crate::report::numbers::{amount, money, share};
use crate::report::story::Story;

/// The cost card.
pub(super) fn card(story: &Story) -> String {
    let costs = &story.costs;
    let explained = costs.gross_before_costs - costs.fees - costs.slipped;
    let mut lines = vec![
        ("Gross, before any cost", costs.gross_before_costs),
        ("Fees", -costs.fees),
        ("Spread and slippage", -costs.slipped),
    ];
    // A sum that does not add up is shown, not hidden.
    if (costs.net - explained).abs() >= 0.005 {
        lines.push(("Not accounted for above", costs.net - explained));
    }
    lines.push(("Net", costs.net));
    let widest = lines.iter().map(|(_, value)| value.abs()).fold(1e-9, f64::max);
    let rows: Vec<Vec<String>> = (lines.iter())
        .map(|(name, value)| {
            let name = if *name == "Net" { "<b>Net</b>".to_owned() } else { (*name).to_owned() };
            vec![name, toned(*value, &money(*value)), diverging(*value, widest)]
        })
        .collect();
    let body = table(
        "From gross to net over all closed trades",
        &[("Step", false), ("Quote units", true), ("Loss or gain", false)],
        &rows,
    );
    a_card("costs", "Costs", &finding(story), &body)
}

fn finding(story: &Story) -> String {
    let costs = &story.costs;
    let taken = costs.fees + costs.slipped;
    if taken == 0.0 && costs.net == 0.0 {
        return "Nothing was traded, so nothing was paid".to_owned();
    }
    let gross = costs.gross_before_costs;
    let of_gross = if gross > 0.0 && taken <= gross {
        format!(" ({} of it)", share(taken / gross))
    } else {
        String::new()
    };
    format!(
        "{} before costs; costs took {}{of_gross}; {} is left",
        money(gross),
        amount(taken),
        money(costs.net)
    )
}
