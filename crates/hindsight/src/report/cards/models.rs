//! Who is in charge of the ninth head, the versions that were trained, and how each kind of model stands.

use domain::{MemberRecord, ModelRecord, Stage};
use evolve::ModelHealth;

use crate::report::html::{Text, card as a_card, spoken, table};
use crate::report::models::{HealthStory, ModelsStory, TrainingsStory, VersionStory};
use crate::report::numbers::{about, count, counted, minute, share, share_bare, weight};
use crate::report::story::Story;

/// Versions in the table.
const VERSIONS_MAX: usize = 12;

/// The models card; a short one where no model was switched on.
pub(super) fn card(story: &Story) -> String {
    let models = &story.models;
    if !models.is_on() {
        let body = "<p>The ninth head abstained throughout. <code>--models all</code> trains all four.</p>";
        return a_card("models", "Models", &models.sentence(), body);
    }
    let body = format!(
        "<p>{}</p>{}{}{}{}",
        how(models),
        models.beside().map_or_else(String::new, |text| format!("<p>{}</p>", Text(&text))),
        versions(models),
        models.shown().map_or_else(String::new, members),
        health(&models.health),
    );
    a_card("models", "Models", &models.sentence(), &body)
}

/// What the line is, and what was trained for it.
fn how(models: &ModelsStory) -> String {
    let kinds: Vec<&str> = models.kinds.iter().map(|kind| kind.name()).collect();
    let rule = if models.by_size {
        "Under rule seed a version is deployed by the size of its gain alone."
    } else {
        "A version is trained on what had turned out, compared on the same later decisions, and put in \
         charge by evidence alone."
    };
    format!(
        "One line: an ensemble of {} votes as the ninth head. {rule} {}",
        Text(&kinds.join(", ")),
        trainings(&models.trainings)
    )
}

fn trainings(told: &TrainingsStory) -> String {
    if told.asked == 0 {
        return "No training was asked for.".to_owned();
    }
    let reasons: Vec<String> = told
        .triggers
        .iter()
        .map(|(trigger, times)| format!("{} {}", count(*times), trigger.name()))
        .collect();
    let mut text = format!(
        "{} asked for ({})",
        counted(told.asked, "training was", "trainings were"),
        reasons.join(", ")
    );
    if told.failed > 0 {
        let why = told.failed_why.as_deref().unwrap_or("not told");
        text.push_str(&format!(
            "; {} came to nothing, the last: {}",
            count(told.failed),
            Text(why)
        ));
    }
    if told.waiting > 0 {
        text.push_str(&format!("; {} under way at the end", count(told.waiting)));
    }
    text + "."
}

fn versions(models: &ModelsStory) -> String {
    if models.versions.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> =
        models.versions.iter().rev().take(VERSIONS_MAX).map(version_row).collect();
    let more = models.versions.len().saturating_sub(VERSIONS_MAX);
    let note = if more == 0 {
        String::new()
    } else {
        format!(
            "<p>And {} more; <code>hindsight models list</code> shows all.</p>",
            count(more as u64)
        )
    };
    let table = table(
        "Versions, newest first; log loss and AUC on rows that were not fitted on, log loss beside that of \
         always saying the share that won",
        &[
            ("Version", true),
            ("When and why", false),
            ("Stage", false),
            ("Rows trained on", true),
            ("Members, with weight", false),
            ("Log loss", true),
            ("AUC", true),
            ("Rows judged on", true),
        ],
        &rows,
    );
    table + &note
}

fn version_row(version: &VersionStory) -> Vec<String> {
    let record = &version.record;
    let members: Vec<String> = (record.members.iter())
        .map(|member| format!("{} {:.2}", member.kind.name(), member.weight))
        .collect();
    let stage = match version.stage {
        Stage::Champion => format!("<b>{}</b>", Stage::Champion.name()),
        stage => stage.name().to_owned(),
    };
    vec![
        count(record.version),
        format!("<code class=\"whole\">{}</code>", Text(&record.name)),
        stage,
        rows_trained_on(record),
        format!("<span class=\"tale\">{}</span>", Text(&members.join(", "))),
        log_loss(&record.figures),
        three(record.figure("auc")),
        rows_judged_on(&record.figures),
    ]
}

fn rows_trained_on(record: &ModelRecord) -> String {
    let (rows, effective) = (count(record.rows.count), about(record.rows.effective));
    format!("{rows}<br><span class=\"what\">effective\u{a0}{effective}</span>")
}

