//! Copies of a store: out as one whole file, and back. A copy is checked before anyone relies on it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::address::{self, Found};
use crate::{Checkup, Store, StoreError};

impl Store {
    /// Writes a copy of the whole store, as of now, to a file that must not be there yet, and checks it.
    /// Others may read and write meanwhile. Gives what the check of the copy went through.
    pub fn backup(&mut self, to: &Path) -> Result<Checkup, StoreError> {
        if to.exists() {
            let why = "something is there already, and a backup overwrites nothing".to_owned();
            return Err(StoreError::Unwritable { path: to.display().to_string(), why });
        }
        let to = std::path::absolute(to).map_err(|e| unwritable(to, &e))?;
        address::make_folders(&to)?;
        let target = to.to_str().map(str::to_owned).ok_or_else(|| StoreError::Unwritable {
            path: to.display().to_string(),
            why: "its name is not text".to_owned(),
        })?;
        self.perform("write a copy of itself", async |connection| {
            sqlx::query("VACUUM INTO ?").bind(target).execute(connection).await?;
            Ok(())
        })?;
        let checked = checked(&to);
        if checked.is_err() {
            fs::remove_file(&to).ok();
        }
        checked
    }

    /// Puts a copy in the place of the store at `url`. The copy is checked first, then copied beside the
    /// place, and takes it in one step; whatever fails, what was there stays. A store that is there
    /// already is replaced only where `may_replace` says so, and never while another process holds it.
    pub fn restore(from: &Path, url: &str, may_replace: bool) -> Result<Checkup, StoreError> {
        let place = address::path_of(url)?;
        let is_there = address::look(&place)? == Found::Database;
        if is_there && !may_replace {
            let why = "a store is there already; say --force to replace it".to_owned();
            return Err(StoreError::Unwritable { path: place.display().to_string(), why });
        }
        let from = std::path::absolute(from).map_err(|e| unwritable(from, &e))?;
        if from == place {
            let why = "it is the copy itself".to_owned();
            return Err(StoreError::Unwritable { path: place.display().to_string(), why });
        }
        checked(&from)?;
        if is_there {
            release(url)?;
        }
        let beside = with_suffix(&place, "-restoring");
        fs::remove_file(&beside).ok();
        let mut source = Store::open_existing(&url_of(&from))?;
        let written = source.backup(&beside)?;
        drop(source);
        fs::rename(&beside, &place).map_err(|e| unwritable(&place, &e))?;
        // A log that belonged to what was there before must not be folded into what is there now.
        for left in ["-wal", "-shm"] {
            fs::remove_file(with_suffix(&place, left)).ok();
        }
        Ok(written)
    }
}

/// Folds the log of the store that is to go, which fails while another process holds it.
fn release(url: &str) -> Result<(), StoreError> {
    let mut old = Store::open_existing(url)?;
    let path = old.path().display().to_string();
    let busy: i64 = old.perform("fold its log in", async |connection| {
        Ok(sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?)
    })?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Busy { path }) }
}

/// The check of the store in a file, which must find nothing.
fn checked(path: &Path) -> Result<Checkup, StoreError> {
    let checkup = Store::open_existing(&url_of(path))?.check()?;
    match checkup.damages.first() {
        None => Ok(checkup),
        Some(first) => {
            Err(StoreError::Damaged { what: path.display().to_string(), why: first.clone() })
        }
    }
}

fn url_of(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn unwritable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unwritable { path: path.display().to_string(), why: error.to_string() }
}
