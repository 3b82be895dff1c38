//! What happens to models between two checkpoints: trainings, versions, rulings.

use domain::{Effects, Event, ModelNews, ModelRecord, RulingRecord, Timestamp, Training};
use store::{JournalEntry, RegisteredModel, TrainingEnd};

use super::recorder::JOURNAL_MODEL;

/// News of models, with the saved model where there is one.
#[derive(Clone, Debug)]
pub(crate) struct TrainedNews {
    /// What the engine hears.
    pub(crate) news: ModelNews,
    /// The saved model that the record's hash is of.
    pub(crate) bytes: Vec<u8>,
}

impl TrainedNews {
    /// When it was heard.
    pub(crate) fn at(&self) -> Timestamp {
        match &self.news {
            ModelNews::Trained(trained) => trained.at,
            ModelNews::Failed { at, .. } => *at,
        }
    }

    /// What a refold reads.
    pub(super) fn journal_entry(&self, event: u64) -> JournalEntry {
        let numbered = (event, Event::Model(self.news.clone()));
        let body = postcard::to_stdvec(&numbered).expect("news always serialise");
        JournalEntry { at: self.at(), kind: JOURNAL_MODEL.to_owned(), body }
    }

    /// What the registry takes; nothing where a training came to nothing.
    pub(super) fn registered(&self) -> Option<RegisteredModel<'_>> {
        let ModelNews::Trained(trained) = &self.news else { return None };
        Some(RegisteredModel { record: &trained.record, bytes: &self.bytes, at: trained.at })
    }

    fn end(&self) -> TrainingEnd {
        match &self.news {
            ModelNews::Trained(trained) => TrainingEnd {
                training: trained.record.training,
                at: trained.at,
                came_to: Ok(trained.record.version),
            },
            ModelNews::Failed { training, why, at } => {
                TrainingEnd { training: *training, at: *at, came_to: Err(why.clone()) }
            }
        }
    }
}

/// Everything since the last checkpoint.
#[derive(Default)]
pub(super) struct ModelLife {
    heard: Vec<TrainedNews>,
    ends: Vec<TrainingEnd>,
    trainings: Vec<Training>,
    rulings: Vec<RulingRecord>,
}

impl ModelLife {
    /// Takes in what one step led to.
    pub(super) fn record(&mut self, effects: &Effects) {
        self.trainings.extend_from_slice(&effects.trainings);
        self.rulings.extend_from_slice(&effects.rulings);
    }

    /// Takes in what a training came to.
    pub(super) fn hear(&mut self, told: TrainedNews) {
        let end = told.end();
        // What a person has trained was asked of no engine, and ends no training of its.
        if end.training != 0 {
            self.ends.push(end);
        }
        self.heard.push(told);
    }

    /// Whether who sits where may have changed.
    pub(super) fn has_moved(&self) -> bool {
        !self.heard.is_empty() || !self.rulings.is_empty()
    }

    /// Versions that came of trainings.
    pub(super) fn models(&self) -> Vec<RegisteredModel<'_>> {
        self.heard.iter().filter_map(TrainedNews::registered).collect()
    }

    /// What was ruled.
    pub(super) fn rulings(&self) -> &[RulingRecord] {
        &self.rulings
    }

    /// Trainings that were asked for.
    pub(super) fn trainings(&self) -> &[Training] {
        &self.trainings
    }

    /// What trainings came to.
    pub(super) fn ends(&self) -> &[TrainingEnd] {
        &self.ends
    }

    /// What of it is hashed into the digest: which models there are, and what was ruled on them.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let records = self.heard.iter().filter_map(|told| match &told.news {
            ModelNews::Trained(trained) => Some(&trained.record),
            ModelNews::Failed { .. } => None,
        });
        let records: Vec<&ModelRecord> = records.collect();
        postcard::to_stdvec(&(records, &self.rulings))
            .expect("records and rulings always serialise")
    }

    /// Forgets it all and keeps the room.
    pub(super) fn clear(&mut self) {
        self.heard.clear();
        self.ends.clear();
        self.trainings.clear();
        self.rulings.clear();
    }
}
