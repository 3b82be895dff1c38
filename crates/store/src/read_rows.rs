//! Reading what is few: orders, fills, trades, positions, gaps, the journal and the last snapshot.

use domain::{DecisionId, Fill, Gap, Position, RunId, SymbolIx, Trade};

use crate::codes::{Cells, hex};
use crate::columns::Flaw;
use crate::ledger::{self, OrderRecord};
use crate::runs::named;
use crate::seal::unseal;
use crate::{Cursor, JournalEntry, Quarantined, RunNo, Snapshot, Store, StoreError};

impl Store {
    /// The closed positions of a run, in the order they closed.
    pub fn trades(&mut self, run: RunNo) -> Result<Vec<Trade>, StoreError> {
        let query = "SELECT * FROM trades WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a trade", query, None, ledger::read_trade)
    }

    /// The trade that a decision led to, once it is closed.
    pub fn trade_of(
        &mut self,
        run: RunNo,
        decision: DecisionId,
    ) -> Result<Option<Trade>, StoreError> {
        let query = "SELECT * FROM trades WHERE run_no = $1 AND decision_id = $2";
        let trades = self.rows(run, "a trade", query, Some(decision), ledger::read_trade)?;
        Ok(trades.into_iter().next())
    }

    /// Every fill of a run, in order.
    pub fn fills(&mut self, run: RunNo) -> Result<Vec<Fill>, StoreError> {
        let query = "SELECT * FROM fills WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a fill", query, None, ledger::read_fill)
    }

    /// The fills that a decision led to, in order.
    pub fn fills_of(&mut self, run: RunNo, decision: DecisionId) -> Result<Vec<Fill>, StoreError> {
        let query = "SELECT * FROM fills WHERE run_no = $1 AND decision_id = $2 ORDER BY seq";
        self.rows(run, "a fill", query, Some(decision), ledger::read_fill)
    }

    /// Every order of a run, in the order they were asked for.
    pub fn orders(&mut self, run: RunNo) -> Result<Vec<OrderRecord>, StoreError> {
        let query = "SELECT * FROM orders WHERE run_no = $1 ORDER BY requested_at, order_id";
        self.rows(run, "an order", query, None, ledger::read_order)
    }

    /// The orders that a decision led to, in the order they were asked for.
    pub fn orders_of(
        &mut self,
        run: RunNo,
        decision: DecisionId,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let query = "SELECT * FROM orders WHERE run_no = $1 AND decision_id = $2 \
             ORDER BY requested_at, order_id";
        self.rows(run, "an order", query, Some(decision), ledger::read_order)
    }

    /// The positions open at the cursor.
    pub fn positions(&mut self, run: RunNo) -> Result<Vec<Position>, StoreError> {
        let query = "SELECT * FROM positions WHERE run_no = $1 ORDER BY decision_id";
        self.rows(run, "a position", query, None, ledger::read_position)
    }

    /// Gaps met in the data.
    pub fn gaps(&mut self, run: RunNo) -> Result<Vec<Gap>, StoreError> {
        let query = "SELECT * FROM gaps WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a gap", query, None, |row| {
            Ok(Gap {
                symbol: SymbolIx(row.small("symbol_ix")?),
                from: row.time("from_at")?,
                to: row.time("to_at")?,
                bars_missing: row.small("bars_missing")?,
            })
        })
    }

    /// Rows of input that were turned away.
    pub fn quarantine(&mut self, run: RunNo) -> Result<Vec<Quarantined>, StoreError> {
        let query = "SELECT * FROM quarantine WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a quarantined row", query, None, |row| {
            Ok(Quarantined {
                source: row.get("source")?,
                row_no: row.get::<i64>("row_no")? as u64,
                reason: row.get("reason")?,
            })
        })
    }

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

    fn rows<T>(
        &mut self,
        run: RunNo,
        what: &str,
        query: &'static str,
        decision: Option<DecisionId>,
        read: impl Fn(&Cells<'_>) -> Result<T, Flaw>,
    ) -> Result<Vec<T>, StoreError> {
        self.view("read a run", async |connection| {
            let id: RunId = named(connection, run).await?;
            let mut asked = sqlx::query(query).bind(run.0);
            if let Some(decision) = decision {
                asked = asked.bind(hex(decision.0));
            }
            let rows = asked.fetch_all(connection).await?;
            let records: Result<Vec<T>, Flaw> = rows.iter().map(|row| read(&Cells(row))).collect();
            Ok(records.map_err(|flaw| flaw.of(format!("{what} of run {id}")))?)
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
