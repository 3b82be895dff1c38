//! Seals of rows: a hash per run and table, so that a number changed by hand is found as surely as a
//! damaged chunk. Like every checksum here it is against damage; nobody forges their own store.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, TypeInfo, ValueRef};

use crate::RunNo;
use crate::error::Trouble;
use crate::rows::{self, Table, Value};

/// Tables that only ever grow; the seal of each grows with it.
pub(crate) const GROWING: [&str; 8] =
    ["fills", "trades", "gaps", "quarantine", "jobs", "trials", "model_versions", "rulings"];

/// What is read anew and sealed anew whenever it changes: its name, and what it is.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) name: &'static str,
    pub(crate) query: &'static str,
}

/// What makes a run that run, from its beginning on.
pub(crate) const BEGUN: Kept = Kept {
    name: "header and configuration",
    query: "SELECT run_id, world, binary_version, config_hash, data_hash, seed, rule, from_at, to_at, \
            header, config, created_at FROM runs WHERE run_no = $1",
};

/// What a run was finished with.
pub(crate) const FINISHED: Kept = Kept {
    name: "summary and digest",
    query: "SELECT state, summary, digest, finished_at FROM runs WHERE run_no = $1",
};

/// What stands at the cursor.
pub(crate) const STANDING: [Kept; 5] = [
    Kept {
        name: "cursor and counts",
        query: "SELECT cursor_events, cursor_at, checkpoints, decisions, outcomes, fills, trades, \
                journal_entries, gaps, quarantined, learning_events, last_hash, jobs, trials, \
                what_ifs, models, rulings, trainings, closes FROM runs WHERE run_no = $1",
    },
    Kept {
        name: "counts of jobs",
        query: "SELECT job, times, amiss, published, first_ran_at, last_due_at, last_ran_at, last_by \
                FROM job_counts WHERE run_no = $1 ORDER BY job",
    },
    Kept {
        name: "open positions",
        query: "SELECT decision_id, symbol_ix, strategy_ix, side, standing, quantity, entry_value, \
                opened_at, body FROM positions WHERE run_no = $1 ORDER BY decision_id",
    },
    Kept {
        name: "pointers to policies",
        query: "SELECT state_type, version FROM active_learning_state WHERE run_no = $1 \
                ORDER BY state_type",
    },
    Kept {
        name: "seats of models",
        query: "SELECT line, version, challenger, former, share FROM active_models \
                WHERE run_no = $1 ORDER BY line",
    },
];

/// Trainings come to something once; they are sealed anew whenever one does, or one is asked for.
pub(crate) const TRAININGS: Kept = Kept {
    name: "trainings",
    query: "SELECT training_no, asked_at, ready_at, since, plan, state, version, why, finished_at \
            FROM trainings WHERE run_no = $1 ORDER BY training_no",
};

/// Orders move for as long as a run grows, so they are sealed once it is finished.
pub(crate) const ORDERS: Kept = Kept {
    name: "orders",
    query: "SELECT order_id, decision_id, symbol_ix, side, leg, quantity, stop_fraction, \
            target_fraction, requested_at, state, changed_at, partial_at_fraction, \
            partial_share_fraction, liquidation_fraction \
            FROM orders WHERE run_no = $1 ORDER BY order_id",
};

/// A hash over rows in their order, whatever the portions in which they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowHash(String);

impl RowHash {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// One more row, as it is about to be written.
    pub(crate) fn write(&mut self, row: &[Value]) {
        self.link(|bytes| row.iter().for_each(|value| put_value(value, bytes)));
    }

    /// One more row, as it was read.
    pub(crate) fn read(&mut self, row: &SqliteRow) -> Result<(), sqlx::Error> {
        let mut put = Ok(());
        self.link(|bytes| put = (0..row.len()).try_for_each(|at| put_cell(row, at, bytes)));
        put
    }

    fn link(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.0.as_bytes().to_vec();
        put(&mut bytes);
        self.0 = blake3::hash(&bytes).to_hex().to_string();
    }
}

fn put_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Whole(value) | Value::MaybeWhole(Some(value)) => put_whole(*value, out),
        Value::Real(Some(value)) => put_real(*value, out),
        Value::Text(text) | Value::MaybeText(Some(text)) => put_bytes(b't', text.as_bytes(), out),
        Value::Word(text) => put_bytes(b't', text.as_bytes(), out),
        Value::Bytes(bytes) => put_bytes(b'b', bytes, out),
        Value::MaybeWhole(None) | Value::Real(None) | Value::MaybeText(None) => out.push(b'n'),
    }
}

