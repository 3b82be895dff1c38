//! The journal: what a world fed its engine, in order.

use domain::Timestamp;
use sqlx::SqliteConnection;

use crate::error::Trouble;
use crate::rows::{self, Table, Value};
use crate::seal::{seal, unseal};
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError};

/// What the journal keeps of an event, a dataset or a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// When it happened.
    pub at: Timestamp,
    /// What it is, in one word.
    pub kind: String,
    /// Its bytes, as the caller reads them.
    pub body: Vec<u8>,
}

impl Store {
    /// The journal of a run, oldest entry first.
    pub fn journal(&mut self, run: RunNo) -> Result<Vec<JournalEntry>, StoreError> {
        let query = "SELECT * FROM journal WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a journal entry", query, None, |row| {
            Ok(JournalEntry {
                at: row.time("at")?,
                kind: row.get("kind")?,
                body: unseal(row.get("body")?)?,
            })
        })
    }
}

const JOURNAL: Table =
    Table { name: "journal", columns: &["run_no", "seq", "at", "kind", "body"], on_conflict: "" };

/// Appends to the journal.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    entries: &[JournalEntry],
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    for entry in entries {
        values.extend([
            Value::Whole(run.0),
            Value::Whole(tally.journal_entries),
            Value::Whole(entry.at.ms()),
            Value::Text(entry.kind.clone()),
            Value::Bytes(seal(&entry.body).map_err(|flaw| flaw.unfit("a journal entry"))?),
        ]);
        tally.journal_entries += 1;
    }
    rows::insert(connection, &JOURNAL, values).await?;
    Ok(())
}
