//! From price differences to what was left.

use super::results::diverging;
use crate::report::html::{card as a_card, table, toned};
use crate::report::numbers::{amount, basis_points, money, share};
use crate::report::story::{CostStory, Story};

/// The cost card.
pub(super) fn card(story: &Story) -> String {
    let costs = &story.costs;
    let lines = lines(costs);
    let widest = lines.iter().map(|(_, value)| value.abs()).fold(1e-9, f64::max);
    let trades = story.summary.trades.max(1) as f64;
    let rows: Vec<Vec<String>> = (lines.iter())
        .map(|(name, value)| {
            let name = if *name == "Net" { "<b>Net</b>".to_owned() } else { (*name).to_owned() };
            vec![
                name,
                toned(*value, &money(*value)),
                money(value / trades),
                basis_points(value / costs.notional * 10_000.0),
                share(value.abs() / costs.gross_before_costs.abs()),
                diverging(*value, widest),
            ]
        })
        .collect();
    let body = table(
        "From gross to net over all closed trades; basis points are of what was bought or sold short \
         on entry",
        &[
            ("Step", false),
            ("Quote units", true),
            ("Per trade", true),
            ("Of notional", true),
            ("Size against gross", true),
            ("Loss or gain", false),
        ],
        &rows,
    );
    a_card("costs", "Costs", &finding(story), &body)
}

fn lines(costs: &CostStory) -> Vec<(&'static str, f64)> {
    let mut lines = vec![
        ("Gross, before any cost", costs.gross_before_costs),
        ("Fees", -costs.fees),
        ("Spread and slippage", -costs.slipped),
        ("Funding", -costs.funding),
    ];
    // A sum that does not add up is shown, not hidden.
    let explained = costs.gross_before_costs - costs.taken();
    if (costs.net - explained).abs() >= 0.005 {
        lines.push(("Not accounted for above", costs.net - explained));
    }
    lines.push(("Net", costs.net));
    lines
}

fn finding(story: &Story) -> String {
    let costs = &story.costs;
    let taken = costs.taken();
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
