//! What was asked of the venue and what it did: orders and fills, row by row.

use domain::{Fill, OrderRequest, OrderState, PartialExit, Protection, SymbolIx, Timestamp};

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
        "partial_at_fraction",
        "partial_share_fraction",
        "liquidation_fraction",
    ],
    on_conflict: " ON CONFLICT (run_no, order_id) DO UPDATE \
                  SET state = excluded.state, changed_at = excluded.changed_at",
};

pub(crate) fn write_order(run_no: i64, order: &OrderRecord, out: &mut Vec<Value>) {
    let request = &order.request;
    let held = request.protection;
    let partial = held.and_then(|held| held.partial);
    out.extend([
        Value::Whole(run_no),
        Value::Text(hex(request.id.0)),
        Value::Text(hex(request.decision.0)),
        Value::Whole(request.symbol.0.into()),
        Value::Word(request.side.name()),
        Value::Word(request.leg.name()),
        Value::Text(request.quantity.to_string()),
        Value::Real(held.map(|held| held.stop_fraction)),
        Value::Real(held.and_then(|held| held.target_fraction)),
        Value::Whole(request.requested_at.ms()),
        Value::Word(order.state.name()),
        Value::Whole(order.changed_at.ms()),
        Value::Real(partial.map(|partial| partial.at_fraction)),
        Value::Real(partial.map(|partial| partial.share_fraction)),
        Value::Real(held.and_then(|held| held.liquidation_fraction)),
    ]);
}

pub(crate) fn read_order(row: &Cells<'_>) -> Result<OrderRecord, Flaw> {
    let stop_fraction: Option<f64> = row.get("stop_fraction")?;
    let at_fraction: Option<f64> = row.get("partial_at_fraction")?;
    let share_fraction: Option<f64> = row.get("partial_share_fraction")?;
    let partial = at_fraction
        .zip(share_fraction)
        .map(|(at_fraction, share_fraction)| PartialExit { at_fraction, share_fraction });
    let liquidation_fraction = row.get("liquidation_fraction")?;
    let target_fraction = row.get("target_fraction")?;
    Ok(OrderRecord {
        request: OrderRequest {
            id: row.order()?,
            decision: row.decision()?,
            symbol: SymbolIx(row.small("symbol_ix")?),
            side: row.side()?,
            leg: row.leg()?,
            quantity: row.exact("quantity")?,
            protection: stop_fraction.map(|stop_fraction| Protection {
                stop_fraction,
                target_fraction,
                partial,
                liquidation_fraction,
            }),
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
