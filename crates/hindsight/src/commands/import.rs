//! `import`: history from elsewhere. It is kept in the store with its source, shown in reports, and counts as
//! no run's evidence: nobody here saw what was declined beside it, or under which costs it was filled.

mod files;
mod trade;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};
use store::{Import, Imported, Store};

use super::setup;
use super::shown::grouped;
use crate::args::{Global, ImportArgs, RuleArgs};
use crate::clock;
use crate::failure::{Failure, usage};
use files::{Content, read};

/// Reasons told per file.
const REFUSALS_TOLD: usize = 5;

/// Reads every file before anything is stored, then stores each.
///
/// # Errors
/// When a file cannot be read, none of its rows make sense, or the store cannot be written.
pub fn run(global: &Global, args: &ImportArgs) -> Result<(), Failure> {
    let url = setup::config(global, &RuleArgs::default())?.store.url;
    let mut found = Vec::new();
    for path in files_of(&args.paths)? {
        let content = read(&path, args.kind.as_deref())?;
        if content.rows.is_empty() {
            let why = content.refused.first();
            let why = why
                .map_or_else(|| "it is empty".to_owned(), |(row, why)| format!("row {row}: {why}"));
            return Err(anyhow::anyhow!(
                "{}: nothing in it can be imported; {why}",
                path.display()
            )
            .into());
        }
        found.push((path, content));
    }
    let mut store = Store::open(&url).map_err(setup::store_failure)?;
    let mut told = Vec::new();
    for (path, content) in &found {
        let source = args.source.clone().unwrap_or_else(|| path.display().to_string());
        let hash = content_hash(path)?;
        let import = Import {
            source: &source,
            kind: &content.kind,
            content_hash: &hash,
            rows: &content.rows,
            refused: content.refused.len() as u64,
        };
        told.push((path, content, store.import(&import, clock::now())?));
    }
    say(global, &told)
}

fn say(global: &Global, told: &[(&PathBuf, &Content, Imported)]) -> Result<(), Failure> {
    if global.json {
        let files: Vec<Value> = told.iter().map(|(path, content, how)| {
            json!({
                "file": path.display().to_string(),
                "kind": content.kind,
                "rows": content.rows.len(),
                "refused": content.refused.iter().map(|(row, why)| json!({ "row": row, "why": why })).collect::<Vec<_>>(),
                "imported_before": *how == Imported::Before,
                "counts_as_evidence": false,
            })
        }).collect();
        return setup::print_json(&json!({ "imports": files }));
    }
    let mut text = String::new();
    for (path, content, how) in told {
        let name = path.display();
        if *how == Imported::Before {
            text.push_str(&format!("{name}: imported before; nothing was stored.\n"));
            continue;
        }
        text.push_str(&format!(
            "{name}: {} rows of {}, {} turned away\n",
            grouped(content.rows.len() as u64),
            content.kind,
            grouped(content.refused.len() as u64)
        ));
        for (row, why) in content.refused.iter().take(REFUSALS_TOLD) {
            text.push_str(&format!("  row {row}: {why}\n"));
        }
    }
    text.push_str("Imported history is shown in reports and counts as no run's evidence.\n");
    setup::print(&text)
}

/// Files as they are named; of a folder those that are known by name.
fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries =
                std::fs::read_dir(path).with_context(|| format!("look into {}", path.display()))?;
            let mut known: Vec<PathBuf> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| files::kind_of(path).is_some())
                .collect();
            known.sort();
            if known.is_empty() {
                let sentence = format!("{}: none of the seeds' files is in it", path.display());
                return Err(usage(sentence));
            }
            all.append(&mut known);
        } else if path.exists() {
            all.push(path.clone());
        } else {
            return Err(anyhow::anyhow!("{}: there is no such file", path.display()).into());
        }
    }
    Ok(all)
}

fn content_hash(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}
