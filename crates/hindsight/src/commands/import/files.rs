//! From a file to rows of history: which kind it is, and where its rows are.

use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value};
use store::{HistoryRow, Store};

use super::trade;
use crate::failure::{Failure, usage};

/// What a file holds.
pub(super) struct Content {
    pub(super) kind: String,
    pub(super) rows: Vec<HistoryRow>,
    /// Rows that make no sense, by their number from 1, and why.
    pub(super) refused: Vec<(u64, String)>,
}

/// The seeds' files (mission row R10) by their names without ending.
const SEEDS: [&str; 19] = [
    "signal_weights",
    "signal_weights_gate",
    "conviction_sizes",
    "allocation",
    "daily_learning_rules",
    "hold_time_policy",
    "fee_gate_state",
    "blocked_combos",
    "learning_state",
    "learning_health_status",
    "retraining_plan",
    "retraining_config",
    "signals",
    "signal_outcomes",
    "missed_opportunities",
    "counterfactual_outcomes",
    "enriched_decisions",
    "learning_audit",
    "positions_futures",
];
const TRADES: &str = "trades";
/// Nobody's history is longer; a file that is would fill the memory.
const BYTES_MAX: u64 = 1 << 30;

/// What a file holds by its name; nothing where the name does not tell.
pub(super) fn kind_of(path: &Path) -> Option<&'static str> {
    let stem = path.file_stem()?.to_str()?;
    match ending(path).as_str() {
        "json" | "jsonl" => SEEDS.iter().copied().find(|seed| *seed == stem),
        _ => None,
    }
}

fn ending(path: &Path) -> String {
    path.extension().map_or_else(String::new, |e| e.to_string_lossy().to_lowercase())
}

/// Reads a file whole.
pub(super) fn read(path: &Path, kind: Option<&str>) -> Result<Content, Failure> {
    if let Some(kind) = kind.filter(|kind| *kind != TRADES && !SEEDS.contains(kind)) {
        let known = SEEDS.join(", ");
        return Err(usage(format!("--kind {kind} is none; write trades or one of {known}")));
    }
    let kind = kind.or_else(|| kind_of(path));
    match ending(path).as_str() {
        "csv" => Ok(of_trades(csv(&text(path)?))),
        "jsonl" => {
            let kind = kind.ok_or_else(|| unnamed(path))?;
            Ok(lines(&text(path)?, kind))
        }
        "json" => document(path, kind),
        "sqlite" | "db" | "sqlite3" => database(path),
        _ => Err(usage(format!(
            "{}: what it holds cannot be told; import takes .csv, .json, .jsonl and freqtrade's .sqlite",
            path.display()
        ))),
    }
}

fn unnamed(path: &Path) -> Failure {
    usage(format!("{}: its name tells no kind; say --kind", path.display()))
}

