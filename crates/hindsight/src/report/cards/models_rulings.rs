//! Every ruling on a version, the numbers it rests on, and how evidence went.

use domain::{Grounds, RulingRecord, Stage};

use crate::report::claims::evidence;
use crate::report::html::{Text, card as a_card, details, spoken, table, toned};
use crate::report::models::{ModelsStory, PathStory};
use crate::report::models_claims::e_of;
use crate::report::numbers::{about, change, count, counted, minute, share, thousandths};
use crate::report::story::Story;

/// Rulings that rest on a comparison, in the table that is open.
const COMPARED_MAX: usize = 8;
/// Rulings told in all.
const TOLD_MAX: usize = 200;

/// The rulings card, where anything was ruled.
pub(super) fn card(story: &Story) -> String {
    let models = &story.models;
    if models.rulings.is_empty() {
        return String::new();
    }
    let body = format!(
        "<p>A version enters, is compared on the same decisions as the one in charge, and stays, is heard on a \
         share of decisions, is put in charge or goes. What is asked is whether the newest beats the one in \
         charge: one hypothesis, whoever is the newest meanwhile, until somebody is put in charge or sent away \
         from a ramp. Evidence holds at every look: where there is no gain, one hypothesis in 20 comes to 20.</p>{}{}{}{}",
        timeline(),
        paths(models),
        compared(models),
        details("Every ruling as a table", &every(models)),
    );
    a_card("rulings", "Rulings on models", &finding(models), &body)
}

fn finding(models: &ModelsStory) -> String {
    let mut kinds: Vec<(&str, u64)> = Vec::new();
    for ruling in &models.rulings {
        match kinds.iter_mut().find(|(name, _)| *name == ruling.ruling) {
            Some((_, times)) => *times += 1,
            None => kinds.push((&ruling.ruling, 1)),
        }
    }
    let of = |name: &str| kinds.iter().find(|(known, _)| *known == name).map_or(0, |one| one.1);
    format!(
        "{}: {} entered, {} put in charge, {} rolled back, {} dropped",
        counted(models.rulings.len() as u64, "ruling", "rulings"),
        count(of("enter")),
        count(of("promote")),
        count(of("roll_back")),
        count(of("drop")),
    )
}

fn timeline() -> String {
    "<div class=\"tools\"><button type=\"button\" data-whole>Whole run</button></div>\
     <div class=\"chart\" data-chart=\"rulings\" tabindex=\"0\" role=\"img\" aria-label=\"Every ruling by when it was \
     made and what it was. The tables below carry the same.\"></div>"
        .to_owned()
}

/// How evidence went under the last hypotheses; nothing where no block was compared.
fn paths(models: &ModelsStory) -> String {
    if models.paths.iter().all(|path| path.evidence.is_empty()) {
        return String::new();
    }
    let rows: Vec<Vec<String>> = models.paths.iter().rev().take(TOLD_MAX).map(path_row).collect();
    let table = table(
        "How evidence went under each hypothesis, the last first",
        &[
            ("Hypothesis", true),
            ("State", false),
            ("Newest then", true),
            ("Decisions", true),
            ("Blocks", true),
            ("Evidence after each tenth of the blocks", false),
            ("Needed", true),
        ],
        &rows,
    );
    format!(
        "<figure><figcaption><b>Evidence that the newest beats the one in charge</b>, by blocks compared; the dashed \
         line is what it must reach</figcaption><div class=\"chart\" data-chart=\"evidence\" tabindex=\"0\" \
         role=\"img\" aria-label=\"Evidence under the last hypotheses by blocks compared, on a logarithmic scale. \
         The table below carries it.\"></div></figure>{}",
        details("Evidence as a table", &table)
    )
}

fn path_row(path: &PathStory) -> Vec<String> {
    let tenths: Vec<String> = path.evidence.iter().map(|e| evidence(*e)).collect();
    vec![
        count(path.hypothesis),
        if path.stands { "stands" } else { "is over" }.to_owned(),
        count(path.version),
        count(path.decisions),
        count(path.blocks),
        tenths.join(", "),
        about(path.needed),
    ]
}

/// Rulings with their grounds: the newest open, more of them folded.
fn compared(models: &ModelsStory) -> String {
    let all: Vec<&RulingRecord> =
        models.rulings.iter().rev().filter(|ruling| ruling.grounds.is_some()).collect();
    if all.is_empty() {
        return "<p>No ruling rests on a comparison yet.</p>".to_owned();
    }
    let (open, rest) = all.split_at(all.len().min(COMPARED_MAX));
    let folded = &rest[..rest.len().min(TOLD_MAX)];
    let mut text = grounds_table("Rulings that rest on a comparison, newest first", open);
    if !folded.is_empty() {
        let name = format!("{} more that rest on a comparison", count(folded.len() as u64));
        text.push_str(&details(&name, &grounds_table("Earlier ones, newest first", folded)));
    }
    text + &left_out(rest.len() - folded.len())
}

fn left_out(more: usize) -> String {
    if more == 0 {
        return String::new();
    }
    format!(
        "<p>And {} more; <code>hindsight models list --json</code> prints all.</p>",
        count(more as u64)
    )
}

