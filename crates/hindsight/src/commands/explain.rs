//! `explain`: one decision whole.

mod models;
mod steps;

use std::fmt::Write;

use anyhow::Context;
use domain::{
    DecisionId, ExitReason, Fill, HORIZONS, HeadName, HorizonOutcome, ModelRecord, Outcome,
    PilClass, PolicyVersion, Reason, Row, RunHeader, Standing, Trade,
};
use learn::Rule;
use serde_json::{Value, json};
use store::{DecisionRecord, OrderRecord, Run, Store};

use super::setup;
use crate::args::Global;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::world::strikes;

/// Everything known of one decision.
struct Whole {
    header: RunHeader,
    record: DecisionRecord,
    orders: Vec<OrderRecord>,
    fills: Vec<Fill>,
    trade: Option<Trade>,
    outcome: Option<Outcome>,
    horizons: Vec<HorizonOutcome>,
    taught: Option<PolicyVersion>,
    /// The version of the models that was asked, where it is known.
    model: Option<ModelRecord>,
    /// Whether a person struck it.
    is_struck: bool,
}

/// Tells it.
///
/// # Errors
/// When there is no such decision, or the store cannot be read.
pub fn run(global: &Global, decision: &str, run: Option<&str>) -> Result<(), Failure> {
    let id = DecisionId::parse(decision).ok_or_else(|| {
        usage(format!(
            "{decision} is not a decision id; reports and exports show them, 16 hex digits"
        ))
    })?;
    let (mut store, run, header) = setup::stored_run(global, run)?;
    let whole = read(&mut store, &run, header, id)?;
    if global.json { setup::print_json(&as_json(&whole)) } else { setup::print(&told(&whole)) }
}

fn read(store: &mut Store, run: &Run, header: RunHeader, id: DecisionId) -> Result<Whole, Failure> {
    let record = store
        .decision(run.no, id)?
        .ok_or_else(|| usage(format!("run {} has no decision {id}", run.id)))?;
    let no = record.decision.no;
    let outcome = store.outcome_of(run.no, no)?;
    let is_struck = strikes(store, run.no)?.holds(record.decision.decided_at);
    let taught = match &outcome {
        None => None,
        Some(_) if is_struck => None,
        Some(outcome) => taught(outcome, &header, store.policy_versions(run.no)?),
    };
    Ok(Whole {
        orders: store.orders_of(run.no, id)?,
        fills: store.fills_of(run.no, id)?,
        trade: store.trade_of(run.no, id)?,
        model: model(store, run, &record)?,
        horizons: store.horizons_of(run.no, no).context("read its horizons")?,
        header,
        record,
        outcome,
        taught,
        is_struck,
    })
}

/// The version of the models whose vote was heard, or who was asked and said nothing.
fn model(
    store: &mut Store,
    run: &Run,
    record: &DecisionRecord,
) -> Result<Option<ModelRecord>, Failure> {
    let asked = u64::from(record.decision.basis.modelled.version);
    if asked == 0 {
        return Ok(None);
    }
    let models = store.models(run.no)?.into_iter().map(|model| model.record);
    Ok(models.into_iter().find(|model| model.version == asked))
}

/// The first version that learning published once it had heard this outcome. What ended at a bar's open
/// is heard when that bar has closed.
fn taught(
    outcome: &Outcome,
    header: &RunHeader,
    versions: Vec<PolicyVersion>,
) -> Option<PolicyVersion> {
    let at_the_open = matches!(outcome.reason, ExitReason::Time | ExitReason::Gap);
    let bar_ms = header.instruments[outcome.symbol.at()].interval.ms();
    let heard_at = outcome.closed_at.plus_ms(if at_the_open { bar_ms } else { 0 });
    let was_heard = header.rule != Rule::Seed.name() || outcome.standing.is_executed();
    let teaches = was_heard && outcome.teaches();
    versions.into_iter().find(|version| {
        teaches && version.at >= heard_at && matches!(version.reason, Reason::Learned(_))
    })
}

fn told(whole: &Whole) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = opening(&mut text, whole);
    let _ = surroundings(&mut text, whole);
    let _ = features(&mut text, whole);
    let _ = votes(&mut text, whole);
    let _ = verdicts(&mut text, whole);
    let _ = size(&mut text, whole);
    let _ = orders(&mut text, whole);
    let _ = outcome(&mut text, whole);
    text
}

fn opening(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let decision = &whole.record.decision;
    let instrument = &whole.header.instruments[decision.symbol.at()];
    writeln!(
        text,
        "{} {} by {}, decided {} at {}: {}",
        instrument.symbol,
        decision.signal.side.name(),
        whole.header.strategies[usize::from(decision.strategy.0)],
        decision.decided_at,
        instrument.price(decision.price),
        decision.standing.name(),
    )?;
    writeln!(
        text,
        "policy version {}, propensity {}, decision {}\n",
        decision.policy_version, decision.propensity, decision.id
    )
}

