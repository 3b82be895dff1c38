//! One checkpoint, one transaction: an outcome is never stored without what it taught and the cursor.

use domain::{Fill, Gap, PolicyVersion, Position, Timestamp, Trade};
use sqlx::SqliteConnection;

use crate::audit::{self, Chain};
use crate::chunks::{Chunk, DECISIONS, EQUITY, HORIZONS, OUTCOMES};
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::ledger::{self, OrderRecord};
use crate::policies::write_versions;
use crate::rows::{self, Table, Value};
use crate::seal::seal;
use crate::tally::Tally;
use crate::{Cursor, RunNo, Store, StoreError};

/// Everything since the last checkpoint. What did not happen stays empty.
#[derive(Clone, Debug, Default)]
pub struct Batch<'a> {
    /// How far the engine had come.
    pub cursor: Cursor,
    /// What [`DecisionColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub decisions: &'a [u8],
    /// What [`OutcomeColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub outcomes: &'a [u8],
    /// What [`HorizonColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub horizons: &'a [u8],
    /// What [`EquityColumns::to_bytes`](crate::Columns::to_bytes) gave.
    pub equity: &'a [u8],
    /// Orders that are new or have moved.
    pub orders: &'a [OrderRecord],
    /// Fills, in order.
    pub fills: &'a [Fill],
    /// Positions that closed, in order.
    pub trades: &'a [Trade],
    /// All positions open at the cursor; they replace those stored before.
    pub positions: &'a [Position],
    /// Policy versions published, in order; the last is in force.
    pub versions: &'a [PolicyVersion],
    /// Events and commands for the journal, in order.
    pub journal: &'a [JournalEntry],
    /// Gaps met in the data.
    pub gaps: &'a [Gap],
    /// Rows of input turned away.
    pub quarantine: &'a [Quarantined],
    /// The engine's state at the cursor.
    pub snapshot: Option<&'a Snapshot>,
}

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

/// A row of input that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// File or feed.
    pub source: String,
    /// Its row there, from 1.
    pub row_no: u64,
    /// Why.
    pub reason: String,
}

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
    /// Stores a checkpoint of a run that is being built: all of it, or nothing.
    pub fn commit(&mut self, run: RunNo, batch: &Batch<'_>) -> Result<(), StoreError> {
        // Compressed before the transaction begins, so that readers and writers wait less.
        let chunks = [
            Chunk::of(&DECISIONS, batch.decisions)?,
            Chunk::of(&OUTCOMES, batch.outcomes)?,
            Chunk::of(&HORIZONS, batch.horizons)?,
            Chunk::of(&EQUITY, batch.equity)?,
        ];
        self.write("commit a checkpoint", async |connection| {
            let mut tally = Tally::read(connection, run).await?;
            admit(&mut tally, run, batch)?;
            let mut chain = tally.chain();
            for chunk in chunks.iter().flatten() {
                chunk.write(connection, run, &mut tally, &mut chain).await?;
            }
            write_ledger(connection, run, &mut tally, batch).await?;
            write_journal(connection, run, &mut tally, batch.journal).await?;
            write_faults(connection, run, &mut tally, batch).await?;
            write_versions(connection, run, batch.versions, &mut chain).await?;
            chain.write(connection).await?;
            tally.take(chain);
            if let Some(snapshot) = batch.snapshot {
                write_snapshot(connection, run, snapshot).await?;
            }
            tally.checkpoints += 1;
            tally.write(connection, run).await
        })
    }
}

/// Turns away what was stored before: nothing is learned twice.
fn admit(tally: &mut Tally, run: RunNo, batch: &Batch<'_>) -> Result<(), StoreError> {
    if !tally.building {
        return Err(StoreError::Unfit {
            what: format!("a checkpoint of run number {}", run.0),
            why: "the run is finished".to_owned(),
        });
    }
    let stands_still = batch.cursor.events == tally.cursor.events;
    if stands_still && !batch.outcomes.is_empty() {
        let what = format!("outcomes up to event {} are there already", batch.cursor.events);
        return Err(StoreError::Overtaken { what });
    }
    tally.advance(batch.cursor)
}

