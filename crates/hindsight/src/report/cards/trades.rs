//! Every trade as a row, the worst as near as the best.

use crate::report::columns;
use crate::report::html::{Text, card as a_card, spoken, toned};
use crate::report::numbers::{count, minute, money, price, risk_units};
use crate::report::story::{Story, SymbolStory, TradePlace};

/// Rows in the page itself; `charts.js` pages through the rest.
const ROWS: usize = 25;

const HEAD: &[(&str, &str, bool)] = &[
    ("id", "Decision", false),
    ("opened", "Opened (UTC)", false),
    ("closed", "Closed (UTC)", false),
    ("symbol", "Symbol", false),
    ("side", "Side", false),
    ("strategy", "Strategy", false),
    ("standing", "Standing", false),
    ("entry", "Entry", true),
    ("exit", "Exit", true),
    ("reason", "Ended by", false),
    ("net", "Net", true),
    ("r", "R", true),
];

/// The trades card.
pub(super) fn card(story: &Story) -> String {
    let mut all: Vec<(&SymbolStory, &TradePlace)> = (story.symbols.iter())
        .flat_map(|symbol| symbol.trades.iter().map(move |trade| (symbol, trade)))
        .collect();
    if all.is_empty() {
        return a_card(
            "trades",
            "Trades",
            "No trade was closed",
            "<p>There is nothing to list.</p>",
        );
    }
    let n = all.len();
    let finding = finding(&all);
    all.sort_by(|a, b| a.1.net.total_cmp(&b.1.net));
    let rows: String = all.iter().take(ROWS).map(|(symbol, trade)| row(symbol, trade)).collect();
    let body = format!(
        "<p>Press a decision to see it in the chart; <code>hindsight explain DECISION_ID</code> \
         tells it whole.{}</p><div class=\"tools\" id=\"trade-tools\">\
         <button type=\"button\" data-order=\"worst\" aria-pressed=\"true\">Worst</button>\
         <button type=\"button\" data-order=\"best\" aria-pressed=\"false\">Best</button>\
         <button type=\"button\" data-order=\"latest\" aria-pressed=\"false\">Latest</button></div>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Trades\">\
         <table id=\"trade-table\"><caption id=\"trade-caption\">The {} worst of {} by net result\
         </caption><thead><tr>{}</tr></thead><tbody>{rows}</tbody></table></div>\
         <div class=\"tools\" id=\"trade-pages\"></div>",
        left_out(story),
        n.min(ROWS),
        count(n as u64),
        head(),
    );
    a_card("trades", "Trades", &finding, &body)
}

fn finding(all: &[(&SymbolStory, &TradePlace)]) -> String {
    let nets = || all.iter().map(|(_, trade)| trade.net);
    let worst = nets().fold(f64::INFINITY, f64::min);
    let best = nets().fold(f64::NEG_INFINITY, f64::max);
    let won = nets().filter(|net| *net > 0.0).count();
    format!(
        "{} of {} trades earned something; the worst came to {}, the best to {}",
        count(won as u64),
        count(all.len() as u64),
        money(worst),
        money(best)
    )
}

fn left_out(story: &Story) -> String {
    match columns::trades_left_out(story) {
        0 => String::new(),
        n => format!(
            " {} trades are not in this page, which holds per symbol the 200 worst, the 200 best \
             and the latest; <code>hindsight export trades --to trades.csv</code> writes all.",
            count(n as u64)
        ),
    }
}

fn head() -> String {
    HEAD.iter()
        .map(|(key, title, is_number)| {
            let class = if *is_number { " class=\"number\"" } else { "" };
            format!(
                "<th scope=\"col\"{class}><button type=\"button\" data-sort=\"{key}\">{title}\
                 </button></th>"
            )
        })
        .collect()
}

fn row(symbol: &SymbolStory, trade: &TradePlace) -> String {
    let decimals = symbol.price_decimals;
    let cells = [
        format!("<code>{}</code>", Text(&trade.decision)),
        minute(trade.opened_at),
        minute(trade.closed_at),
        Text(&symbol.name).to_string(),
        trade.side.name().to_owned(),
        spoken(&trade.strategy),
        spoken(trade.standing.name()),
        price(trade.entry, decimals),
        price(trade.exit, decimals),
        spoken(trade.reason.name()),
        toned(trade.net, &money(trade.net)),
        risk_units(trade.r),
    ];
    let cells: String = (cells.iter().zip(HEAD))
        .map(|(cell, (_, _, is_number))| {
            let class = if *is_number { " class=\"number\"" } else { "" };
            format!("<td{class}>{cell}</td>")
        })
        .collect();
    format!("<tr>{cells}</tr>")
}
