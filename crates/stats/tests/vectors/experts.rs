//! Answers `experts`. Rates and the rows to show stand among the expected figures.

use crate::suite::{Case, number, numbers, rows};
use serde_json::{Map, Value, json};
use stats::experts::{
    AdaHedge, CappedHedge, CentredCappedHedge, FixedShare, Hedge, JamesStein, Record,
    hedge_regret_bound, shrink_factor,
};
use stats::simplex::Bounds;

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let has = |key: &str| case.inputs.get(key).is_some();
    if has("losses") {
        return learners(case);
    }
    if has("agree_TxH") {
        return centred(case);
    }
    if has("mean_loss") {
        return james_stein(&case.inputs);
    }
    Err("unknown kind of case".to_owned())
}

fn learners(case: &Case) -> Result<Value, String> {
    let losses = rows(&case.inputs, "losses")?;
    let mut answers = Map::new();
    for (name, wanted) in case.expected.as_object().ok_or("no expected figures")? {
        let answer = match name.as_str() {
            "hedge" => hedge(&losses, wanted)?,
            "adahedge" => ada_hedge(&losses, wanted)?,
            "fixed_share" => fixed_share(&losses, wanted)?,
            "capped_hedge" => capped_hedge(&losses, wanted)?,
            other => return Err(format!("unknown learner {other}")),
        };
        answers.insert(name.clone(), answer);
    }
    Ok(Value::Object(answers))
}

fn hedge(losses: &[Vec<f64>], wanted: &Value) -> Result<Value, String> {
    let eta = number(wanted, "eta")?;
    let experts = losses.first().map_or(0, Vec::len);
    let mut hedge = Hedge::new(experts, eta);
    let mut before_last = hedge.weights();
    for round in losses {
        before_last = hedge.weights();
        hedge.observe(round);
    }
    Ok(json!({
        "eta": eta,
        "final_weights_before_last_loss": before_last,
        "cum_loss": hedge.own_loss(),
        "regret": hedge.regret(),
        "bound_sqrt_T_ln_n_over_2": hedge_regret_bound(losses.len() as u64, experts),
    }))
}

fn ada_hedge(losses: &[Vec<f64>], wanted: &Value) -> Result<Value, String> {
    let mut learner = AdaHedge::new(losses.first().map_or(0, Vec::len));
    let mut history = Vec::new();
    for round in losses {
        history.push(learner.weights());
        learner.observe(round);
    }
    if learner.regret() > 2.0 * learner.mixability_gap() + 1e-9 {
        return Err("regret above twice the mixability gap".to_owned());
    }
    Ok(json!({
        "weights_rows": shown(&history, wanted)?,
        "rows": wanted["rows"],
        "cum_loss": learner.own_loss(),
        "mixability_gap_total": learner.mixability_gap(),
        "regret": learner.regret(),
        "regret_bound_2014_thm8": learner.regret_bound(),
    }))
}

fn fixed_share(losses: &[Vec<f64>], wanted: &Value) -> Result<Value, String> {
    let (eta, alpha) = (number(wanted, "eta")?, number(wanted, "alpha")?);
    let mut learner = FixedShare::new(losses.first().map_or(0, Vec::len), eta, alpha);
    let mut last = learner.weights().to_vec();
    for round in losses {
        last = learner.weights().to_vec();
        learner.observe(round);
    }
    Ok(json!({
        "eta": eta,
        "alpha": alpha,
        "last_weights": last,
        "cum_loss": learner.own_loss(),
    }))
}

fn capped_hedge(losses: &[Vec<f64>], wanted: &Value) -> Result<Value, String> {
    let eta = number(wanted, "eta")?;
    let mut learner = CappedHedge::new(losses.first().map_or(0, Vec::len), eta, bounds(wanted)?);
    let mut history = Vec::new();
    for round in losses {
        history.push(learner.weights().to_vec());
        learner.observe(round);
    }
    Ok(json!({
        "eta": eta,
        "lo": wanted["lo"],
        "hi": wanted["hi"],
        "rel": wanted["rel"],
        "rows": wanted["rows"],
        "weights_rows": shown(&history, wanted)?,
        "cum_loss": learner.own_loss(),
    }))
}

fn centred(case: &Case) -> Result<Value, String> {
    let inputs = &case.inputs;
    let agreed = rows(inputs, "agree_TxH")?;
    let won = numbers(inputs, "win")?;
    let prior = &inputs["prior_pseudo"];
    let prior = Record {
        count: number(prior, "count")?,
        agreed: number(prior, "agree")?,
        won: number(prior, "win")?,
    };
    let heads = agreed.first().map_or(0, Vec::len);
    let eta = number(inputs, "eta")?;
    let mut learner = CentredCappedHedge::new(heads, eta, bounds(inputs)?, prior);
    let mut history = Vec::new();
    for (agreed, won) in agreed.iter().zip(&won) {
        history.push(learner.weights().to_vec());
        let agreed: Vec<bool> = agreed.iter().map(|a| *a > 0.5).collect();
        learner.observe(&agreed, *won > 0.5);
    }
    Ok(json!({
        "rows": case.expected["rows"],
        "weights_rows": shown(&history, &case.expected)?,
        "final_weights_after_last": learner.weights(),
    }))
}

fn james_stein(inputs: &Value) -> Result<Value, String> {
    let losses = numbers(inputs, "mean_loss")?;
    let noise = number(inputs, "noise_var_per_obs")? / number(inputs, "n")?;
    let rule = JamesStein { gain_scale: number(inputs, "gain_scale")? };
    let previous = numbers(inputs, "prev")?;
    Ok(json!({
        "js_factor": shrink_factor(&losses, noise),
        "target_unprojected": rule.target(&losses, noise),
        "weights": rule.weights(&losses, noise, &previous, &bounds(inputs)?),
    }))
}

fn bounds(from: &Value) -> Result<Bounds, String> {
    Ok(Bounds {
        least: number(from, "lo")?,
        most: number(from, "hi")?,
        step_fraction: number(from, "rel")?,
    })
}

/// The weights used to predict the rounds that `wanted.rows` names.
fn shown(history: &[Vec<f64>], wanted: &Value) -> Result<Vec<Vec<f64>>, String> {
    let row = |&at: &f64| history.get(at as usize).cloned().ok_or("a row beyond the last round");
    Ok(numbers(wanted, "rows")?.iter().map(row).collect::<Result<_, _>>()?)
}