fn text(path: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(path).with_context(|| format!("read {}", path.display()))?.len();
    anyhow::ensure!(size <= BYTES_MAX, "{} is larger than a gigabyte", path.display());
    std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

type Fields = Map<String, Value>;
/// Rows with their numbers, or why one could not be read.
type Rows = Vec<(u64, Result<Fields, String>)>;

fn of_trades(rows: Rows) -> Content {
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (no, row) in rows {
        match row.and_then(|fields| trade::of(&fields)) {
            Ok(row) => kept.push(row),
            Err(why) => refused.push((no, why)),
        }
    }
    Content { kind: TRADES.to_owned(), rows: kept, refused }
}

/// A JSON object a line.
fn lines(text: &str, kind: &str) -> Content {
    let mut content = Content { kind: kind.to_owned(), rows: Vec::new(), refused: Vec::new() };
    for (no, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Fields>(line) {
            Ok(fields) if kind == TRADES => match trade::of(&fields) {
                Ok(row) => content.rows.push(row),
                Err(why) => content.refused.push((no, why)),
            },
            Ok(fields) => content.rows.push(trade::noted(&fields, line)),
            Err(error) => content.refused.push((no, format!("it is no JSON object ({error})"))),
        }
    }
    content
}

/// A JSON document: a seed's state, its positions, or trades as freqtrade exports them.
fn document(path: &Path, kind: Option<&str>) -> Result<Content, Failure> {
    let text = text(path)?;
    let whole: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
    if kind == Some("positions_futures") {
        return Ok(of_trades(objects(&whole["closed_positions"])));
    }
    if let Some(kind) = kind.filter(|kind| *kind != TRADES) {
        let row = HistoryRow { body: whole.to_string(), ..HistoryRow::default() };
        return Ok(Content { kind: kind.to_owned(), rows: vec![row], refused: Vec::new() });
    }
    let trades = [&whole, &whole["trades"]].into_iter().find(|value| value.is_array());
    let strategies = whole["strategy"].as_object();
    let of_strategies: Rows = strategies
        .iter()
        .flat_map(|all| all.values())
        .flat_map(|strategy| objects(&strategy["trades"]))
        .collect();
    match trades {
        Some(trades) => Ok(of_trades(objects(trades))),
        None if !of_strategies.is_empty() => Ok(of_trades(of_strategies)),
        None => Err(unnamed(path)),
    }
}

fn objects(list: &Value) -> Rows {
    let rows = (1..).zip(list.as_array().into_iter().flatten());
    rows.map(|(no, row)| {
        (no, row.as_object().cloned().ok_or_else(|| "it is no JSON object".to_owned()))
    })
    .collect()
}

fn database(path: &Path) -> Result<Content, Failure> {
    let rows = Store::freqtrade_trades(path)?;
    let rows = (1..).zip(rows).map(|(no, row)| {
        (no, serde_json::from_str::<Fields>(&row).map_err(|e| format!("it cannot be read ({e})")))
    });
    Ok(of_trades(rows.collect()))
}

/// Comma-separated rows under a header (RFC 4180); names are compared in small letters.
fn csv(text: &str) -> Rows {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let Some((_, header)) = lines.next() else { return Vec::new() };
    let names: Vec<String> = cells(header).iter().map(|name| name.trim().to_lowercase()).collect();
    let full = lines.filter(|(_, line)| !line.trim().is_empty());
    full.map(|(no, line)| {
        let cells = cells(line);
        if cells.len() != names.len() {
            return (no, Err(format!("it has {} cells, the header {}", cells.len(), names.len())));
        }
        let named = names.iter().cloned().zip(cells.into_iter().map(Value::String));
        (no, Ok(named.collect()))
    })
    .collect()
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_in_quotes_keep_their_commas() {
        assert_eq!(cells("a,\"b,c\",\"d \"\"e\"\"\","), ["a", "b,c", "d \"e\"", ""]);
    }

    #[test]
    fn trades_are_read_whatever_they_call_their_columns_and_nonsense_is_refused_by_row() {
        let text = "Symbol,Side,Entry_time,Exit_time,Entry_price,Exit_price,PnL\n\
             BTCUSDT,long,2024-01-01,2024-01-02,100,110,10\n\
             BTCUSDT,sell,2024-01-01 10:00:00,1704200000,100,110,-10\n\
             BTCUSDT,up,2024-01-01,2024-01-02,100,110,10\n\
             BTCUSDT,long,2024-01-03,2024-01-02,100,110,10\n\
             BTCUSDT,long,2024-01-01,2024-01-02,100,110,much\n\
             BTCUSDT,long,2024-01-01,2024-01-02,-1,110,1\n\
             ,long,2024-01-01,2024-01-02,100,110,1\n\
             BTCUSDT,long\n";
        let content = of_trades(csv(text));
        assert_eq!(content.rows.len(), 2);
        assert_eq!(content.rows[0].net, Some(10.0));
        assert!((content.rows[0].net_fraction.unwrap() - 0.1).abs() < 1e-12);
        assert!((content.rows[1].net_fraction.unwrap() + 0.1).abs() < 1e-12);
        let why: Vec<(u64, &str)> =
            content.refused.iter().map(|(row, why)| (*row, why.as_str())).collect();
        let due = [
            (4, "its side `up` is neither long nor short"),
            (5, "it ends before it begins"),
            (6, "its result `much` is no number"),
            (7, "its entry price `-1` is no price"),
            (8, "it names no symbol"),
            (9, "it has 2 cells, the header 7"),
        ];
        assert_eq!(why, due);
    }

    #[test]
    fn freqtrade_exports_are_trades() {
        let text = r#"{"strategy": {"S": {"trades": [
            {"pair": "ETH/USDT", "is_short": true, "open_date": "2024-01-01 00:00:00+00:00",
             "close_date": "2024-01-01 06:00:00+00:00", "open_rate": 10.0, "close_rate": 9.0,
             "profit_ratio": 0.098, "profit_abs": 9.8},
            {"pair": "ETH/USDT", "is_open": true, "open_date": "2024-01-01 00:00:00+00:00"}]}}}"#;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backtest-result.json");
        std::fs::write(&path, text).unwrap();
        let Ok(content) = read(&path, None) else { panic!("it reads") };
        assert_eq!((content.rows.len(), content.refused.len()), (1, 1));
        assert_eq!(content.rows[0].side, Some(domain::Side::Short));
        assert_eq!(content.rows[0].net_fraction, Some(0.098));
        assert_eq!(content.refused[0].1, "it is still open");
    }
}
