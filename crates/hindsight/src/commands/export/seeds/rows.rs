//! The files of many rows: signals, how they turned out, what was missed, the audit, positions.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{
    Decision, HORIZONS, HeadName, HorizonOutcome, Outcome, PilClass, Position, Trade, estimate,
};
use serde_json::{Map, Value, json};

use super::{Lines, Source, Stored, direction, real};

/// Writes every file of rows; gives each with its number of rows.
pub(super) fn write_all(
    folder: &Path,
    store: Stored<'_>,
    source: &Source,
) -> anyhow::Result<Vec<(&'static str, u64)>> {
    let mut outcomes = BTreeMap::new();
    store.outcomes(source.run.no, |outcome| {
        outcomes.insert(outcome.decision_no, outcome);
    })?;
    let mut written = of_decisions(folder, store, source, &outcomes)?;
    written.push(("signal_outcomes.jsonl", of_horizons(folder, store, source, &outcomes)?));
    written
        .push(("counterfactual_outcomes.jsonl", counterfactual(folder, store, source, &outcomes)?));
    let mut missed = Lines::to(folder, "missed_opportunities.jsonl")?;
    let would_have_won =
        |outcome: &&Outcome| !outcome.standing.is_executed() && outcome.teaches() && outcome.won();
    for outcome in outcomes.values().filter(would_have_won) {
        missed.add(&of_outcome(outcome, source));
    }
    written.push(("missed_opportunities.jsonl", missed.done()?));
    let mut audit = Lines::to(folder, "learning_audit.jsonl")?;
    for event in store.learning_events(source.run.no)? {
        let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
        audit.add(&json!({
            "seq": event.seq,
            "event": event.event_type,
            "event_timestamp": event.at.to_string(),
            "data": body,
            // The chain is over `data` as it was written; learners know symbols by their places only.
            "says": body["why"].as_str().map(|why| source.names.spoken(why)),
            "previous_hash": event.previous_hash,
            "hash": event.hash,
        }));
    }
    written.push(("learning_audit.jsonl", audit.done()?));
    Ok(written)
}

fn of_decisions(
    folder: &Path,
    store: Stored<'_>,
    source: &Source,
    outcomes: &BTreeMap<u64, Outcome>,
) -> anyhow::Result<Vec<(&'static str, u64)>> {
    let mut signals = Lines::to(folder, "signals.jsonl")?;
    let mut enriched = Lines::to(folder, "enriched_decisions.jsonl")?;
    store.decisions(source.run.no, |record| {
        let mut signal = of_decision(&record.decision, source);
        signals.add(&signal);
        if let Some(outcome) = outcomes.get(&record.decision.no) {
            signal["outcome"] = of_outcome(outcome, source);
            let row = domain::Row { values: &record.row, present: record.present };
            let features: Map<String, Value> = (source.header.features.iter().enumerate())
                .filter_map(|(at, name)| row.get(at).map(|value| (name.clone(), real(value))))
                .collect();
            signal["features"] = features.into();
            enriched.add(&signal);
        }
    })?;
    Ok(vec![("signals.jsonl", signals.done()?), ("enriched_decisions.jsonl", enriched.done()?)])
}

fn of_decision(decision: &Decision, source: &Source) -> Value {
    let verdicts = decision.verdicts.iter().zip(&source.header.gates);
    let reasons: Vec<&str> =
        verdicts.filter(|(verdict, _)| !verdict.passed).map(|(_, name)| name.as_str()).collect();
    let votes: Map<String, Value> = HeadName::ALL
        .into_iter()
        .filter_map(|head| {
            let vote = decision.signal.votes.get(head)?;
            Some((head.alias().to_owned(), real(vote.side.sign() * vote.confidence)))
        })
        .collect();
    json!({
        "signal_id": decision.id.to_string(),
        "ts": decision.decided_at.ms() as f64 / 1_000.0,
        "timestamp": decision.decided_at.to_string(),
        "symbol": source.names.symbol(decision.symbol),
        "direction": direction(decision.signal.side),
        "strategy": source.names.strategy(usize::from(decision.strategy.0)),
        "price": real(decision.price),
        "conviction": real(decision.signal.conviction),
        "confluence": real(decision.signal.confluence),
        "sde_consensus": votes,
        "disposition": if decision.standing.is_executed() { "EXECUTED" } else { "BLOCKED" },
        "standing": decision.standing.name(),
        "blocked_by": reasons,
        "regime": decision.climate.regime.name(),
        "policy_version": decision.policy_version,
        "propensity": real(decision.propensity),
    })
}

fn of_outcome(outcome: &Outcome, source: &Source) -> Value {
    json!({
        "signal_id": outcome.decision.to_string(),
        "symbol": source.names.symbol(outcome.symbol),
        "direction": direction(outcome.side),
        "strategy": source.names.strategy(usize::from(outcome.strategy.0)),
        "executed": outcome.standing.is_executed(),
        "signal_timestamp": outcome.decided_at.to_string(),
        "completed_at": outcome.closed_at.to_string(),
        "outcome": if outcome.won() { "WIN" } else { "LOSS" },
        "exit_reason": outcome.reason.name(),
        "pil_class": PilClass::of_closed(outcome.r).name(),
        "entry_price": real(outcome.entry),
        "exit_price": real(outcome.exit),
        "profit_loss_pct": real(outcome.net_bps / 100.0),
        "r": real(outcome.r),
        "cost_bps": real(outcome.cost_bps),
        "mfe_bps": real(outcome.favourable_bps),
        "mae_bps": real(outcome.adverse_bps),
        "uniqueness": real(outcome.uniqueness),
        "teaches": outcome.teaches(),
    })
}

