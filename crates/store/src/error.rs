//! What can go wrong with the store, sorted by what the caller does about it.

/// One variant per remedy; each reads as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Say another address.
    #[error("`{url}` is not the address of a store: {why}")]
    Address {
        /// What was said.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Make a store first, or say where it is.
    #[error("there is no store at {path}; a replay makes one")]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// Say another run, or make one.
    #[error("the store has no {asked}")]
    NoRun {
        /// What was asked for.
        asked: String,
    },
    /// Say more of the run's name.
    #[error("`{asked}` begins the names of several runs: {candidates}")]
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// Those that begin so.
        candidates: String,
    },
    /// Say another file: this one belongs to someone else and was left as it was.
    #[error("{path} is not a store of this program: {why}; it was left as it is")]
    Foreign {
        /// Which file.
        path: String,
        /// How that was seen.
        why: String,
    },
    /// Use the newer program.
    #[error(
        "{path} was written by a newer version of this program (schema {found}, this one knows {known})"
    )]
    Newer {
        /// Which store.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// Replay again: what is there is whole, but this version reads it no longer.
    #[error("{what} was written by an earlier version of this program; replay it again to read it")]
    Earlier {
        /// Which run, or which part of one.
        what: String,
    },
    /// Make room, or give leave to write.
    #[error("{path} cannot be written: {why}")]
    Unwritable {
        /// Which place.
        path: String,
        /// What the system says.
        why: String,
    },
    /// Try again when the other process is done.
    #[error("{path} is being written by another process; try again when it is done")]
    Busy {
        /// Which store.
        path: String,
    },
    /// Read again and decide anew: someone else wrote first.
    #[error("{what}: someone else wrote first")]
    Overtaken {
        /// What they wrote.
        what: String,
    },
    /// Correct the caller: nothing was stored.
    #[error("{what} cannot be stored: {why}")]
    Unfit {
        /// What was handed in.
        what: String,
        /// Why it does not fit.
        why: String,
    },
    /// Restore a copy, or repeat the run.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Which part.
        what: String,
        /// How that was seen.
        why: String,
    },
    /// Report it: this should not happen.
    #[error("the store failed to {doing}: {why}")]
    Failed {
        /// What was being done.
        doing: String,
        /// What the database says.
        why: String,
    },
}

/// A database's error on its way to the door, where the path and what was being done are known.
#[derive(Debug)]
pub(crate) enum Trouble {
    Database(sqlx::Error),
    Known(StoreError),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Trouble {
        Trouble::Database(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Known(error)
    }
}

impl Trouble {
    /// Whether it is the place that does not let itself be written.
    pub(crate) fn is_unwritable(&self) -> bool {
        let Trouble::Database(error) = self else { return false };
        matches!(sorted(error, "", ""), StoreError::Unwritable { .. })
    }

    /// The sentence for the caller.
    pub(crate) fn at(self, path: &str, doing: &str) -> StoreError {
        match self {
            Trouble::Known(error) => error,
            Trouble::Database(error) => sorted(&error, path, doing),
        }
    }
}

/// SQLite's primary result codes (https://www.sqlite.org/rescode.html), by remedy.
fn sorted(error: &sqlx::Error, path: &str, doing: &str) -> StoreError {
    let path = path.to_owned();
    let why = || match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        other => other.to_string(),
    };
    match code(error).map(|code| code & 0xff) {
        Some(5 | 6) => StoreError::Busy { path },
        Some(3 | 8 | 10 | 13 | 14 | 23) => StoreError::Unwritable { path, why: why() },
        Some(11) => StoreError::Damaged { what: path, why: why() },
        Some(18 | 19) => StoreError::Unfit { what: "what was handed in".to_owned(), why: why() },
        Some(26) => StoreError::Foreign { path, why: why() },
        _ => StoreError::Failed { doing: doing.to_owned(), why: why() },
    }
}

/// Whether a row of that name is there already.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|inner| inner.is_unique_violation())
}

fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
