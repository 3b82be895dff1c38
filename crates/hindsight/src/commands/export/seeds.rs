//! `export seeds`: what the seed documents' users read, under their names (mission row R10).

mod rows;
mod state;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::{PlannedTraining, PolicyVersion, RunHeader};
use evolve::ModelRules;
use serde_json::{Value, json};
use store::{Run, Store, StoredModel};

use crate::args::{ExportArgs, Global};
use crate::commands::order::{self, Fed};
use crate::commands::setup;
use crate::commands::shown::grouped;
use crate::failure::{Failure, usage};
use crate::figures;
use crate::report::LearnerStory;
use crate::wording::Names;

/// A run as the files need it.
struct Source {
    run: Run,
    header: RunHeader,
    names: Names,
    /// Every version; there is at least one.
    versions: Vec<PolicyVersion>,
    stands: PolicyVersion,
    learners: Vec<LearnerStory>,
    rules: ModelRules,
    plan: Vec<PlannedTraining>,
    models: Vec<StoredModel>,
}

/// Writes all files into a folder.
pub(super) fn run(global: &Global, args: &ExportArgs) -> Result<(), Failure> {
    if args.to.is_file() {
        return Err(usage(format!("--to {}: seeds are written to a folder", args.to.display())));
    }
    let mut stood = order::stored(global, args.run.as_deref(), Fed::ByNobody)?;
    let (at, stored) = (stood.now(), stood.at_rest()?);
    let (reports, plan) = (stored.engine().learner_reports(), stored.engine().plan(at));
    let rules = stored.engine().settings().models.clone();
    let (run, header) = (stood.run, stood.header);
    let mut store = stood.store;
    let learners = figures::learners(&mut store, run.no, &header, reports)?;
    let versions = store.policy_versions(run.no)?;
    let stands = versions.last().cloned();
    let stands = stands.with_context(|| format!("run {} has published no policy", run.id))?;
    let (names, models) = (Names::of(&header), store.models(run.no)?);
    let source = Source { names, run, header, versions, stands, learners, rules, plan, models };
    std::fs::create_dir_all(&args.to)
        .with_context(|| format!("make the folder {}", args.to.display()))?;
    let mut written = Vec::new();
    for (name, document) in state::documents(&source) {
        written.push((name, json_file(&args.to, name, &document)?));
    }
    let positions = rows::positions(&mut store, &source)?;
    written.push((
        "positions_futures.json",
        json_file(&args.to, "positions_futures.json", &positions)?,
    ));
    written.extend(rows::write_all(&args.to, &mut store, &source)?);
    say(global, &args.to, &source, &written)
}

fn say(
    global: &Global,
    folder: &Path,
    source: &Source,
    written: &[(&'static str, u64)],
) -> Result<(), Failure> {
    if global.json {
        let files: serde_json::Map<String, Value> =
            written.iter().map(|(name, rows)| ((*name).to_owned(), json!(rows))).collect();
        return setup::print_json(&json!({
            "folder": folder.display().to_string(),
            "run": source.run.id,
            "rows": files,
        }));
    }
    let mut text = format!("Run {} in {}\n", source.run.id, folder.display());
    for (name, rows) in written {
        text.push_str(&format!("{:>9}  {name}\n", grouped(*rows)));
    }
    setup::print(&text)
}

/// Writes one document; counts as one row.
fn json_file(folder: &Path, name: &str, document: &Value) -> anyhow::Result<u64> {
    let path = folder.join(name);
    let mut text = serde_json::to_string_pretty(document).context("write JSON")?;
    text.push('\n');
    std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    Ok(1)
}

/// One JSON document a line.
struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
    count: u64,
    failed: Option<std::io::Error>,
}

impl Lines {
    fn to(folder: &Path, name: &str) -> anyhow::Result<Lines> {
        let path = folder.join(name);
        let file = File::create(&path).with_context(|| format!("write {}", path.display()))?;
        Ok(Lines { path, out: BufWriter::new(file), count: 0, failed: None })
    }

    /// Adds a line; what goes wrong is told at the end.
    fn add(&mut self, row: &Value) {
        if self.failed.is_none() {
            self.failed = writeln!(self.out, "{row}").err();
            self.count += 1;
        }
    }

    fn done(mut self) -> anyhow::Result<u64> {
        let ended = self.failed.take().map_or_else(|| self.out.flush(), Err);
        ended.with_context(|| format!("write {}", self.path.display()))?;
        Ok(self.count)
    }
}

/// What could not be told where a number is none.
fn real(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

/// As the seeds write a side.
fn direction(side: domain::Side) -> &'static str {
    match side {
        domain::Side::Long => "LONG",
        domain::Side::Short => "SHORT",
    }
}

/// The store is only needed where rows are read.
type Stored<'a> = &'a mut Store;
