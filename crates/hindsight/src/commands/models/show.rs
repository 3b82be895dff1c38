//! `models show`: one version whole.

use domain::{MemberRecord, ModelRecord, RulingRecord};
use serde_json::{Value, json};
use store::{Run, RunState, Store, StoredModel};

use super::told::{
    SAYS_NOTHING, against_base, figures_json, model_json, ruling_json, ruling_line, speaks,
};
use super::{command, figure, find, minute};
use crate::args::Global;
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::Failure;
use crate::world::{check_bytes, rows_again};

/// Features that are told at a glance; `--json` has all.
const FEATURES_TOLD: usize = 5;

pub(super) fn run(
    global: &Global,
    called: &str,
    verify: bool,
    run: Option<&str>,
) -> Result<(), Failure> {
    let (mut store, run, header) = setup::stored_run(global, run)?;
    let models = store.models(run.no)?;
    let model = find(&models, called, &run)?;
    let version = model.record.version;
    let rulings = store.rulings(run.no)?.into_iter().filter(|ruling| ruling.version == version);
    let rulings: Vec<RulingRecord> = rulings.collect();
    let symbols = header.instruments.len();
    let checked =
        verify.then(|| Checked::of(&mut store, &run, symbols, &model.record)).transpose()?;
    if global.json {
        setup::print_json(&json(&run, model, &rulings, checked.as_ref()))?;
    } else {
        let mut text = told(model, &rulings);
        text.push_str(&checked.as_ref().map(Checked::says).unwrap_or_default());
        text.push_str(&format!("\n{}\n", next(global, &mut store, &run, version)?));
        setup::print(&text)?;
    }
    match checked.filter(|checked| !checked.is_whole()) {
        Some(checked) => Err(anyhow::anyhow!("version {version}: {}", checked.amiss()).into()),
        None => Ok(()),
    }
}

/// What a person can do with it now.
fn next(global: &Global, store: &mut Store, run: &Run, version: u64) -> anyhow::Result<String> {
    let seats = store.seats(run.no)?.unwrap_or_default();
    let does = |what: &str| command(global, run, what);
    Ok(if run.state == RunState::Building {
        "The run is not finished: it takes no orders.".to_owned()
    } else if seats.champion == version {
        format!("It is in charge. Back: {}", does("rollback"))
    } else if [seats.challenger, seats.former].contains(&version) {
        format!("To put it in charge: {}", does(&format!("promote {version}")))
    } else {
        format!(
            "It sits in no seat, and only a version in a seat can be put in charge. A new one: {}",
            does("train --models all")
        )
    })
}

/// Whether what a version rests on is still what it was.
struct Checked {
    rows: Result<(), String>,
    bytes: Result<(), String>,
}

impl Checked {
    fn of(
        store: &mut Store,
        run: &Run,
        symbols: usize,
        record: &ModelRecord,
    ) -> anyhow::Result<Checked> {
        let found = rows_again(store, run.no, symbols, record)?;
        let rows = if found.hash == record.rows.hash {
            Ok(())
        } else {
            let (found, known) = (grouped(found.count), grouped(record.rows.count));
            Err(format!("its {known} rows are not those in the store now, which holds {found}"))
        };
        let bytes = check_bytes(store, record.version, &record.hash);
        Ok(Checked { rows, bytes: bytes.map_err(|error| format!("{error:#}")) })
    }

    fn is_whole(&self) -> bool {
        self.rows.is_ok() && self.bytes.is_ok()
    }

    fn amiss(&self) -> String {
        let amiss = [&self.rows, &self.bytes].map(|one| one.as_ref().err().cloned());
        amiss.into_iter().flatten().collect::<Vec<String>>().join("; ")
    }

    fn says(&self) -> String {
        if !self.is_whole() {
            return format!("\n! {}\n", self.amiss());
        }
        "\nVerified: its rows were found again and hash to what it was fitted on, and its bytes to its name.\n"
            .to_owned()
    }
}

fn json(
    run: &Run,
    model: &StoredModel,
    rulings: &[RulingRecord],
    checked: Option<&Checked>,
) -> Value {
    let mut told = model_json(model);
    told["run"] = json!(run.id);
    told["rulings"] = rulings.iter().map(ruling_json).collect();
    told["calibration"] = json!(model.record.calibration);
    told["members"] = model.record.members.iter().map(member_json).collect();
    if let Some(checked) = checked {
        told["verified"] = json!({
            "rows": checked.rows.is_ok(),
            "bytes": checked.bytes.is_ok(),
            "amiss": checked.amiss(),
        });
    }
    told
}

