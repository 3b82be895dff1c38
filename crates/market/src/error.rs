//! What can go wrong with files of bars, sorted by what is done about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::Refusal;

/// Why there are no bars. Every text is one sentence with the file, the reason and the mend.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
    /// Nothing that could hold bars lies there: name another path.
    #[error("no file of bars (Parquet, CSV, feather, JSON or zip) lies in {}: name another folder, or the files themselves", .path.display())]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
    /// The system refuses: check the path and its permissions.
    #[error("cannot read {}: {cause}; check the path and its permissions", .path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A format this version does not read: convert the file.
    #[error("{} is {format}, which is not built yet: convert it to Parquet or CSV", .path.display())]
    NotBuilt {
        /// The file.
        path: PathBuf,
        /// Its format, in words.
        format: &'static str,
    },
    /// Empty, cut short or not what its name says: get the file again.
    #[error("{} {what}: get the file again", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What it is, in words that follow its name.
        what: String,
    },
    /// Its columns cannot be told: write a header, or another type.
    #[error("{} {what}", .path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is wrong with which column and the mend, in words that follow the name.
        what: String,
    },
    /// It can be read in more than one way: say which.
    #[error("{} {what}", .path.display())]
    Unclear {
        /// The file.
        path: PathBuf,
        /// What is unclear and the mend, in words that follow the name.
        what: String,
    },
    /// Symbols in several intervals: choose one.
    #[error("the files hold several intervals ({found}): choose one with --interval")]
    MixedIntervals {
        /// Which symbols come in which interval, in words.
        found: String,
    },
    /// More than is sane: split it.
    #[error("{} {what}: split it into smaller files", .path.display())]
    TooBig {
        /// The file.
        path: PathBuf,
        /// What exceeds which limit, in words that follow the name.
        what: String,
    },
    /// A bad row, and the caller asked to stop at the first: mend it.
    #[error("{0}; mend the row, or read without --strict to skip it")]
    BadRow(Refusal),
    /// Every row was turned away: look at the file.
    #[error("{} has no usable bar among {rows} rows, {mostly}: mend the file or name another", .path.display())]
    NoBars {
        /// The file.
        path: PathBuf,
        /// How many rows it has.
        rows: u64,
        /// The first refusal and its reason, in words that follow a comma.
        mostly: String,
    },
    /// There are bars, but none that was asked for: ask for others.
    #[error("nothing matches --symbols, --interval, --from and --to; the files hold {found}")]
    NotWanted {
        /// What the files hold, in words.
        found: String,
    },
    /// The archive does not answer: try again later. What was fetched stays.
    #[error(
        "cannot fetch {url} after {tries} tries ({cause}): check the network and run it again, what is there is kept"
    )]
    Unreachable {
        /// What was to be fetched.
        url: String,
        /// How often it was tried.
        tries: u32,
        /// What went wrong the last time.
        cause: String,
    },
    /// The archive says no: another try would be answered alike.
    #[error("{url} was answered with {answer}: check the symbol, the market and --base-url")]
    TurnedAway {
        /// What was asked for.
        url: String,
        /// What the archive answered, in words.
        answer: String,
    },
    /// A file could not be written: check the folder and its room.
    #[error("cannot write {}: {cause}; check the folder, its permissions and the free space", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system or the encoder said.
        cause: String,
    },
}

impl MarketError {
    pub(crate) fn unreadable(path: &Path, cause: io::Error) -> MarketError {
        MarketError::Unreadable { path: path.to_owned(), cause }
    }

    pub(crate) fn broken(path: &Path, what: impl Into<String>) -> MarketError {
        MarketError::Broken { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn columns(path: &Path, what: impl Into<String>) -> MarketError {
        MarketError::Columns { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn unclear(path: &Path, what: impl Into<String>) -> MarketError {
        MarketError::Unclear { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn too_big(path: &Path, what: impl Into<String>) -> MarketError {
        MarketError::TooBig { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn unwritable(path: &Path, cause: impl ToString) -> MarketError {
        MarketError::Unwritable { path: path.to_owned(), cause: one_line(&cause.to_string()) }
    }
}

/// Foreign text made fit to stand inside a sentence: one line, no full stops, not long.
pub(crate) fn one_line(text: &str) -> String {
    const CHARS_MAX: usize = 120;
    let shown = |c: char| if c.is_control() || c == char::REPLACEMENT_CHARACTER { '·' } else { c };
    let clean = text.trim().trim_end_matches('.');
    let mut line: String = clean.chars().take(CHARS_MAX).map(shown).collect();
    if clean.chars().nth(CHARS_MAX).is_some() {
        line.push('…');
    }
    line.replace(". ", ", ")
}
