//! The engine at rest: everything it knows as bytes, and back.

use domain::Instrument;
use learn::Learner;
use serde::{Deserialize, Serialize};

use crate::{Engine, Settings, State};

/// Changes whenever what is saved changes its shape.
pub const SCHEMA: u32 = 7;

/// Why a snapshot could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It was written by another version of the program.
    #[error("the snapshot has schema {found}, this program reads {SCHEMA}; replay the run again")]
    OtherSchema {
        /// Its schema.
        found: u32,
    },
    /// It is damaged.
    #[error("the snapshot cannot be read; replay the run again")]
    Unreadable,
    /// A model that sits somewhere was not brought.
    #[error("the model of version {version} is missing or damaged; replay the run again")]
    NoModel {
        /// Which.
        version: u64,
    },
    /// It belongs to other instruments or other learners.
    #[error("the snapshot is of another run; check data and configuration")]
    OtherRun,
}

#[derive(Serialize, Deserialize)]
struct Saved<'a> {
    schema: u32,
    /// Hash of settings and instruments: another run's state is not ours, however alike its shape.
    run: [u8; 32],
    #[serde(borrow)]
    state: &'a [u8],
    learners: Vec<(String, Vec<u8>)>,
}

impl Engine {
    /// Everything the engine knows.
    pub fn snapshot(&self) -> Vec<u8> {
        let state = written(&self.state);
        let learners = self.saved_learners();
        written(&Saved { schema: SCHEMA, run: self.run_hash(), state: &state, learners })
    }

    pub(crate) fn saved_learners(&self) -> Vec<(String, Vec<u8>)> {
        self.learners.iter().map(|learner| (learner.name().to_owned(), learner.save())).collect()
    }

    fn run_hash(&self) -> [u8; 32] {
        *blake3::hash(&written(&(&self.settings, &self.instruments))).as_bytes()
    }

    /// A hash of everything the engine knows.
    pub fn digest(&self) -> String {
        blake3::hash(&self.snapshot()).to_hex().to_string()
    }

    /// An engine that knows what the snapshot says.
    ///
    /// # Errors
    /// A [`SnapshotError`] when it was not written by this program for this run, or is damaged.
    pub fn restore(
        settings: Settings,
        instruments: Vec<Instrument>,
        snapshot: &[u8],
    ) -> Result<Engine, SnapshotError> {
        let saved: Saved<'_> =
            postcard::from_bytes(snapshot).map_err(|_| SnapshotError::Unreadable)?;
        if saved.schema != SCHEMA {
            return Err(SnapshotError::OtherSchema { found: saved.schema });
        }
        let state: State =
            postcard::from_bytes(saved.state).map_err(|_| SnapshotError::Unreadable)?;
        let mut engine = Engine::new(settings, instruments);
        let same_learners = load_all(&mut engine.learners, &saved.learners);
        if saved.run != engine.run_hash() || !same_learners {
            return Err(SnapshotError::OtherRun);
        }
        engine.state = state;
        Ok(engine)
    }
}

/// Has every learner remember what was saved under its name; says whether they are the same ones.
pub(crate) fn load_all(learners: &mut [Box<dyn Learner>], saved: &[(String, Vec<u8>)]) -> bool {
    saved.len() == learners.len()
        && saved
            .iter()
            .zip(learners)
            .all(|((name, bytes), learner)| name == learner.name() && learner.load(bytes))
}

/// Numbers, text and lists of them: there is nothing in them that cannot be written down.
pub(crate) fn written(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain values always serialise")
}
