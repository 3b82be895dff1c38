//! What happens when decisions have turned out, in this order, for executed and declined alike.

use domain::{Effects, HorizonLesson, Outcome, Timestamp, WhatIfOutcome};
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::{Engine, State, Telling};

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
    pub(crate) fn close_cascade(&mut self, at: Timestamp, effects: &mut Effects) {
        let mut ended = std::mem::take(&mut self.bench.ended);
        ended.sort_unstable_by_key(|over| (over.outcome.opened_at, over.outcome.decision));
        for over in ended.drain(..) {
            self.close(&over.outcome, at, effects);
        }
        self.bench.ended = ended;
        self.hear_what_ifs(effects);
    }

    /// The same entries under other plans, in the order of decisions and plans.
    fn hear_what_ifs(&mut self, effects: &mut Effects) {
        let mut told = std::mem::take(&mut self.bench.what_ifs);
        told.sort_unstable_by_key(|pair| (pair.decision_no, pair.what_if));
        for pair in told.drain(..) {
            self.learn_what_if(&pair);
            if self.settings.telling == Telling::Everything {
                effects.what_ifs.push(pair);
            }
        }
        self.bench.what_ifs = told;
    }

    /// One close's way. The position monitor has found it (`filled`, and the shadows' bar), and the trade
    /// store has it (`Effects::trades`).
    pub(crate) fn close(&mut self, outcome: &Outcome, at: Timestamp, effects: &mut Effects) {
        // Every outcome is kept, also one that teaches nothing.
        effects.outcomes.push(*outcome);
        let is_taught = outcome.teaches() && !self.is_struck(outcome.decided_at);
        self.state.accounts.count(outcome, is_taught);
        self.state.review.forget(outcome.decision);
        if !is_taught {
            return;
        }
        self.classify(outcome);
        self.state.review.analyse(outcome);
        self.state.meta.reward(outcome);
        self.state.review.track_target(outcome);
        self.learn(outcome);
        self.judge_models(outcome);
        self.ask_for_training(at, effects);
    }

    /// The class of what closed, which the classes of open positions are learned from. That changes sizes, so
    /// where nothing is to learn it is not heard.
    fn classify(&mut self, outcome: &Outcome) {
        self.state.review.classify_closed(outcome, self.settings.learns);
    }

    /// The records that decisions look at, and every learner.
    fn learn(&mut self, outcome: &Outcome) {
        self.state.history.observe(outcome);
        self.state.symbols[outcome.symbol.at()].record.observe(outcome);
        self.learners.iter_mut().for_each(|learner| learner.observe(outcome));
    }

    /// Learners hear what the market did over one horizon after a decision.
    pub(crate) fn learn_horizon(&mut self, lesson: &HorizonLesson) {
        if self.is_struck(lesson.decided_at) {
            return;
        }
        self.learners.iter_mut().for_each(|learner| learner.observe_horizon(lesson));
    }

    /// Learners hear how an entry would have turned out under another exit plan.
    pub(crate) fn learn_what_if(&mut self, outcome: &WhatIfOutcome) {
        if self.is_struck(outcome.decided_at) {
            return;
        }
        self.state.review.hear_what_if(outcome);
        self.learners.iter_mut().for_each(|learner| learner.observe_what_if(outcome));
    }

    /// Each model's own record, and the comparison of those in their seats.
    fn judge_models(&mut self, outcome: &Outcome) {
        let (State { triggers, lineage, .. }, rules) = (&mut self.state, &self.settings.models);
        triggers.observe(outcome, rules);
        if !self.loaded.is_empty() {
            lineage.observe(outcome, rules);
        }
    }

    fn is_struck(&self, decided_at: Timestamp) -> bool {
        self.state.struck.holds(decided_at)
    }
}
