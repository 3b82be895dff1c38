//! What may be said of learning, of jobs and of the store.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// `learn`.
#[derive(Debug, Subcommand)]
pub enum LearnCommand {
    /// What each learner believes, from how much, how sure it is, and what it did to results.
    Report {
        /// Only this learner.
        #[arg(long, value_name = "NAME")]
        learner: Option<String>,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Run a job of the schedule now; `jobs list` names them.
    Run {
        /// Its name.
        job: String,
        /// Say what it would do, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// What the last so many hours hold for what is learned of models, and have it learned now.
    Update {
        /// How many hours back the figures go; the update itself looks back 24.
        hours: u32,
        /// Say what would be done, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// The same from the winners' side: how many are used, beside how many losers, and why not alone.
    Boost {
        /// How many hours back the figures go; the update itself looks back 24.
        hours: u32,
        /// Say what would be done, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Every published version of the policy, oldest first.
    History {
        /// Only the last so many days of the run.
        #[arg(long, value_name = "N")]
        days: Option<u32>,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// One version: what it changed, why, on which evidence.
    Show {
        /// Its number.
        version: u64,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Publish an earlier version's values again, at once: all of them, whoever changed them since.
    Revert {
        /// Its number.
        version: u64,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Hold a value fast: head.trend=0.1, gate.fee_margin=2, symbol.BTCUSDT=0.5 or hour.14=0.
    Pin {
        /// What and at which value.
        #[arg(value_name = "NAME=VALUE")]
        pin: String,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Let a pinned value be learned again.
    Unpin {
        /// What.
        #[arg(value_name = "NAME")]
        name: String,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Listen to a learner, or no more.
    Switch {
        /// Its name, as `learn report` writes it.
        learner: String,
        /// Whether to listen.
        #[arg(value_enum)]
        to: OnOff,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Strike the outcomes decided within a stretch, and learn again what is left.
    Strike {
        /// From this day or moment on, UTC.
        #[arg(required_unless_present = "undo")]
        from: Option<String>,
        /// Before this day or moment, UTC.
        #[arg(required_unless_present = "undo")]
        to: Option<String>,
        /// Take back the newest strike that stands, and learn again with what it had struck.
        #[arg(long, conflicts_with_all = ["from", "to"])]
        undo: bool,
        /// Say what would go, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
}

/// Whether something is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

/// `jobs`.
#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// Every job: when it runs, when it ran last, when it is due next, what it published.
    List {
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
    /// Run one now.
    Run {
        /// Its name.
        name: String,
        /// Say what it would do, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Which run; the newest unless given.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
    },
}

/// `db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Read everything that is stored: seals, counts, and the chain of the audit.
    Check,
    /// Bring the schema up to date. Opening a store does the same; this says so.
    Migrate,
    /// Write a checked copy to a file that is not there yet.
    Backup {
        /// The file.
        file: PathBuf,
    },
    /// Put a checked copy in the store's place.
    Restore {
        /// The file.
        file: PathBuf,
        /// Replace the store that is there.
        #[arg(long)]
        force: bool,
    },
}
