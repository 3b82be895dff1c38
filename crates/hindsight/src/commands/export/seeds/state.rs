//! The documents that hold one state each: weights, sizes, shares, rules, thresholds, health, plans.

use domain::{COMPONENT_NAMES, COMPONENTS_MAX, HORIZONS, HeadName, Policy, SymbolIx, Threshold};
use evolve::Mode;
use serde_json::{Map, Value, json};

use super::{Source, direction, real};

/// Outcomes a learner needs before it moves anything (seed 001).
const OUTCOMES_MIN: u64 = 50;

/// Every document with its name.
pub(super) fn documents(source: &Source) -> Vec<(&'static str, Value)> {
    let policy = &source.stands.policy;
    vec![
        ("signal_weights.json", signal_weights(source, &policy.component_weights)),
        ("signal_weights_gate.json", signal_weights(source, &counted(policy))),
        ("conviction_sizes.json", conviction_sizes(source)),
        ("allocation.json", allocation(source)),
        ("daily_learning_rules.json", daily_rules(source)),
        ("hold_time_policy.json", hold_times(source)),
        ("fee_gate_state.json", fee_gate(source)),
        ("blocked_combos.json", blocked_combos(source)),
        ("learning_state.json", learning_state(source)),
        ("learning_health_status.json", health(source)),
        ("retraining_plan.json", retraining_plan(source)),
        ("retraining_config.json", retraining_config(source)),
    ]
}

/// What of each weight counts where others say the same.
fn counted(policy: &Policy) -> [f64; COMPONENTS_MAX] {
    std::array::from_fn(|at| policy.component_weights[at] * policy.component_discounts[at])
}

fn stamped(source: &Source, mut document: Value) -> Value {
    document["updated_at"] = json!(source.stands.at.to_string());
    document["policy_version"] = json!(source.stands.policy.version);
    document["run"] = json!(source.run.id);
    document
}

fn signal_weights(source: &Source, weights: &[f64; COMPONENTS_MAX]) -> Value {
    let policy = &source.stands.policy;
    let mut by_signal = Map::new();
    // A place that no component takes has a weight that nobody reads.
    for ((at, weight), component) in weights.iter().enumerate().zip(COMPONENT_NAMES) {
        let horizon = HORIZONS.get(usize::from(policy.component_horizons[at]));
        let told = json!({ "weight": real(*weight), "best_horizon": horizon.map(|h| h.name) });
        by_signal.insert(component.to_owned(), told);
    }
    let heads = HeadName::ALL.into_iter();
    let heads: Map<String, Value> =
        heads.map(|head| (head.name().to_owned(), real(policy.head_weights[head.at()]))).collect();
    stamped(source, json!({ "weights": by_signal, "head_weights": heads }))
}

fn conviction_sizes(source: &Source) -> Value {
    let policy = &source.stands.policy;
    let levels = |factors: &[f64]| {
        let count = factors.len().max(1) as f64;
        let level = |(at, factor): (usize, &f64)| {
            let (from, to) = (at as f64 / count, (at + 1) as f64 / count);
            json!({ "from": from, "to": to, "multiplier": real(*factor) })
        };
        factors.iter().enumerate().map(level).collect::<Vec<_>>()
    };
    let edges: Vec<Value> = policy.edge_sizes.iter().map(|factor| real(*factor)).collect();
    stamped(
        source,
        json!({ "multipliers": levels(&policy.conviction_sizes), "edge_multipliers": edges }),
    )
}

fn allocation(source: &Source) -> Value {
    let policy = &source.stands.policy;
    let factor = |list: &[f64], at: usize| real(list.get(at).copied().unwrap_or(1.0));
    let strategies: Map<String, Value> = (source.header.strategies.iter().enumerate())
        .map(|(at, name)| (name.clone(), factor(&policy.strategy_shares, at)))
        .collect();
    let symbols: Map<String, Value> = (source.names.symbols.iter().enumerate())
        .map(|(at, name)| {
            let told = json!({
                "share": factor(&policy.symbol_shares, at),
                "factor": real(policy.symbol_factor(SymbolIx(at as u16))),
            });
            (name.clone(), told)
        })
        .collect();
    let venues: Vec<Value> = policy.venue_shares.iter().map(|share| real(*share)).collect();
    let hours: Vec<Value> = (0..24).map(|hour| real(policy.hour_factor(hour))).collect();
    stamped(
        source,
        json!({ "strategies": strategies, "symbols": symbols, "venues": venues, "hours_utc": hours }),
    )
}

fn daily_rules(source: &Source) -> Value {
    let rules = source.stands.policy.rules.iter().map(|rule| {
        json!({
            "pattern": source.names.conditions(&rule.when),
            "when": rule.when,
            "multiplier": rule.factor,
            "support": rule.support,
            "mean_r": rule.mean_r,
            "low_r": rule.low_r,
            "high_r": rule.high_r,
            "found_at": rule.found_at.to_string(),
            "expires_at": rule.expires_at.to_string(),
        })
    });
    stamped(source, json!({ "rules": rules.collect::<Vec<_>>() }))
}

