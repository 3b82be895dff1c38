//! `models`: the registry and the lineage, the plan, training, deploying, going back; and benchmark sets.

mod bench;
mod list;
mod order;
mod plan;
mod show;
mod told;
mod train;

use store::{Run, StoredModel};

use super::setup;
use crate::args::{Global, ModelsCommand};
use crate::failure::{Failure, usage};

/// Does what was asked.
///
/// # Errors
/// When there is no such run or version, or the store cannot be read or written.
pub fn run(global: &Global, command: &ModelsCommand) -> Result<(), Failure> {
    match command {
        ModelsCommand::List { all, run } => list::run(global, *all, run.as_deref()),
        ModelsCommand::Show { version, verify, run } => {
            show::run(global, version, *verify, run.as_deref())
        }
        ModelsCommand::Plan { run } => plan::run(global, run.as_deref()),
        ModelsCommand::Train(args) => train::run(global, args),
        ModelsCommand::Promote { version, dry_run, run } => {
            order::promote(global, version, *dry_run, run.as_deref())
        }
        ModelsCommand::Rollback { line, dry_run, run } => {
            order::roll_back(global, line, *dry_run, run.as_deref())
        }
        ModelsCommand::Bench(command) => bench::run(global, command),
    }
}

/// Shorter than this, the start of a hash could as well be a number.
const HASH_START_MIN: usize = 4;

/// The version that is called by its number, its name, or the start of its hash.
fn find<'a>(
    models: &'a [StoredModel],
    called: &str,
    run: &Run,
) -> Result<&'a StoredModel, Failure> {
    let by_number = called.parse().ok();
    let by_number = models.iter().find(|model| Some(model.record.version) == by_number);
    let by_name = models.iter().find(|model| model.record.name == called);
    if let Some(found) = by_number.or(by_name) {
        return Ok(found);
    }
    let begins = |model: &&StoredModel| model.record.hash.starts_with(called);
    let mut by_hash = models.iter().filter(begins);
    match (by_hash.next().filter(|_| called.len() >= HASH_START_MIN), by_hash.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(usage(format!("several models begin with {called}; write more"))),
        (None, _) if models.is_empty() => Err(usage(format!("run {} has no model", run.id))),
        (None, _) => Err(usage(format!(
            "run {} has no model {called}; it has versions 1 to {}",
            run.id,
            models.len()
        ))),
    }
}

/// The command that does something about models, wherever the run is.
fn command(global: &Global, run: &Run, what: &str) -> String {
    format!("hindsight{} models {what} --run {}", setup::at_store(global), run.id)
}

/// How to come by a model where there is none.
fn how_to_get_one(global: &Global, run: &Run) -> String {
    format!(
        "Run {} has no model. To get one: {}, or replay with --models all.\n",
        run.id,
        command(global, run, "train --models all")
    )
}

/// Does work on so many threads; as many as there are processors unless told.
fn on_threads<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = threads {
        pool = pool.num_threads(usize::from(threads));
    }
    Ok(pool.build()?.install(work))
}

/// To the minute: nobody learns by the second.
fn minute(moment: domain::Timestamp) -> String {
    moment.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

/// A figure with so many digits, or that there is none.
fn figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
