//! Learning again from what is left when a person strikes a stretch of outcomes.

use decide::{History, MetaStrategy, SymbolRecord};
use domain::{
    Command, Effects, HorizonLesson, Instrument, Outcome, Relearned, Timestamp, WhatIfOutcome,
};
use learn::Watchdog;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::snapshot::written;
use crate::{Engine, Settings, State};

/// What an engine heard at one moment of its history, as far as it learns from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Lesson {
    /// Bars closed; by this alone the clock moves, learners are asked and jobs fall due.
    Bars,
    /// A decision turned out.
    Outcome(Box<Outcome>),
    /// A horizon matured.
    Horizon(HorizonLesson),
    /// An entry turned out under another exit plan too.
    WhatIf(WhatIfOutcome),
    /// A person ordered something of the policy. Strikes are passed over: what they struck is not here.
    Order(Box<Command>),
}

/// What learns in the engine besides learners. What is added here is relearned and struck with the rest.
#[derive(Serialize, Deserialize)]
struct Records {
    history: History,
    meta: MetaStrategy,
    symbols: Vec<SymbolRecord>,
    review: Review,
    watchdog: Watchdog,
}

impl Records {
    fn of(state: &State) -> Records {
        Records {
            history: state.history.clone(),
            meta: state.meta.clone(),
            symbols: state.symbols.iter().map(|symbol| symbol.record).collect(),
            review: state.review.clone(),
            watchdog: state.watchdog.clone(),
        }
    }

    fn into_state(self, state: &mut State) {
        state.history = self.history;
        state.review.take_over(self.review);
        state.meta = self.meta;
        state.watchdog = self.watchdog;
        for (symbol, record) in state.symbols.iter_mut().zip(self.symbols) {
            symbol.record = record;
        }
    }
}

impl Engine {
    /// What an engine knows that heard these lessons and nothing else, under the same schedule. They come in
    /// the order in which a run told them, each with the moment it was told at; a moment's bars come
    /// first, also where nothing was learned at it, or jobs would run at other moments than they did.
    ///
    /// From all that a run told it knows what the run knows, version numbers included.
    pub fn relearn(
        settings: Settings,
        instruments: Vec<Instrument>,
        lessons: impl IntoIterator<Item = (Timestamp, Lesson)>,
    ) -> Relearned {
        let mut engine = Engine::new(Settings { learns: true, ..settings }, instruments);
        let mut effects = Effects::default();
        let mut moment = None;
        for (at, lesson) in lessons {
            if let Lesson::Order(order) = lesson {
                engine.end_moment(moment.take(), &mut effects);
                if !matches!(*order, Command::Strike { .. }) {
                    engine.ordered(&order, &mut effects);
                }
                continue;
            }
            if moment != Some(at) {
                engine.end_moment(moment.replace(at), &mut effects);
            }
            match lesson {
                Lesson::Bars | Lesson::Order(_) => {}
                Lesson::Outcome(outcome) => engine.close(&outcome, &mut effects),
                Lesson::Horizon(lesson) => engine.learn_horizon(&lesson),
                Lesson::WhatIf(outcome) => engine.learn_what_if(&outcome),
            }
        }
        engine.end_moment(moment, &mut effects);
        engine.learned()
    }

    fn end_moment(&mut self, moment: Option<Timestamp>, effects: &mut Effects) {
        if let Some(at) = moment {
            self.govern(at, &[], effects);
            effects.clear();
        }
    }

    /// What it has learned, apart from everything else it knows.
    pub fn learned(&self) -> Relearned {
        Relearned {
            policy: self.state.policy.clone(),
            learners: self.saved_learners(),
            records: written(&Records::of(&self.state)),
        }
    }

    /// Takes over what was learned from all but a stretch. What is not of this run's shape changes nothing:
    /// an order that cannot be carried out is no reason to forget everything.
    pub(crate) fn strike(
        &mut self,
        stretch: (Timestamp, Timestamp),
        relearned: &Relearned,
        at: Timestamp,
        effects: &mut Effects,
    ) {
        let records: Option<Records> = postcard::from_bytes(&relearned.records).ok();
        let fits = |records: &Records| records.symbols.len() == self.state.symbols.len();
        let Some(records) = records.filter(fits).filter(|_| self.settings.learns) else { return };
        let mut learners = learn::learners(
            &self.settings.learn,
            &relearned.policy,
            &crate::house(&self.instruments),
        );
        if !crate::snapshot::load_all(&mut learners, &relearned.learners) {
            return;
        }
        self.learners = learners;
        records.into_state(&mut self.state);
        self.state.struck.push(stretch);
        let version = self.governor.strike(&self.state.policy, &relearned.policy, stretch, at);
        self.stand(version, effects);
    }
}