fn grounds_table(caption: &str, rulings: &[&RulingRecord]) -> String {
    let rows: Vec<Vec<String>> = (rulings.iter())
        .filter_map(|ruling| Some(grounds_row(ruling, ruling.grounds.as_ref()?)))
        .collect();
    table(
        caption,
        &[
            ("At (UTC)", false),
            ("Ruling", false),
            ("Decisions", true),
            ("Gain, R a decision", true),
            ("Size, tier", true),
            ("Evidence", true),
            ("Harm", true),
            ("PSR, deflated", true),
        ],
        &rows,
    )
}

fn grounds_row(ruling: &RulingRecord, grounds: &Grounds) -> Vec<String> {
    let gain = format!(
        "{}<br><span class=\"what\">[{}, {}]</span>",
        toned(grounds.gain_mean_r, &thousandths(grounds.gain_mean_r)),
        thousandths(grounds.gain_low_r),
        thousandths(grounds.gain_high_r)
    );
    vec![
        format!(
            "{}<br><span class=\"what\">hypothesis\u{a0}{}, α\u{a0}{}</span>",
            whole(&minute(ruling.at)),
            count(grounds.hypothesis),
            plain_alpha(grounds.alpha)
        ),
        format!(
            "{}{}<br><span class=\"what\">version\u{a0}{}</span>",
            named(ruling),
            who(ruling),
            count(ruling.version)
        ),
        format!(
            "{}<br><span class=\"what\">in {}</span>",
            count(grounds.decisions),
            counted(grounds.blocks, "block", "blocks")
        ),
        gain,
        format!(
            "{}<br><span class=\"what\">{}</span>",
            change(grounds.improvement),
            spoken(&grounds.tier)
        ),
        e_of(grounds) + &sparkline(&grounds.path, grounds.evidence_needed),
        format!(
            "{}<br><span class=\"what\">of {}</span>",
            evidence(grounds.harm),
            about(grounds.harm_needed)
        ),
        format!(
            "{}, {}<br><span class=\"what\">PBO {}, {}</span>",
            probability(grounds.probabilistic_sharpe),
            probability(grounds.deflated_sharpe),
            probability(grounds.overfit_probability),
            counted(grounds.trials, "trial", "trials")
        ),
    ]
}

/// On one line whatever the width.
fn whole(text: &str) -> String {
    format!("<span class=\"whole\">{text}</span>")
}

fn plain_alpha(alpha: f64) -> String {
    format!("{alpha:.3}").trim_end_matches('0').to_owned()
}

fn probability(told: Option<f64>) -> String {
    told.filter(|p| p.is_finite()).map_or("not known".to_owned(), |p| format!("{p:.2}"))
}

fn named(ruling: &RulingRecord) -> String {
    spoken(&ruling.ruling)
}

fn who(ruling: &RulingRecord) -> &'static str {
    if ruling.by_person { ", by a person" } else { "" }
}

/// Evidence after each tenth on a scale of powers of ten from a tenth on, beside what it must reach.
fn sparkline(path: &[f64], needed: f64) -> String {
    const WIDTH: f64 = 104.0;
    const HEIGHT: f64 = 24.0;
    const LEAST: f64 = 0.1;
    if path.is_empty() || !needed.is_finite() || needed <= 1.0 {
        return String::new();
    }
    let power = |e: f64| e.clamp(LEAST, 1e6).log10();
    let most = path.iter().copied().filter(|e| e.is_finite()).fold(2.0 * needed, f64::max);
    let (low, high) = (power(LEAST), power(most));
    let y = |e: f64| HEIGHT - 2.0 - (HEIGHT - 4.0) * (power(e) - low) / (high - low);
    let step = WIDTH / path.len() as f64;
    // It begins at 1, which says nothing.
    let points: Vec<String> = (std::iter::once(&1.0).chain(path).enumerate())
        .filter(|(_, e)| e.is_finite())
        .map(|(at, e)| format!("{:.1},{:.1}", at as f64 * step, y(*e)))
        .collect();
    format!(
        "<svg class=\"path\" aria-hidden=\"true\" width=\"{WIDTH}\" height=\"{HEIGHT}\">\
         <line x1=\"0\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/><polyline points=\"{1}\"/></svg>",
        y(needed),
        points.join(" ")
    )
}

fn every(models: &ModelsStory) -> String {
    let rows: Vec<Vec<String>> = models.rulings.iter().rev().take(TOLD_MAX).map(row).collect();
    let table = table(
        "Rulings, newest first",
        &[
            ("At (UTC)", false),
            ("Version", true),
            ("Ruling", false),
            ("From → to", false),
            ("Heard on", true),
            ("In words", false),
        ],
        &rows,
    );
    table + &left_out(models.rulings.len().saturating_sub(TOLD_MAX))
}

fn row(ruling: &RulingRecord) -> Vec<String> {
    let moved = match (ruling.from, ruling.to) {
        (from, to) if from == to => to.name().to_owned(),
        (from, to) => format!("{} → {}", from.name(), to.name()),
    };
    let heard = match ruling.to {
        Stage::Canary | Stage::Champion => share(ruling.share),
        Stage::Candidate | Stage::Shadow | Stage::Retired => "none".to_owned(),
    };
    vec![
        whole(&minute(ruling.at)),
        count(ruling.version),
        format!("{}{}", named(ruling), who(ruling)),
        moved,
        heard,
        format!("<span class=\"tale\">{}</span>", Text(&ruling.says)),
    ]
}
