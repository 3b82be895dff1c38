//! What was held and what is held: trades and open positions, row by row.

use domain::{Climate, Position, StrategyIx, SymbolIx, Timestamp, Trade, Votes};

use crate::codes::{Cells, hex};
use crate::columns::Flaw;
use crate::rows::{Table, Value};

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
        "funding",
        "regime",
        "global_regime",
        "frame_bars",
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
        Value::Text(trade.funding.to_string()),
        Value::Word(trade.climate.regime.name()),
        Value::Word(trade.climate.global.name()),
        Value::Whole(trade.climate.frame_bars.into()),
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
        funding: row.exact("funding")?,
        climate: Climate {
            regime: row.regime("regime")?,
            global: row.regime("global_regime")?,
            frame_bars: row.small("frame_bars")?,
        },
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
    postcard::to_allocvec(value).map_err(|e| Flaw::wrong(e.to_string()))
}

fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Flaw> {
    postcard::from_bytes(bytes).map_err(|e| Flaw::wrong(format!("its bytes cannot be read ({e})")))
}
