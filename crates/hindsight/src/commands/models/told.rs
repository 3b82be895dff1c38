//! How a version and a ruling are told, in words and to programs.

use domain::{ModelRecord, Rows, RulingRecord, Stage, Training};
use serde_json::{Value, json};
use stats::interval::Z_95;
use store::StoredModel;

use super::minute;

/// Of a version no member of which counts.
pub(super) const SILENT: &str = "says nothing";

/// The same with the cause.
pub(super) const SAYS_NOTHING: &str = "says nothing (no member is better than the base rate)";

/// What fits on a terminal without breaking.
const COLUMNS: usize = 110;

/// Whether a version ever says anything.
pub(super) fn speaks(record: &ModelRecord) -> bool {
    let by_weight = || record.members.iter().any(|member| member.weight > 0.0);
    record.figure("speaks").map_or_else(by_weight, |speaks| speaks > 0.0)
}

/// What counts in a version, `xgboost 0.55, lightgbm 0.45`, or that it says nothing.
pub(super) fn counting(record: &ModelRecord) -> String {
    let counts = record.members.iter().filter(|member| member.weight > 0.0);
    let told: Vec<String> =
        counts.map(|member| format!("{} {:.2}", member.kind.name(), member.weight)).collect();
    if speaks(record) { told.join(", ") } else { SILENT.to_owned() }
}

/// Its log loss on rows it had not seen beside the base rate's, with the 95 % interval of the difference:
/// `log loss 0.760 against 0.652 base (worse by 0.108 ± 0.030, n = 455, effective 41)`.
pub(super) fn against_base(record: &ModelRecord) -> Option<String> {
    let (loss, base) = record.figure("log_loss").zip(record.figure("base_log_loss"))?;
    let gain = record.figure("gain").unwrap_or(base - loss);
    let error = record.figure("gain_error");
    let error = error.map_or_else(String::new, |error| format!(" ± {:.3}", Z_95 * error));
    let which = if gain < 0.0 { "worse" } else { "better" };
    let rows = record.figure("samples").zip(record.figure("effective"));
    let rows = rows.map_or_else(String::new, |(n, effective)| {
        format!(", n = {n:.0}, effective {effective:.0}")
    });
    Some(format!(
        "log loss {loss:.3} against {base:.3} base ({which} by {:.3}{error}{rows})",
        gain.abs()
    ))
}

/// By how much its log loss is above the base rate's, `+0.108 ± 0.029`.
pub(super) fn over_base(record: &ModelRecord) -> Option<String> {
    let (loss, base) = record.figure("log_loss").zip(record.figure("base_log_loss"))?;
    let gain = record.figure("gain").unwrap_or(base - loss);
    let error = record.figure("gain_error");
    let error = error.map_or_else(String::new, |error| format!(" ± {:.3}", Z_95 * error));
    Some(format!("{:+.3}{error}", 0.0 - gain))
}

/// One version as programs read it.
pub(super) fn model_json(model: &StoredModel) -> Value {
    let mut told = record_json(&model.record);
    told["entered_at"] = json!(model.entered_at.to_string());
    told["stage"] = json!(model.stage.name());
    told
}

/// A registry entry as programs read it.
pub(super) fn record_json(record: &ModelRecord) -> Value {
    json!({
        "version": record.version,
        "name": record.name,
        "trigger": record.trigger.name(),
        "training": record.training,
        "asked_at": record.asked_at.to_string(),
        "rows": rows_json(&record.rows),
        "log_loss": record.figure("log_loss"),
        "base_log_loss": record.figure("base_log_loss"),
        "says_nothing": !speaks(record),
        "figures": figures_json(&record.figures),
        "members": record.members.iter().map(|member| json!({
            "model": member.kind.name(),
            "weight": member.weight,
            "fitted_at": member.fitted_at.to_string(),
            "hash": member.hash,
            "figures": figures_json(&member.figures),
        })).collect::<Vec<Value>>(),
        "hash": record.hash,
    })
}

/// Figures by their names.
pub(super) fn figures_json(figures: &[(String, f64)]) -> Value {
    let figures = figures.iter().map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(figures.collect())
}

