//! Reading what is few: orders, fills, trades and positions.

use domain::{DecisionId, Fill, Position, RunId, Trade};

use crate::codes::{Cells, hex};
use crate::columns::Flaw;
use crate::holdings;
use crate::ledger::{self, OrderRecord};
use crate::runs::named;
use crate::{RunNo, Store, StoreError};

impl Store {
    /// The closed positions of a run, in the order they closed.
    pub fn trades(&mut self, run: RunNo) -> Result<Vec<Trade>, StoreError> {
        let query = "SELECT * FROM trades WHERE run_no = $1 ORDER BY seq";
        self.rows(run, "a trade", query, None, holdings::read_trade)
    }

    /// The trade that a decision led to, once it is closed.
    pub fn trade_of(
        &mut self,
        run: RunNo,
        decision: DecisionId,
    ) -> Result<Option<Trade>, StoreError> {
        let query = "SELECT * FROM trades WHERE run_no = $1 AND decision_id = $2";
        let trades = self.rows(run, "a trade", query, Some(decision), holdings::read_trade)?;
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
        self.rows(run, "a position", query, None, holdings::read_position)
    }

    /// Reads every row that `query` finds for a run, or for a decision of it.
    pub(crate) fn rows<T>(
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
