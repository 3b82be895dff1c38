//! The engine's state at a cursor, so that recovery need not begin at the first event.

use sqlx::SqliteConnection;

use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::seal::{seal, unseal};
use crate::{Cursor, RunNo, Store, StoreError};

/// The engine's state at a cursor, as the engine of that binary and schema reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// After which event.
    pub cursor: Cursor,
    /// Version of the program that wrote it.
    pub binary_version: String,
    /// Version of its layout.
    pub schema: u32,
    /// The state.
    pub data: Vec<u8>,
}

impl Store {
    /// The newest snapshot of a run that is whole; where none is, the damage of the newest.
    pub fn snapshot(&mut self, run: RunNo) -> Result<Option<Snapshot>, StoreError> {
        let query = "SELECT * FROM snapshots WHERE run_no = $1 ORDER BY cursor_events DESC";
        let kept = self.rows(run, "a snapshot", query, None, |row| Ok(read_snapshot(row)))?;
        let mut first_flaw = None;
        for snapshot in kept {
            match snapshot {
                Ok(snapshot) => return Ok(Some(snapshot)),
                Err(flaw) => first_flaw = first_flaw.or(Some(flaw)),
            }
        }
        first_flaw.map_or(Ok(None), |flaw| {
            Err(flaw.of(format!("every snapshot of run number {}", run.0)))
        })
    }
}

fn read_snapshot(row: &Cells<'_>) -> Result<Snapshot, Flaw> {
    Ok(Snapshot {
        cursor: Cursor { events: row.small("cursor_events")?, at: row.time("cursor_at")? },
        binary_version: row.get("binary_version")?,
        schema: row.small("schema_version")?,
        data: unseal(row.get("data")?)?,
    })
}

/// Keeps the two newest: should the newest be damaged, the one before it is a start.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    run: RunNo,
    snapshot: &Snapshot,
) -> Result<(), Trouble> {
    let statement = "INSERT INTO snapshots (run_no, cursor_events, cursor_at, binary_version, \
         schema_version, data) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (run_no, cursor_events) DO UPDATE SET cursor_at = excluded.cursor_at, \
         binary_version = excluded.binary_version, schema_version = excluded.schema_version, \
         data = excluded.data";
    sqlx::query(statement)
        .bind(run.0)
        .bind(snapshot.cursor.events as i64)
        .bind(snapshot.cursor.at.ms())
        .bind(&snapshot.binary_version)
        .bind(i64::from(snapshot.schema))
        .bind(seal(&snapshot.data).map_err(|flaw| flaw.unfit("a snapshot"))?)
        .execute(&mut *connection)
        .await?;
    let older = "DELETE FROM snapshots WHERE run_no = $1 AND cursor_events NOT IN \
         (SELECT cursor_events FROM snapshots WHERE run_no = $1 \
         ORDER BY cursor_events DESC LIMIT 2)";
    sqlx::query(older).bind(run.0).execute(connection).await?;
    Ok(())
}
