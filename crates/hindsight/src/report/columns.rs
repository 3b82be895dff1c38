//! What charts and the trades table draw from, as columns of JSON inside the page.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::models_columns::models;
use super::story::{Story, SymbolStory, TradePlace};
use super::studies::{TwinPlace, TwinStory};

/// Points a chart may carry per series; the story keeps to it, and the page makes sure.
pub(super) const POINTS_MAX: usize = 5_000;
/// Trades of one symbol that travel in the page, and how many of the worst and best are kept then.
const EXTREMES: usize = 200;

/// Equity over time beside holding.
#[derive(Serialize)]
struct EquityColumns {
    start: f64,
    t: Vec<i64>,
    equity: Vec<f64>,
    held: Vec<f64>,
}

/// Weights over versions.
#[derive(Serialize)]
struct WeightColumns<'a> {
    low: f64,
    high: f64,
    until: i64,
    t: Vec<i64>,
    version: Vec<u64>,
    reason: Vec<&'a str>,
    effective: Vec<f64>,
    heads: Vec<HeadColumn<'a>>,
}

#[derive(Serialize)]
struct HeadColumn<'a> {
    name: String,
    waits: Option<&'a str>,
    weights: Vec<f64>,
}

/// One symbol's candles.
#[derive(Serialize)]
struct CandleColumns {
    t: Vec<i64>,
    o: Vec<f64>,
    h: Vec<f64>,
    l: Vec<f64>,
    c: Vec<f64>,
}

/// Writes every chart's data, each in its own script element so that a symbol is parsed when it is looked at.
pub(super) fn write_all(story: &Story, out: &mut impl Write) -> io::Result<()> {
    write_json(out, "equity-data", &equity(story))?;
    write_json(out, "weights-data", &weights(story))?;
    write_json(out, "trades-data", &trades(story))?;
    if let Some(twin) = &story.studies.twin {
        write_json(out, "twin-data", &twin_columns(story.equity_start, twin))?;
    }
    if !story.models.rulings.is_empty() || story.models.calibration.is_some() {
        write_json(out, "models-data", &models(&story.models))?;
    }
    for (at, symbol) in story.symbols.iter().enumerate() {
        write_json(out, &format!("candles-{at}"), &candles(symbol))?;
    }
    Ok(())
}

/// The trades of a symbol that travel in the page: all, or the worst, the best and the latest.
pub(super) fn kept_trades(symbol: &SymbolStory) -> Vec<&TradePlace> {
    let all = &symbol.trades;
    if all.len() <= POINTS_MAX {
        return all.iter().collect();
    }
    let mut ranks: Vec<usize> = (0..all.len()).collect();
    ranks.sort_by(|&a, &b| all[a].net.total_cmp(&all[b].net));
    let mut kept = vec![false; all.len()];
    for &at in ranks.iter().take(EXTREMES).chain(ranks.iter().rev().take(EXTREMES)) {
        kept[at] = true;
    }
    let latest = all.len() - (POINTS_MAX - 2 * EXTREMES);
    kept[latest..].fill(true);
    all.iter().zip(kept).filter_map(|(trade, kept)| kept.then_some(trade)).collect()
}

/// How many trades do not travel in the page.
pub(super) fn trades_left_out(story: &Story) -> usize {
    story.symbols.iter().map(|symbol| symbol.trades.len() - kept_trades(symbol).len()).sum()
}

fn equity(story: &Story) -> EquityColumns {
    let places = thinned(&story.equity);
    EquityColumns {
        start: story.equity_start,
        t: places.iter().map(|place| place.at.ms()).collect(),
        equity: places.iter().map(|place| rounded(place.equity, 2)).collect(),
        held: places.iter().map(|place| rounded(place.held, 2)).collect(),
    }
}

fn twin_columns(start: f64, twin: &TwinStory) -> Value {
    let places = thinned(&twin.curve);
    let column = |of: fn(&TwinPlace) -> f64| -> Vec<f64> {
        places.iter().map(|place| rounded(of(place), 2)).collect()
    };
    json!({
        "start": start,
        "t": places.iter().map(|place| place.at.ms()).collect::<Vec<i64>>(),
        "learning": column(|place| place.learning),
        "frozen": column(|place| place.frozen),
    })
}

