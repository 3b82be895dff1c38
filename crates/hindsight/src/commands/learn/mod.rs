//! `learn`: what was learned, from what, how sure that is; forcing it, holding it, taking it back.

mod brief;
mod care;
mod gates;
mod history;
mod orders;
mod report;
mod strike;
mod update;
mod value;
mod window;

use domain::PolicyVersion;
use store::Run;

use super::{jobs, setup};
use crate::args::{Global, LearnCommand};
use crate::failure::{Failure, usage};
use window::{Asked, Asking};

/// Does what was asked.
///
/// # Errors
/// When there is no such run, version, learner or job, or the store cannot be read or written.
pub fn run(global: &Global, command: &LearnCommand) -> Result<(), Failure> {
    match command {
        LearnCommand::Report { learner, run } => {
            report::run(global, learner.as_deref(), run.as_deref())
        }
        LearnCommand::Run { job, dry_run, run } => {
            jobs::run_one(global, job, *dry_run, run.as_deref())
        }
        LearnCommand::Update { hours, dry_run, run } => {
            let asking = Asking { asked: Asked::Update, hours: *hours, is_dry: *dry_run };
            window::run(global, asking, run.as_deref())
        }
        LearnCommand::Boost { hours, dry_run, run } => {
            let asking = Asking { asked: Asked::Boost, hours: *hours, is_dry: *dry_run };
            window::run(global, asking, run.as_deref())
        }
        LearnCommand::History { days, run } => history::list(global, *days, run.as_deref()),
        LearnCommand::Show { version, run } => history::show(global, *version, run.as_deref()),
        LearnCommand::Revert { version, run } => orders::revert(global, *version, run.as_deref()),
        LearnCommand::Pin { pin, run } => orders::pin(global, pin, run.as_deref()),
        LearnCommand::Unpin { name, run } => orders::unpin(global, name, run.as_deref()),
        LearnCommand::Switch { learner, to, run } => {
            orders::switch(global, learner, *to, run.as_deref())
        }
        LearnCommand::Strike { from, to, undo: _, dry_run, run } => {
            let stretch = from.as_deref().zip(to.as_deref());
            strike::run(global, stretch, *dry_run, run.as_deref())
        }
    }
}

/// The place of a version in the list.
fn place(versions: &[PolicyVersion], number: u64, run: &Run) -> Result<usize, Failure> {
    let found = versions.iter().position(|version| version.policy.version == number);
    found.ok_or_else(|| {
        usage(format!("run {} has no version {number}; it has 1 to {}", run.id, versions.len()))
    })
}

/// The command that makes a version stand again, wherever the run is.
fn revert_to(global: &Global, run: &Run, version: u64) -> String {
    format!("hindsight{} learn revert {version} --run {}", setup::at_store(global), run.id)
}
