//! The four triggers and what they plan (seed 004; methods §1.10). A trigger buys a training, never a deployment.

use domain::{
    Climate, ModelKind, Outcome, PlannedTraining, Priority, Row, SymbolIx, Timestamp, Training,
    Trigger,
};
use serde::{Deserialize, Serialize};

use crate::rules::{DeployRule, ModelRules};

/// What each model is known by, and when it was trained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Triggers {
    asked: u64,
    waiting: Option<Training>,
}

/// How one model stands (mission row M1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelHealth {
    /// When it was fitted last; nothing before the first time.
    pub fitted_at: Option<Timestamp>,
    /// Outcomes on which it favoured the decided side, overlap discounted.
    pub outcomes_effective: f64,
    /// The share of them that won.
    pub win_rate: Option<f64>,
    /// The lower end of its 95 % interval.
    pub win_rate_low: Option<f64>,
    /// The upper end.
    pub win_rate_high: Option<f64>,
    /// `STABLE`, `DEGRADING` or `IMPROVING`, and nothing without evidence.
    pub trend: Option<String>,
    /// In words: what is right or amiss with it.
    pub says: String,
}

impl Triggers {
    /// For so many symbols and features.
    pub fn new(symbols: usize, features: usize) -> Triggers {
        let _ = (symbols, features);
        Triggers::default()
    }

    /// Hears how a decision turned out.
    pub fn observe(&mut self, outcome: &Outcome, rules: &ModelRules) {
        let _ = (outcome, rules);
    }

    /// Hears the row that a decision was taken on.
    pub fn observe_row(&mut self, row: &Row<'_>) {
        let _ = row;
    }

    /// Hears what kind of market a symbol is in, once a bar.
    pub fn observe_climate(&mut self, symbol: SymbolIx, climate: Climate, at: Timestamp) {
        let _ = (symbol, climate, at);
    }

    /// What would be trained now, and why, the most urgent first. Looks and changes nothing.
    pub fn plan(&self, at: Timestamp, rules: &ModelRules, by: DeployRule) -> Vec<PlannedTraining> {
        let _ = (at, by);
        rules.kinds.iter().map(|&model| every(model)).collect()
    }

    /// Asks for what is planned; nothing where nothing is, or where a training is under way.
    pub fn ask(
        &mut self,
        plan: Vec<PlannedTraining>,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Option<Training> {
        const DAY_MS: i64 = 86_400_000;
        const MINUTE_MS: i64 = 60_000;
        if plan.is_empty() || self.waiting.is_some() {
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

    /// Whether a close is to ask for a training.
    pub fn has_enough_new(&self, rules: &ModelRules) -> bool {
        let _ = rules;
        false
    }

    /// What trainings lack, in words.
    pub fn hungry(&self, rules: &ModelRules) -> Option<String> {
        let _ = rules;
        None
    }

    /// The training that is under way; it survives a restart.
    pub fn waiting(&self) -> Option<&Training> {
        self.waiting.as_ref()
    }

    /// A training has come to something, or to nothing.
    pub fn done(&mut self, training: u64, fitted: &[ModelKind], at: Timestamp) {
        let _ = (fitted, at);
        self.waiting.take_if(|waiting| waiting.no == training);
    }

    /// How each model stands, by the place of its kind.
    pub fn health(&self, rules: &ModelRules) -> [ModelHealth; domain::MODEL_COUNT] {
        let _ = rules;
        Default::default()
    }
}

/// Every kind that is switched on, for one reason.
pub fn plan_all(trigger: Trigger, rules: &ModelRules) -> Vec<PlannedTraining> {
    rules.kinds.iter().map(|&model| PlannedTraining { trigger, ..every(model) }).collect()
}

fn every(model: ModelKind) -> PlannedTraining {
    PlannedTraining {
        model,
        trigger: Trigger::Time,
        priority: Priority::Low,
        measured: 0.0,
        needed: 0.0,
        says: "never trained".to_owned(),
    }
}
