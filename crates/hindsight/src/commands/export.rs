//! `export`: decisions, trades, outcomes, fills and policies as Parquet or CSV; the seeds' files.

mod seeds;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::{
    Decision, Fill, HORIZONS, HorizonOutcome, Outcome, PilClass, PolicyVersion, Restriction,
    RunHeader, StandingOrder, Trade,
};
use market::{Cells, write_table};
use serde_json::json;
use store::{DecisionRecord, RunNo, Store};

use super::setup;
use super::shown::grouped;
use crate::args::{ExportArgs, ExportWhat, Global};
use crate::failure::{Failure, usage};

/// Writes what was asked for.
///
/// # Errors
/// When the store cannot be read or the place cannot be written to.
pub fn run(global: &Global, args: &ExportArgs) -> Result<(), Failure> {
    if args.what == ExportWhat::Seeds {
        return seeds::run(global, args);
    }
    check_ending(&args.to)?;
    let (mut store, run, header) = setup::stored_run(global, args.run.as_deref())?;
    let (name, columns) = match args.what {
        ExportWhat::Decisions => ("decisions", decisions(&mut store, run.no, &header)?),
        ExportWhat::Trades => ("trades", trades(&mut store, run.no, &header)?),
        ExportWhat::Outcomes => ("outcomes", outcomes(&mut store, run.no, &header)?),
        ExportWhat::Fills => ("fills", fills(&mut store, run.no, &header)?),
        ExportWhat::Policy | ExportWhat::Seeds => ("policy", policy(&mut store, run.no)?),
    };
    let path = place(&args.to, name)?;
    write_table(&path, &columns.0)?;
    let rows = columns.1;
    if global.json {
        return setup::print_json(
            &json!({ "file": path.display().to_string(), "rows": rows, "run": run.id }),
        );
    }
    let what = if name == "policy" { "policy versions" } else { name };
    setup::print(&format!("{} {what} of run {} in {}\n", grouped(rows), run.id, path.display()))
}

/// A name with another ending was typed wrongly, and is said before anything is read.
fn check_ending(to: &Path) -> Result<(), Failure> {
    let ending = to.extension().filter(|_| !to.is_dir());
    match ending.map(|ending| ending.to_string_lossy()) {
        Some(ending) if ending != "csv" && ending != "parquet" => Err(usage(format!(
            "--to {}: the name must end in .csv or .parquet, not in .{ending}",
            to.display()
        ))),
        _ => Ok(()),
    }
}

fn place(to: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let is_file = to.extension().is_some() && !to.is_dir();
    let path = if is_file { to.to_owned() } else { to.join(format!("{name}.parquet")) };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("make the folder {}", folder.display()))?;
    }
    Ok(path)
}

type Columns = (Vec<(String, Cells)>, u64);

/// Columns of a table, made from how each row gives its cell.
struct Sheet<'a, T> {
    rows: &'a [T],
    columns: Vec<(String, Cells)>,
}

