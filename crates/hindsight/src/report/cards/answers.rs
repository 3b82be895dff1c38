//! The first screen: did it make money, did learning help, what needs attention.

use crate::report::html::{Text, details, toned};
use crate::report::numbers::{
    amount, change, count, counted, day, money, moved, ratio, share, tone,
};
use crate::report::story::Story;
use crate::report::studies::TwinStory;

/// Attention lines that fit on the first screen; the others unfold.
const ATTENTION_MAX: usize = 3;

/// Everything above the first card.
pub(crate) fn first_screen(story: &Story) -> String {
    format!(
        "<header>{}<h1>{}</h1></header>\n<div class=\"answers\">{}{}{}</div>{}{}",
        run_line(story),
        Text(&headline(story)),
        money_answer(story),
        learning_answer(story),
        attention_answer(story),
        figures(story),
        navigation(story),
    )
}

/// Anchors and their names; a card that is not there is not named.
const NAVIGATION: &[(&str, &str)] = &[
    ("equity", "Equity"),
    ("twin", "Learning"),
    ("prices", "Prices"),
    ("weights", "Weights"),
    ("learners", "Learners"),
    ("jobs", "Jobs"),
    ("models", "Models"),
    ("rulings", "Rulings"),
    ("calibration", "Calibration"),
    ("contributions", "Contributions"),
    ("latest", "Always the latest"),
    ("gates", "Gates"),
    ("standings", "Standings"),
    ("origins", "Origins"),
    ("weeks", "Weeks"),
    ("days", "Worst days"),
    ("exits", "Exits"),
    ("costs", "Costs"),
    ("trades", "Trades"),
    ("reproduce", "Reproduce"),
];

/// Whether the card is there.
fn has_card(story: &Story, anchor: &str) -> bool {
    match anchor {
        "twin" => story.studies.twin.is_some(),
        "learners" => !story.learners.is_empty(),
        "jobs" => story.jobs.iter().any(|job| job.last_at.is_some()),
        "rulings" => !story.models.rulings.is_empty(),
        "calibration" => story.models.calibration.is_some(),
        "contributions" => story.models.shown().is_some_and(|shown| {
            shown.record.members.iter().any(|member| !member.contributions.is_empty())
        }),
        "latest" => story.models.latest.is_some(),
        _ => true,
    }
}

fn navigation(story: &Story) -> String {
    let links: String = (NAVIGATION.iter())
        .filter(|(anchor, _)| has_card(story, anchor))
        .map(|(anchor, name)| format!("<a href=\"#{anchor}\">{name}</a>"))
        .collect();
    format!(
        "<nav aria-label=\"Cards\">{links}</nav>\n<noscript><p>Charts and sorting need scripts, which \
         are off; every figure is in a table below.</p></noscript>\n"
    )
}

fn run_line(story: &Story) -> String {
    let summary = &story.summary;
    let symbols = match summary.symbols.as_slice() {
        few @ ([] | [_] | [_, _] | [_, _, _]) => Text(&few.join(", ")).to_string(),
        many => format!("{} symbols", many.len()),
    };
    format!(
        "<p class=\"about\">Hindsight {} · {symbols} · {} to {} · money in quote units, times in \
         UTC</p>",
        Text(&story.title),
        day(summary.from),
        day(summary.to),
    )
}

fn headline(story: &Story) -> String {
    let net = net(story);
    let start = amount(story.equity_start);
    if story.summary.trades == 0 && net == 0.0 {
        return format!("It made no trade and still has its {start}");
    }
    let size = amount(net.abs());
    let fraction = change(story.summary.net_return);
    match tone(net) {
        "gain" => format!("It made {size} on {start} ({fraction})"),
        "loss" => format!("It lost {size} of {start} ({fraction})"),
        _ => format!("It neither made nor lost money on {start}"),
    }
}

fn money_answer(story: &Story) -> String {
    let summary = &story.summary;
    let held = summary.hold_return;
    let widest = [summary.net_return.abs(), held.abs(), 1e-9].into_iter().fold(0.0, f64::max);
    let bars = [("This run", summary.net_return), ("Doing nothing", 0.0), ("Holding", held)]
        .map(|(name, fraction)| bar(story, name, fraction, widest))
        .concat();
    format!(
        "<section><h2>Did it make money?</h2><p class=\"answer\">{}</p>\
         <table class=\"bars\"><caption class=\"unseen\">Net result beside doing nothing and \
         holding</caption><tbody>{bars}</tbody></table><p>{}</p></section>",
        against(story),
        fall(story),
    )
}

/// Both comparisons in words, in percentage points.
fn against(story: &Story) -> String {
    let net = story.summary.net_return;
    let nothing = apart(net, "doing nothing");
    let holding = apart(net - story.summary.hold_return, "holding");
    format!("{},<br>{holding}.", nothing.replacen("level", "Level", 1).replacen("no c", "No c", 1))
}

fn apart(fraction: f64, what: &str) -> String {
    let points = format!("{}\u{a0}points", share(fraction.abs()).trim_end_matches("\u{a0}%"));
    match tone(fraction) {
        _ if !fraction.is_finite() => format!("no comparison with {what}"),
        "gain" => format!("<span class=\"gain\">▲ {points} above</span> {what}"),
        "loss" => format!("<span class=\"loss\">▼ {points} below</span> {what}"),
        _ => format!("level with {what}"),
    }
}

