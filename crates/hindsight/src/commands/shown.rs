//! The summary of a run on a terminal: what happened, how sure it is, what follows.

use std::path::Path;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use domain::Standing;

pub(super) use crate::wording::grouped;

use super::setup;
use crate::args::Global;
use crate::failure::Failure;
use crate::report::{self, Estimate, Story};

/// Says what a run came to. With `--json` that goes to stdout as one document.
pub(super) fn summary(global: &Global, story: &Story, page: Option<&Path>) -> Result<(), Failure> {
    if global.json {
        return setup::print_json(&story.summary);
    }
    if global.quiet {
        return Ok(());
    }
    let mut text = headline(story);
    text.push_str(&figures(story).to_string());
    text.push_str("\n\n");
    text.push_str(&funnel(story).to_string());
    text.push_str("\n * after costs, with its 95 % interval; overlapping outcomes weigh what they are worth together\n");
    for line in &story.attention {
        text.push_str(&format!("\n! {line}"));
    }
    text.push_str(&next(story, page));
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    setup::print(&(text.join("\n") + "\n"))
}

fn headline(story: &Story) -> String {
    let summary = &story.summary;
    format!(
        "{} bars of {}, {} to {}: {} of {}; holding {} without costs.\n\n",
        grouped(summary.bars),
        summary.symbols.join(", "),
        day(&summary.from.to_string()),
        day(&summary.to.to_string()),
        came_to(summary.net_return, "lost", "made"),
        grouped(story.equity_start.round() as u64),
        came_to(summary.hold_return, "would have lost", "would have made"),
    )
}

