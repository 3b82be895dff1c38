//! The store itself: one connection, one thread, and a door through which every error gets its name.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Trouble;
use crate::{StoreError, address, open};

/// How much a commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A crash of the program. A power cut may undo the last commits, never tear one: enough for
    /// what a replay can repeat.
    #[default]
    Crash,
    /// A power cut as well: for what cannot be repeated.
    PowerCut,
}

/// Everything the house remembers. It blocks, so it must not be used inside an async runtime.
pub struct Store {
    runtime: Runtime,
    /// Taken out only on closing.
    connection: Option<SqliteConnection>,
    path: PathBuf,
}

impl Store {
    /// Opens the store at `sqlite://PATH`; file and folders are made where they are missing.
    pub fn open(url: &str) -> Result<Store, StoreError> {
        let path = address::path_of(url)?;
        let runtime = runtime()?;
        let opened = runtime.block_on(open::for_writing(&path));
        Store::with(runtime, path, opened)
    }

    /// Opens a store that must be there already; never makes a file.
    pub fn open_existing(url: &str) -> Result<Store, StoreError> {
        let path = address::path_of(url)?;
        let runtime = runtime()?;
        let opened = runtime.block_on(open::existing(&path));
        Store::with(runtime, path, opened)
    }

    /// Brings the store at `url` to the newest schema; gives the schema before and after. Opening does
    /// the same; this says what it did.
    pub fn migrate(url: &str) -> Result<(i64, i64), StoreError> {
        let path = address::path_of(url)?;
        let before = runtime()?.block_on(open::schema_of(&path));
        let before = before.map_err(|e| e.at(&path.display().to_string(), "look at its schema"))?;
        drop(Store::open_existing(url)?);
        Ok((before, open::newest_known()))
    }

    fn with(
        runtime: Runtime,
        path: PathBuf,
        opened: Result<SqliteConnection, Trouble>,
    ) -> Result<Store, StoreError> {
        let connection = opened.map_err(|e| e.at(&path.display().to_string(), "open"))?;
        Ok(Store { runtime, connection: Some(connection), path })
    }

    /// The file it lies in.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// How much commits survive from now on.
    pub fn set_durability(&mut self, durability: Durability) -> Result<(), StoreError> {
        let statement = match durability {
            Durability::Crash => "PRAGMA synchronous = NORMAL",
            Durability::PowerCut => "PRAGMA synchronous = FULL",
        };
        self.perform("set its durability", async |connection| {
            sqlx::raw_sql(statement).execute(connection).await?;
            Ok(())
        })
    }

    /// How long it waits for another writer before it says that the store is busy.
    pub fn set_patience(&mut self, patience: Duration) -> Result<(), StoreError> {
        let statement = format!("PRAGMA busy_timeout = {}", patience.as_millis().min(3_600_000));
        self.perform("set its patience", async |connection| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await?;
            Ok(())
        })
    }

    /// Carries out `work`; a database error leaves as a sentence that says what was being done.
    pub(crate) fn perform<T>(
        &mut self,
        doing: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let Some(connection) = self.connection.as_mut() else {
            let why = "it is closed".to_owned();
            return Err(StoreError::Failed { doing: doing.to_owned(), why });
        };
        let done = self.runtime.block_on(work(connection));
        done.map_err(|trouble| trouble.at(&self.path.display().to_string(), doing))
    }

    /// Carries out `work` in one write transaction: all of it is kept, or nothing.
    pub(crate) fn write<T>(
        &mut self,
        doing: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let mut settled = true;
        let done = self.perform(doing, async |connection| {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let done = work(&mut transaction).await;
            let ended = match done {
                Ok(_) => transaction.commit().await,
                Err(_) => transaction.rollback().await,
            };
            settled = ended.is_ok();
            let value = done?;
            ended?;
            Ok(value)
        });
        if !settled {
            // Whether a transaction is still open is unknown; the next commit might be taken for a
            // part of it and be lost. A new `open` knows where it stands.
            self.connection = None;
        }
        done
    }

    /// Carries out `work` on one unchanging view, whatever others write meanwhile.
    pub(crate) fn view<T>(
        &mut self,
        doing: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        self.perform(doing, async |connection| {
            let mut transaction = connection.begin().await?;
            let done = work(&mut transaction).await;
            transaction.rollback().await?;
            done
        })
    }
}

impl Drop for Store {
    /// Waits until the file is whole and its log folded in. Inside another runtime one cannot wait;
    /// nothing committed is lost then, only the log stays beside the file.
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && Handle::try_current().is_err()
        {
            self.runtime.block_on(connection.close()).ok();
        }
    }
}

/// A runtime of one thread.
pub(crate) fn runtime() -> Result<Runtime, StoreError> {
    let built = Builder::new_current_thread().enable_all().build();
    built.map_err(|e| StoreError::Failed { doing: "start".to_owned(), why: e.to_string() })
}