async fn write_ledger(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    batch: &Batch<'_>,
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    batch.orders.iter().for_each(|order| ledger::write_order(run.0, order, &mut values));
    rows::insert(connection, &ledger::ORDERS, std::mem::take(&mut values)).await?;
    for fill in batch.fills {
        ledger::write_fill(run.0, tally.fills, fill, &mut values);
        tally.fills += 1;
    }
    rows::insert(connection, &ledger::FILLS, std::mem::take(&mut values)).await?;
    for trade in batch.trades {
        ledger::write_trade(run.0, tally.trades, trade, &mut values).map_err(unfit("a trade"))?;
        tally.trades += 1;
    }
    rows::insert(connection, &ledger::TRADES, std::mem::take(&mut values)).await?;
    let old = "DELETE FROM positions WHERE run_no = $1";
    sqlx::query(old).bind(run.0).execute(&mut *connection).await?;
    for position in batch.positions {
        ledger::write_position(run.0, position, &mut values).map_err(unfit("a position"))?;
    }
    rows::insert(connection, &ledger::POSITIONS, values).await?;
    Ok(())
}

fn unfit(what: &str) -> impl Fn(Flaw) -> StoreError {
    move |flaw| StoreError::Unfit { what: what.to_owned(), why: flaw.0 }
}

const JOURNAL: Table =
    Table { name: "journal", columns: &["run_no", "seq", "at", "kind", "body"], on_conflict: "" };

/// Appends to the journal.
pub(crate) async fn write_journal(
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
            Value::Bytes(seal(&entry.body).map_err(unfit("a journal entry"))?),
        ]);
        tally.journal_entries += 1;
    }
    rows::insert(connection, &JOURNAL, values).await?;
    Ok(())
}

const GAPS: Table = Table {
    name: "gaps",
    columns: &["run_no", "seq", "symbol_ix", "from_at", "to_at", "bars_missing"],
    on_conflict: "",
};

const QUARANTINE: Table = Table {
    name: "quarantine",
    columns: &["run_no", "seq", "source", "row_no", "reason"],
    on_conflict: "",
};

async fn write_faults(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    batch: &Batch<'_>,
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    for gap in batch.gaps {
        values.extend([
            Value::Whole(run.0),
            Value::Whole(tally.gaps),
            Value::Whole(gap.symbol.0.into()),
            Value::Whole(gap.from.ms()),
            Value::Whole(gap.to.ms()),
            Value::Whole(gap.bars_missing.into()),
        ]);
        tally.gaps += 1;
    }
    rows::insert(connection, &GAPS, std::mem::take(&mut values)).await?;
    for row in batch.quarantine {
        values.extend([
            Value::Whole(run.0),
            Value::Whole(tally.quarantined),
            Value::Text(row.source.clone()),
            Value::Whole(row.row_no as i64),
            Value::Text(row.reason.clone()),
        ]);
        tally.quarantined += 1;
    }
    rows::insert(connection, &QUARANTINE, values).await?;
    Ok(())
}

/// Keeps the two newest: should the newest be damaged, the one before it is a start.
pub(crate) async fn write_snapshot(
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
        .bind(seal(&snapshot.data).map_err(unfit("a snapshot"))?)
        .execute(&mut *connection)
        .await?;
    let older = "DELETE FROM snapshots WHERE run_no = $1 AND cursor_events NOT IN \
         (SELECT cursor_events FROM snapshots WHERE run_no = $1 \
         ORDER BY cursor_events DESC LIMIT 2)";
    sqlx::query(older).bind(run.0).execute(connection).await?;
    Ok(())
}

/// Adds the link that says which outcomes were heard.
pub(crate) fn hear_outcomes(chain: &mut Chain, run: RunNo, chunk: &Chunk<'_>, chunk_no: i64) {
    let body = serde_json::json!({
        "outcomes": chunk.span.rows,
        "first_at": chunk.span.first_at,
        "last_at": chunk.span.last_at,
        "chunk": chunk_no,
        "checksum": chunk.checksum(),
    });
    let at = Timestamp::from_ms(chunk.span.last_at);
    chain.add(run, audit::OUTCOME_PROCESSED, at, body.to_string());
}