fn member_json(member: &MemberRecord) -> Value {
    let parameters = member.parameters.iter().map(|(name, value)| (name.clone(), json!(value)));
    json!({
        "model": member.kind.name(),
        "weight": member.weight,
        "fitted_at": member.fitted_at.to_string(),
        "hash": member.hash,
        "figures": figures_json(&member.figures),
        "parameters": Value::Object(parameters.collect()),
        "contributions": member.contributions,
    })
}

fn told(model: &StoredModel, rulings: &[RulingRecord]) -> String {
    let record = &model.record;
    let rows = &record.rows;
    let mut text = format!(
        "Version {}, {}, {}; asked for {} by {}, heard {} (UTC)\n",
        record.version,
        record.name,
        model.stage.name(),
        minute(record.asked_at),
        record.trigger.name(),
        minute(model.entered_at),
    );
    text.push_str(&format!(
        "\nSeen: {} outcomes (effective {:.0}) decided {} to {}; {} more waited, {} left out\n",
        grouped(rows.count),
        rows.effective,
        minute(rows.decided_from),
        minute(rows.decided_to),
        grouped(rows.waiting),
        grouped(rows.left_out),
    ));
    text.push_str(&format!("Rows {}, model {}\n", start(&rows.hash), start(&record.hash)));
    text.push_str("\nOn rows it had not seen  weight  log loss   (base)    AUC  fitted\n");
    record.members.iter().for_each(|member| text.push_str(&member_line(member, record)));
    let whole = figures_line(&record.figures);
    text.push_str(&format!("  {:<22} {:>6} {whole}\n", "together", ""));
    let judged = against_base(record).map_or_else(String::new, |told| format!(": {told}"));
    let speaks = if speaks(record) { "speaks" } else { SAYS_NOTHING };
    text.push_str(&format!("It {speaks}{judged}\n"));
    record.members.iter().for_each(|member| text.push_str(&remarks(member)));
    if rulings.is_empty() {
        text.push_str("\nNothing was ruled on it yet.\n");
    } else {
        text.push_str("\nRulings\n");
        rulings.iter().for_each(|ruling| text.push_str(&ruling_line(ruling)));
        let grounds = rulings.iter().rev().find_map(|ruling| ruling.grounds.as_ref());
        if let Some(grounds) = grounds {
            text.push_str(&format!(
                "The last comparison: {} decisions in {} blocks, gain {:+.3} R [{:+.3}, {:+.3}], e = {:.1} of {:.0}; harm {:.1} of {:.0}\n",
                grouped(grounds.decisions),
                grouped(grounds.blocks),
                grounds.gain_mean_r,
                grounds.gain_low_r,
                grounds.gain_high_r,
                grounds.evidence,
                grounds.evidence_needed,
                grounds.harm,
                grounds.harm_needed,
            ));
        }
    }
    text
}

fn member_line(member: &MemberRecord, record: &ModelRecord) -> String {
    let fitted = match member.fitted_at {
        at if at == record.asked_at => "with it".to_owned(),
        at => minute(at),
    };
    format!(
        "  {:<22} {:>6.2} {}  {fitted}\n",
        member.kind.name(),
        member.weight,
        figures_line(&member.figures)
    )
}

fn figures_line(figures: &[(String, f64)]) -> String {
    let of = |name: &str| figures.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    format!(
        "{:>9} {:>8} {:>6}",
        figure(of("log_loss"), 4),
        figure(of("base_log_loss"), 4),
        figure(of("auc"), 3)
    )
}

/// What is to be said of a member in words, and which features it goes by.
fn remarks(member: &MemberRecord) -> String {
    let name = member.kind.name();
    let said = member.parameters.iter().filter(|(of, _)| of == "left_out" || of == "verdict");
    let mut text: String = said.map(|(_, says)| format!("  {name}: {says}\n")).collect();
    let largest: Vec<String> = member
        .contributions
        .iter()
        .take(FEATURES_TOLD)
        .map(|(feature, size)| format!("{feature} {size:.3}"))
        .collect();
    if !largest.is_empty() {
        text.push_str(&format!("  {name} goes by {}\n", largest.join(", ")));
    }
    text
}

/// Enough of a hash to know it by.
fn start(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}
