//! What learners heard in a run, in the order they heard it, so that it can be learned again without a
//! part of it (mission row A18).

use std::collections::BTreeMap;

use domain::{HorizonLesson, HorizonOutcome, Outcome, Timestamp, WhatIfOutcome};

use serde::{Deserialize, Serialize};

use crate::columns::Flaw;
use crate::{RunNo, Store, StoreError};

/// Journal entries of this kind say how much was told at each moment, as [`ToldCount`]s.
pub const JOURNAL_TOLD: &str = "told";

/// How much was told at the close of bars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCount {
    /// When.
    pub at: Timestamp,
    /// Outcomes.
    pub outcomes: u32,
    /// Horizons.
    pub horizons: u32,
    /// What-ifs.
    pub what_ifs: u32,
}

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
    /// Every moment at which bars closed, whether anything was heard at it or not.
    pub moments: Vec<Timestamp>,
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
    /// What learners heard in a run, moment by moment as the journal says: horizons, by their decisions'
    /// numbers, then outcomes, then what-ifs. What teaches nothing is left out. Without a journal of it the
    /// moments are those at which things became known.
    pub fn lessons(&mut self, run: RunNo) -> Result<Lessons, StoreError> {
        let (mut outcomes, mut horizons, mut what_ifs) = (Vec::new(), Vec::new(), Vec::new());
        let mut by_no = BTreeMap::new();
        self.decisions(run, |record| {
            let begun = HorizonLesson::begun(&record.decision);
            by_no.insert(record.decision.no, begun);
        })?;
        self.outcomes(run, |outcome| outcomes.push(outcome))?;
        self.horizons(run, |horizon| horizons.push(horizon))?;
        self.what_ifs(run, |what_if| what_ifs.push(what_if))?;
        let told = self.told(run)?;
        let mut kept = Kept {
            by_no,
            lessons: Lessons {
                moments: told.iter().map(|told| told.at).collect(),
                ..Lessons::default()
            },
        };
        if told.is_empty() {
            kept.horizons(None, &horizons);
            kept.outcomes(None, &outcomes);
            kept.what_ifs(None, &what_ifs);
            // Stable, so that within a moment and a kind the order stays.
            kept.lessons.heard.sort_by_key(|heard| heard.at);
            return Ok(kept.lessons);
        }
        let (mut outcomes, mut horizons, mut what_ifs) =
            (&outcomes[..], &mut horizons[..], &what_ifs[..]);
        for told in told {
            let at = Some(told.at);
            let now = horizons.split_off_mut(..(told.horizons as usize).min(horizons.len()));
            let now = now.unwrap_or_default();
            now.sort_by_key(|horizon| (horizon.decision_no, horizon.horizon));
            kept.horizons(at, now);
            kept.outcomes(at, taken(&mut outcomes, told.outcomes));
            kept.what_ifs(at, taken(&mut what_ifs, told.what_ifs));
        }
        Ok(kept.lessons)
    }

    /// How much was told at each moment, in order.
    fn told(&mut self, run: RunNo) -> Result<Vec<ToldCount>, StoreError> {
        let mut told = Vec::new();
        for entry in self.journal(run)?.into_iter().filter(|entry| entry.kind == JOURNAL_TOLD) {
            let mut some: Vec<ToldCount> = postcard::from_bytes(&entry.body).map_err(|e| {
                Flaw::wrong(e.to_string()).of(format!("the journal of run number {}", run.0))
            })?;
            told.append(&mut some);
        }
        Ok(told)
    }
}

/// The first `count` of a list, which loses them.
fn taken<'a, T>(list: &mut &'a [T], count: u32) -> &'a [T] {
    let (now, later) = list.split_at((count as usize).min(list.len()));
    *list = later;
    now
}

struct Kept {
    /// The lesson that began with each decision.
    by_no: BTreeMap<u64, HorizonLesson>,
    lessons: Lessons,
}

impl Kept {
    fn horizons(&mut self, at: Option<Timestamp>, horizons: &[HorizonOutcome]) {
        // A window that is worth nothing beside others taught nothing.
        for horizon in horizons.iter().filter(|horizon| horizon.uniqueness > 0.0) {
            let Some(begun) = self.by_no.get(&horizon.decision_no) else { continue };
            self.lessons.heard.push(Heard {
                at: at.unwrap_or(horizon.known_at),
                decided_at: begun.decided_at,
                lesson: Lesson::Horizon(begun.completed(horizon)),
            });
        }
    }

    fn outcomes(&mut self, at: Option<Timestamp>, outcomes: &[Outcome]) {
        let taught = outcomes.iter().filter(|outcome| outcome.teaches());
        self.lessons.heard.extend(taught.map(|outcome| Heard {
            at: at.unwrap_or(outcome.closed_at),
            decided_at: outcome.decided_at,
            lesson: Lesson::Outcome(*outcome),
        }));
    }

    fn what_ifs(&mut self, at: Option<Timestamp>, what_ifs: &[WhatIfOutcome]) {
        for what_if in what_ifs {
            self.lessons.heard.push(Heard {
                at: at.unwrap_or(what_if.known_at),
                decided_at: what_if.decided_at,
                lesson: Lesson::WhatIf(*what_if),
            });
        }
    }
}