fn bar(story: &Story, name: &str, fraction: f64, widest: f64) -> String {
    let width = if fraction.is_finite() { 50.0 * fraction.abs() / widest } else { 0.0 };
    format!(
        "<tr><th scope=\"row\">{name}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>\
         <td class=\"bar\" aria-hidden=\"true\"><i class=\"{}\" style=\"width:{width:.1}%\"></i>\
         </td></tr>",
        toned(fraction, &change(fraction)),
        money(story.equity_start * fraction),
        tone(fraction),
    )
}

fn fall(story: &Story) -> String {
    let summary = &story.summary;
    format!(
        "Largest fall from a peak {}. {}, costs {}.",
        share(summary.max_drawdown),
        counted(summary.trades, "trade", "trades"),
        amount(story.costs.taken()),
    )
}

fn learning_answer(story: &Story) -> String {
    let body = match &story.studies.twin {
        Some(twin) => beside_twin(story, twin),
        None => {
            "<p class=\"answer\">Not measured: no frozen twin ran beside this run.</p><p>Nothing \
                 here shows whether learning helped or hurt.</p>"
                .to_owned()
        }
    };
    let versions = story.summary.policy_versions;
    let moves = match versions {
        0 | 1 => "so the weights stayed as they were on day one".to_owned(),
        _ => format!("the last over {}", changed_heads(story)),
    };
    format!(
        "<section><h2>Did learning help?</h2>{body}<p>{} published, {moves}. Rule of the learners: {}.\
         </p></section>",
        counted(versions, "version", "versions"),
        Text(&story.rule),
    )
}

/// Learning beside the policy of day one on the same bars.
fn beside_twin(story: &Story, twin: &TwinStory) -> String {
    let answer = if twin.has_improved() {
        "Yes, with evidence."
    } else if twin.has_harmed() {
        "No: it did worse, with evidence."
    } else {
        "No evidence yet."
    };
    let (learning, frozen) = (twin.learning.net_return, twin.frozen.net_return);
    let widest = [learning.abs(), frozen.abs(), 1e-9].into_iter().fold(0.0, f64::max);
    let bars = [("Learning", learning), ("Day one", frozen)]
        .map(|(name, fraction)| bar(story, name, fraction, widest))
        .concat();
    format!(
        "<p class=\"answer\">{answer}</p><table class=\"bars\"><caption class=\"unseen\">Net result \
         of learning beside the policy of day one</caption><tbody>{bars}</tbody></table>\
         <p>{} <a href=\"#twin\">How it was measured</a></p>",
        Text(&twin.whole())
    )
}

/// How far the weights are from day one, as counts.
fn changed_heads(story: &Story) -> String {
    let voted = || story.heads.iter().filter(|head| head.votes_effective > 0.0);
    let moved =
        voted().filter(|head| (head.weight_last / head.weight_first - 1.0).abs() > 1e-6).count();
    let outcomes = story.weights.last().map_or(0.0, |place| place.outcomes_effective);
    format!(
        "{} effective outcomes; {moved} of the {} heads that vote weigh something else than on day one",
        crate::report::numbers::about(outcomes),
        voted().count()
    )
}

fn attention_answer(story: &Story) -> String {
    let list = |lines: &[String]| {
        let items: String = lines.iter().map(|line| format!("<li>{}</li>", Text(line))).collect();
        format!("<ul class=\"attention\">{items}</ul>")
    };
    let body = match story.attention.as_slice() {
        [] => "<p class=\"answer\">Nothing.</p>".to_owned(),
        lines if lines.len() <= ATTENTION_MAX => list(lines),
        lines => {
            let (seen, folded) = lines.split_at(ATTENTION_MAX - 1);
            list(seen) + &details(&format!("and {} more", folded.len()), &list(folded))
        }
    };
    format!("<section><h2>What needs attention?</h2>{body}</section>")
}

fn figures(story: &Story) -> String {
    let summary = &story.summary;
    let of_trades = format!(
        "{}of {}",
        summary.win_rate_interval.map_or_else(String::new, |[low, high]| format!(
            "[{:.1}, {:.1}] ",
            low * 100.0,
            high * 100.0
        )),
        counted(summary.trades, "trade", "trades")
    );
    let from_days = format!(
        "{}from daily equity, annualised",
        summary
            .sharpe_interval
            .map_or_else(String::new, |[low, high]| format!("[{low:.2}, {high:.2}] "))
    );
    let cells = [
        ("Win rate", summary.win_rate.map_or("undefined".to_owned(), share), of_trades),
        ("Profit factor", ratio(summary.profit_factor), "earned over lost".to_owned()),
        ("Sharpe", ratio(summary.sharpe), from_days),
        (
            "Deflated Sharpe",
            ratio(summary.deflated_sharpe),
            "probability, all trials counted".to_owned(),
        ),
        ("Decisions", count(summary.decisions), format!("from {} bars", count(summary.bars))),
        (
            "Outcomes",
            count(summary.outcomes),
            format!("{} of declined", count(summary.shadow_outcomes)),
        ),
    ];
    let cells: String = (cells.iter())
        .map(|(name, value, rests)| {
            format!("<div><dt>{name}</dt><dd><b>{value}</b> <span>{rests}</span></dd></div>")
        })
        .collect();
    format!("<dl class=\"figures\">{cells}</dl>")
}

fn net(story: &Story) -> f64 {
    story.equity_start * story.summary.net_return
}

/// What equity did beside holding, in a sentence.
pub(super) fn equity_finding(story: &Story) -> String {
    let summary = &story.summary;
    format!("Equity {} while holding {}", moved(summary.net_return), moved(summary.hold_return))
}
