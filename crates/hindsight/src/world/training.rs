//! Carries out trainings at their simulated time. The same samples, seed and former version give the same
//! model, with any number of threads.

use std::ops::ControlFlow;
use std::sync::Arc;

use ::models::{Ensemble, FitError, Listener};
use anyhow::{Context, anyhow};
use domain::{Effects, ModelNews, ModelRecord, Rows, Strikes, Timestamp, Trained, Training};
use engine::{Engine, Settings};
use rayon::ThreadPool;
use store::{CloseRecord, RunNo, Store, StoredModel};

use super::learning_set::{Learned, LearningSet};
use super::line::{self, Fitted, Lesson};
use super::model_life::TrainedNews;
use super::rest::{strikes, strikes_before};

const DAY_MS: i64 = 86_400_000;

/// What has been gathered to learn from, and what learns from it.
pub(super) struct Trainer<'a> {
    set: LearningSet,
    lookback_ms: i64,
    strikes: Strikes,
    school: School<'a>,
}

/// What a training takes besides its samples.
pub(crate) struct School<'a> {
    seed: u64,
    pool: Option<ThreadPool>,
    listener: Box<Listener<'a>>,
    /// The version that came last and its number: what is not fitted again is taken over from it.
    newest: Option<(u64, Arc<Ensemble>)>,
    /// The number of the next version.
    next: u64,
    /// Whether every sample is learned from, or the newest only.
    takes_all: bool,
}

impl<'a> Trainer<'a> {
    /// One that has gathered nothing yet, about so many symbols.
    pub(super) fn new(symbols: usize, settings: &Settings) -> Trainer<'a> {
        Trainer {
            set: LearningSet::new(symbols),
            lookback_ms: i64::from(settings.models.lookback_days) * DAY_MS,
            strikes: Strikes::default(),
            school: School::new(settings.seed),
        }
    }

    /// One that has gathered what a run has stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn of_store(
        store: &mut Store,
        run: RunNo,
        engine: &Engine,
        at: Timestamp,
    ) -> anyhow::Result<Trainer<'a>> {
        let (settings, symbols) = (engine.settings(), engine.instruments().len());
        let mut trainer = Trainer::new(symbols, settings);
        let since = trainer.since(at, engine.training());
        trainer.set = LearningSet::of_store(store, run, symbols, since)?;
        trainer.strikes = strikes(store, run)?;
        trainer.school.go_on_from(store, run)?;
        Ok(trainer)
    }

    /// Uses so many threads.
    pub(super) fn use_threads(&mut self, threads: Option<u16>) -> anyhow::Result<()> {
        self.school.use_threads(threads)
    }

    /// Has somebody hear how far trainings are.
    pub(super) fn listen(&mut self, listener: Box<Listener<'a>>) {
        self.school.listener = listener;
    }

    /// Takes in what the bars of one moment led to, and lets go of what no training looks back on any more.
    pub(super) fn hear(
        &mut self,
        closed_at: Timestamp,
        effects: &Effects,
        closes: &[CloseRecord],
        waiting: Option<&Training>,
    ) {
        self.set.hear(closed_at, effects, closes);
        self.set.forget_before(self.since(closed_at, waiting));
    }

    /// What is decided from here on may be learned from.
    fn since(&self, at: Timestamp, waiting: Option<&Training>) -> Timestamp {
        let since = at.plus_ms(-self.lookback_ms);
        waiting.map_or(since, |training| since.min(training.since))
    }

    /// Carries a training out.
    ///
    /// # Errors
    /// When who listens ends it.
    pub(super) fn carry_out(&mut self, training: &Training) -> anyhow::Result<TrainedNews> {
        let most = line::samples_max(self.school.takes_all);
        let learned = self.set.learned(training, &self.strikes, most);
        self.school.teach(training, &learned, training.ready_at)
    }
}

impl<'a> School<'a> {
    /// One that has taught nothing yet.
    pub(super) fn new(seed: u64) -> School<'a> {
        let listener = Box::new(|_: ::models::Progress<'_>| ControlFlow::Continue(()));
        School { seed, pool: None, listener, newest: None, next: 1, takes_all: false }
    }

