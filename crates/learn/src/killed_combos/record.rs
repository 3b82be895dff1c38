//! What one symbol and side has shown.

use domain::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};
use stats::seed_rules::KILL_WIN_RATE;

use crate::harm::Harm;
use crate::results::Results;

/// One symbol and side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Everything, with the old forgotten: what throttles.
    pub(super) all: Results,
    /// Since it was last let in, as long as it is traded: what kills.
    pub(super) since: Results,
    pub(super) harm: Harm,
    pub(super) let_in_at: Option<Timestamp>,
}

impl Record {
    pub(super) fn new() -> Record {
        let (all, since) = (Results::default(), Results::default());
        Record { all, since, harm: Harm::new(), let_in_at: None }
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        self.all.hear(outcome, keep_fraction);
        self.harm.hear(outcome);
        if !self.harm.is_stopped() {
            self.since.hear(outcome, 1.0);
        }
    }

    /// Seed 001's condition: wins less than 40 % of the time and has lost money.
    pub(super) fn seed_kills(&self) -> bool {
        self.since.win_rate().is_some_and(|rate| rate < KILL_WIN_RATE) && self.since.total_r() < 0.0
    }

    /// What a change of it rests on: its shadows while it is not traded, else what came since it was let in.
    pub(super) fn rests_on(&self) -> &Results {
        self.harm.shadows().unwrap_or(&self.since)
    }

    /// Effective outcomes of that; of shadows those since the evidence last started over.
    pub(super) fn rests_on_effective(&self) -> f64 {
        if self.harm.is_stopped() { self.harm.heard_back() } else { self.since.effective() }
    }

    pub(super) fn let_in(&mut self, at: Timestamp) {
        if self.harm.let_in() {
            self.since = Results::default();
            self.let_in_at = Some(at);
        }
    }
}
