//! What has happened, counted small: days, costs by symbol, and how much there was to learn from. A
//! person's strike changes what was learned, never these.

use std::collections::VecDeque;

use domain::{Job, Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use stats::moments::Moments;

use crate::days::Days;

/// What the continuous-learning controller looks back on: 168 hours (seed 001).
const WINDOW_MS: i64 = 168 * 3_600_000;

/// Of what was paid before, what one more trade leaves in a symbol's record. Chosen as learners forget
/// (methods, Decision 1), so that an audit speaks of the last few hundred trades.
const KEEP_FRACTION: f64 = 0.9975;

/// Counters of everything that closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Accounts {
    pub(crate) days: Days,
    /// What trades cost, basis points of the entry price, by the symbol's place.
    pub(crate) costs: Vec<Moments>,
    /// Outcomes that taught, and those across missing bars or struck, which did not.
    taught: u64,
    void: u64,
    /// The same when the last night's cycle ran.
    night: (u64, u64),
    /// How many had taught at each run of the controller within the window.
    window: VecDeque<(Timestamp, u64)>,
    /// Outcomes since models were trained last; counted for the time there are any.
    pub(crate) since_training: u64,
}

impl Accounts {
    pub(crate) fn new(symbols: usize) -> Accounts {
        Accounts {
            days: Days::new(symbols),
            costs: vec![Moments::default(); symbols],
            taught: 0,
            void: 0,
            night: (0, 0),
            window: VecDeque::new(),
            since_training: 0,
        }
    }

    /// Books what closed; `is_taught` says whether learners hear it.
    pub(crate) fn count(&mut self, outcome: &Outcome, is_taught: bool) {
        self.days.count(outcome);
        if outcome.standing.is_executed() {
            let costs = &mut self.costs[outcome.symbol.at()];
            costs.forget(KEEP_FRACTION);
            costs.observe(outcome.cost_bps);
        }
        *(if is_taught { &mut self.taught } else { &mut self.void }) += 1;
    }

    /// Outcomes that taught, and those that did not, since the last night.
    pub(crate) fn since_night(&self) -> (u64, u64) {
        (self.taught - self.night.0, self.void - self.night.1)
    }

    /// Outcomes that taught within the controller's window.
    pub(crate) fn in_window(&self, at: Timestamp) -> u64 {
        let inside = |(then, _): &&(Timestamp, u64)| at.ms_since(*then) <= WINDOW_MS;
        let before = self.window.iter().find(inside).map_or(0, |(_, taught)| *taught);
        self.taught - before
    }

    /// A job has run by the clock: what it counts from begins anew.
    pub(crate) fn note(&mut self, job: Job, at: Timestamp) {
        match job {
            Job::Nightly => self.night = (self.taught, self.void),
            Job::Controller => {
                self.window.retain(|(then, _)| at.ms_since(*then) <= WINDOW_MS);
                self.window.push_back((at, self.taught));
            }
            _ => {}
        }
    }
}
