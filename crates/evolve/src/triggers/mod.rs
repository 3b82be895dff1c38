//! The four triggers and what they plan (seed 004; methods §1.10). A trigger buys a training, never a deployment:
//! its false alarms are cheap, and bounded all the same.
//!
//! | trigger | asks |
//! |---|---|
//! | performance | does what a model favours win too rarely, or earn less than it claims? |
//! | drift | do its errors grow, or do decisions see what it was not fitted on? |
//! | regime | has the kind of market changed, and stayed so? |
//! | time | was it fitted long enough ago? |

mod blocks;
mod climate;
mod features;
mod health;
mod plan;
mod record;

use domain::{
    Climate, MODEL_COUNT, ModelKind, Outcome, PlannedTraining, Row, Seat, SymbolIx, Timestamp,
    Training, Trigger,
};
use serde::{Deserialize, Serialize};

use crate::rules::{Mode, ModelRules};
use climate::Weather;
use features::Sample;
use record::Record;

pub use health::ModelHealth;
pub use plan::plan_all;

const HOUR_MS: i64 = 3_600_000;

/// What each model is known by, and when it was fitted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Triggers {
    asked: u64,
    waiting: Option<Training>,
    heard: u64,
    heard_since_fit: u64,
    failed_at: Option<Timestamp>,
    fitted_at: [Option<Timestamp>; MODEL_COUNT],
    /// The version in charge whose members are on record, and when a decision was last taken with it.
    champion: u32,
    decided_last: Timestamp,
    records: [Record; MODEL_COUNT],
    whole: Record,
    weather: Weather,
    sample: Sample,
}

impl Triggers {
    /// For so many symbols and features.
    pub fn new(symbols: usize, features: usize) -> Triggers {
        Triggers {
            weather: Weather::new(symbols),
            sample: Sample::new(features.min(u64::BITS as usize)),
            ..Triggers::default()
        }
    }

    /// Whether there is nothing to watch, because nothing is trained. Whoever asks may spare itself the rest.
    #[inline]
    pub fn is_idle(&self, rules: &ModelRules) -> bool {
        rules.kinds.is_empty()
    }

    /// Hears how a decision turned out.
    pub fn observe(&mut self, outcome: &Outcome, rules: &ModelRules) {
        if self.is_idle(rules) || !outcome.teaches() {
            return;
        }
        self.heard += 1;
        self.heard_since_fit += 1;
        if !self.is_on_record(outcome) {
            return;
        }
        let modelled = &outcome.basis.modelled;
        let models = rules.kinds.len();
        for kind in &rules.kinds {
            if let Some(expected) = modelled.member(*kind) {
                self.records[kind.at()].observe(expected, outcome, models);
            }
        }
        if let Some(expected) = modelled.ensemble() {
            self.whole.observe(expected, outcome, models);
        }
    }

    /// Hears the row that a decision was taken on.
    #[inline]
    pub fn observe_row(&mut self, row: &Row<'_>, at: Timestamp, rules: &ModelRules) {
        if !self.is_idle(rules) {
            self.sample.observe(row, at, rules.lookback_days);
        }
    }

    /// Hears what kind of market a symbol is in, once a bar.
    #[inline]
    pub fn observe_climate(
        &mut self,
        symbol: SymbolIx,
        climate: Climate,
        at: Timestamp,
        rules: &ModelRules,
    ) {
        if !self.is_idle(rules) {
            self.weather.observe(symbol, climate, at, rules.regime_days);
        }
    }

    /// Asks for what is planned. Nothing where nothing is, where a training is under way or too little has turned
    /// out to learn from; nor while trainings are off or only told, or rest after one that came to nothing, unless
    /// a person orders it.
    pub fn ask(
        &mut self,
        plan: Vec<PlannedTraining>,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Option<Training> {
        const DAY_MS: i64 = 24 * HOUR_MS;
        const MINUTE_MS: i64 = 60_000;
        let trigger = plan.first()?.trigger;
        let goes = rules.retraining && rules.mode == Mode::Enforced || trigger == Trigger::Person;
        let free = self.is_free(at) || trigger == Trigger::Person && self.waiting.is_none();
        if !goes || !free || self.hungry(rules).is_some() {
            return None;
        }
        self.asked += 1;
        let training = Training {
            no: self.asked,
            asked_at: at,
            ready_at: at.plus_ms(i64::from(rules.delay_min) * MINUTE_MS),
            since: at.plus_ms(-i64::from(rules.lookback_days) * DAY_MS),
            plan,
        };
        self.waiting = Some(training.clone());
        Some(training)
    }

    /// Whether a training could begin: none is under way, and none has just come to nothing. A cheap look for
    /// whoever would ask after every outcome.
    #[inline]
    pub fn is_free(&self, at: Timestamp) -> bool {
        self.waiting.is_none() && !self.rests(at)
    }

    /// The training that is under way; it survives a restart.
    pub fn waiting(&self) -> Option<&Training> {
        self.waiting.as_ref()
    }

    /// Why nothing can be trained yet, in words; nothing where it can.
    pub fn hungry(&self, rules: &ModelRules) -> Option<String> {
        let needed = u64::from(rules.outcomes_min);
        (self.heard < needed)
            .then(|| format!("{} of {needed} outcomes heard: too few to train on", self.heard))
    }

    /// Whether enough has turned out since the last fit for a close to ask for a training.
    pub fn enough_new(&self, rules: &ModelRules) -> bool {
        let needed = u64::from(rules.outcomes_new);
        !self.is_idle(rules) && needed > 0 && self.heard_since_fit >= needed
    }

    /// A training has come to something, or with nothing fitted to nothing. What a person has trained was asked of
    /// nobody and ends no training that waits; what it fitted is fitted all the same.
    pub fn done(&mut self, training: u64, fitted: &[ModelKind], at: Timestamp) {
        let over = self.waiting.take_if(|waiting| waiting.no == training);
        if fitted.is_empty() {
            self.failed_at = over.map_or(self.failed_at, |_| Some(at));
            return;
        }
        (self.failed_at, self.heard_since_fit) = (None, 0);
        let (asked_at, plan) = over.map_or((at, Vec::new()), |over| (over.asked_at, over.plan));
        for kind in fitted {
            self.fitted_at[kind.at()] = Some(at);
            let answers = |planned: &PlannedTraining| {
                planned.model == *kind && planned.trigger == Trigger::Performance
            };
            self.records[kind.at()].refitted(plan.iter().any(answers));
            self.weather.fitted(*kind);
            // What turned out by then is what was learned from; what was decided since is new to the model.
            self.sample.fitted(*kind, asked_at);
        }
        self.whole.refitted(false);
    }

    /// A new model in charge begins with a clean record; what was decided under the one before it is over.
    fn is_on_record(&mut self, outcome: &Outcome) -> bool {
        let champion = outcome.basis.modelled.seated[Seat::Champion.at()];
        if champion != self.champion {
            if outcome.decided_at <= self.decided_last {
                return false;
            }
            self.champion = champion;
            self.records = Default::default();
            self.whole = Record::default();
        }
        self.decided_last = self.decided_last.max(outcome.decided_at);
        true
    }
}
