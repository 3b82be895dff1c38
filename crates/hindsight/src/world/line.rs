//! The one line of models: how a version is fitted, saved and loaded.

use std::sync::Arc;

use ::models::{
    Ensemble, FitError, LearningSet, Listener, ModelError, TrainOrder, TrainRules, train,
};
use domain::{ModelRecord, Training};

use super::learning_set::Learned;

/// A version on its way to the engine.
pub(super) struct Fitted {
    pub(super) record: ModelRecord,
    pub(super) bytes: Vec<u8>,
    pub(super) model: Arc<Ensemble>,
}

/// What is fitted, and by what.
pub(super) struct Lesson<'a> {
    pub(super) training: &'a Training,
    /// The number of the new version.
    pub(super) version: u64,
    pub(super) learned: &'a Learned,
    pub(super) seed: u64,
    /// Whether every sample is learned from, or the newest only.
    pub(super) takes_all: bool,
    /// What is not fitted again is taken over from it.
    pub(super) former: Option<&'a Ensemble>,
}

/// Fits a new version.
///
/// # Errors
/// Where nothing can be fitted, or who listens says stop.
pub(super) fn fit(lesson: &Lesson<'_>, listener: &mut Listener<'_>) -> Result<Fitted, FitError> {
    let Lesson { training, version, learned, seed, takes_all, former } = lesson;
    let features: Vec<&str> = forecast::FEATURES.iter().map(|feature| feature.name).collect();
    let set = LearningSet {
        samples: &learned.samples,
        features: &features,
        waiting: learned.waiting,
        left_out: learned.left_out,
    };
    let order = TrainOrder {
        version: *version,
        training: training.no,
        asked_at: training.asked_at,
        trigger: training.trigger(),
        kinds: training.plan.iter().map(|planned| planned.model).collect(),
    };
    let mut rules = TrainRules::product(*seed);
    rules.samples_max = samples_max(*takes_all);
    let (ensemble, record) = train(&set, &order, *former, &rules, listener)?;
    Ok(Fitted { record, bytes: ensemble.save(), model: Arc::new(ensemble) })
}

/// Reads a saved version.
///
/// # Errors
/// When the bytes are no saved version.
pub(super) fn load(bytes: &[u8]) -> Result<Arc<Ensemble>, ModelError> {
    Ensemble::load(bytes).map(Arc::new)
}

/// How many samples are learned from: all, or the newest so many of them.
pub(crate) fn samples_max(takes_all: bool) -> usize {
    if takes_all { usize::MAX } else { TrainRules::product(0).samples_max }
}
