//! How far a long piece of work has come, shown where a person is watching.

use std::fmt::Write;
use std::io::IsTerminal;
use std::ops::ControlFlow;

use ::models::Listener;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

use crate::args::Global;

/// A bar with rate and time left on a terminal; nothing elsewhere.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Progress through `bars` bars.
    pub(crate) fn through(bars: u64, quiet: bool) -> Progress {
        if quiet || !std::io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new(bars);
        let template =
            "replaying {bar:30} {human_pos} of {human_len} bars  {rate} bars/s  {eta} left  {msg}";
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            // A bar that cannot be drawn is no reason to stop a replay.
            let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
        }));
        Progress { bar }
    }

    /// So many bars are through, and one fact about the run.
    pub(crate) fn at(&self, bars: u64, fact: impl FnOnce() -> String) {
        if !self.bar.is_hidden() {
            self.bar.set_position(bars);
            self.bar.set_message(fact());
        }
    }

    /// What tells how far trainings have come, where the fact about the run stands.
    pub(crate) fn of_trainings(&self) -> Box<Listener<'static>> {
        let bar = self.bar.clone();
        Box::new(move |progress| {
            if !bar.is_hidden() {
                let models::Progress { of, done, all, .. } = progress;
                bar.set_message(format!("training {of}, {done} of {all}"));
            }
            ControlFlow::Continue(())
        })
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// How far a training is: what is being fitted, steps done of all, time left, and its loss so far. Who asked
/// to be told more is told what is being fitted line by line, also where nobody watches.
pub(crate) struct Fitting {
    bar: ProgressBar,
    tells: bool,
}

impl Fitting {
    /// Nothing has been fitted yet.
    pub(crate) fn new(global: &Global) -> Fitting {
        let tells = global.verbose;
        if global.quiet || tells || !std::io::stderr().is_terminal() {
            return Fitting { bar: ProgressBar::hidden(), tells };
        }
        let bar = ProgressBar::new(1);
        let template = "{prefix} {bar:30} {human_pos} of {human_len}  {eta} left  {msg}";
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Fitting { bar, tells }
    }

    /// So far it has come.
    pub(crate) fn at(&self, progress: &models::Progress<'_>) {
        if self.bar.is_hidden() && !self.tells {
            return;
        }
        if self.bar.prefix() != progress.of {
            self.bar.reset();
            self.bar.set_prefix(progress.of.to_owned());
            if self.tells {
                eprintln!("{}", progress.of);
            }
        }
        self.bar.set_length(progress.all as u64);
        self.bar.set_position(progress.done as u64);
        let loss = progress.loss.map(|loss| format!("loss {loss:.4}"));
        self.bar.set_message(loss.unwrap_or_default());
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
