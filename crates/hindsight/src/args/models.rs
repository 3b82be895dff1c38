//! What may be said of models.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `models`.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// Every version: when and why it was trained, where it stands, and what was ruled on it.
    List {
        /// Every version, and every ruling: also which versions came and were replaced.
        #[arg(long)]
        all: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// One version whole: what it has seen, its members, its figures, its rulings with their grounds.
    Show {
        /// Its number, its name, or the start of its hash.
        #[arg(value_name = "ID")]
        version: String,
        /// Find its rows again in the store, and compare their hash with the one it was fitted on.
        #[arg(long)]
        verify: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// What would be trained next, and why; how each model stands.
    Plan {
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Train now, from what the run has stored; what comes of it is compared with the champion from then on.
    Train(TrainArgs),
    /// Put a version in charge now, whatever the evidence. It must sit in a seat: the newest one does, and the
    /// one that was in charge before; any other is gone, and is trained again. rollback undoes it.
    Promote {
        /// Its number, its name, or the start of its hash.
        #[arg(value_name = "ID")]
        version: String,
        /// Say what would follow, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// One step back: the one in charge gives way to the one before it, or to no model. Where none is in charge,
    /// a version that is heard on a share of decisions is sent away.
    Rollback {
        /// Which line of models; there is one.
        #[arg(default_value = "ensemble")]
        line: String,
        /// Say what would follow, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// One model on a public benchmark set, with the papers' protocol. Needs no store.
    #[command(subcommand)]
    Bench(BenchCommand),
}

/// `models train`.
#[derive(Args, Debug)]
pub struct TrainArgs {
    /// Which: all, or a list of xgboost, lightgbm, nhits, patchtst; those of the run's configuration unless given.
    #[arg(long, value_delimiter = ',', value_name = "all|LIST")]
    pub models: Vec<String>,
    /// Learn from every outcome of the run, not only from those within its look-back.
    #[arg(long)]
    pub all: bool,
    /// Say what would be learned from, and train nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Threads; as many as there are processors unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Which run; the newest unless given.
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
}

/// `models bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// How far forecasts are from what came, beside repeating the last value.
    Forecast(ForecastArgs),
    /// How well boosted trees tell two classes apart.
    Boost(BoostArgs),
}

/// `models bench forecast`.
#[derive(Args, Debug)]
pub struct ForecastArgs {
    /// CSV, TSV, gzipped or not, with a header or without, or Parquet: a column per series, oldest row first.
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// Which.
    #[arg(long, value_enum)]
    pub model: ForecastName,
    /// Steps to look ahead.
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub horizon: u32,
    /// Steps to look at.
    #[arg(long, default_value_t = 336, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub window: u32,
    /// Rows for training, validation and test, 8640/2880/2880, or shares of them, 70/10/20; the papers' unless
    /// given, told by the file's name.
    #[arg(long, value_name = "A/B/C")]
    pub split: Option<String>,
    /// Threads; as many as there are processors unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// What can forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForecastName {
    /// Blocks of several rates.
    Nhits,
    /// Attention over patches.
    Patchtst,
    /// The last value again and again: the yardstick.
    Repeat,
}

/// `models bench boost`.
#[derive(Args, Debug)]
pub struct BoostArgs {
    /// What to learn from: CSV or TSV, gzipped or not, with a header or without, or Parquet.
    #[arg(long, value_name = "FILE")]
    pub train: PathBuf,
    /// What to be scored on, with the same columns.
    #[arg(long, value_name = "FILE")]
    pub test: PathBuf,
    /// The column of the two classes: its name, or its place from 0.
    #[arg(long, value_name = "COLUMN")]
    pub label: String,
    /// Which.
    #[arg(long, value_enum)]
    pub model: BoostName,
    /// How many trees.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub trees: u32,
    /// How much of each tree counts.
    #[arg(long, default_value_t = 0.1, value_name = "RATE")]
    pub rate: f64,
    /// Most leaves of a tree; 31 for lightgbm, as many as its levels have for xgboost.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=65_536))]
    pub leaves: Option<u32>,
    /// Most levels of a tree; 6 for xgboost, any number for lightgbm.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub depth: Option<u32>,
    /// Threads; as many as there are processors unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// What can boost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BoostName {
    /// Trees grown level by level.
    Xgboost,
    /// Trees grown leaf by leaf.
    Lightgbm,
}
