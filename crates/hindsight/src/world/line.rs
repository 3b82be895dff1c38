//! The one line of models: how a version is fitted, saved and loaded.

use std::sync::Arc;

use ::models::{FitError, Listener, ModelError};
use domain::{Chances, MODEL_COUNT, Model, ModelRecord, Opinion, Training, View};

use super::learning_set::Learned;

/// A version on its way to the engine.
pub(super) struct Fitted {
    pub(super) record: ModelRecord,
    pub(super) bytes: Vec<u8>,
    pub(super) model: Arc<Line>,
}

pub(super) struct Line(f64);

impl Model for Line {
    fn predict(&self, _: &View<'_>) -> Option<Opinion> {
        let chances = Chances { long: self.0, short: self.0 };
        Some(Opinion { chances, members: [None; MODEL_COUNT] })
    }
}

pub(super) struct Lesson<'a> {
    pub(super) training: &'a Training,
    pub(super) version: u64,
    pub(super) learned: &'a Learned,
    pub(super) seed: u64,
    pub(super) takes_all: bool,
    pub(super) former: Option<&'a Line>,
}

pub(super) fn fit(lesson: &Lesson<'_>, listener: &mut Listener<'_>) -> Result<Fitted, FitError> {
    let Lesson { training, version, learned, seed, takes_all, former } = *lesson;
    let _ = (seed, former, takes_all);
    let n = learned.samples.len();
    if n < 50 {
        return Err(FitError::TooFew { what: "an ensemble", has: n, needed: 50 });
    }
    for done in 0..10 {
        let progress = ::models::Progress { of: "stand-in", done, all: 10, loss: None };
        if listener(progress).is_break() {
            return Err(FitError::Interrupted);
        }
    }
    let won = learned.samples.samples().iter().filter(|s| s.won).count();
    let line = Line(won as f64 / n as f64);
    let bytes = line.0.to_le_bytes().to_vec();
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let record = ModelRecord {
        version,
        name: ModelRecord::name_of(training.asked_at, training.trigger()),
        training: training.no,
        asked_at: training.asked_at,
        trigger: training.trigger(),
        rows: learned.rows.clone(),
        members: Vec::new(),
        figures: Vec::new(),
        calibration: Vec::new(),
        hash,
    };
    Ok(Fitted { record, bytes, model: Arc::new(line) })
}

pub(super) fn load(bytes: &[u8]) -> Result<Arc<Line>, ModelError> {
    let bytes: [u8; 8] = bytes.try_into().map_err(|_| ModelError::Nonsense)?;
    Ok(Arc::new(Line(f64::from_le_bytes(bytes))))
}
