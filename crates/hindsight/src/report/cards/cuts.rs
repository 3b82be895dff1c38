//! Where results came from: by regime, symbol, hour and so on, executed and declined apart.

use super::scale::{Scale, side};
use crate::report::html::{Text, card as a_card, details, spoken, table, toned};
use crate::report::numbers::{
    about, bare_risk_units, count, money, risk_units, share, share_bare, words,
};
use crate::report::story::{Estimate, Story};
use crate::report::studies::{CutStory, SliceFigures, SliceStory};

/// The card of all cuts.
pub(super) fn card(story: &Story) -> String {
    let cuts: Vec<&CutStory> =
        story.studies.cuts.iter().filter(|cut| !cut.rows.is_empty()).collect();
    if cuts.is_empty() {
        return a_card("origins", "Origins", "No outcome is known yet", "<p>Nothing to cut.</p>");
    }
    let parts: String = (cuts.iter().enumerate())
        .map(|(at, cut)| {
            let body = format!("<p>{}</p>{}", luck(cut), rows(cut));
            let whole = details(&summary(cut), &body);
            if at == 0 { whole.replacen("<details>", "<details open>", 1) } else { whole }
        })
        .collect();
    let body = format!(
        "<p>R is the mean per decision after costs with its 95 % interval; overlapping outcomes weigh \
         what they are worth together. \u{201c}All\u{201d} counts declined decisions too, under the \
         same exits and costs.</p>{parts}"
    );
    a_card("origins", "Where results came from", &finding(cuts[0]), &body)
}

fn finding(cut: &CutStory) -> String {
    let traded = || cut.rows.iter().filter(|row| row.trades > 0);
    let says = |row: &SliceStory| {
        format!("{} {} in {} trades", words(&row.name), money(row.net), count(row.trades))
    };
    let most = traded().max_by(|a, b| a.net.total_cmp(&b.net));
    let least = traded().min_by(|a, b| a.net.total_cmp(&b.net));
    match (least, most) {
        (Some(least), Some(most)) if least.name != most.name => {
            format!("By {}: lowest {}, highest {}", title(cut.name), says(least), says(most))
        }
        (Some(only), _) => format!("By {}: {}", title(cut.name), says(only)),
        _ => "No trade was closed".to_owned(),
    }
}

fn summary(cut: &CutStory) -> String {
    if cut.name == "exit" {
        return "By exit: counts and sums".to_owned();
    }
    let off: Vec<String> = (cut.rows.iter())
        .filter_map(|row| {
            let r = row.executed.r.as_ref()?;
            (side(r) != "even").then(|| format!("{} {}", words(&row.name), risk_units(r.value)))
        })
        .collect();
    let said = match off.as_slice() {
        [] => "no executed interval lies off zero".to_owned(),
        few if few.len() <= 3 => format!("off zero: {}", few.join(", ")),
        many => format!("{} of {} executed intervals lie off zero", many.len(), cut.rows.len()),
    };
    format!("By {}: {said}", title(cut.name))
}

/// Many rows make some of them look special.
fn luck(cut: &CutStory) -> String {
    let rows = cut.rows.iter().filter(|row| row.executed.r.is_some()).count();
    match rows {
        _ if cut.name == "exit" => {
            "How a position ended decides most of its result: a stop is a loss by its nature."
                .to_owned()
        }
        0 | 1 => "There is one kind at most, so nothing to compare.".to_owned(),
        rows => format!(
            "Of {rows} executed intervals of 95\u{a0}%, about {:.1} would lie off zero by luck alone.",
            rows as f64 * 0.05
        ),
    }
}

fn title(name: &str) -> &'static str {
    match name {
        "regime" => "regime of the symbol",
        "global_regime" => "regime of all symbols together",
        "strategy" => "strategy",
        "symbol" => "symbol",
        "exit" => "exit",
        "standing" => "standing",
        "head_agreed" => "head that agreed",
        "weekday" => "weekday of the entry (UTC)",
        "hour" => "hour of the entry (UTC)",
        _ => "kind",
    }
}

fn rows(cut: &CutStory) -> String {
    let estimates = cut.rows.iter().flat_map(|row| [&row.executed.r, &row.all.r]);
    let scale = Scale::of(estimates.flatten());
    let rows: Vec<Vec<String>> = cut.rows.iter().map(|row| cells(row, &scale)).collect();
    table(
        &format!("Results by {}", title(cut.name)),
        &[
            ("", false),
            ("Executed, mean R", true),
            ("Trades", true),
            ("Win rate", true),
            ("Net", true),
            ("All, mean R", true),
            ("Outcomes", true),
            ("Win rate", true),
        ],
        &rows,
    )
}

fn cells(row: &SliceStory, scale: &Scale) -> Vec<String> {
    let mut cells =
        vec![if row.name.contains(':') { Text(&row.name).to_string() } else { spoken(&row.name) }];
    cells.push(mean(&row.executed, scale));
    cells.push(count(row.trades));
    cells.push(rate(&row.executed));
    cells.push(if row.trades == 0 { String::new() } else { toned(row.net, &money(row.net)) });
    cells.push(mean(&row.all, scale));
    cells.push(outcomes(&row.all));
    cells.push(rate(&row.all));
    cells
}

fn mean(figures: &SliceFigures, scale: &Scale) -> String {
    match &figures.r {
        Some(r) => {
            format!("{} {}{}", risk_units(r.value), interval(r), scale.draw(r, side(r)))
        }
        None => "not known".to_owned(),
    }
}

/// The ends of an interval in R.
pub(super) fn interval(r: &Estimate) -> String {
    format!(
        "<span class=\"whole what\">[{}, {}]</span>",
        bare_risk_units(r.low),
        bare_risk_units(r.high)
    )
}

/// How many, and what they are worth together.
fn outcomes(figures: &SliceFigures) -> String {
    figures.win_rate.map_or_else(String::new, |rate| {
        format!(
            "{}<br><span class=\"what\">effective\u{a0}{}</span>",
            count(rate.n),
            about(rate.n_effective)
        )
    })
}

/// A share won with its interval.
pub(super) fn rate(figures: &SliceFigures) -> String {
    figures.win_rate.map_or_else(String::new, |rate| {
        format!(
            "{} <span class=\"whole what\">[{}, {}]</span>",
            share(rate.value),
            share_bare(rate.low),
            share_bare(rate.high)
        )
    })
}
