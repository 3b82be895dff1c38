//! `models bench`: one model on a public benchmark set, with the protocol of the papers. Needs no store and
//! leaves nothing behind, whenever it is stopped.

mod boost;
mod forecast;

use std::ops::ControlFlow;
use std::path::Path;

use ::models::{FitError, Listener, Progress};
use market::{MarketError, NumberTable, read_numbers};

use crate::args::{BenchCommand, Global};
use crate::clock::Stopwatch;
use crate::failure::{Failure, usage};
use crate::progress::Fitting;

/// Measures what was asked for.
///
/// # Errors
/// A sentence for what cannot be read or measured.
pub(super) fn run(global: &Global, command: &BenchCommand) -> Result<(), Failure> {
    match command {
        BenchCommand::Forecast(args) => forecast::run(global, args),
        BenchCommand::Boost(args) => boost::run(global, args),
    }
}

/// A table and what to call it.
fn read(path: &Path) -> Result<NumberTable, Failure> {
    read_numbers(path).map_err(|error| match error {
        // A name that is not there was named wrongly.
        MarketError::Unreadable { .. } => Failure::Usage(error.into()),
        _ => Failure::Job(error.into()),
    })
}

/// Does the work on so many threads, with its progress shown.
fn measured<T: Send>(
    global: &Global,
    threads: Option<u16>,
    work: impl FnOnce(&mut Listener<'_>) -> Result<T, FitError> + Send,
) -> Result<T, Failure> {
    let shown = Fitting::new(global);
    let mut tell = |progress: Progress<'_>| {
        shown.at(&progress);
        ControlFlow::Continue(())
    };
    let done = super::on_threads(threads, || work(&mut tell))?;
    shown.done();
    done.map_err(|error| match error {
        FitError::BadParameter { .. } => usage(error),
        _ => Failure::Job(error.into()),
    })
}

/// What the work took.
struct Took {
    seconds: f64,
    cpu_seconds: f64,
}

impl Took {
    fn since(watch: &Stopwatch) -> Took {
        Took { seconds: watch.seconds(), cpu_seconds: watch.cpu_seconds() }
    }

    fn line(&self) -> String {
        format!("{:.1} s, {:.1} CPU seconds\n", self.seconds, self.cpu_seconds)
    }
}
