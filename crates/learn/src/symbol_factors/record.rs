//! What one symbol has shown.

use domain::Outcome;
use serde::{Deserialize, Serialize};

use crate::harm::Harm;
use crate::results::Results;

/// One symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) results: Results,
    pub(super) harm: Harm,
}

impl Record {
    pub(super) fn new() -> Record {
        Record { results: Results::default(), harm: Harm::new() }
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, keep_fraction: f64) {
        self.results.hear(outcome, keep_fraction);
        self.harm.hear(outcome);
    }

    /// Effective outcomes that a change of it rests on: while it is paused, its shadows since the pause.
    pub(super) fn rests_on_effective(&self) -> f64 {
        if self.harm.is_stopped() { self.harm.heard_back() } else { self.results.effective() }
    }
}