fn of_horizons(
    folder: &Path,
    store: Stored<'_>,
    source: &Source,
    outcomes: &BTreeMap<u64, Outcome>,
) -> anyhow::Result<u64> {
    let mut lines = Lines::to(folder, "signal_outcomes.jsonl")?;
    store.horizons(source.run.no, |horizon| {
        let mut row = of_horizon(&horizon);
        if let Some(outcome) = outcomes.get(&horizon.decision_no) {
            row["signal_id"] = json!(outcome.decision.to_string());
            row["symbol"] = json!(source.names.symbol(outcome.symbol));
            row["direction"] = json!(direction(outcome.side));
            row["executed"] = json!(outcome.standing.is_executed());
        }
        lines.add(&row);
    })?;
    lines.done()
}

fn of_horizon(horizon: &HorizonOutcome) -> Value {
    json!({
        "decision_no": horizon.decision_no,
        "horizon": HORIZONS[usize::from(horizon.horizon)].name,
        "resolved_at": horizon.known_at.to_string(),
        "direction_correct": horizon.move_bps > 0.0,
        "move_bps": real(horizon.move_bps),
        "ev_bps": real(horizon.value_bps),
        "mfe_bps": real(horizon.favourable_bps),
        "mae_bps": real(horizon.adverse_bps),
    })
}

/// What declined decisions would have come to, and what entries would have come to under another plan.
fn counterfactual(
    folder: &Path,
    store: Stored<'_>,
    source: &Source,
    outcomes: &BTreeMap<u64, Outcome>,
) -> anyhow::Result<u64> {
    let mut lines = Lines::to(folder, "counterfactual_outcomes.jsonl")?;
    for outcome in outcomes.values().filter(|outcome| !outcome.standing.is_executed()) {
        let mut row = of_outcome(outcome, source);
        row["scenario"] = json!("traded");
        lines.add(&row);
    }
    store.what_ifs(source.run.no, |what_if| {
        let id = outcomes.get(&what_if.decision_no).map(|outcome| outcome.decision.to_string());
        lines.add(&json!({
            "signal_id": id,
            "decision_no": what_if.decision_no,
            "symbol": source.names.symbol(what_if.symbol),
            "direction": direction(what_if.side),
            "strategy": source.names.strategy(usize::from(what_if.strategy.0)),
            "executed": what_if.was_executed,
            "scenario": what_if.what_if.name(),
            "known_at": what_if.known_at.to_string(),
            "r": real(what_if.r),
            "r_instead": real(what_if.r_instead),
            "gain_r": real(what_if.gain_r()),
        }));
    })?;
    lines.done()
}

/// Open and closed positions.
pub(super) fn positions(store: Stored<'_>, source: &Source) -> anyhow::Result<Value> {
    let open = store.positions(source.run.no)?;
    let closed = store.trades(source.run.no)?;
    Ok(json!({
        "open_positions": open.iter().map(|one| open_position(one, source)).collect::<Vec<_>>(),
        "closed_positions": closed.iter().map(|one| closed_position(one, source)).collect::<Vec<_>>(),
    }))
}

fn open_position(position: &Position, source: &Source) -> Value {
    json!({
        "position_id": position.decision.to_string(),
        "symbol": source.names.symbol(position.symbol),
        "direction": direction(position.side),
        "strategy": source.names.strategy(usize::from(position.strategy.0)),
        "size": position.quantity.to_string(),
        "entry_value": position.entry_value.to_string(),
        "opened_at": position.opened_at.map(|at| at.to_string()),
        "stop": position.stop.map(|stop| stop.to_string()),
        "target": position.target.map(|target| target.to_string()),
        "conviction": real(position.conviction),
    })
}

fn closed_position(trade: &Trade, source: &Source) -> Value {
    let put_in = estimate(trade.entry) * estimate(trade.quantity);
    json!({
        "position_id": trade.decision.to_string(),
        "symbol": source.names.symbol(trade.symbol),
        "direction": direction(trade.side),
        "strategy": source.names.strategy(usize::from(trade.strategy.0)),
        "size": trade.quantity.to_string(),
        "entry_price": trade.entry.to_string(),
        "exit_price": trade.exit.to_string(),
        "opened_at": trade.opened_at.to_string(),
        "closed_at": trade.closed_at.to_string(),
        "exit_reason": trade.reason.name(),
        "fees": trade.fees.to_string(),
        "funding": trade.funding.to_string(),
        "gross_pnl": trade.gross.to_string(),
        "net_pnl": trade.net.to_string(),
        "pnl_pct": real(estimate(trade.net) / put_in * 100.0),
        "r": real(trade.r),
        "pil_class": PilClass::of_closed(trade.r).name(),
        "policy_version": trade.policy_version,
    })
}
