//! Rows about money: orders, fills, trades and open positions, written and read field by field.

use domain::{
    Fill, OrderRequest, OrderState, Position, Protection, StrategyIx, SymbolIx, Timestamp, Trade,
    Votes,
};

use crate::codes::{Cells, hex};
use crate::columns::Flaw;
use crate::rows::{Table, Value};

/// An order and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderRecord {
    /// As it was written down before it left.
    pub request: OrderRequest,
    /// Where it stands.
    pub state: OrderState,
    /// Since when.
    pub changed_at: Timestamp,
}

/// Orders come again whenever they move; only state and moment change then.
pub(crate) const ORDERS: Table = Table {
    name: "orders",
    columns: &[
        "run_no",
        "order_id",
        "decision_id",
        "symbol_ix",
        "side",
        "leg",
        "quantity",
        "stop_fraction",
        "target_fraction",
        "requested_at",
        "state",
        "changed_at",
    ],
    on_conflict: " ON CONFLICT (run_no, order_id) DO UPDATE \
                  SET state = excluded.state, changed_at = excluded.changed_at",
};

pub(crate) fn write_order(run_no: i64, order: &OrderRecord, out: &mut Vec<Value>) {
    let request = &order.request;
    out.extend([
        Value::Whole(run_no),
        Value::Text(hex(request.id.0)),
        Value::Text(hex(request.decision.0)),
        Value::Whole(request.symbol.0.into()),
        Value::Word(request.side.name()),
        Value::Word(request.leg.name()),
        Value::Text(request.quantity.to_string()),
        Value::Real(request.protection.map(|held| held.stop_fraction)),
        Value::Real(request.protection.and_then(|held| held.target_fraction)),
        Value::Whole(request.requested_at.ms()),
        Value::Word(order.state.name()),
        Value::Whole(order.changed_at.ms()),
    ]);
}

pub(crate) fn read_order(row: &Cells<'_>) -> Result<OrderRecord, Flaw> {
    let stop_fraction: Option<f64> = row.get("stop_fraction")?;
    let target_fraction = row.get("target_fraction")?;
    Ok(OrderRecord {
        request: OrderRequest {
            id: row.order()?,
            decision: row.decision()?,
            symbol: SymbolIx(row.small("symbol_ix")?),
            side: row.side()?,
            leg: row.leg()?,
            quantity: row.exact("quantity")?,
            protection: stop_fraction
                .map(|stop_fraction| Protection { stop_fraction, target_fraction }),
            requested_at: row.time("requested_at")?,
        },
        state: row.order_state()?,
        changed_at: row.time("changed_at")?,
    })
}

pub(crate) const FILLS: Table = Table {
    name: "fills",
    columns: &[
        "run_no",
        "seq",
        "order_id",
        "decision_id",
        "symbol_ix",
        "leg",
        "side",
        "price",
        "market_price",
        "quantity",
        "fee",
        "stop",
        "target",
        "gapped",
        "filled_at",
    ],
    on_conflict: "",
};

pub(crate) fn write_fill(run_no: i64, seq: i64, fill: &Fill, out: &mut Vec<Value>) {
    out.extend([
        Value::Whole(run_no),
        Value::Whole(seq),
        Value::Text(hex(fill.order.0)),
        Value::Text(hex(fill.decision.0)),
        Value::Whole(fill.symbol.0.into()),
        Value::Word(fill.leg.name()),
        Value::Word(fill.side.name()),
        Value::Text(fill.price.to_string()),
        Value::Text(fill.market_price.to_string()),
        Value::Text(fill.quantity.to_string()),
        Value::Text(fill.fee.to_string()),
        Value::MaybeText(fill.stop.map(|price| price.to_string())),
        Value::MaybeText(fill.target.map(|price| price.to_string())),
        Value::Whole(fill.gapped.into()),
        Value::Whole(fill.at.ms()),
    ]);
}

pub(crate) fn read_fill(row: &Cells<'_>) -> Result<Fill, Flaw> {
    Ok(Fill {
        order: row.order()?,
        decision: row.decision()?,
        symbol: SymbolIx(row.small("symbol_ix")?),
        leg: row.leg()?,
        side: row.side()?,
        price: row.exact("price")?,
        market_price: row.exact("market_price")?,
        quantity: row.exact("quantity")?,
        fee: row.exact("fee")?,
        stop: row.maybe_exact("stop")?,
        target: row.maybe_exact("target")?,
        gapped: row.get::<i64>("gapped")? != 0,
        at: row.time("filled_at")?,
    })
}

