//! `explain`: one decision whole.

use std::fmt::Write;

use anyhow::{Context, anyhow};
use domain::{
    DecisionId, ExitReason, Fill, HORIZONS, HeadName, HorizonOutcome, Outcome, PolicyVersion,
    Reason, Row, RunHeader, Standing, Trade,
};
use learn::Rule;
use serde_json::{Value, json};
use store::{DecisionRecord, OrderRecord, Run, Store};

use super::setup;
use crate::args::Global;
use crate::failure::{Failure, usage};

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

fn read(store: &mut Store, run: &Run, header: RunHeader, id: DecisionId) -> anyhow::Result<Whole> {
    let record = store
        .decision(run.no, id)?
        .ok_or_else(|| anyhow!("run {} has no decision {id}", run.id))?;
    let no = record.decision.no;
    let outcome = store.outcome_of(run.no, no)?;
    let taught = match &outcome {
        None => None,
        Some(outcome) => taught(outcome, &header, store.policy_versions(run.no)?),
    };
    Ok(Whole {
        orders: store.orders_of(run.no, id)?,
        fills: store.fills_of(run.no, id)?,
        trade: store.trade_of(run.no, id)?,
        horizons: store.horizons_of(run.no, no).context("read its horizons")?,
        header,
        record,
        outcome,
        taught,
    })
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
            Some(value) => writeln!(text, "  {name:<16} {value:>14.6}")?,
            None => writeln!(text, "  {name:<16} {:>14}", "absent")?,
        }
    }
    writeln!(text)
}

fn votes(text: &mut String, whole: &Whole) -> std::fmt::Result {
    let signal = &whole.record.decision.signal;
    writeln!(text, "What the heads said")?;
    for head in HeadName::ALL {
        match signal.votes.get(head) {
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
        "  together         {:<5} conviction {:.2}, confluence {:.0} %\n",
        signal.side.name(),
        signal.conviction,
        signal.confluence * 100.0
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
    let (plan, sizing) = (&whole.record.decision.plan, &whole.record.decision.sizing);
    writeln!(text, "How it was to end")?;
    writeln!(
        text,
        "  stop {:.2} % away, target {}, longest hold {:.0} h",
        plan.stop_fraction * 100.0,
        plan.target_fraction
            .map_or_else(|| "none".to_owned(), |target| format!("{:.2} % away", target * 100.0)),
        plan.hold_ms_max as f64 / 3_600_000.0
    )?;
    if let Some(trail) = plan.trail {
        writeln!(
            text,
            "  after {:.2} % in favour the stop follows {:.2} % behind",
            trail.after_fraction * 100.0,
            trail.behind_fraction * 100.0
        )?;
    }
    if sizing.equity <= 0.0 {
        return writeln!(text, "\nNo size was computed: it was declined.\n");
    }
    writeln!(text, "\nHow its size came about (Math AI)")?;
    for (step, value) in size_steps(whole) {
        writeln!(text, "  {step:<34} {value}")?;
    }
    writeln!(text)
}

fn size_steps(whole: &Whole) -> Vec<(&'static str, String)> {
    let sizing = &whole.record.decision.sizing;
    vec![
        ("equity", format!("{:.2}", sizing.equity)),
        ("similar outcomes, overlap discounted", format!("{:.1}", sizing.outcomes_effective)),
        (
            "win probability",
            format!("{:.3}, lower bound {:.3}", sizing.win_probability, sizing.win_probability_low),
        ),
        (
            "a win brings, a loss takes",
            format!("{:.3} R, {:.3} R, costs within", sizing.win_r, sizing.loss_r),
        ),
        ("payoff b = win / loss", format!("{:.3}", sizing.win_r / sizing.loss_r)),
        (
            "break-even p = 1 / (1 + b)",
            format!("{:.3}", sizing.loss_r / (sizing.win_r + sizing.loss_r)),
        ),
        ("Kelly f = p - (1 - p) / b, p low", format!("{:+.4}", sizing.kelly_fraction)),
        ("equity put at risk", format!("{:.3} %", sizing.risk_fraction * 100.0)),
        ("round-trip cost", format!("{:.4} % of notional", sizing.cost_fraction * 100.0)),
        (
            "expected, p (win) - (1 - p) (loss)",
            format!(
                "{:+.4} % of notional, {:+.2}",
                sizing.expected_fraction * 100.0,
                sizing.expected_fraction * sizing.notional
            ),
        ),
        ("notional = equity x risk / loss", format!("{:.2}", sizing.notional_asked)),
        (
            "notional after limits",
            format!("{:.2} (limit: {})", sizing.notional, sizing.limit.name()),
        ),
        ("leverage", format!("{:.3}", sizing.leverage)),
        ("size", sizing.quantity.to_string()),
    ]
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
        "  {} after {} bars, {} to {}: {:+.2} R, {:+.1} bp net, costs {:.1} bp",
        outcome.reason.name(),
        outcome.bars,
        outcome.opened_at,
        outcome.closed_at,
        outcome.r,
        outcome.net_bps,
        outcome.cost_bps
    )?;
    writeln!(
        text,
        "  best {:.1} bp for it, worst {:.1} bp against it",
        outcome.favourable_bps, outcome.adverse_bps
    )?;
    if let Some(trade) = &whole.trade {
        writeln!(
            text,
            "  gross {}, fees {}, net {}",
            trade.gross.round_dp(4),
            trade.fees.round_dp(4),
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
    writeln!(text, "\nWhat it taught")?;
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
            "  first heard in policy version {}, published {}",
            version.policy.version, version.at
        ),
        None => writeln!(text, "  no version of the policy was published after it"),
    }
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
        "standing": decision.standing.name(),
        "propensity": decision.propensity,
        "policy_version": decision.policy_version,
        "model_version": decision.model_version,
        "features": features,
        "votes": votes,
        "verdicts": verdicts,
        "plan": decision.plan,
        "sizing": decision.sizing,
        "orders": whole.orders.iter().map(|order| json!({ "request": order.request, "id": order.request.id.to_string(), "state": order.state.name() })).collect::<Vec<_>>(),
        "fills": whole.fills,
        "trade": whole.trade,
        "outcome": whole.outcome,
        "horizons": whole.horizons.iter().map(|horizon| json!({
            "horizon": HORIZONS.get(usize::from(horizon.horizon)).map(|horizon| horizon.name),
            "move_bps": horizon.move_bps, "value_bps": horizon.value_bps,
            "favourable_bps": horizon.favourable_bps, "adverse_bps": horizon.adverse_bps,
        })).collect::<Vec<_>>(),
        "taught_policy_version": whole.taught.as_ref().map(|version| version.policy.version),
    })
}