/// A result in words; the words carry the sign.
fn came_to(fraction: f64, lost: &str, made: &str) -> String {
    let verb = if fraction < 0.0 { lost } else { made };
    let tenths = (fraction.abs() * 1_000.0).round() as u64;
    format!("{verb} {}.{} %", grouped(tenths / 10), tenths % 10)
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn figures(story: &Story) -> Table {
    let mut table = table();
    let lines = of_money(story).into_iter().chain(of_evidence(story));
    for (name, value) in lines.filter(|(_, value)| !value.is_empty()) {
        table.add_row([name.to_owned(), value]);
    }
    table
}

type Line = (&'static str, String);

/// What was decided and what it came to.
fn of_money(story: &Story) -> Vec<Line> {
    let (summary, costs) = (&story.summary, &story.costs);
    let executed = story.standings.iter().filter(|told| told.standing.is_executed());
    let traded: Vec<String> =
        executed.map(|told| format!("{} {}", grouped(told.count), told.standing.name())).collect();
    let unfilled = summary.standings.get(Standing::Unfilled.name()).copied().unwrap_or_default();
    let decided = format!(
        "{}; ordered: {}; not filled: {}",
        grouped(summary.decisions),
        traded.join(", "),
        grouped(unfilled)
    );
    let closed = format!(
        "{}, won {}{}, profit factor {}",
        grouped(summary.trades),
        fraction(summary.win_rate),
        summary.win_rate_interval.map_or_else(String::new, |[low, high]| format!(
            " [{:.1}, {:.1}]",
            low * 100.0,
            high * 100.0
        )),
        number(summary.profit_factor)
    );
    let taken =
        format!("{}, {}, {}", signed(-costs.fees), signed(-costs.slipped), signed(-costs.funding));
    let open = format!(
        "{} {}, {} so far",
        grouped(summary.positions_open),
        if summary.positions_open == 1 { "position" } else { "positions" },
        signed(summary.open_profit)
    );
    vec![
        ("candidates decided", decided),
        ("trades closed", closed),
        ("before costs", signed(costs.gross_before_costs)),
        ("fees, spread and slippage, funding", taken),
        ("net of closed trades", signed(costs.net)),
        ("still open", open),
        ("worst fall", percent(-summary.max_drawdown)),
    ]
}

/// How sure that is, and what was learned from it.
fn of_evidence(story: &Story) -> Vec<Line> {
    let summary = &story.summary;
    let sharpe = format!(
        "{}, {} (trials in this store: {})",
        number(summary.sharpe),
        number(summary.deflated_sharpe),
        grouped(summary.trials)
    );
    let heard = format!(
        "{}, {} of declined decisions; {} across missing bars, unlearned",
        grouped(summary.outcomes),
        grouped(summary.shadow_outcomes),
        grouped(summary.outcomes_unlearned)
    );
    let took = format!(
        "{:.1} s, {} bars a second",
        summary.seconds,
        grouped(summary.bars_per_second as u64)
    );
    vec![
        ("Sharpe, deflated", sharpe),
        ("outcomes heard", heard),
        (
            "policy versions published",
            format!("{} by rule {}", grouped(summary.policy_versions), story.rule),
        ),
        ("weeks", weeks(story)),
        ("learned?", learned(story)),
        ("", in_money(story)),
        ("models", models(story)),
        ("always the latest", latest(story)),
        ("took", took),
        ("digest", summary.digest[..16.min(summary.digest.len())].to_owned()),
    ]
}

/// Said only with evidence, which only a twin that did not learn can give.
fn learned(story: &Story) -> String {
    match &story.studies.twin {
        Some(twin) => twin.short(),
        None if story.summary.policy_versions <= 1 => {
            "the policy of day one stood to the end".to_owned()
        }
        None => {
            "weights moved; whether that helped is not measured (no twin that did not learn ran)"
                .to_owned()
        }
    }
}

/// What learning made beside day one, whether or not its decisions were the better ones.
fn in_money(story: &Story) -> String {
    let twin = story.studies.twin.as_ref();
    let money = twin.and_then(report::TwinStory::in_money).unwrap_or_default();
    money.replace(", which this test", ",\nwhich this test").trim_end_matches('.').to_owned()
}

/// Who is in charge of the ninth head; nothing where no model was switched on.
fn models(story: &Story) -> String {
    if story.models.is_on() { story.models.short() } else { String::new() }
}

/// What always deploying the latest model would have done.
fn latest(story: &Story) -> String {
    story.models.latest.map_or_else(String::new, |latest| latest.short())
}

/// Where weeks are going, and the most in a row.
fn weeks(story: &Story) -> String {
    let trend = story.studies.trend.map_or_else(
        || "none closed a trade".to_owned(),
        |trend| {
            if trend.weeks == 0 {
                return "none finished yet".to_owned();
            }
            let most = trend.e_improving.max(trend.e_declining);
            format!(
                "{}, n = {} {}, e = {}",
                trend.direction.name(),
                trend.weeks,
                if trend.weeks == 1 { "week" } else { "weeks" },
                report::evidence(most)
            )
        },
    );
    format!(
        "{trend}; in a row: {} won, {} lost",
        story.studies.winning.0.trades, story.studies.losing.0.trades
    )
}

fn funnel(story: &Story) -> Table {
    let mut table = table();
    table.add_row([
        "gate",
        "refused",
        "left after it",
        "had the refused been taken, mean of each*",
    ]);
    for gate in &story.gates {
        table.add_row([
            gate.name.clone(),
            grouped(gate.refused),
            grouped(gate.left),
            gate.refused_r.as_ref().map_or_else(|| "nothing known yet".to_owned(), in_r),
        ]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn in_r(estimate: &Estimate) -> String {
    if estimate.is_few() {
        return format!("n = {}: too few to say", grouped(estimate.n));
    }
    format!(
        "{:+.2} R [{:+.2}, {:+.2}], n = {}, effective {}",
        estimate.value,
        estimate.low,
        estimate.high,
        grouped(estimate.n),
        grouped(estimate.n_effective.round() as u64)
    )
}

fn next(story: &Story, page: Option<&Path>) -> String {
    let mut text = "\n\n".to_owned();
    if let Some(page) = page {
        text.push_str(&format!("Report: {}\n", page.display()));
    }
    let store = story
        .store
        .as_ref()
        .map(|url| format!(" --store {}", setup::quoted(url)))
        .unwrap_or_default();
    let trade = story.symbols.iter().flat_map(|symbol| &symbol.trades).last();
    let explain = trade.map(|trade| format!("explain {}", trade.decision));
    let mut label = "Next:  ";
    for command in explain.into_iter().chain(["learn history".to_owned()]) {
        text.push_str(&format!("{label}hindsight{store} {command}\n"));
        label = "       ";
    }
    text
}

/// The day of an RFC 3339 moment.
pub(super) fn day(moment: &str) -> &str {
    moment.split('T').next().unwrap_or(moment)
}

fn percent(fraction: f64) -> String {
    // What rounds to nothing has no sign.
    let percent = (fraction * 1_000.0).round() / 10.0;
    if percent == 0.0 { "0.0 %".to_owned() } else { format!("{percent:+.1} %") }
}

fn fraction(fraction: Option<f64>) -> String {
    fraction.map_or_else(|| "-".to_owned(), |fraction| format!("{:.1} %", fraction * 100.0))
}

fn number(number: Option<f64>) -> String {
    let unsigned_zero = |number: f64| if number.abs() < 0.005 { 0.0 } else { number };
    number.map_or_else(|| "-".to_owned(), |number| format!("{:.2}", unsigned_zero(number)))
}

fn signed(money: f64) -> String {
    let cents = (money.abs() * 100.0).round() as u64;
    let sign = if money < 0.0 && cents > 0 { '-' } else { '+' };
    format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(signed(-1234.5), "-1,234.50");
        assert_eq!(signed(0.999), "+1.00");
        assert_eq!(percent(-0.0321), "-3.2 %");
        assert_eq!([percent(-0.0), percent(-0.000_4)], ["0.0 %", "0.0 %"]);
        assert_eq!(number(Some(-0.0)), "0.00");
        assert_eq!(came_to(196.425, "lost", "made"), "made 19,642.5 %");
    }
}