pub(crate) const TRADES: Table = Table {
    name: "trades",
    columns: &[
        "run_no",
        "seq",
        "decision_id",
        "decision_no",
        "symbol_ix",
        "strategy_ix",
        "side",
        "standing",
        "policy_version",
        "votes",
        "opened_at",
        "closed_at",
        "quantity",
        "entry",
        "exit",
        "stop",
        "stop_last",
        "target",
        "reason",
        "gross",
        "fees",
        "slipped",
        "net",
        "r",
    ],
    on_conflict: "",
};

pub(crate) fn write_trade(
    run_no: i64,
    seq: i64,
    trade: &Trade,
    out: &mut Vec<Value>,
) -> Result<(), Flaw> {
    out.extend([
        Value::Whole(run_no),
        Value::Whole(seq),
        Value::Text(hex(trade.decision.0)),
        Value::Whole(trade.decision_no as i64),
        Value::Whole(trade.symbol.0.into()),
        Value::Whole(trade.strategy.0.into()),
        Value::Word(trade.side.name()),
        Value::Word(trade.standing.name()),
        Value::Whole(trade.policy_version as i64),
        Value::Bytes(encoded(&trade.votes)?),
        Value::Whole(trade.opened_at.ms()),
        Value::Whole(trade.closed_at.ms()),
        Value::Text(trade.quantity.to_string()),
        Value::Text(trade.entry.to_string()),
        Value::Text(trade.exit.to_string()),
        Value::Text(trade.stop.to_string()),
        Value::Text(trade.stop_last.to_string()),
        Value::MaybeText(trade.target.map(|price| price.to_string())),
        Value::Word(trade.reason.name()),
        Value::Text(trade.gross.to_string()),
        Value::Text(trade.fees.to_string()),
        Value::Text(trade.slipped.to_string()),
        Value::Text(trade.net.to_string()),
        Value::Real(Some(trade.r)),
    ]);
    Ok(())
}

pub(crate) fn read_trade(row: &Cells<'_>) -> Result<Trade, Flaw> {
    let votes: Votes = decoded(row.get("votes")?)?;
    Ok(Trade {
        decision: row.decision()?,
        decision_no: row.get::<i64>("decision_no")? as u64,
        symbol: SymbolIx(row.small("symbol_ix")?),
        strategy: StrategyIx(row.small("strategy_ix")?),
        side: row.side()?,
        standing: row.standing()?,
        policy_version: row.get::<i64>("policy_version")? as u64,
        votes,
        opened_at: row.time("opened_at")?,
        closed_at: row.time("closed_at")?,
        quantity: row.exact("quantity")?,
        entry: row.exact("entry")?,
        exit: row.exact("exit")?,
        stop: row.exact("stop")?,
        stop_last: row.exact("stop_last")?,
        target: row.maybe_exact("target")?,
        reason: row.exit_reason()?,
        gross: row.exact("gross")?,
        fees: row.exact("fees")?,
        slipped: row.exact("slipped")?,
        net: row.exact("net")?,
        // SQLite keeps no NaN; it becomes NULL on the way in.
        r: row.get::<Option<f64>>("r")?.unwrap_or(f64::NAN),
    })
}

pub(crate) const POSITIONS: Table = Table {
    name: "positions",
    columns: &[
        "run_no",
        "decision_id",
        "symbol_ix",
        "strategy_ix",
        "side",
        "standing",
        "quantity",
        "entry_value",
        "opened_at",
        "body",
    ],
    on_conflict: "",
};

pub(crate) fn write_position(
    run_no: i64,
    position: &Position,
    out: &mut Vec<Value>,
) -> Result<(), Flaw> {
    out.extend([
        Value::Whole(run_no),
        Value::Text(hex(position.decision.0)),
        Value::Whole(position.symbol.0.into()),
        Value::Whole(position.strategy.0.into()),
        Value::Word(position.side.name()),
        Value::Word(position.standing.name()),
        Value::Text(position.quantity.to_string()),
        Value::Text(position.entry_value.to_string()),
        Value::MaybeWhole(position.opened_at.map(Timestamp::ms)),
        Value::Bytes(encoded(position)?),
    ]);
    Ok(())
}

pub(crate) fn read_position(row: &Cells<'_>) -> Result<Position, Flaw> {
    decoded(row.get("body")?)
}

fn encoded(value: &impl serde::Serialize) -> Result<Vec<u8>, Flaw> {
    postcard::to_allocvec(value).map_err(|e| Flaw(e.to_string()))
}

fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Flaw> {
    postcard::from_bytes(bytes).map_err(|e| Flaw(format!("its bytes cannot be read ({e})")))
}
