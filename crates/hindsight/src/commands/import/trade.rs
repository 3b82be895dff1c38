//! A row of somebody's history, under whatever names its fields go.

use domain::{Side, Timestamp};
use serde_json::{Map, Value};
use store::HistoryRow;

type Fields = Map<String, Value>;

const SYMBOL: &[&str] = &["symbol", "pair", "ticker", "instrument"];
const SIDE: &[&str] = &["side", "direction", "position_side"];
const STRATEGY: &[&str] = &["strategy"];
const OPENED: &[&str] = &[
    "opened_at",
    "open_date",
    "entry_time",
    "entry_date",
    "open_time",
    "signal_timestamp",
    "timestamp",
    "ts",
];
const CLOSED: &[&str] =
    &["closed_at", "close_date", "exit_time", "exit_date", "close_time", "completed_at"];
const ENTRY: &[&str] = &["entry", "entry_price", "open_rate"];
const EXIT: &[&str] = &["exit", "exit_price", "close_rate"];
const NET: &[&str] = &["net", "net_pnl", "profit_abs", "close_profit_abs", "pnl"];
const FRACTION: &[&str] = &["net_fraction", "profit_ratio", "close_profit"];
const PERCENT: &[&str] = &["pnl_pct", "profit_loss_pct"];

/// A closed trade, or why it makes no sense.
pub(super) fn of(fields: &Fields) -> Result<HistoryRow, String> {
    if truth(fields, "is_open") == Some(true) {
        return Err("it is still open".to_owned());
    }
    let symbol = word(fields, SYMBOL).ok_or("it names no symbol")?;
    let side = side(fields)?;
    let opened_at = moment(fields, OPENED)?.ok_or("it does not say when it began")?;
    let closed_at = moment(fields, CLOSED)?.ok_or("it does not say when it ended")?;
    if closed_at < opened_at {
        return Err("it ends before it begins".to_owned());
    }
    let entry = price(fields, ENTRY, "entry price")?;
    let exit = price(fields, EXIT, "exit price")?;
    let net = number(fields, NET, "result")?;
    let moved = entry.zip(exit).map(|(entry, exit)| side.sign() * (exit / entry - 1.0));
    let percent = number(fields, PERCENT, "result")?.map(|percent| percent / 100.0);
    let net_fraction = number(fields, FRACTION, "result")?.or(percent).or(moved);
    if net.is_none() && net_fraction.is_none() {
        return Err("it tells no result".to_owned());
    }
    Ok(HistoryRow {
        symbol: Some(symbol),
        side: Some(side),
        strategy: word(fields, STRATEGY),
        opened_at: Some(opened_at),
        closed_at: Some(closed_at),
        net,
        net_fraction,
        body: Value::Object(fields.clone()).to_string(),
    })
}

/// A row of another kind: what can be told of it, and all of it as it was.
pub(super) fn noted(fields: &Fields, line: &str) -> HistoryRow {
    HistoryRow {
        symbol: word(fields, SYMBOL),
        side: side(fields).ok(),
        strategy: word(fields, STRATEGY),
        opened_at: moment(fields, OPENED).ok().flatten(),
        closed_at: moment(fields, CLOSED).ok().flatten(),
        net: None,
        net_fraction: number(fields, PERCENT, "result").ok().flatten().map(|pct| pct / 100.0),
        body: line.to_owned(),
    }
}

/// The first of these fields that says anything.
fn said<'a>(fields: &'a Fields, names: &[&str]) -> Option<&'a Value> {
    let found = names.iter().filter_map(|name| fields.get(*name));
    found.into_iter().find(|value| !value.is_null() && value.as_str() != Some(""))
}

fn word(fields: &Fields, names: &[&str]) -> Option<String> {
    let value = said(fields, names)?;
    value.as_str().map_or_else(|| Some(value.to_string()), |text| Some(text.trim().to_owned()))
}

fn truth(fields: &Fields, name: &str) -> Option<bool> {
    match word(fields, &[name])?.to_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Where only freqtrade's `is_short` could tell, silence means long, as it does there.
fn side(fields: &Fields) -> Result<Side, String> {
    match word(fields, SIDE) {
        Some(text) => match text.to_lowercase().as_str() {
            "long" | "buy" => Ok(Side::Long),
            "short" | "sell" => Ok(Side::Short),
            _ => Err(format!("its side `{text}` is neither long nor short")),
        },
        None if truth(fields, "is_short") == Some(true) => Ok(Side::Short),
        None if fields.contains_key("open_rate") => Ok(Side::Long),
        None => Err("it does not say which way".to_owned()),
    }
}

fn number(fields: &Fields, names: &[&str], what: &str) -> Result<Option<f64>, String> {
    let Some(value) = said(fields, names) else { return Ok(None) };
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    match number.filter(|number: &f64| number.is_finite()) {
        Some(number) => Ok(Some(number)),
        None => Err(format!("its {what} `{}` is no number", shown(value))),
    }
}

fn price(fields: &Fields, names: &[&str], what: &str) -> Result<Option<f64>, String> {
    let number = number(fields, names, what)?;
    match number {
        Some(number) if number <= 0.0 => Err(format!("its {what} `{number}` is no price")),
        _ => Ok(number),
    }
}

fn moment(fields: &Fields, names: &[&str]) -> Result<Option<Timestamp>, String> {
    /// Seconds would be in the year 5138 here, milliseconds were in 1973.
    const MILLISECONDS_FROM: f64 = 1e11;
    let Some(value) = said(fields, names) else { return Ok(None) };
    let refuse = || format!("its moment `{}` cannot be read", shown(value));
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    if let Some(number) = number {
        let ms = if number.abs() >= MILLISECONDS_FROM { number } else { number * 1_000.0 };
        let is_sane = (0.0..=4e12).contains(&ms);
        return if is_sane { Ok(Some(Timestamp::from_ms(ms as i64))) } else { Err(refuse()) };
    }
    let text = value.as_str().unwrap_or_default().trim().replacen(' ', "T", 1);
    let with_zone = format!("{text}Z");
    market::moment(&text).or_else(|| market::moment(&with_zone)).map(Some).ok_or_else(refuse)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