impl<'a, T> Sheet<'a, T> {
    fn of(rows: &'a [T]) -> Sheet<'a, T> {
        Sheet { rows, columns: Vec::new() }
    }

    fn text(mut self, name: &str, cell: impl Fn(&T) -> Option<String>) -> Self {
        self.columns.push((name.to_owned(), Cells::Text(self.rows.iter().map(cell).collect())));
        self
    }

    fn real(mut self, name: &str, cell: impl Fn(&T) -> Option<f64>) -> Self {
        self.columns.push((name.to_owned(), Cells::Real(self.rows.iter().map(cell).collect())));
        self
    }

    fn whole(mut self, name: &str, cell: impl Fn(&T) -> Option<i64>) -> Self {
        self.columns.push((name.to_owned(), Cells::Whole(self.rows.iter().map(cell).collect())));
        self
    }

    fn done(self) -> Columns {
        (self.columns, self.rows.len() as u64)
    }
}

/// A decision with what became of it.
struct Known {
    record: DecisionRecord,
    outcome: Option<Outcome>,
    horizons: Vec<HorizonOutcome>,
}

fn decisions(store: &mut Store, run: RunNo, header: &RunHeader) -> anyhow::Result<Columns> {
    let (mut outcomes, mut horizons) =
        (BTreeMap::new(), BTreeMap::<u64, Vec<HorizonOutcome>>::new());
    store.outcomes(run, |outcome| {
        outcomes.insert(outcome.decision_no, outcome);
    })?;
    store
        .horizons(run, |horizon| horizons.entry(horizon.decision_no).or_default().push(horizon))?;
    let mut known = Vec::new();
    store.decisions(run, |record| {
        let no = record.decision.no;
        known.push(Known {
            outcome: outcomes.remove(&no),
            horizons: horizons.remove(&no).unwrap_or_default(),
            record,
        });
    })?;
    let decision = |known: &Known| known.record.decision;
    let refusals = |known: &Known| refusals(&known.record.decision, header);
    let verdict = |known: &Known| {
        if known.record.decision.standing.is_executed() { "executed" } else { "declined" }
    };
    let mut sheet = Sheet::of(&known)
        .text("decision_id", |k| Some(decision(k).id.to_string()))
        .text("decided_at", |k| Some(decision(k).decided_at.to_string()))
        .text("symbol", |k| Some(header.instruments[decision(k).symbol.at()].symbol.clone()))
        .text("side", |k| Some(decision(k).signal.side.name().to_owned()))
        .text("strategy", |k| Some(header.strategies[usize::from(decision(k).strategy.0)].clone()))
        .real("price", |k| Some(decision(k).price))
        .real("conviction", |k| Some(decision(k).signal.conviction))
        .real("confluence", |k| Some(decision(k).signal.confluence))
        .text("verdict", |k| Some(verdict(k).to_owned()))
        .text("standing", |k| Some(decision(k).standing.name().to_owned()))
        .text("refusals", |k| Some(refusals(k)))
        .text("size", |k| Some(decision(k).sizing.quantity.to_string()))
        .whole("policy_version", |k| Some(decision(k).policy_version as i64))
        .whole("model_version", |k| Some(decision(k).model_version as i64))
        .real("propensity", |k| Some(decision(k).propensity))
        .text("regime", |k| Some(decision(k).climate.regime.name().to_owned()))
        .text("global_regime", |k| Some(decision(k).climate.global.name().to_owned()))
        .whole("frame_bars", |k| Some(i64::from(decision(k).climate.frame_bars)))
        .real("notional", |k| Some(decision(k).sizing.notional))
        .real("leverage", |k| Some(decision(k).sizing.leverage))
        .real("expected_profit", |k| Some(decision(k).sizing.expected_profit))
        .text("size_limit", |k| Some(decision(k).sizing.limit.name().to_owned()))
        .text("may_enter", |k| Some(decision(k).order.may_enter.to_string()))
        .real("order_conviction_min", |k| Some(decision(k).order.conviction_min))
        .real("order_risk_scale", |k| Some(decision(k).order.risk_scale))
        .text("order_exits", |k| Some(decision(k).order.exits.name().to_owned()))
        .text("order_because", |k| Some(because(decision(k).order)));
    for (at, name) in header.features.iter().enumerate() {
        sheet = sheet.real(&format!("feature_{name}"), |k| {
            domain::Row { values: &k.record.row, present: k.record.present }.get(at)
        });
    }
    for head in domain::HeadName::ALL {
        sheet = sheet.real(&format!("vote_{}", head.name()), |k| {
            decision(k).signal.votes.get(head).map(|vote| vote.side.sign() * vote.confidence)
        });
    }
    Ok(with_outcome(sheet).done())
}

fn with_outcome(sheet: Sheet<'_, Known>) -> Sheet<'_, Known> {
    let mut sheet = sheet
        .text("outcome_closed_at", |k| k.outcome.map(|o| o.closed_at.to_string()))
        .text("outcome_standing", |k| k.outcome.map(|o| o.standing.name().to_owned()))
        .text("outcome_reason", |k| k.outcome.map(|o| o.reason.name().to_owned()))
        .real("outcome_entry", |k| k.outcome.map(|o| o.entry))
        .real("outcome_exit", |k| k.outcome.map(|o| o.exit))
        .real("outcome_r", |k| k.outcome.map(|o| o.r))
        .real("outcome_net_bps", |k| k.outcome.map(|o| o.net_bps))
        .real("outcome_cost_bps", |k| k.outcome.map(|o| o.cost_bps))
        .real("outcome_funding_bps", |k| k.outcome.map(|o| o.funding_bps))
        .real("outcome_favourable_bps", |k| k.outcome.map(|o| o.favourable_bps))
        .real("outcome_adverse_bps", |k| k.outcome.map(|o| o.adverse_bps))
        .whole("outcome_bars", |k| k.outcome.map(|o| i64::from(o.bars)))
        .real("outcome_uniqueness", |k| k.outcome.map(|o| o.uniqueness));
    for (at, horizon) in HORIZONS.iter().enumerate() {
        sheet = sheet.real(&format!("outcome_move_{}_bps", horizon.name), |k| {
            k.horizons.iter().find(|h| usize::from(h.horizon) == at).map(|h| h.move_bps)
        });
    }
    sheet
}

fn because(order: StandingOrder) -> String {
    order.restrictions().map(Restriction::name).collect::<Vec<_>>().join(";")
}

fn refusals(decision: &Decision, header: &RunHeader) -> String {
    let refused =
        decision.verdicts.iter().zip(&header.gates).filter(|(verdict, _)| !verdict.passed);
    refused.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(";")
}

fn outcomes(store: &mut Store, run: RunNo, header: &RunHeader) -> anyhow::Result<Columns> {
    let mut rows = Vec::new();
    store.outcomes(run, |outcome| rows.push(outcome))?;
    let gates = |outcome: &Outcome| {
        let refused =
            header.gates.iter().enumerate().filter(|(at, _)| outcome.refused & (1 << at) != 0);
        refused.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(";")
    };
    let sheet = Sheet::of(&rows)
        .text("decision_id", |o| Some(o.decision.to_string()))
        .text("symbol", |o| Some(header.instruments[o.symbol.at()].symbol.clone()))
        .text("strategy", |o| Some(header.strategies[usize::from(o.strategy.0)].clone()))
        .text("side", |o| Some(o.side.name().to_owned()))
        .text("standing", |o| Some(o.standing.name().to_owned()))
        .text("refusals", |o| Some(gates(o)))
        .real("conviction", |o| Some(o.conviction))
        .text("decided_at", |o| Some(o.decided_at.to_string()))
        .text("opened_at", |o| Some(o.opened_at.to_string()))
        .text("closed_at", |o| Some(o.closed_at.to_string()))
        .text("reason", |o| Some(o.reason.name().to_owned()))
        .real("entry", |o| Some(o.entry))
        .real("exit", |o| Some(o.exit))
        .real("r", |o| Some(o.r))
        .real("net_bps", |o| Some(o.net_bps))
        .real("cost_bps", |o| Some(o.cost_bps))
        .real("favourable_bps", |o| Some(o.favourable_bps))
        .real("adverse_bps", |o| Some(o.adverse_bps))
        .whole("bars", |o| Some(i64::from(o.bars)))
        .real("uniqueness", |o| Some(o.uniqueness))
        .text("regime", |o| Some(o.climate.regime.name().to_owned()))
        .text("global_regime", |o| Some(o.climate.global.name().to_owned()))
        .real("funding_bps", |o| Some(o.funding_bps))
        .text("pil_class", |o| Some(PilClass::of_closed(o.r).name().to_owned()))
        .text("near_target", |o| Some(o.near_target.to_string()));
    Ok(sheet.done())
}

fn fills(store: &mut Store, run: RunNo, header: &RunHeader) -> anyhow::Result<Columns> {
    let rows: Vec<Fill> = store.fills(run)?;
    let sheet = Sheet::of(&rows)
        .text("order_id", |f| Some(f.order.to_string()))
        .text("decision_id", |f| Some(f.decision.to_string()))
        .text("symbol", |f| Some(header.instruments[f.symbol.at()].symbol.clone()))
        .text("leg", |f| Some(f.leg.name().to_owned()))
        .text("side", |f| Some(f.side.name().to_owned()))
        .text("at", |f| Some(f.at.to_string()))
        .text("quantity", |f| Some(f.quantity.to_string()))
        .text("price", |f| Some(f.price.to_string()))
        .text("market_price", |f| Some(f.market_price.to_string()))
        .text("fee", |f| Some(f.fee.to_string()))
        .text("stop", |f| f.stop.map(|stop| stop.to_string()))
        .text("target", |f| f.target.map(|target| target.to_string()))
        .text("gapped", |f| Some(f.gapped.to_string()));
    Ok(sheet.done())
}

/// A row per version. What a policy gains later appears in `policy_json` at once.
fn policy(store: &mut Store, run: RunNo) -> anyhow::Result<Columns> {
    let rows: Vec<PolicyVersion> = store.policy_versions(run)?;
    let evidence = |version: &PolicyVersion| {
        version.reason.amendments().first().map(|amendment| amendment.evidence.clone())
    };
    let as_text = |value: serde_json::Result<String>| value.ok();
    let mut sheet = Sheet::of(&rows)
        .whole("version", |v| Some(v.policy.version as i64))
        .text("at", |v| Some(v.at.to_string()))
        .text("reason", |v| Some(v.reason.name().to_owned()))
        .text("amendments_json", |v| as_text(serde_json::to_string(v.reason.amendments())))
        .whole("outcomes", |v| evidence(v).map(|e| e.outcomes as i64))
        .real("outcomes_effective", |v| evidence(v).map(|e| e.outcomes_effective));
    for head in domain::HeadName::ALL {
        sheet = sheet
            .real(&format!("weight_{}", head.name()), |v| Some(v.policy.head_weights[head.at()]));
    }
    for gate in gate_keys(&rows) {
        sheet = sheet.real(&format!("gate_{gate}"), |v| {
            serde_json::to_value(v.policy.gates).ok()?.get(&gate)?.as_f64()
        });
    }
    let sheet = sheet
        .text("calibrations_json", |v| as_text(serde_json::to_string(&v.policy.calibrations)))
        .text("killed_json", |v| as_text(serde_json::to_string(&v.policy.killed)))
        .text("policy_json", |v| as_text(serde_json::to_string(&v.policy)));
    Ok(sheet.done())
}

/// What the gates ask for, by name.
fn gate_keys(versions: &[PolicyVersion]) -> Vec<String> {
    let gates = versions.first().and_then(|v| serde_json::to_value(v.policy.gates).ok());
    gates.and_then(|gates| Some(gates.as_object()?.keys().cloned().collect())).unwrap_or_default()
}

fn trades(store: &mut Store, run: RunNo, header: &RunHeader) -> anyhow::Result<Columns> {
    let rows: Vec<Trade> = store.trades(run)?;
    let sheet = Sheet::of(&rows)
        .text("decision_id", |t| Some(t.decision.to_string()))
        .text("symbol", |t| Some(header.instruments[t.symbol.at()].symbol.clone()))
        .text("strategy", |t| Some(header.strategies[usize::from(t.strategy.0)].clone()))
        .text("side", |t| Some(t.side.name().to_owned()))
        .text("standing", |t| Some(t.standing.name().to_owned()))
        .whole("policy_version", |t| Some(t.policy_version as i64))
        .text("opened_at", |t| Some(t.opened_at.to_string()))
        .text("closed_at", |t| Some(t.closed_at.to_string()))
        .text("quantity", |t| Some(t.quantity.to_string()))
        .text("entry", |t| Some(t.entry.to_string()))
        .text("exit", |t| Some(t.exit.to_string()))
        .text("stop", |t| Some(t.stop.to_string()))
        .text("target", |t| t.target.map(|target| target.to_string()))
        .text("reason", |t| Some(t.reason.name().to_owned()))
        .text("gross", |t| Some(t.gross.to_string()))
        .text("fees", |t| Some(t.fees.to_string()))
        .text("slipped", |t| Some(t.slipped.to_string()))
        .text("net", |t| Some(t.net.to_string()))
        .real("r", |t| Some(t.r))
        .text("funding", |t| Some(t.funding.to_string()))
        .text("regime", |t| Some(t.climate.regime.name().to_owned()))
        .text("global_regime", |t| Some(t.climate.global.name().to_owned()))
        .whole("frame_bars", |t| Some(i64::from(t.climate.frame_bars)))
        .text("stop_last", |t| Some(t.stop_last.to_string()))
        .whole("hold_ms", |t| Some(t.closed_at.ms_since(t.opened_at)))
        .text("pil_class", |t| Some(PilClass::of_closed(t.r).name().to_owned()));
    Ok(sheet.done())
}
