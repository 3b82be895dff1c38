//! `db`: the store itself, checked, brought up to date, copied out and back.

use std::path::Path;

use anyhow::anyhow;
use serde_json::json;
use store::{Checkup, Store};

use super::setup;
use super::shown::grouped;
use crate::args::{DbCommand, Global, RuleArgs};
use crate::failure::Failure;

/// Does what was asked.
///
/// # Errors
/// When there is no store, it is damaged, or a copy cannot be written.
pub fn run(global: &Global, command: &DbCommand) -> Result<(), Failure> {
    let url = setup::config(global, &RuleArgs::default())?.store.url;
    match command {
        DbCommand::Check => check(global, &url),
        DbCommand::Migrate => migrate(global, &url),
        DbCommand::Backup { file } => backup(global, &url, file),
        DbCommand::Restore { file, force } => restore(global, &url, file, *force),
    }
}

fn check(global: &Global, url: &str) -> Result<(), Failure> {
    let mut store = Store::open_existing(url).map_err(setup::store_failure)?;
    let checkup = store.check()?;
    if global.json {
        setup::print_json(&as_json(&checkup))?;
    } else if checkup.damages.is_empty() {
        setup::print(&format!("{}\n", went_through(&checkup)))?;
    } else {
        let found: String = checkup.damages.iter().map(|damage| format!("! {damage}\n")).collect();
        setup::print(&found)?;
    }
    match checkup.damages.len() {
        0 => Ok(()),
        1 => Err(anyhow!("the store has a damage; restore a copy, or replay the run").into()),
        n => Err(anyhow!("the store has {n} damages; restore a copy, or replay the runs").into()),
    }
}

fn as_json(checkup: &Checkup) -> serde_json::Value {
    json!({
        "runs": checkup.runs,
        "sealed": checkup.sealed,
        "rows": checkup.rows,
        "links": checkup.links,
        "unsealed": checkup.unsealed,
        "earlier": checkup.earlier,
        "damages": checkup.damages,
    })
}

fn went_through(checkup: &Checkup) -> String {
    let mut text = format!(
        "All is as it was stored: {} runs, {} sealed pieces, {} rows, {} links of audits that follow from one another.",
        grouped(checkup.runs),
        grouped(checkup.sealed),
        grouped(checkup.rows),
        grouped(checkup.links)
    );
    if checkup.unsealed > 0 {
        text.push_str(&format!(
            " {} runs were stored before rows were sealed: theirs were read and counted, no more.",
            grouped(checkup.unsealed)
        ));
    }
    if checkup.earlier > 0 {
        text.push_str(&format!(
            " {} runs of an earlier version were not looked into; replay them again to read them.",
            grouped(checkup.earlier)
        ));
    }
    text
}

fn migrate(global: &Global, url: &str) -> Result<(), Failure> {
    let (before, now) = Store::migrate(url).map_err(setup::store_failure)?;
    if global.json {
        return setup::print_json(&json!({ "schema_before": before, "schema": now }));
    }
    setup::print(&if before == now {
        format!("The schema is {now} already.\n")
    } else {
        format!("The schema was {before} and is {now}.\n")
    })
}

fn backup(global: &Global, url: &str, file: &Path) -> Result<(), Failure> {
    let mut store = Store::open_existing(url).map_err(setup::store_failure)?;
    let checkup = store.backup(file)?;
    if global.json {
        return setup::print_json(
            &json!({ "file": file.display().to_string(), "check": as_json(&checkup) }),
        );
    }
    setup::print(&format!(
        "A copy is in {}. {}\nBack: hindsight{} db restore {} --force\n",
        file.display(),
        went_through(&checkup),
        setup::at_store(global),
        setup::quoted(&file.display().to_string())
    ))
}

fn restore(global: &Global, url: &str, file: &Path, force: bool) -> Result<(), Failure> {
    let checkup = Store::restore(file, url, force).map_err(setup::store_failure)?;
    if global.json {
        return setup::print_json(&json!({ "store": url, "check": as_json(&checkup) }));
    }
    setup::print(&format!(
        "{url} is the copy from {}. {}\n",
        file.display(),
        went_through(&checkup)
    ))
}
