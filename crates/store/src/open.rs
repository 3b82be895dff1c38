//! Opening: an address becomes a connection to a store of ours, of a version we know.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions};
use sqlx::{ConnectOptions, Connection, SqlSafeStr, SqliteConnection};

use crate::StoreError;
use crate::address::{self, Found};
use crate::error::Trouble;

/// Marks a file as ours (`HSDG`), where SQLite keeps a place for it.
const APPLICATION_ID: i32 = 0x4853_4447;
/// Measured on chunks of megabytes: 4 KiB pages cost 1.5 times the CPU time of 16 KiB, 32 KiB a fifth
/// less but half as much again for the small commits of a live run.
const PAGE_BYTES: u32 = 16_384;
/// A checkpoint of a replay takes tens of milliseconds; who waits longer waits for something else.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// The schema, oldest first. Listed by hand: `sqlx::migrate!` would compile the whole of sqlx a
/// second time for the compiler's own use.
const MIGRATIONS: [(i64, &str, &str); 6] = [
    (1, "memory", include_str!("../migrations/0001_memory.sql")),
    (2, "width", include_str!("../migrations/0002_width.sql")),
    (3, "format", include_str!("../migrations/0003_format.sql")),
    (4, "learning", include_str!("../migrations/0004_learning.sql")),
    (5, "row_seals", include_str!("../migrations/0005_row_seals.sql")),
    (6, "models", include_str!("../migrations/0006_models.sql")),
];

/// Opens for writing; makes folders, file and schema where they are missing.
pub(crate) async fn for_writing(path: &Path) -> Result<SqliteConnection, Trouble> {
    let mut options = options(path).create_if_missing(true);
    match address::look(path)? {
        Found::Database => refuse_foreign(path, &options).await?,
        // Only a file's birth is the time for it. Older files keep free pages for what comes next.
        Found::Nothing => options = options.auto_vacuum(SqliteAutoVacuum::Incremental),
    }
    address::make_folders(path)?;
    let mut connection = options.connect().await?;
    set_up(&mut connection).await?;
    migrate(&mut connection).await?;
    Ok(connection)
}

/// Opens what is there and makes nothing. What may only be read is opened so.
pub(crate) async fn existing(path: &Path) -> Result<SqliteConnection, Trouble> {
    if address::look(path)? == Found::Nothing {
        return Err(StoreError::Missing { path: path.display().to_string() }.into());
    }
    let mut options = options(path);
    if let Err(trouble) = refuse_foreign(path, &options).await {
        if !trouble.is_unwritable() || has_log(path) {
            return Err(trouble);
        }
        // Where nothing may be written beside the file, nobody can be writing into it either.
        options = options.read_only(true).immutable(true);
        refuse_foreign(path, &options).await?;
    }
    let mut connection = options.connect().await?;
    match schema(&mut connection).await? {
        0 => return Err(StoreError::Missing { path: path.display().to_string() }.into()),
        found if found < newest_known() => migrate(&mut connection).await?,
        _ => {}
    }
    Ok(connection)
}

/// Whether commits lie beside the file that are not folded in yet.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).metadata().is_ok_and(|log| log.is_file() && log.len() > 0)
}

/// The newest schema this program knows.
pub(crate) fn newest_known() -> i64 {
    MIGRATIONS.last().map_or(0, |newest| newest.0)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .page_size(PAGE_BYTES)
        .busy_timeout(BUSY_WAIT)
        .foreign_keys(false)
        .disable_statement_logging()
}

/// Looks through a read-only connection, so that what is not ours stays byte for byte as it was.
async fn refuse_foreign(path: &Path, options: &SqliteConnectOptions) -> Result<(), Trouble> {
    let mut connection = options.clone().create_if_missing(false).read_only(true).connect().await?;
    let mark: i32 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut connection).await?;
    let tables: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master").fetch_one(&mut connection).await?;
    let found = schema(&mut connection).await?;
    connection.close().await?;
    let shown = path.display().to_string();
    // A database without tables is nobody's: perhaps ours, interrupted at its birth.
    if mark != APPLICATION_ID && !(mark == 0 && tables == 0) {
        let why = "it is the database of another program".to_owned();
        return Err(StoreError::Foreign { path: shown, why }.into());
    }
    let known = newest_known();
    if found > known {
        return Err(StoreError::Newer { path: shown, found, known }.into());
    }
    Ok(())
}

/// The schema of a store that must be there, looked at through a read-only connection.
pub(crate) async fn schema_of(path: &Path) -> Result<i64, Trouble> {
    if address::look(path)? == Found::Nothing {
        return Err(StoreError::Missing { path: path.display().to_string() }.into());
    }
    let options = options(path);
    refuse_foreign(path, &options).await?;
    let mut connection = options.create_if_missing(false).read_only(true).connect().await?;
    let found = schema(&mut connection).await?;
    connection.close().await?;
    Ok(found)
}

/// The newest migration in the file; 0 where there is none.
async fn schema(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let kept = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    let kept: i64 = sqlx::query_scalar(kept).fetch_one(&mut *connection).await?;
    if kept == 0 {
        return Ok(0);
    }
    sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
}

/// Marks the file before it becomes a write-ahead log's, so that the mark lies in the file itself.
async fn set_up(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mark: i32 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if mark != APPLICATION_ID {
        let statement = format!("PRAGMA application_id = {APPLICATION_ID}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    wait_for_wal(connection).await?;
    // The log is folded in every 64 MB: measured a tenth cheaper than every 32.
    sqlx::raw_sql("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000")
        .execute(connection)
        .await?;
    Ok(())
}

/// SQLite does not wait for the lock that this change needs, so two processes that make the same
/// store at once would trip over one another.
async fn wait_for_wal(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut tries_left = 100;
    loop {
        let mode: Result<String, _> =
            sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await;
        match mode {
            Ok(mode) if mode == "wal" || tries_left == 0 => return Ok(()),
            Err(error) if tries_left == 0 => return Err(error),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
        tries_left -= 1;
    }
}

/// Brings the schema up to date within one transaction, so that of two openers one waits.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    let mut work = connection.begin_with("BEGIN IMMEDIATE").await?;
    let migrations = MIGRATIONS.iter().map(|&(version, name, text)| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    });
    let migrated =
        Migrator::with_migrations(migrations.collect()).run_direct(None, &mut *work, false).await;
    migrated.map_err(|e| StoreError::Failed {
        doing: "bring the schema up to date".to_owned(),
        why: e.to_string(),
    })?;
    work.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_holds_commits_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join("a.db"), folder.path().join("a.db-wal"));
        assert!(!has_log(&path));
        std::fs::write(&log, "").unwrap();
        assert!(!has_log(&path));
        std::fs::write(&log, "x").unwrap();
        assert!(has_log(&path));
    }
}