    /// One that goes on after the versions of a run.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub(crate) fn of_store(
        store: &mut Store,
        run: RunNo,
        seed: u64,
        listener: Box<Listener<'a>>,
    ) -> anyhow::Result<School<'a>> {
        let mut school = School { listener, ..School::new(seed) };
        let models = store.models(run)?;
        school.next = models.last().map_or(1, |model| model.record.version + 1);
        // A damaged version must not keep a person from training a whole one.
        school.newest = models.iter().rev().find_map(|StoredModel { record, .. }| {
            let whole = brought(store, record.version, &record.hash).ok()?;
            Some((record.version, whole))
        });
        Ok(school)
    }

    fn go_on_from(&mut self, store: &mut Store, run: RunNo) -> anyhow::Result<()> {
        let models = store.models(run)?;
        let Some(StoredModel { record, .. }) = models.last() else { return Ok(()) };
        self.next = record.version + 1;
        self.newest = Some((record.version, brought(store, record.version, &record.hash)?));
        Ok(())
    }

    /// Uses so many threads; as many as there are processors unless told.
    pub(crate) fn use_threads(&mut self, threads: Option<u16>) -> anyhow::Result<()> {
        let builder = rayon::ThreadPoolBuilder::new();
        let builder = threads.map(|threads| builder.num_threads(usize::from(threads)));
        self.pool = builder.map(|builder| builder.build()).transpose()?;
        Ok(())
    }

    /// Learns from every sample, however many there are.
    pub(crate) fn take_all(&mut self) {
        self.takes_all = true;
    }

    /// Has a training learn; gives what came of it, heard at a moment.
    ///
    /// # Errors
    /// When who listens ends it.
    pub(crate) fn teach(
        &mut self,
        training: &Training,
        learned: &Learned,
        at: Timestamp,
    ) -> anyhow::Result<TrainedNews> {
        let School { seed, pool, listener, newest, next, takes_all } = self;
        let former = newest.as_ref().map(|(_, line)| line.as_ref());
        let (version, seed, takes_all) = (*next, *seed, *takes_all);
        let lesson = Lesson { training, version, learned, seed, takes_all, former };
        let mut fit = || line::fit(&lesson, listener);
        let fitted = match pool {
            Some(pool) => pool.install(fit),
            None => fit(),
        };
        match fitted {
            Ok(Fitted { record, bytes, model }) => {
                *newest = Some((record.version, model.clone()));
                *next = record.version + 1;
                let trained = Trained { record, at, model: Some(model) };
                Ok(TrainedNews { news: ModelNews::Trained(Box::new(trained)), bytes })
            }
            Err(FitError::Interrupted) => Err(anyhow!("the training was interrupted")),
            Err(error) => {
                let news = ModelNews::Failed { training: training.no, why: error.to_string(), at };
                Ok(TrainedNews { news, bytes: Vec::new() })
            }
        }
    }
}

/// A version from the registry, by its hash.
///
/// # Errors
/// When it is not there, or is not what was saved.
pub(super) fn brought(
    store: &mut Store,
    version: u64,
    hash: &str,
) -> anyhow::Result<Arc<Ensemble>> {
    let what = || format!("bring model version {version}");
    let bytes = store.model_bytes(hash).with_context(what)?;
    line::load(&bytes).with_context(what)
}

/// Whether a version is whole in the registry.
///
/// # Errors
/// A sentence where it is not.
pub(crate) fn check_bytes(store: &mut Store, version: u64, hash: &str) -> anyhow::Result<()> {
    brought(store, version, hash).map(|_| ())
}

/// The rows that a version has seen, found again in the store.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn rows_again(
    store: &mut Store,
    run: RunNo,
    symbols: usize,
    record: &ModelRecord,
) -> anyhow::Result<Rows> {
    let Rows { decided_from, known_to, .. } = record.rows;
    let set = LearningSet::of_store(store, run, symbols, decided_from)?;
    let training = Training {
        no: record.training,
        asked_at: known_to,
        ready_at: known_to,
        since: decided_from,
        plan: Vec::new(),
    };
    let struck = strikes_before(store, run, record.version)?;
    let learned = set.learned(&training, &struck, record.rows.count as usize);
    Ok(learned.samples.rows(known_to, learned.waiting, learned.left_out))
}
