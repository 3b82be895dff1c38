//! The worlds around the engine. Each feeds it events and carries out its effects; nothing else
//! differs between them. Today there is one: replay.

mod closes;
mod course;
mod dataset;
mod learning_set;
mod line;
mod model_life;
mod narrator;
mod recorder;
mod replay;
mod rest;
mod schooling;
mod stored_run;
mod training;
mod twin;

pub use dataset::Dataset;
pub(crate) use learning_set::{Learned, LearningSet};
pub(crate) use line::samples_max;
pub(crate) use model_life::TrainedNews;
pub use narrator::Narrator;
pub use recorder::Recorder;
pub use replay::{Replay, Rest};
pub(crate) use rest::bring_models_or_silence;
pub use rest::{orders, refold, resume, strikes};
pub use stored_run::{Answer, StoredRun};
pub(crate) use training::{School, check_bytes, rows_again};
