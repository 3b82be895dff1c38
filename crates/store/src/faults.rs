//! What was wrong with the input: bars that were missing, and rows that were turned away.

use domain::{Gap, SymbolIx};
use sqlx::SqliteConnection;

use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::row_seals;
use crate::rows::{Table, Value};
use crate::tally::Tally;
use crate::{RunNo, Store, StoreError};

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

impl Store {
    /// Gaps met in the data.
    pub fn gaps(&mut self, run: RunNo) -> Result<Vec<Gap>, StoreError> {
        let query = "SELECT * FROM gaps WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a gap", query, None, read_gap)
    }

    /// Rows of input that were turned away.
    pub fn quarantine(&mut self, run: RunNo) -> Result<Vec<Quarantined>, StoreError> {
        let query = "SELECT * FROM quarantine WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a quarantined row", query, None, read_quarantined)
    }
}

pub(crate) fn read_gap(row: &Cells<'_>) -> Result<Gap, Flaw> {
    Ok(Gap {
        symbol: SymbolIx(row.small("symbol_ix")?),
        from: row.time("from_at")?,
        to: row.time("to_at")?,
        bars_missing: row.small("bars_missing")?,
    })
}

pub(crate) fn read_quarantined(row: &Cells<'_>) -> Result<Quarantined, Flaw> {
    Ok(Quarantined {
        source: row.get("source")?,
        row_no: row.get::<i64>("row_no")? as u64,
        reason: row.get("reason")?,
    })
}

pub(crate) const GAPS: Table = Table {
    name: "gaps",
    columns: &["run_no", "seq", "symbol_ix", "from_at", "to_at", "bars_missing"],
    on_conflict: "",
};

pub(crate) const QUARANTINE: Table = Table {
    name: "quarantine",
    columns: &["run_no", "seq", "source", "row_no", "reason"],
    on_conflict: "",
};

/// Writes both kinds.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    run: RunNo,
    tally: &mut Tally,
    gaps: &[Gap],
    quarantine: &[Quarantined],
) -> Result<(), Trouble> {
    let mut values = Vec::new();
    for gap in gaps {
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
    row_seals::insert(connection, run, &GAPS, std::mem::take(&mut values)).await?;
    for row in quarantine {
        values.extend([
            Value::Whole(run.0),
            Value::Whole(tally.quarantined),
            Value::Text(row.source.clone()),
            Value::Whole(row.row_no as i64),
            Value::Text(row.reason.clone()),
        ]);
        tally.quarantined += 1;
    }
    row_seals::insert(connection, run, &QUARANTINE, values).await?;
    Ok(())
}
