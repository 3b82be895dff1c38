//! A run at rest in the store, taking a person's order. It goes through the engine like any event, what
//! the engine asks of the venue because of it reaches the venue, and all of it is written down together.

use anyhow::Context;
use domain::{
    Command, Effects, Event, JobRun, OrderState, PolicyVersion, Refused, RulingRecord, Timestamp,
    Training, Trial, VenueNews,
};
use engine::Engine;
use store::{
    Cursor, JournalEntry, OrderRecord, RegisteredModel, RunNo, Snapshot, Store, TakenOrder,
};
use venue::{Venue, VenueError};

use super::model_life::TrainedNews;
use super::recorder::{JOURNAL_COMMAND, JOURNAL_VENUE, NumberedNews};
use super::replay::{Rest, rejection, seats};
use super::schooling::Schooling;

/// An engine and its venue where a run's newest snapshot left them.
pub struct StoredRun {
    engine: Engine,
    rest: Rest,
    snapshot: Snapshot,
}

/// What a run answers to an order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Policy versions it published.
    pub versions: Vec<PolicyVersion>,
    /// Jobs that ran.
    pub jobs: Vec<JobRun>,
    /// Trials that were made.
    pub trials: Vec<Trial>,
    /// Amendments that were not taken.
    pub refused: Vec<Refused>,
    /// What was ruled on models.
    pub rulings: Vec<RulingRecord>,
    /// Trainings that are asked for.
    pub trainings: Vec<Training>,
    /// Why the order was not carried out, where it was not.
    pub declined: Vec<String>,
}

/// What followed from an order.
#[derive(Default)]
struct Followed {
    answer: Answer,
    orders: Vec<OrderRecord>,
    news: Vec<NumberedNews>,
    schooling: Schooling,
}

impl StoredRun {
    /// The engine of `rest`, which `snapshot` holds.
    pub fn new(engine: Engine, rest: Rest, snapshot: Snapshot) -> StoredRun {
        StoredRun { engine, rest, snapshot }
    }

    /// The engine as it stands.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What it would answer to the order. Nothing is kept, whatever that would be.
    ///
    /// # Errors
    /// When the venue cannot be reached.
    pub fn look(mut self, order: Command) -> anyhow::Result<Answer> {
        Ok(self.follow(&Event::Command(order))?.answer)
    }

    /// What it would answer to news of models. Nothing is kept, whatever that would be.
    ///
    /// # Errors
    /// When the venue cannot be reached.
    pub(crate) fn look_at(mut self, told: &TrainedNews) -> anyhow::Result<Answer> {
        Ok(self.follow(&Event::Model(told.news.clone()))?.answer)
    }

    /// Takes the order at a moment and keeps it; gives what the run answered.
    ///
    /// # Errors
    /// When the store cannot keep it, or the venue cannot be reached.
    pub fn take(
        mut self,
        store: &mut Store,
        run: RunNo,
        order: Command,
        at: Timestamp,
    ) -> anyhow::Result<Answer> {
        let numbered = (self.engine.events(), Event::Command(order));
        let followed = self.follow(&numbered.1)?;
        let body = postcard::to_stdvec(&numbered).context("write down the order")?;
        let entry = JournalEntry { at, kind: JOURNAL_COMMAND.to_owned(), body };
        self.keep(store, run, (entry, at), followed, &[])
    }

    /// Hears what a person's training came to, and keeps it with the version in the registry.
    ///
    /// # Errors
    /// When the store cannot keep it, or the venue cannot be reached.
    pub(crate) fn hear_of_models(
        mut self,
        store: &mut Store,
        run: RunNo,
        told: &TrainedNews,
    ) -> anyhow::Result<Answer> {
        let entry = told.journal_entry(self.engine.events());
        let followed = self.follow(&Event::Model(told.news.clone()))?;
        let models: Vec<RegisteredModel<'_>> = told.registered().into_iter().collect();
        self.keep(store, run, (entry, told.at()), followed, &models)
    }

    fn keep(
        mut self,
        store: &mut Store,
        run: RunNo,
        (heard, at): (JournalEntry, Timestamp),
        followed: Followed,
        models: &[RegisteredModel<'_>],
    ) -> anyhow::Result<Answer> {
        let mut journal = vec![heard];
        if !followed.news.is_empty() {
            let body = postcard::to_stdvec(&followed.news).context("write down what followed")?;
            journal.push(JournalEntry { at, kind: JOURNAL_VENUE.to_owned(), body });
        }
        self.rest.engine = self.engine.snapshot();
        self.snapshot.cursor = Cursor { events: self.engine.events(), at };
        self.snapshot.data =
            postcard::to_stdvec(&self.rest).context("write down where the run stands")?;
        let has_moved = !models.is_empty() || !followed.answer.rulings.is_empty();
        let taken = TakenOrder {
            journal: &journal,
            versions: &followed.answer.versions,
            orders: &followed.orders,
            jobs: &followed.schooling.jobs,
            job_counts: followed.schooling.counts(),
            trials: &followed.schooling.trials,
            refusals: followed.schooling.refusals(),
            models,
            rulings: &followed.answer.rulings,
            trainings: &followed.answer.trainings,
            training_ends: &[],
            seats: has_moved.then(|| seats(&self.engine)),
            snapshot: Some(&self.snapshot),
        };
        store.keep_order(run, &taken)?;
        Ok(followed.answer)
    }

    fn follow(&mut self, order: &Event) -> anyhow::Result<Followed> {
        let (mut effects, mut news, mut followed) =
            (Effects::default(), Vec::new(), Followed::default());
        self.engine.step(order, &mut effects);
        followed.schooling.record(&effects);
        followed.answer = Answer {
            versions: std::mem::take(&mut effects.versions),
            jobs: std::mem::take(&mut effects.jobs),
            trials: std::mem::take(&mut effects.trials),
            refused: std::mem::take(&mut effects.refused),
            rulings: std::mem::take(&mut effects.rulings),
            trainings: std::mem::take(&mut effects.trainings),
            declined: std::mem::take(&mut effects.declined),
        };
        for instruction in std::mem::take(&mut effects.instructions) {
            if let domain::Instruction::Place(request) = instruction {
                let changed_at = request.requested_at;
                followed.orders.push(OrderRecord {
                    request,
                    state: OrderState::Intent,
                    changed_at,
                });
            }
            match self.rest.venue.perform(&instruction, &mut news) {
                Ok(()) => {}
                Err(VenueError::Refused { .. }) => news.extend(rejection(&instruction)),
                Err(error) => return Err(error).context("hand an order to the venue"),
            }
        }
        for heard in news {
            self.hear(heard, &mut followed, &mut effects);
        }
        Ok(followed)
    }

    fn hear(&mut self, heard: VenueNews, followed: &mut Followed, effects: &mut Effects) {
        if let VenueNews::Order { id, news, at, .. } = heard
            && let Some(order) = followed.orders.iter_mut().find(|order| order.request.id == id)
            && let Some(state) = order.state.after(news)
        {
            (order.state, order.changed_at) = (state, at);
        }
        followed.news.push((self.engine.events(), heard));
        self.engine.step(&Event::Venue(heard), effects);
    }
}
