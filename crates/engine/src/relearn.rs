//! Learning again from what is left when a person strikes a stretch of outcomes.

use decide::{History, MetaStrategy, SymbolRecord};
use domain::{
    Command, Effects, HorizonLesson, Instrument, Outcome, Policy, PolicyVersion, Reason, Relearned,
    Timestamp, WhatIfOutcome,
};
use evolve::ModelRules;
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
    /// A person went back to a version: to what stood then, as it is known now. The values that the order
    /// carried were perhaps learned from what is struck.
    Revert {
        /// Its number.
        version: u64,
        /// When it was published.
        published_at: Timestamp,
    },
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
        // Models are trained on what is left by whoever trains them next; none are asked for here.
        let models = ModelRules { kinds: Vec::new(), ..settings.models.clone() };
        let mut engine = Engine::new(Settings { learns: true, models, ..settings }, instruments);
        let mut effects = Effects::default();
        let mut past = vec![PolicyVersion {
            policy: engine.state.policy.clone(),
            at: Timestamp::from_ms(i64::MIN),
            reason: Reason::DayOne,
        }];
        let mut moment = None;
        for (at, lesson) in lessons {
            if matches!(lesson, Lesson::Order(_) | Lesson::Revert { .. }) {
                engine.end_moment(moment.take(), &mut past, &mut effects);
            } else if moment != Some(at) {
                engine.end_moment(moment.replace(at), &mut past, &mut effects);
            }
            match lesson {
                Lesson::Bars => {}
                Lesson::Outcome(outcome) => engine.close(&outcome, at, &mut effects),
                Lesson::Horizon(lesson) => engine.learn_horizon(&lesson),
                Lesson::WhatIf(outcome) => engine.learn_what_if(&outcome),
                Lesson::Revert { version, published_at } => {
                    let to = Box::new(stood(&past, version, published_at).clone());
                    engine.ordered(&Command::Revert { to, at }, &mut effects);
                }
                Lesson::Order(order) if is_of_strikes(&order) => {}
                Lesson::Order(order) => engine.ordered(&order, &mut effects),
            }
            past.append(&mut effects.versions);
        }
        engine.end_moment(moment, &mut past, &mut effects);
        engine.learned()
    }

    fn end_moment(
        &mut self,
        moment: Option<Timestamp>,
        past: &mut Vec<PolicyVersion>,
        effects: &mut Effects,
    ) {
        if let Some(at) = moment {
            self.govern(at, &[], effects);
            past.append(&mut effects.versions);
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

    /// Takes over what was learned from another choice of outcomes. What is not of this run's shape changes
    /// nothing: an order that cannot be carried out is no reason to forget everything. It is said instead.
    pub(crate) fn relearned(
        &mut self,
        relearned: &Relearned,
        order: &Command,
        reason: Reason,
        at: Timestamp,
        effects: &mut Effects,
    ) {
        if let Err(why) = self.take_over(relearned) {
            return effects.declined.push(why.to_owned());
        }
        self.state.struck.hear(order);
        let version = self.governor.relearned(&self.state.policy, &relearned.policy, reason, at);
        self.stand(version, effects);
    }

    fn take_over(&mut self, relearned: &Relearned) -> Result<(), &'static str> {
        if !self.settings.learns {
            return Err("the run does not learn, so that nothing can be unlearned");
        }
        let records: Option<Records> = postcard::from_bytes(&relearned.records).ok();
        let fits = |records: &Records| records.symbols.len() == self.state.symbols.len();
        let records =
            records.filter(fits).ok_or("what was learned again is not of this run's shape")?;
        let mut learners = learn::learners(
            &self.settings.learn,
            &relearned.policy,
            &crate::house(&self.instruments),
        );
        if !crate::snapshot::load_all(&mut learners, &relearned.learners) {
            return Err("what was learned again is by other learners than this run's");
        }
        self.learners = learners;
        records.into_state(&mut self.state);
        // What was compared on struck outcomes is void, and nobody knows which they were.
        self.state.lineage.forget();
        Ok(())
    }
}

/// What they struck or gave back is chosen already.
fn is_of_strikes(order: &Command) -> bool {
    matches!(order, Command::Strike { .. } | Command::Unstrike { .. })
}

/// What stood when a version was published that a person went back to: where less was learned from, other
/// versions were published at other moments, and the numbers differ too.
fn stood(past: &[PolicyVersion], version: u64, published_at: Timestamp) -> &Policy {
    let is_it = |one: &&PolicyVersion| one.at == published_at && one.policy.version == version;
    let is_earlier = |one: &&PolicyVersion| one.at <= published_at;
    let found = past.iter().find(is_it).or_else(|| past.iter().rfind(is_earlier));
    &found.unwrap_or(&past[0]).policy
}
