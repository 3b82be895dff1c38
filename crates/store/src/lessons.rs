//! What learners heard in a run, in the order they heard it, so that it can be learned again without a
//! part of it (mission row A18).

use std::collections::BTreeMap;

use domain::{HorizonLesson, HorizonOutcome, Outcome, Timestamp, WhatIfOutcome};

use crate::{RunNo, Store, StoreError};

/// One thing that learners heard.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "nine of ten are small, and none outlives its turn")]
pub enum Lesson {
    /// How a decision turned out.
    Outcome(Outcome),
    /// What a move over one horizon taught.
    Horizon(HorizonLesson),
    /// How an entry would have gone under another plan.
    WhatIf(WhatIfOutcome),
}

/// Everything that learners heard in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lessons {
    /// When each was heard, when its decision was taken, and what it was; in the order heard.
    pub heard: Vec<Heard>,
    /// Horizons of decisions that have no outcome: how components leaned is stored with the outcome, so
    /// these cannot be learned from again.
    pub without_leans: u64,
}

/// A lesson in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// When.
    pub at: Timestamp,
    /// When the decision it is about was taken; a strike goes by this.
    pub decided_at: Timestamp,
    /// What.
    pub lesson: Lesson,
}

impl Lessons {
    /// All but those whose decisions were taken within a stretch, its end left out.
    pub fn struck(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &Heard> {
        let is_struck = move |heard: &&Heard| heard.decided_at >= from && heard.decided_at < to;
        self.heard.iter().filter(move |heard| !is_struck(heard))
    }
}

impl Store {
    /// What learners heard in a run. At one moment horizons come before outcomes and those before
    /// what-ifs; within a kind the order is the one they were stored in. Outcomes that teach nothing are
    /// left out.
    pub fn lessons(&mut self, run: RunNo) -> Result<Lessons, StoreError> {
        let (mut outcomes, mut horizons, mut what_ifs) = (Vec::new(), Vec::new(), Vec::new());
        self.outcomes(run, |outcome| outcomes.push(outcome))?;
        self.horizons(run, |horizon| horizons.push(horizon))?;
        self.what_ifs(run, |what_if| what_ifs.push(what_if))?;
        let by_no: BTreeMap<u64, &Outcome> =
            outcomes.iter().map(|outcome| (outcome.decision_no, outcome)).collect();
        let mut lessons = Lessons::default();
        for horizon in horizons.into_iter().filter(|horizon| horizon.uniqueness > 0.0) {
            match by_no.get(&horizon.decision_no) {
                Some(outcome) => lessons.heard.push(of_horizon(&horizon, outcome)),
                None => lessons.without_leans += 1,
            }
        }
        let taught = outcomes.iter().filter(|outcome| outcome.teaches());
        lessons.heard.extend(taught.map(|outcome| Heard {
            at: outcome.closed_at,
            decided_at: outcome.decided_at,
            lesson: Lesson::Outcome(*outcome),
        }));
        lessons.heard.extend(what_ifs.into_iter().map(|what_if| Heard {
            at: what_if.known_at,
            decided_at: by_no.get(&what_if.decision_no).map_or(what_if.known_at, |o| o.decided_at),
            lesson: Lesson::WhatIf(what_if),
        }));
        // Stable, so that within a moment and a kind the order stays.
        lessons.heard.sort_by_key(|heard| heard.at);
        Ok(lessons)
    }
}

/// The lesson of a horizon, with what its decision knew.
fn of_horizon(horizon: &HorizonOutcome, outcome: &Outcome) -> Heard {
    let lesson = HorizonLesson {
        decision_no: horizon.decision_no,
        symbol: outcome.symbol,
        strategy: outcome.strategy,
        side: outcome.side,
        climate: outcome.climate,
        horizon: horizon.horizon,
        leans: outcome.basis.leans,
        up_bps: horizon.move_bps * outcome.side.sign(),
        cost_bps: horizon.move_bps - horizon.value_bps,
        refused: outcome.refused,
        uniqueness: horizon.uniqueness,
    };
    Heard { at: horizon.known_at, decided_at: outcome.decided_at, lesson: Lesson::Horizon(lesson) }
}