fn features(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let row = Row { values: &whole.record.row, present: whole.record.present };
    writeln!(text, "What it saw")?;
    for (at, name) in whole.header.features.iter().enumerate() {
        match row.get(at) {
            Some(value) => writeln!(text, "  {name:<20} {value:>14.6}")?,
            None => writeln!(text, "  {name:<20} {:>14}", "absent")?,
        }
    }
    writeln!(text)
}

fn votes(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let signal = &whole.record.decision.signal;
    writeln!(text, "What the heads said")?;
    for head in HeadName::ALL {
        let said = (head == HeadName::Models).then(|| models::said(whole)).flatten();
        match signal.votes.get(head) {
            Some(vote) if said.is_some() => writeln!(
                text,
                "  {} ({}) {}, sure {:.2}",
                head.name(),
                said.unwrap_or_default(),
                vote.side.name(),
                vote.confidence
            )?,
            None if said.is_some() => {
                writeln!(text, "  {} ({}) abstained", head.name(), said.unwrap_or_default())?
            }
            Some(vote) => writeln!(
                text,
                "  {:<16} {:<5} sure {:.2}",
                head.name(),
                vote.side.name(),
                vote.confidence
            )?,
            None => writeln!(text, "  {:<16} abstained", head.name())?,
        }
    }
    writeln!(
        text,
        "  together         {:<5} conviction {:.2}, confluence {:.0} %",
        signal.side.name(),
        signal.conviction,
        signal.confluence * 100.0
    )?;
    writeln!(
        text,
        "  components       lean {:+.2}, up for rising prices: conviction times {:.3}\n",
        signal.tilt,
        1.0 + forecast::TILT * signal.side.sign() * signal.tilt
    )
}

fn verdicts(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let decision = &whole.record.decision;
    writeln!(text, "What the gates said")?;
    for (name, verdict) in whole.header.gates.iter().zip(decision.verdicts.iter()) {
        let gate = decide::GATES.iter().find(|gate| gate.name == name);
        let words = gate.map_or_else(String::new, |gate| (gate.says)(&verdict));
        let answer = if verdict.passed { "passed" } else { "refused" };
        writeln!(text, "  {name:<16} {answer:<8} {words}")?;
    }
    writeln!(text)
}

fn size(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let decision = &whole.record.decision;
    writeln!(text, "How it was to end")?;
    for line in steps::plan(&decision.plan) {
        writeln!(text, "  {line}")?;
    }
    if decision.sizing.equity <= 0.0 {
        return writeln!(text, "\nNo size was computed: it was declined.\n");
    }
    writeln!(text, "\nHow its size came about")?;
    for (step, value) in steps::steps(decision) {
        writeln!(text, "  {step:<36} {value}")?;
    }
    writeln!(text)
}

/// What kind of market it was, and what stood because of it.
fn surroundings(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let decision = &whole.record.decision;
    writeln!(text, "What kind of market it was")?;
    writeln!(text, "  regime           {}", steps::climate(&decision.climate))?;
    writeln!(text, "  standing order   {}\n", steps::standing_order(&decision.order))
}

fn orders(text: &mut String, whole: &Whole) -> std::fmt::Result {
    if whole.orders.is_empty() {
        return writeln!(
            text,
            "No order was sent; it was followed as a shadow under the same exits and costs.\n"
        );
    }
    writeln!(text, "Orders and fills")?;
    for order in &whole.orders {
        let request = &order.request;
        writeln!(
            text,
            "  {} {} {} {}: {}",
            request.id,
            request.leg.name(),
            request.side.name(),
            request.quantity,
            order.state.name()
        )?;
    }
    for fill in &whole.fills {
        writeln!(
            text,
            "  {} {} {} at {} (market {}), fee {}",
            fill.at,
            fill.leg.name(),
            fill.quantity,
            fill.price,
            fill.market_price,
            fill.fee
        )?;
    }
    writeln!(text)
}

fn money_and_horizons(text: &mut String, whole: &Whole) -> std::fmt::Result {
    if let Some(trade) = &whole.trade {
        writeln!(
            text,
            "  gross {} (spread and slippage {} within), fees {}, funding {}, net {}",
            trade.gross.round_dp(4),
            trade.slipped.round_dp(4),
            trade.fees.round_dp(4),
            trade.funding.round_dp(4),
            trade.net.round_dp(4)
        )?;
    }
    for horizon in &whole.horizons {
        let name = HORIZONS.get(usize::from(horizon.horizon)).map_or("", |horizon| horizon.name);
        writeln!(
            text,
            "  after {name:<3} the market had moved {:+.1} bp its way, {:+.1} bp after costs",
            horizon.move_bps, horizon.value_bps
        )?;
    }
    Ok(())
}

