//! The life of models as the engine sees it: what asks for a training, what comes of one, and what is ruled.

use domain::{
    Effects, Finding, Job, ModelKind, ModelNews, PlannedTraining, RulingRecord, Seat, TimedBar,
    Timestamp, Trained, Training, Trigger,
};
use evolve::{Lineage, Mode, ModelHealth, Triggers, plan_all};

use crate::Engine;

impl Engine {
    /// Continuous learning: enough has turned out since models were fitted last.
    pub(crate) fn ask_for_training(&mut self, at: Timestamp, effects: &mut Effects) {
        self.state.accounts.since_training += 1;
        let rules = &self.settings.models;
        let triggers = &self.state.triggers;
        if !self.trains() || !triggers.enough_new(rules) || !triggers.is_free(at) {
            return;
        }
        self.ask_training(plan_all(Trigger::Outcomes, rules), at, effects);
    }

    /// What jobs ask for: the hourly check what its triggers plan, the weekly training everything.
    pub(crate) fn train_by_job(&mut self, job: Job, at: Timestamp, effects: &mut Effects) {
        let rules = &self.settings.models;
        if !self.trains() {
            return;
        }
        let plan = match job {
            Job::TriggerCheck => self.state.triggers.plan(at, rules, self.settings.deploy_rule()),
            Job::WeeklyTraining => plan_all(Trigger::Weekly, rules),
            _ => return,
        };
        self.ask_training(plan, at, effects);
    }

    /// What kind of market each symbol is in, for the trigger that waits for it to change.
    pub(crate) fn note_climates(&mut self, at: Timestamp, bars: &[TimedBar]) {
        if self.state.triggers.is_idle(&self.settings.models) {
            return;
        }
        for timed in bars {
            let climate = self.climate(timed.symbol);
            self.state.triggers.observe_climate(timed.symbol, climate, at, &self.settings.models);
        }
    }

    /// Whether trainings are asked for without a person.
    fn trains(&self) -> bool {
        let rules = &self.settings.models;
        let is_on = rules.retraining && rules.mode == Mode::Enforced;
        self.settings.learns && is_on && !rules.kinds.is_empty()
    }

    fn ask_training(&mut self, plan: Vec<PlannedTraining>, at: Timestamp, effects: &mut Effects) {
        if let Some(training) = self.state.triggers.ask(plan, at, &self.settings.models) {
            self.state.accounts.since_training = 0;
            effects.trainings.push(training);
        }
    }

    /// Hears what came of a training.
    pub(crate) fn hear_of_models(&mut self, news: &ModelNews, effects: &mut Effects) {
        match news {
            ModelNews::Trained(trained) => self.trained(trained, effects),
            ModelNews::Failed { training, why, at } => {
                self.state.triggers.done(*training, &[], *at);
                effects.declined.push(format!("training {training} came to nothing: {why}"));
            }
        }
    }

    fn trained(&mut self, trained: &Trained, effects: &mut Effects) {
        let Trained { record, at, model } = trained;
        let Some(model) = model else {
            let why = format!("version {} came without its model", record.version);
            self.state.triggers.done(record.training, &[], *at);
            return effects.declined.push(why);
        };
        // A kind that could not be fitted is told of too, without a hash.
        let fitted: Vec<ModelKind> = record
            .members
            .iter()
            .filter(|member| member.fitted_at == record.asked_at && !member.hash.is_empty())
            .map(|member| member.kind)
            .collect();
        self.state.triggers.done(record.training, &fitted, *at);
        self.loaded.insert(record.version, model.clone());
        self.state.models.insert(record.version, record.hash.clone());
        let rulings = self.state.lineage.enter(record, *at, &self.settings.models);
        self.ruled(rulings, effects);
    }

    /// Outcomes have been heard: what is to be done about the models now.
    pub(crate) fn rule_on_models(&mut self, at: Timestamp, effects: &mut Effects) {
        if !self.has_models() || effects.outcomes.is_empty() {
            return;
        }
        let by = self.settings.deploy_rule();
        let rulings = self.state.lineage.rule(at, &self.settings.models, by);
        self.ruled(rulings, effects);
    }

    /// A person puts a version in charge, or has the models go back.
    pub(crate) fn order_models(
        &mut self,
        ruling: Result<Vec<RulingRecord>, String>,
        effects: &mut Effects,
    ) {
        match ruling {
            Ok(rulings) => self.ruled(rulings, effects),
            Err(why) => effects.declined.push(why),
        }
    }

    /// Models that sit nowhere any more are let go; the registry keeps them.
    fn ruled(&mut self, rulings: Vec<RulingRecord>, effects: &mut Effects) {
        let lineage = &self.state.lineage;
        self.state.models.retain(|version, _| lineage.holds(*version));
        self.loaded.retain(|version, _| lineage.holds(*version));
        effects.rulings.extend(rulings);
    }

    /// What the hourly check and the weekly training have to say.
    pub(crate) fn training_findings(&self, job: Job, at: Timestamp) -> Vec<Finding> {
        let of = job.name().to_owned();
        let line = |says: String| Finding { of: of.clone(), is_amiss: false, says };
        let rules = &self.settings.models;
        if rules.kinds.is_empty() {
            return vec![line("no model is switched on".to_owned())];
        }
        let mut lines = Vec::new();
        if let Some(training) = self.state.triggers.waiting() {
            let kinds: Vec<&str> =
                training.plan.iter().map(|planned| planned.model.name()).collect();
            let says = format!(
                "training {} of {} is under way since {}, by {}",
                training.no,
                kinds.join(", "),
                training.asked_at,
                training.trigger().name()
            );
            lines.push(line(says));
        } else if let Some(hungry) = self.state.triggers.hungry(rules) {
            lines.push(line(hungry));
        }
        for planned in self.plan(at) {
            let says =
                format!("{} {}: {}", planned.priority.name(), planned.model.name(), planned.says);
            lines.push(line(says));
        }
        if lines.is_empty() {
            lines.push(line("nothing asks for a training".to_owned()));
        }
        lines
    }

    /// What would be trained at a moment, and why, the most urgent first.
    pub fn plan(&self, at: Timestamp) -> Vec<PlannedTraining> {
        self.state.triggers.plan(at, &self.settings.models, self.settings.deploy_rule())
    }

    /// How each model stands, by the place of its kind.
    pub fn model_health(&self) -> [ModelHealth; domain::MODEL_COUNT] {
        self.state.triggers.health(&self.settings.models)
    }

    /// The triggers, to look at.
    pub fn triggers(&self) -> &Triggers {
        &self.state.triggers
    }

    /// Who sits where, and what has been compared.
    pub fn lineage(&self) -> &Lineage {
        &self.state.lineage
    }

    /// The training that is under way.
    pub fn training(&self) -> Option<&Training> {
        self.state.triggers.waiting()
    }

    /// The version in a seat; 0 where it is empty.
    pub fn seated(&self, seat: Seat) -> u64 {
        self.state.lineage.seated(seat)
    }
}
