//! What happens when decisions have turned out, in this order, for executed and declined alike.

use domain::{Effects, Outcome};
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::Engine;

/// A result on its way to the cascade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// The overlap sum when it opened.
    pub(crate) overlap_at_open: f64,
    /// Whether it ended inside a bar and not at its open.
    pub(crate) within_bar: bool,
}

impl Ended {
    /// How much of this outcome is its own, now that every bar it lived through is counted.
    pub(crate) fn settle_overlap(&mut self, overlap: &Concurrency) {
        self.outcome.uniqueness = overlap.uniqueness(self.overlap_at_open, self.outcome.bars);
    }
}

impl Engine {
    /// The close cascade. Outcomes are taken in the order in which they were opened, so that no
    /// file's order and no venue's speed can change what is learned.
    pub(crate) fn close_cascade(&mut self, effects: &mut Effects) {
        let mut ended = std::mem::take(&mut self.bench.ended);
        ended.sort_unstable_by_key(|over| (over.outcome.opened_at, over.outcome.decision));
        for over in ended.drain(..) {
            self.close(&over.outcome, effects);
        }
        self.bench.ended = ended;
    }

    fn close(&mut self, outcome: &Outcome, effects: &mut Effects) {
        // Every outcome is kept, also one that teaches nothing.
        effects.outcomes.push(*outcome);
        if !outcome.teaches() {
            return;
        }
        self.state.history.observe(outcome);
        self.state.symbols[outcome.symbol.at()].record.observe(outcome);
        self.state.meta.reward(outcome);
        for learner in &mut self.learners {
            learner.observe(outcome);
        }
    }
}