fn hold_times(source: &Source) -> Value {
    let policy = &source.stands.policy;
    let strategies: Map<String, Value> = (source.header.strategies.iter().enumerate())
        .map(|(at, name)| {
            let factors = policy.exits_of(domain::StrategyIx(at as u8));
            let told = json!({
                "hold_multiplier": factors.hold,
                "target_multiplier": factors.target,
                "stop_multiplier": factors.stop,
                "partial_share": factors.partial_share,
            });
            (name.clone(), told)
        })
        .collect();
    stamped(source, json!({ "strategies": strategies }))
}

fn fee_gate(source: &Source) -> Value {
    let day_one = source.versions.first().map(|version| version.policy.gates.fee_margin);
    let told = json!({
        "min_expected_edge_over_cost": source.stands.policy.gates.fee_margin,
        "day_one": day_one,
    });
    stamped(source, told)
}

fn blocked_combos(source: &Source) -> Value {
    let policy = &source.stands.policy;
    let killed = policy.killed.iter().map(|combo| {
        json!({
            "symbol": source.names.symbol(combo.symbol),
            "direction": direction(combo.side),
        })
    });
    let throttled = policy.throttles.iter().map(|throttle| {
        json!({
            "symbol": source.names.symbol(throttle.combo.symbol),
            "direction": direction(throttle.combo.side),
            "multiplier": throttle.factor,
        })
    });
    let routes = policy.closed_routes.iter().map(|route| {
        json!({
            "symbol": source.names.symbol(route.symbol),
            "direction": direction(route.side),
            "regime": route.regime.name(),
        })
    });
    stamped(
        source,
        json!({
            "blocked": killed.collect::<Vec<_>>(),
            "throttled": throttled.collect::<Vec<_>>(),
            "closed_routes": routes.collect::<Vec<_>>(),
        }),
    )
}

fn learning_state(source: &Source) -> Value {
    let policy = &source.stands.policy;
    let heads: Map<String, Value> = HeadName::ALL
        .into_iter()
        .map(|head| (head.alias().to_owned(), real(policy.head_weights[head.at()])))
        .collect();
    let gates: Map<String, Value> = Threshold::ALL
        .into_iter()
        .map(|threshold| (threshold.gate().to_owned(), real(threshold.of(&policy.gates))))
        .collect();
    stamped(
        source,
        json!({
            "state_type": "policy",
            "version": policy.version,
            "reason": source.stands.reason.name(),
            "head_weights": heads,
            "gate_thresholds": gates,
            "outcomes_processed": source.run.outcomes,
            "updates_made": source.versions.len().saturating_sub(1),
            "state_data": policy,
        }),
    )
}

fn health(source: &Source) -> Value {
    let learners: Map<String, Value> = (source.learners.iter())
        .map(|learner| {
            let state = match (&learner.silenced, learner.starves()) {
                (Some(_), _) => "silenced",
                (None, true) => "starved",
                (None, false) => "healthy",
            };
            let told = json!({
                "state": state,
                "outcomes": learner.heard,
                "outcomes_effective": learner.heard_effective,
                "outcomes_needed": OUTCOMES_MIN,
                "changes": learner.changes,
                "starved": learner.starved,
                "silenced": learner.silenced,
            });
            (learner.name.clone(), told)
        })
        .collect();
    let (decisions, outcomes) = (source.run.decisions, source.run.outcomes);
    stamped(
        source,
        json!({
            "learners": learners,
            "signals": decisions,
            "enriched_decisions": outcomes,
            "pending": decisions.saturating_sub(outcomes),
            "quarantined": source.run.quarantined,
        }),
    )
}

fn retraining_plan(source: &Source) -> Value {
    let jobs = source.plan.iter().map(|planned| {
        json!({
            "model": planned.model.name(),
            "reason": planned.trigger.name(),
            "priority": planned.priority.name(),
            "expected_minutes": source.rules.delay_min,
            "says": planned.says,
        })
    });
    let versions = source.models.iter().map(|model| {
        let record = &model.record;
        json!({
            "version": record.version,
            "name": record.name,
            "reason": record.trigger.name(),
            "asked_at": record.asked_at.to_string(),
            "stage": model.stage.name(),
            "rows": record.rows.count,
            "log_loss": record.figure("log_loss"),
            "base_log_loss": record.figure("base_log_loss"),
        })
    });
    let mut told = json!({
        "jobs": jobs.collect::<Vec<_>>(),
        "versions": versions.collect::<Vec<_>>(),
    });
    noted(source, &mut told);
    stamped(source, told)
}

/// Seed 004's names; the figures are the configuration's.
fn retraining_config(source: &Source) -> Value {
    let rules = &source.rules;
    let mode = match rules.mode {
        Mode::Advisory => "ADVISORY",
        Mode::Enforced => "ENFORCED",
    };
    let mut told = json!({
        "enabled": rules.retraining && !rules.kinds.is_empty(),
        "mode": mode,
        "auto_deploy": rules.auto_deploy,
        "models": rules.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
        "min_winrate": rules.win_rate_min,
        "min_improvement_pct": 0.05,
        "canary_threshold_pct": 0.02,
        "periodic_retrain_days": f64::from(rules.interval_hours) / 24.0,
    });
    noted(source, &mut told);
    told
}

/// Says so where there is no model.
fn noted(source: &Source, told: &mut Value) {
    if source.models.is_empty() {
        told["note"] = json!("no trained model in this run");
    }
}
