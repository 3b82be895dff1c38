//! Memory: runs, decisions, trades, outcomes, policy versions.
//!
//! A [`Store`] lies at an address, today `sqlite://PATH`. A world begins a run, commits checkpoints
//! and finishes it; readers ask the newest finished run, or one by name. What is many (decisions,
//! outcomes, horizons, equity) is kept as [`Columns`], what is money as rows of exact text, and what
//! was learned as a chain of hashes. Nothing is computed here, and nothing from outside is trusted:
//! a foreign or damaged file leads to a sentence, never to a panic.

mod address;
mod audit;
mod check;
mod check_models;
mod check_rows;
mod chunks;
mod closes;
mod codes;
mod columns;
mod commit;
mod copies;
mod error;
mod faults;
mod freqtrade;
mod holdings;
mod imports;
mod journal;
mod json;
mod learning;
mod ledger;
mod lessons;
mod life;
mod lifecycle;
mod open;
mod policies;
mod read_chunks;
mod read_rows;
mod registry;
mod row_seals;
mod rows;
mod rulings;
mod runs;
mod seal;
mod snapshots;
mod store;
mod tally;

pub use audit::LearningEvent;
pub use check::Checkup;
pub use closes::StoredCloses;
pub use columns::{
    CHUNK_ROWS_MAX, CanonicalBytes, CloseColumns, CloseRecord, Columns, DecisionColumns,
    DecisionRecord, EquityColumns, HorizonColumns, OutcomeColumns, Record, WhatIfColumns,
};
pub use commit::Batch;
pub use error::StoreError;
pub use faults::Quarantined;
pub use imports::{HistoryRow, Import, ImportCount, Imported};
pub use journal::JournalEntry;
pub use learning::{JobCount, Refusal, TrialCount};
pub use ledger::OrderRecord;
pub use lessons::{Heard, JOURNAL_TOLD, Lesson, Lessons, ToldCount};
pub use policies::TakenOrder;
pub use registry::{MODEL_BYTES_MAX, RegisteredModel, Seats, StoredModel};
pub use rulings::{StoredTraining, TrainingEnd};
pub use runs::{Cursor, Run, RunNo, RunState};
pub use snapshots::Snapshot;
pub use store::{Durability, Store};