fn put_cell(row: &SqliteRow, at: usize, out: &mut Vec<u8>) -> Result<(), sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        out.push(b'n');
        return Ok(());
    }
    match raw.type_info().name() {
        "INTEGER" => put_whole(row.try_get_unchecked(at)?, out),
        "REAL" => put_real(row.try_get_unchecked(at)?, out),
        "TEXT" => put_bytes(b't', row.try_get_unchecked::<&[u8], _>(at)?, out),
        _ => put_bytes(b'b', row.try_get_unchecked::<&[u8], _>(at)?, out),
    }
    Ok(())
}

fn put_whole(value: i64, out: &mut Vec<u8>) {
    out.push(b'i');
    out.extend(value.to_le_bytes());
}

/// SQLite keeps no NaN, which becomes NULL, and no sign of a zero.
fn put_real(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        return out.push(b'n');
    }
    let value = if value == 0.0 { 0.0 } else { value };
    out.push(b'r');
    out.extend(value.to_bits().to_le_bytes());
}

fn put_bytes(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend(bytes);
}

/// Begins the seals of a new run.
pub(crate) async fn begin(connection: &mut SqliteConnection, run: RunNo) -> Result<(), Trouble> {
    for name in GROWING {
        put(connection, run, name, &RowHash::default()).await?;
    }
    keep(connection, run, BEGUN).await?;
    keep(connection, run, TRAININGS).await?;
    stand(connection, run).await
}

/// Writes rows that lie one after another in `values`, and lets the table's seal grow with them. A run
/// that was begun without seals stays so: half a seal would say nothing.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    run: RunNo,
    table: &Table,
    values: Vec<Value>,
) -> Result<(), Trouble> {
    if values.is_empty() {
        return Ok(());
    }
    if let Some(mut hash) = of(connection, run, table.name).await? {
        values.chunks_exact(table.columns.len()).for_each(|row| hash.write(row));
        put(connection, run, table.name, &hash).await?;
    }
    rows::insert(connection, table, values).await?;
    Ok(())
}

/// Seals what stands at the cursor.
pub(crate) async fn stand(connection: &mut SqliteConnection, run: RunNo) -> Result<(), Trouble> {
    for kept in STANDING {
        keep(connection, run, kept).await?;
    }
    Ok(())
}

/// Seals what a run is finished with.
pub(crate) async fn finish(connection: &mut SqliteConnection, run: RunNo) -> Result<(), Trouble> {
    keep(connection, run, FINISHED).await?;
    keep(connection, run, ORDERS).await
}

pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    run: RunNo,
    kept: Kept,
) -> Result<(), Trouble> {
    if of(connection, run, GROWING[0]).await?.is_none() {
        return Ok(());
    }
    let hash = hash_of(connection, run, kept).await?;
    put(connection, run, kept.name, &hash).await
}

/// What it hashes to now.
pub(crate) async fn hash_of(
    connection: &mut SqliteConnection,
    run: RunNo,
    kept: Kept,
) -> Result<RowHash, Trouble> {
    let mut hash = RowHash::default();
    for row in sqlx::query(kept.query).bind(run.0).fetch_all(connection).await? {
        hash.read(&row)?;
    }
    Ok(hash)
}

/// The seal kept under a name.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    run: RunNo,
    name: &str,
) -> Result<Option<RowHash>, Trouble> {
    let query = "SELECT hash FROM row_seals WHERE run_no = $1 AND name = $2";
    let found: Option<String> =
        sqlx::query_scalar(query).bind(run.0).bind(name).fetch_optional(connection).await?;
    Ok(found.map(RowHash))
}

async fn put(
    connection: &mut SqliteConnection,
    run: RunNo,
    name: &str,
    hash: &RowHash,
) -> Result<(), Trouble> {
    let statement = "INSERT INTO row_seals (run_no, name, hash) VALUES ($1, $2, $3) \
         ON CONFLICT (run_no, name) DO UPDATE SET hash = excluded.hash";
    sqlx::query(statement).bind(run.0).bind(name).bind(hash.as_str()).execute(connection).await?;
    Ok(())
}

/// Every row of a growing table, in the order of its columns.
pub(crate) fn growing(table: &Table) -> AssertSqlSafe<String> {
    let columns = table.columns.join(", ");
    AssertSqlSafe(format!("SELECT {columns} FROM {} WHERE run_no = $1 ORDER BY seq", table.name))
}
