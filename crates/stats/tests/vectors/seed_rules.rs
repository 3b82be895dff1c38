//! Answers `seed_rules`, apart from the deployment tiers, which `evolve` answers.

use crate::suite::{Case, count, number, numbers, rows};
use serde_json::{Value, json};
use stats::seed_rules::{ComboRecord, Ewma, WeightRule};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    match case.kind.as_str() {
        "killed_combo" => killed_combo(&case.inputs),
        "signal_weight" => signal_weight(&case.inputs),
        "ewma_ev" => ewma_ev(&case.inputs),
        other => Err(format!("unknown kind {other}")),
    }
}

fn killed_combo(inputs: &Value) -> Result<Value, String> {
    let trades_min = count(inputs, "min_n")?;
    let combos: Vec<ComboRecord> = rows(inputs, "n_w_pnl")?
        .iter()
        .map(|row| ComboRecord { trades: row[0] as u64, wins: row[1] as u64, pnl: row[2] })
        .collect();
    let of_each = |ask: &dyn Fn(&ComboRecord) -> Value| combos.iter().map(ask).collect::<Vec<_>>();
    Ok(json!({
        "seed_rule_kill_ignoring_min_n": of_each(&|combo| json!(combo.is_killed())),
        "kill_with_min_n": of_each(&|combo| json!(combo.is_killed_after(trades_min))),
        "p_value_one_sided_wr_at_least_40": of_each(&|combo| json!(combo.kill_p_value())),
    }))
}

fn signal_weight(inputs: &Value) -> Result<Value, String> {
    let rule = WeightRule {
        step_fraction: number(inputs, "max_rel_change")?,
        outcomes_min: count(inputs, "min_outcomes")?,
    };
    let weights = numbers(inputs, "weight")?;
    let proposed = numbers(inputs, "proposed")?;
    let outcomes = numbers(inputs, "n_outcomes")?;
    let each = weights.iter().zip(&proposed).zip(&outcomes);
    let moved: Vec<f64> = each.map(|((w, p), n)| rule.bound(*w, *p, *n as u64)).collect();
    Ok(json!({ "new_weight": moved }))
}

fn ewma_ev(inputs: &Value) -> Result<Value, String> {
    let mut ewma = Ewma::new(number(inputs, "alpha")?, number(inputs, "init")?);
    let (mut raw, mut debiased) = (Vec::new(), Vec::new());
    for value in numbers(inputs, "x")? {
        ewma.observe(value);
        raw.push(ewma.raw());
        debiased.push(ewma.debiased());
    }
    Ok(json!({ "debiased_ewma": debiased, "raw_ewma": raw }))
}
