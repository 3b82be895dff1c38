//! History from elsewhere: kept beside the runs, with its source, and no run's evidence.

use domain::{Side, Timestamp};
use sqlx::SqliteConnection;

use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::row_seals::RowHash;
use crate::rows::{self, Table, Value};
use crate::{Store, StoreError};

/// One row of history, as far as it could be read; `body` is all of it as JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryRow {
    /// On what.
    pub symbol: Option<String>,
    /// Which way.
    pub side: Option<Side>,
    /// Whose.
    pub strategy: Option<String>,
    /// When it was entered, or decided.
    pub opened_at: Option<Timestamp>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// Net result, quote units.
    pub net: Option<f64>,
    /// Net result as a fraction of what was put in.
    pub net_fraction: Option<f64>,
    /// The row as it was.
    pub body: String,
}

/// What is brought along at once.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// Where it comes from, as a person named it.
    pub source: &'a str,
    /// What it holds, such as `trades` or `signal_weights`.
    pub kind: &'a str,
    /// Hash of the bytes it was read from.
    pub content_hash: &'a str,
    /// The rows.
    pub rows: &'a [HistoryRow],
    /// Rows that were turned away.
    pub refused: u64,
}

/// An import that the store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCount {
    /// Its number.
    pub no: u64,
    /// Where it came from.
    pub source: String,
    /// What it holds.
    pub kind: String,
    /// Rows kept.
    pub rows: u64,
    /// Rows turned away.
    pub refused: u64,
    /// When.
    pub at: Timestamp,
}

/// Whether an import was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It was stored.
    Stored,
    /// The same bytes were imported before; nothing was stored.
    Before,
}

pub(crate) const ROWS: Table = Table {
    name: "imported_history",
    columns: &[
        "import_no",
        "seq",
        "symbol",
        "side",
        "strategy",
        "opened_at",
        "closed_at",
        "net",
        "net_fraction",
        "body",
    ],
    on_conflict: "",
};

impl Store {
    /// Stores history from elsewhere, all of it or nothing; the same bytes only once.
    pub fn import(&mut self, import: &Import<'_>, at: Timestamp) -> Result<Imported, StoreError> {
        self.write("import history", async |connection| {
            let known = "SELECT COUNT(*) FROM imports WHERE content_hash = $1 AND kind = $2";
            let known: i64 = sqlx::query_scalar(known)
                .bind(import.content_hash)
                .bind(import.kind)
                .fetch_one(&mut *connection)
                .await?;
            if known > 0 {
                return Ok(Imported::Before);
            }
            insert(connection, import, at).await?;
            Ok(Imported::Stored)
        })
    }

    /// Every import, oldest first.
    pub fn imports(&mut self) -> Result<Vec<ImportCount>, StoreError> {
        self.view("list what was imported", async |connection| {
            let query = "SELECT * FROM imports ORDER BY import_no";
            let rows = sqlx::query(query).fetch_all(connection).await?;
            let counts: Result<Vec<_>, Flaw> =
                rows.iter().map(|row| read_count(&Cells(row))).collect();
            Ok(counts.map_err(|flaw| flaw.of("the list of imports"))?)
        })
    }

    /// Hands every imported row of a kind to `each`, in the order imported.
    pub fn imported_history(
        &mut self,
        kind: &str,
        mut each: impl FnMut(HistoryRow),
    ) -> Result<(), StoreError> {
        self.view("read what was imported", async |connection| {
            let query = "SELECT h.* FROM imported_history h \
                 JOIN imports i ON i.import_no = h.import_no \
                 WHERE i.kind = $1 ORDER BY h.import_no, h.seq";
            let rows = sqlx::query(query).bind(kind).fetch_all(connection).await?;
            for row in &rows {
                let read = read_row(&Cells(row));
                each(read.map_err(|flaw| flaw.of("a row of imported history"))?);
            }
            Ok(())
        })
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    import: &Import<'_>,
    at: Timestamp,
) -> Result<(), Trouble> {
    let next = "SELECT COALESCE(MAX(import_no), 0) + 1 FROM imports";
    let no: i64 = sqlx::query_scalar(next).fetch_one(&mut *connection).await?;
    let mut values = Vec::with_capacity(import.rows.len() * ROWS.columns.len());
    for (seq, row) in import.rows.iter().enumerate() {
        values.extend([
            Value::Whole(no),
            Value::Whole(seq as i64),
            Value::MaybeText(row.symbol.clone()),
            Value::MaybeText(row.side.map(|side| side.name().to_owned())),
            Value::MaybeText(row.strategy.clone()),
            Value::MaybeWhole(row.opened_at.map(Timestamp::ms)),
            Value::MaybeWhole(row.closed_at.map(Timestamp::ms)),
            Value::Real(row.net),
            Value::Real(row.net_fraction),
            Value::Text(row.body.clone()),
        ]);
    }
    let mut hash = RowHash::default();
    values.chunks_exact(ROWS.columns.len()).for_each(|row| hash.write(row));
    let statement = "INSERT INTO imports (import_no, source, kind, content_hash, row_count, \
         refused, imported_at, rows_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(statement)
        .bind(no)
        .bind(import.source)
        .bind(import.kind)
        .bind(import.content_hash)
        .bind(import.rows.len() as i64)
        .bind(import.refused as i64)
        .bind(at.ms())
        .bind(hash.into_text())
        .execute(&mut *connection)
        .await?;
    rows::insert(connection, &ROWS, values).await?;
    Ok(())
}

fn read_count(row: &Cells<'_>) -> Result<ImportCount, Flaw> {
    Ok(ImportCount {
        no: row.small("import_no")?,
        source: row.get("source")?,
        kind: row.get("kind")?,
        rows: row.small("row_count")?,
        refused: row.small("refused")?,
        at: row.time("imported_at")?,
    })
}

pub(crate) fn read_row(row: &Cells<'_>) -> Result<HistoryRow, Flaw> {
    let moment = |column| row.get::<Option<i64>>(column).map(|ms| ms.map(Timestamp::from_ms));
    let side: Option<&str> = row.get("side")?;
    Ok(HistoryRow {
        symbol: row.get("symbol")?,
        side: side.map(|_| row.side()).transpose()?,
        strategy: row.get("strategy")?,
        opened_at: moment("opened_at")?,
        closed_at: moment("closed_at")?,
        net: row.get("net")?,
        net_fraction: row.get("net_fraction")?,
        body: row.get("body")?,
    })
}
