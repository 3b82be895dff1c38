//! `runs`: what the store holds.

use serde_json::{Value, json};
use store::{Run, RunState, Store};

use super::setup;
use super::shown::day;
use crate::args::{Global, RuleArgs};
use crate::failure::Failure;

/// Lists the finished runs, newest first.
///
/// # Errors
/// When the store cannot be read.
pub fn run(global: &Global) -> Result<(), Failure> {
    let config = setup::config(global, &RuleArgs::default())?;
    let mut store = Store::open_existing(&config.store.url).map_err(setup::store_failure)?;
    let mut told = Vec::new();
    for run in store.runs()?.into_iter().filter(|run| run.state == RunState::Done) {
        told.push(of(&mut store, &run)?);
    }
    if global.json {
        return setup::print_json(&json!({ "runs": told }));
    }
    let mut text = String::from(
        "run               from        to          rule      seed  return   symbols\n",
    );
    for run in &told {
        let word = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        let names: Vec<&str> =
            run["symbols"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        text.push_str(&format!(
            "{}  {}  {}  {:<8}  {:>4}  {:>+6.1} %  {}\n",
            word("run"),
            day(&word("from")),
            day(&word("to")),
            word("rule"),
            run["seed"],
            run["net_return"].as_f64().unwrap_or(0.0) * 100.0,
            names.join(", ")
        ));
    }
    setup::print(&text)
}

fn of(store: &mut Store, run: &Run) -> Result<Value, Failure> {
    let header = store.header(run.no)?;
    let text = store.summary(run.no)?.unwrap_or_default();
    let summary: Value = serde_json::from_str(&text).unwrap_or_default();
    let symbols: Vec<&str> = header.instruments.iter().map(|i| i.symbol.as_str()).collect();
    Ok(json!({
        "run": run.id,
        "world": run.world.name(),
        "from": header.from.to_string(),
        "to": header.to.to_string(),
        "rule": header.rule,
        "seed": header.seed,
        "symbols": symbols,
        "decisions": run.decisions,
        "trades": run.trades,
        "net_return": summary.get("net_return"),
        "digest": run.digest,
    }))
}