fn outcome(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let Some(outcome) = &whole.outcome else {
        let why = if whole.fills.is_empty() {
            "It has not turned out: the run ended first, or the bar after it is missing."
        } else if whole.trade.is_none() {
            "It is still open where the run ends."
        } else {
            "It closed in the last bar and has not been heard."
        };
        return writeln!(text, "{why}");
    };
    writeln!(text, "How it turned out")?;
    if outcome.standing == Standing::Unfilled {
        writeln!(
            text,
            "  nothing was filled; it was followed as a shadow from the bar that did not fill it"
        )?;
    }
    writeln!(
        text,
        "  {} after {} bars, {} to {}: {:+.2} R, {:+.1} bp net, costs {:.1} bp, funding {:.1} bp",
        outcome.reason.name(),
        outcome.bars,
        outcome.opened_at,
        outcome.closed_at,
        outcome.r,
        outcome.net_bps,
        outcome.cost_bps,
        outcome.funding_bps
    )?;
    writeln!(
        text,
        "  {}; best {:.1} bp for it, worst {:.1} bp against it{}",
        PilClass::of_closed(outcome.r).name(),
        outcome.favourable_bps,
        outcome.adverse_bps,
        if outcome.near_target { ", within 0.1 % of its target" } else { "" }
    )?;
    money_and_horizons(text, whole)?;
    writeln!(text, "\nWhat it taught")?;
    if whole.is_struck {
        return writeln!(text, "  nothing any more: a person struck the stretch it was decided in");
    }
    if !outcome.teaches() {
        return writeln!(text, "  nothing: a result across missing bars is not evidence");
    }
    if whole.header.rule == Rule::Seed.name() {
        let heard =
            if outcome.standing.is_executed() { "heard it whole" } else { "did not hear it" };
        return writeln!(
            text,
            "  head weights {heard}: the literal rule learns from executed decisions only"
        );
    }
    writeln!(
        text,
        "  it counts as {:.2} of an independent outcome, the rest overlaps with others",
        outcome.uniqueness
    )?;
    match &whole.taught {
        Some(version) => writeln!(
            text,
            "  first heard in policy version {}, published {}: {}",
            version.policy.version,
            version.at,
            changed(version)
        ),
        None => writeln!(text, "  no version of the policy was published after it"),
    }
}

/// What a version changed, by whom and on what, without what moved: `learn show` has that.
fn changed(version: &PolicyVersion) -> String {
    let amendments = version.reason.amendments().iter();
    let told = amendments.map(|one| {
        let (what, learner) = (one.change.what(), one.learner.replace('_', " "));
        let by = if what == learner { String::new() } else { format!(" by {learner}") };
        let (outcomes, effective) = (one.evidence.outcomes, one.evidence.outcomes_effective);
        format!("{what}{by}, on {} outcomes (effective {effective:.0})", grouped(outcomes))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn as_json(whole: &Whole) -> Value {
    let decision = &whole.record.decision;
    let row = Row { values: &whole.record.row, present: whole.record.present };
    let features: serde_json::Map<String, Value> = whole
        .header
        .features
        .iter()
        .enumerate()
        .map(|(at, name)| (name.clone(), json!(row.get(at))))
        .collect();
    let votes: serde_json::Map<String, Value> = HeadName::ALL
        .into_iter()
        .map(|head| {
            let vote = decision.signal.votes.get(head);
            (
                head.name().to_owned(),
                json!(vote.map(
                    |vote| json!({ "side": vote.side.name(), "confidence": vote.confidence })
                )),
            )
        })
        .collect();
    let verdicts: Vec<Value> = whole
        .header
        .gates
        .iter()
        .zip(decision.verdicts.iter())
        .map(|(name, verdict)| json!({ "gate": name, "passed": verdict.passed, "measured": verdict.measured, "needed": verdict.needed }))
        .collect();
    json!({
        "decision_id": decision.id.to_string(),
        "decided_at": decision.decided_at.to_string(),
        "symbol": whole.header.instruments[decision.symbol.at()].symbol,
        "strategy": whole.header.strategies[usize::from(decision.strategy.0)],
        "side": decision.signal.side.name(),
        "price": decision.price,
        "conviction": decision.signal.conviction,
        "confluence": decision.signal.confluence,
        "tilt": decision.signal.tilt,
        "standing": decision.standing.name(),
        "propensity": decision.propensity,
        "policy_version": decision.policy_version,
        "model_version": decision.model_version,
        "features": features,
        "votes": votes,
        "verdicts": verdicts,
        "climate": decision.climate,
        "standing_order": decision.order,
        "standing_order_says": steps::standing_order(&decision.order),
        "plan": decision.plan,
        "sizing": decision.sizing,
        "size_steps": steps::steps(decision).into_iter().map(|(step, value)| json!({ "step": step.trim(), "value": value })).collect::<Vec<_>>(),
        "orders": whole.orders.iter().map(|order| json!({ "request": order.request, "id": order.request.id.to_string(), "state": order.state.name() })).collect::<Vec<_>>(),
        "fills": whole.fills,
        "trade": whole.trade,
        "models": models::as_json(whole),
        "outcome": whole.outcome.as_ref().map(models::outcome_json),
        "horizons": whole.horizons.iter().map(|horizon| json!({
            "horizon": HORIZONS.get(usize::from(horizon.horizon)).map(|horizon| horizon.name),
            "move_bps": horizon.move_bps, "value_bps": horizon.value_bps,
            "favourable_bps": horizon.favourable_bps, "adverse_bps": horizon.adverse_bps,
        })).collect::<Vec<_>>(),
        "struck_by_a_person": whole.is_struck,
        "taught_policy_version": whole.taught.as_ref().map(|version| version.policy.version),
    })
}