/// What a version has seen.
pub(super) fn rows_json(rows: &Rows) -> Value {
    let mut told = json!(rows);
    told["decided_from"] = json!(rows.decided_from.to_string());
    told["decided_to"] = json!(rows.decided_to.to_string());
    told["known_to"] = json!(rows.known_to.to_string());
    told
}

/// A ruling as programs read it.
pub(super) fn ruling_json(ruling: &RulingRecord) -> Value {
    let mut told = json!(ruling);
    told["at"] = json!(ruling.at.to_string());
    told
}

/// A training that is under way.
pub(super) fn training_json(training: &Training) -> Value {
    let mut told = json!(training);
    told["asked_at"] = json!(training.asked_at.to_string());
    told["ready_at"] = json!(training.ready_at.to_string());
    told["since"] = json!(training.since.to_string());
    told
}

/// One ruling, in as many lines as it takes.
pub(super) fn ruling_line(ruling: &RulingRecord) -> String {
    let who = if ruling.by_person { ", by a person" } else { "" };
    let moved = match (ruling.from, ruling.to) {
        (from, to) if from == to => to.name().to_owned(),
        (from, to) => format!("{} to {}", from.name(), to.name()),
    };
    let share = match ruling.to {
        Stage::Canary => format!(" at {:.0} %", ruling.share * 100.0),
        _ => String::new(),
    };
    let text = format!(
        "{}  version {} {}{who}: {moved}{share}. {}",
        minute(ruling.at),
        ruling.version,
        ruling.ruling.replace('_', " "),
        ruling.says
    );
    broken(&text, minute(ruling.at).len() + 2)
}

/// A text in lines that fit, each after the first so far to the right.
pub(super) fn broken(text: &str, right: usize) -> String {
    let (mut out, mut line) = (String::new(), 0);
    for word in text.split_inclusive(' ') {
        let width = word.trim_end().chars().count();
        if line + width > COLUMNS && line > right {
            out.truncate(out.trim_end().len());
            out.push_str(&format!("\n{:right$}", ""));
            line = right;
        }
        out.push_str(word);
        line += word.chars().count();
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use domain::{MemberRecord, ModelKind, Timestamp, Trigger};

    use super::*;

    fn record(weight: f64, figures: &[(&str, f64)]) -> ModelRecord {
        ModelRecord {
            version: 3,
            name: String::new(),
            training: 1,
            asked_at: Timestamp::from_ms(0),
            trigger: Trigger::Time,
            rows: Rows::default(),
            members: vec![MemberRecord {
                kind: ModelKind::Xgboost,
                fitted_at: Timestamp::from_ms(0),
                hash: String::new(),
                weight,
                figures: Vec::new(),
                parameters: Vec::new(),
                contributions: Vec::new(),
            }],
            figures: figures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            calibration: Vec::new(),
            hash: String::new(),
        }
    }

    #[test]
    fn a_version_without_weight_says_nothing_and_tells_by_how_much_it_is_worse() {
        let figures = [
            ("log_loss", 0.76),
            ("base_log_loss", 0.652),
            ("samples", 455.0),
            ("effective", 41.2),
            ("speaks", 0.0),
            ("gain", -0.108),
            ("gain_error", 0.015),
        ];
        let silent = record(0.0, &figures);
        assert_eq!(counting(&silent), SILENT);
        assert_eq!(over_base(&silent).unwrap(), "+0.108 ± 0.029");
        assert_eq!(
            against_base(&silent).unwrap(),
            "log loss 0.760 against 0.652 base (worse by 0.108 ± 0.029, n = 455, effective 41)"
        );
        assert_eq!(counting(&record(0.55, &[])), "xgboost 0.55");
        assert_eq!(against_base(&record(0.55, &[])), None);
    }

    #[test]
    fn long_lines_break_where_they_stop_fitting() {
        let text = "0123456789 ".repeat(11);
        let told = broken(&text, 4);
        assert!(told.lines().all(|line| line.chars().count() <= COLUMNS), "{told}");
        assert_eq!(told.lines().nth(1).unwrap().find('0'), Some(4));
        assert_eq!(told.split_whitespace().count(), 11);
        assert_eq!(broken("short", 4), "short\n");
    }
}