fn weights(story: &Story) -> WeightColumns<'_> {
    let places = thinned(&story.weights);
    let column = |at: usize| places.iter().map(|p| rounded(p.weights[at], 5)).collect();
    WeightColumns {
        low: story.weight_bounds.0,
        high: story.weight_bounds.1,
        until: story.summary.to.ms(),
        t: places.iter().map(|place| place.at.ms()).collect(),
        version: places.iter().map(|place| place.version).collect(),
        reason: places.iter().map(|place| place.reason.as_str()).collect(),
        effective: places.iter().map(|place| rounded(place.outcomes_effective, 0)).collect(),
        heads: (story.heads.iter().take(domain::HEAD_COUNT).enumerate())
            .map(|(at, head)| HeadColumn {
                name: head.name.replace('_', " "),
                waits: (head.votes_effective <= 0.0).then_some(head.what.as_str()),
                weights: column(at),
            })
            .collect(),
    }
}

fn candles(symbol: &SymbolStory) -> CandleColumns {
    let places = thinned(&symbol.candles);
    let decimals = symbol.price_decimals;
    CandleColumns {
        t: places.iter().map(|candle| candle.at.ms()).collect(),
        o: places.iter().map(|candle| rounded(candle.open, decimals)).collect(),
        h: places.iter().map(|candle| rounded(candle.high, decimals)).collect(),
        l: places.iter().map(|candle| rounded(candle.low, decimals)).collect(),
        c: places.iter().map(|candle| rounded(candle.close, decimals)).collect(),
    }
}

fn trades(story: &Story) -> Value {
    let symbols: Vec<Value> = (story.symbols.iter())
        .map(|symbol| {
            let decimals = symbol.price_decimals.min(12);
            let bars = symbol.bars_per_candle.max(1);
            json!({
                "name": symbol.name, "decimals": decimals, "bars": bars, "closes": symbol.closes,
            })
        })
        .collect();
    let rows: Vec<Value> = (story.symbols.iter().enumerate())
        .flat_map(|(at, symbol)| {
            kept_trades(symbol).into_iter().map(move |trade| row(at, symbol, trade))
        })
        .collect();
    json!({ "symbols": symbols, "rows": rows })
}

/// One trade as `charts.js` unpacks it, by place.
fn row(symbol_at: usize, symbol: &SymbolStory, trade: &TradePlace) -> Value {
    let at_tick = |price: f64| rounded(price, symbol.price_decimals);
    json!([
        trade.decision,
        symbol_at,
        trade.side.name(),
        trade.strategy,
        trade.standing.name(),
        trade.opened_at.ms(),
        trade.closed_at.ms(),
        at_tick(trade.entry),
        at_tick(trade.exit),
        at_tick(trade.stop),
        at_tick(trade.stop_last),
        trade.target.map(at_tick),
        trade.reason.name(),
        rounded(trade.net, 2),
        rounded(trade.r, 4),
    ])
}

/// Every so many places and always the last, so that there are no more than [`POINTS_MAX`].
pub(super) fn thinned<T>(places: &[T]) -> Vec<&T> {
    if places.len() <= POINTS_MAX {
        return places.iter().collect();
    }
    let step = places.len().div_ceil(POINTS_MAX - 1);
    let mut kept: Vec<&T> = places.iter().step_by(step).collect();
    if places.len() % step != 1 {
        kept.extend(places.last());
    }
    kept
}

/// No more digits than a chart can show; keeps the page small.
pub(super) fn rounded(value: f64, decimals: u32) -> f64 {
    let scale = 10_f64.powi(decimals.min(12) as i32);
    (value * scale).round() / scale
}

/// JSON in a script element. `<` stands only inside strings, so escaping it there keeps every
/// `</script>` and `<!--` of the data inside the data.
fn write_json(out: &mut impl Write, id: &str, value: &impl Serialize) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" id=\"{id}\">")?;
    let text = serde_json::to_string(value)?;
    for (at, part) in text.split('<').enumerate() {
        if at > 0 {
            out.write_all(b"\\u003c")?;
        }
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"</script>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_first_and_the_last_point() {
        for len in [0, 1, 4_999, 5_000, 5_001, 9_999, 10_000, 123_457] {
            let places: Vec<usize> = (0..len).collect();
            let kept = thinned(&places);
            assert!(kept.len() <= POINTS_MAX, "{len} became {}", kept.len());
            assert_eq!(
                (kept.first(), kept.last()),
                (places.iter().min().as_ref(), places.last().as_ref())
            );
        }
    }

    #[test]
    fn json_in_a_script_cannot_end_it() {
        let mut out = Vec::new();
        write_json(&mut out, "x", &["</script><!--<script>"]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("</script>").count(), 1, "{text}");
        assert!(!text.contains("<!--"), "{text}");
    }
}