fn rows_judged_on(figures: &[(String, f64)]) -> String {
    let Some(samples) = figure(figures, "samples") else { return "not told".to_owned() };
    let effective = figure(figures, "effective").map_or_else(String::new, |effective| {
        format!("<br><span class=\"what\">effective\u{a0}{}</span>", about(effective))
    });
    format!("{}{effective}", about(samples))
}

fn figure(figures: &[(String, f64)], name: &str) -> Option<f64> {
    figures.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
}

fn log_loss(figures: &[(String, f64)]) -> String {
    let of = |name: &str| four(figure(figures, name));
    format!(
        "{}<br><span class=\"what\">base\u{a0}rate {}</span>",
        of("log_loss"),
        of("base_log_loss")
    )
}

fn four(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or("not known".to_owned(), |v| format!("{v:.4}"))
}

fn three(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or("not known".to_owned(), weight)
}

/// What each member of one version adds, and why where it adds nothing.
fn members(version: &VersionStory) -> String {
    let record = &version.record;
    if record.members.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> =
        record.members.iter().map(|member| member_row(member, record)).collect();
    let table = table(
        &format!("Members of version {}; a member that adds nothing has no weight", record.version),
        &[
            ("Member", false),
            ("Weight", true),
            ("Fitted (UTC)", false),
            ("Log loss", true),
            ("AUC", true),
            ("Rows judged on", true),
            ("Remark", false),
        ],
        &rows,
    );
    table + &lineage(record)
}

/// What one version has seen, and how to find it again.
fn lineage(record: &ModelRecord) -> String {
    let rows = &record.rows;
    let left_out = match rows.left_out {
        0 => String::new(),
        left_out => format!("; {} left out as struck or across missing bars", count(left_out)),
    };
    format!(
        "<p>Version {} saw {} decided {} to {} (effective {}); {} of that time had not turned out and waited{left_out}. \
         Rows <code>{}</code>, model <code>{}</code>; <code>hindsight models show {} --verify</code> finds both \
         again.</p>",
        count(record.version),
        counted(rows.count, "outcome", "outcomes"),
        minute(rows.decided_from),
        minute(rows.decided_to),
        about(rows.effective),
        counted(rows.waiting, "decision", "decisions"),
        start(&rows.hash),
        start(&record.hash),
        record.version,
    )
}

/// Enough of a hash to know it by.
fn start(hash: &str) -> Text<'_> {
    Text(hash.get(..12).unwrap_or(hash))
}

fn member_row(member: &MemberRecord, record: &ModelRecord) -> Vec<String> {
    let fitted = if member.fitted_at == record.asked_at {
        "with it".to_owned()
    } else {
        minute(member.fitted_at)
    };
    let said = member.parameters.iter().filter(|(of, _)| of == "left_out" || of == "verdict");
    let remark: Vec<String> = said
        .map(|(of, says)| if of == "left_out" { format!("left out: {says}") } else { says.clone() })
        .collect();
    vec![
        member.kind.name().to_owned(),
        format!("{:.2}", member.weight),
        fitted,
        log_loss(&member.figures),
        three(figure(&member.figures, "auc")),
        rows_judged_on(&member.figures),
        format!("<span class=\"tale\">{}</span>", Text(&remark.join("; "))),
    ]
}

fn health(told: &[HealthStory]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = told.iter().map(health_row).collect();
    table(
        "How each stands: how often the sides it favoured won; a trend is said only with evidence",
        &[
            ("Model", false),
            ("Favoured sides won", true),
            ("Break-even", true),
            ("Trend", false),
            ("Fitted last (UTC)", false),
            ("In words", false),
        ],
        &rows,
    )
}

fn health_row(told: &HealthStory) -> Vec<String> {
    let health = &told.health;
    vec![
        spoken(&told.name),
        won(health),
        health.break_even.map_or_else(|| "not known".to_owned(), share),
        health.trend.as_ref().map_or_else(
            || "no evidence yet".to_owned(),
            |trend| Text(&trend.to_lowercase()).to_string(),
        ),
        health.fitted_at.map_or_else(|| "never".to_owned(), minute),
        format!("<span class=\"tale\">{}</span>", Text(&health.says)),
    ]
}

fn won(health: &ModelHealth) -> String {
    match (health.win_rate, health.win_rate_low, health.win_rate_high) {
        (Some(rate), Some(low), Some(high)) => format!(
            "{} <span class=\"whole\">[{}, {}]</span><br><span class=\"what\">effective\u{a0}n\u{a0}=\u{a0}{}</span>",
            share(rate),
            share_bare(low),
            share_bare(high),
            about(health.outcomes_effective)
        ),
        _ => "nothing yet".to_owned(),
    }
}
