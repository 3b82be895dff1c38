//! Candles per symbol with every entry, exit, stop and target.

use crate::report::html::{Text, card as a_card, details, table, toned};
use crate::report::numbers::{counted, money, risk_units, share};
use crate::report::story::{Story, SymbolStory};

/// The price card: one chart at a time, chosen by tabs.
pub(super) fn card(story: &Story) -> String {
    if story.symbols.is_empty() {
        return a_card("prices", "Prices", "No symbol was traded", "<p>There are no bars.</p>");
    }
    let findings: String = (story.symbols.iter().enumerate())
        .map(|(at, symbol)| {
            let hidden = if at == 0 { "" } else { " hidden" };
            format!("<p class=\"finding\" data-symbol=\"{at}\"{hidden}>{}</p>", finding(symbol))
        })
        .collect();
    let body = format!(
        "{}{KEY}{TOOLS}{findings}<div class=\"chart tall\" data-chart=\"prices\" tabindex=\"0\" role=\"img\" \
         aria-label=\"Candles with entries and exits; the buttons step through the trades, and the \
         table of trades carries the figures.\"></div>\
         <div id=\"picked\" class=\"picked\" aria-live=\"polite\"><p>Pick a marker or a button to \
         keep a decision here.</p></div>{}",
        tabs(story),
        details("Results by symbol as a table", &by_symbol(story)),
    );
    a_card("prices", "Prices and trades", &overall(story), &body)
}

const KEY: &str = "<p class=\"key\"><span><i class=\"mark\">▲</i> long entry</span>\
    <span><i class=\"mark\">▼</i> short entry</span>\
    <span><i class=\"gain\">●</i> exit with a gain</span>\
    <span><i class=\"loss\">○</i> exit with a loss</span>\
    <span><i class=\"loss\">—</i> first stop, a dash where it was at the end</span>\
    <span><i class=\"gain\">—</i> target</span></p>";

const TOOLS: &str = "<div class=\"tools\"><button type=\"button\" data-whole>Whole run</button>\
    <button type=\"button\" data-go=\"worst\">Worst trade</button>\
    <button type=\"button\" data-go=\"best\">Best trade</button>\
    <button type=\"button\" data-go=\"earlier\">Earlier trade</button>\
    <button type=\"button\" data-go=\"later\">Later trade</button></div>";

fn overall(story: &Story) -> String {
    let net = |symbol: &SymbolStory| symbol.trades.iter().map(|trade| trade.net).sum::<f64>();
    let traded: Vec<(&str, f64)> = (story.symbols.iter())
        .filter(|symbol| !symbol.trades.is_empty())
        .map(|symbol| (symbol.name.as_str(), net(symbol)))
        .collect();
    let most = traded.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let least = traded.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let lost = traded.iter().filter(|(_, net)| *net < 0.0).count();
    match (least, most) {
        (Some(least), Some(most)) if traded.len() > 1 => format!(
            "{lost} of {} symbols lost money; {} came out highest, {}, {} lowest, {}",
            traded.len(),
            most.0,
            money(most.1),
            least.0,
            money(least.1)
        ),
        (Some(only), _) => format!("Trades in {} came to {} net", only.0, money(only.1)),
        _ => "No trade was closed".to_owned(),
    }
}

fn tabs(story: &Story) -> String {
    if story.symbols.len() < 2 {
        return String::new();
    }
    let tabs: String = (story.symbols.iter().enumerate())
        .map(|(at, symbol)| {
            let net: f64 = symbol.trades.iter().map(|trade| trade.net).sum();
            let net = if symbol.trades.is_empty() {
                "no trade".to_owned()
            } else {
                toned(net, &money(net))
            };
            let pressed = at == 0;
            format!(
                "<button type=\"button\" data-tab=\"{at}\" aria-pressed=\"{pressed}\">{} {net}\
                 </button>",
                Text(&symbol.name)
            )
        })
        .collect();
    format!("<div class=\"tabs\" role=\"group\" aria-label=\"Symbol\">{tabs}</div>")
}

/// What happened in one symbol, escaped.
fn finding(symbol: &SymbolStory) -> String {
    let (first, last) = (symbol.candles.first(), symbol.candles.last());
    let price = match (first, last) {
        (Some(first), Some(last)) => super::equity::price_moved(first.open, last.close),
        _ => "has no bars".to_owned(),
    };
    let net: f64 = symbol.trades.iter().map(|trade| trade.net).sum();
    let trades = match symbol.trades.len() {
        0 => "no trade was closed in it".to_owned(),
        n => format!(
            "{} came to {} net",
            counted(n as u64, "trade", "trades"),
            toned(net, &money(net))
        ),
    };
    format!("{} {price}; {trades}.", Text(&symbol.name))
}

fn by_symbol(story: &Story) -> String {
    let rows: Vec<Vec<String>> = story.symbols.iter().map(symbol_row).collect();
    table(
        "Closed trades by symbol",
        &[
            ("Symbol", false),
            ("Trades", true),
            ("Won", true),
            ("Net", true),
            ("Mean R", true),
            ("Worst", true),
            ("Best", true),
        ],
        &rows,
    )
}

fn symbol_row(symbol: &SymbolStory) -> Vec<String> {
    let trades = &symbol.trades;
    let n = trades.len() as f64;
    let net: f64 = trades.iter().map(|trade| trade.net).sum();
    let mean_r = trades.iter().map(|trade| trade.r).sum::<f64>() / n;
    let won = trades.iter().filter(|trade| trade.net > 0.0).count() as f64;
    let nets = || trades.iter().map(|trade| trade.net);
    let or_none = |figure: String| if trades.is_empty() { "none".to_owned() } else { figure };
    vec![
        Text(&symbol.name).to_string(),
        crate::report::numbers::count(trades.len() as u64),
        or_none(share(won / n)),
        or_none(toned(net, &money(net))),
        or_none(risk_units(mean_r)),
        or_none(money(nets().fold(f64::INFINITY, f64::min))),
        or_none(money(nets().fold(f64::NEG_INFINITY, f64::max))),
    ]
}
