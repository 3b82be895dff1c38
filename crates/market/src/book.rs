//! Bars from a recorded order book: best bid and ask, and trades, each with the moment it was received.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Interval, RawBar, Timestamp};

use crate::capped::ROWS_MAX;
use crate::coverage::{Heard, Spans};
use crate::door::{self, RawRows, Row};
use crate::imbalance::{ImbalanceMeter, Quote};
use crate::join::{Part, join};
use crate::tables::{self, Pick};
use crate::{BadRow, MarketError, Refusals, Series, Wanted, files, name};

/// What a perpetual's symbol ends with, so that it and its spot market are two.
const PERPETUAL: &str = "_PERP";

/// Makes bars of every recorded book among files and folders, one series per market, sorted by symbol;
/// none where no book lies there. Books come as `MARKET_SYMBOL_DAY-bbo` and `-trades`: the market
/// `usdm` gives `SYMBOL_PERP`. A bar is what was traded; where nothing was, the way of the mid. Its
/// flow is the order-flow imbalance of the best bid and ask. Bars that the recording does not cover
/// whole are left out; where neither quote nor trade came for more than ten seconds, it covers nothing.
///
/// # Errors
///
/// When `wanted` names no interval, a file cannot be read, one recording lies there twice, the bars
/// would be too many, or a row is bad and `wanted.strict` is set.
pub fn read_books(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
    let mut books: BTreeMap<String, Book> = BTreeMap::new();
    for path in files::find(paths)? {
        let Some(kind) = tables::kind_of(&path) else { continue };
        let Some(symbol) = symbol_of(&path) else { continue };
        if !wanted.takes_symbol(&symbol) {
            continue;
        }
        match kind {
            tables::QUOTES => push_once(&mut books.entry(symbol).or_default().quotes, path)?,
            tables::TRADES => push_once(&mut books.entry(symbol).or_default().trades, path)?,
            _ => {}
        }
    }
    let mut all = Vec::new();
    for (symbol, book) in books {
        all.extend(book.series(symbol, wanted)?);
    }
    Ok(all)
}

/// Adds a file unless it is another copy of one that is there: every trade would count twice.
fn push_once(files: &mut Vec<Arc<Path>>, path: PathBuf) -> Result<(), MarketError> {
    let recording = |path: &Path| name::FileName::of(path).words;
    let words = recording(&path);
    if let Some(other) = files.iter().find(|other| recording(other) == words) {
        let what = format!("is the same recording as {}: give one of them", other.display());
        return Err(MarketError::unclear(&path, what));
    }
    files.push(path.into());
    Ok(())
}

/// `spot_btcusdt_20240808-bbo` is BTCUSDT, `usdm_btcusdt_20240808-bbo` is BTCUSDT_PERP.
fn symbol_of(path: &Path) -> Option<String> {
    let words = name::FileName::of(path).words;
    match words.first()?.as_str() {
        "SPOT" => words.get(1).cloned(),
        "USDM" | "UM" | "PERP" | "FUTURES" => words.get(1).map(|word| format!("{word}{PERPETUAL}")),
        _ => words.first().cloned(),
    }
}

/// The files of one market.
#[derive(Default)]
struct Book {
    quotes: Vec<Arc<Path>>,
    trades: Vec<Arc<Path>>,
}

impl Book {
    fn series(self, symbol: String, wanted: &Wanted) -> Result<Option<Series>, MarketError> {
        let Some(path) = self.quotes.first().or(self.trades.first()).cloned() else {
            return Ok(None);
        };
        let Some(interval) = wanted.interval else {
            let what = "is an order book: say how long its bars shall be with --interval 1s";
            return Err(MarketError::unclear(&path, what));
        };
        let mut made = Making { interval, slots: BTreeMap::new() };
        let mut refusals = Refusals::default();
        let (mut meter, mut quotes, mut trades) =
            (ImbalanceMeter::default(), Spans::default(), Spans::default());
        for file in &self.quotes {
            refusals.absorb(made.take_quotes(file, &mut meter, &mut quotes)?);
            made.check_size(file)?;
        }
        for file in &self.trades {
            refusals.absorb(made.take_trades(file, &mut trades)?);
            made.check_size(file)?;
        }
        let covered = quotes.joined(trades);
        if covered.bars(interval) > ROWS_MAX {
            return Err(too_many_bars(&path));
        }
        let mut raw = RawRows { refusals, ..made.rows(&covered) };
        let admitted = door::admit(&mut raw, interval, &path, wanted);
        let part = Part { path, symbol, interval, admitted, refusals: raw.refusals };
        join(vec![part], wanted)
    }
}

fn too_many_bars(path: &Path) -> MarketError {
    MarketError::too_big(path, format!("is of a book of more than {ROWS_MAX} bars"))
}

/// Bars in the making, by the number of their interval since the epoch.
struct Making {
    interval: Interval,
    slots: BTreeMap<i64, Slot>,
}

#[derive(Default)]
struct Slot {
    mids: Option<Way>,
    /// When the last quote came.
    quoted_at: Option<Timestamp>,
    flow: Option<f64>,
    trades: Option<Way>,
    volume: f64,
    taker_buy_volume: f64,
}

/// The way a price went.
#[derive(Clone, Copy)]
struct Way {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
}

impl Way {
    const fn at(price: f64) -> Way {
        Way { open: price, high: price, low: price, close: price }
    }

    const fn to(self, price: f64) -> Way {
        Way { high: self.high.max(price), low: self.low.min(price), close: price, ..self }
    }

    fn extend(way: &mut Option<Way>, price: f64) {
        *way = Some(way.map_or(Way::at(price), |way| way.to(price)));
    }
}

impl Making {
    fn slot(&mut self, at: Timestamp) -> &mut Slot {
        self.slots.entry(at.ms().div_euclid(self.interval.ms())).or_default()
    }

    fn check_size(&self, path: &Path) -> Result<(), MarketError> {
        if self.slots.len() as u64 > ROWS_MAX {
            return Err(too_many_bars(path));
        }
        Ok(())
    }

    fn take_quotes(
        &mut self,
        path: &Arc<Path>,
        meter: &mut ImbalanceMeter,
        spans: &mut Spans,
    ) -> Result<Refusals, MarketError> {
        let choose =
            |names: &[&str]| Pick::find(names, [&["bid"], &["bid_qty"], &["ask"], &["ask_qty"]]);
        let mut refusals = Refusals::default();
        let mut take = |row: u64, read: tables::Row<4>| match read {
            Err(reason) => refusals.refuse(path, row, reason),
            Ok((at, [bid, bid_size, ask, ask_size])) => {
                let quote = Quote { bid, bid_size, ask, ask_size };
                if !quote.makes_sense() {
                    return refusals.refuse(path, row, BadRow::BadQuote { bid, ask });
                }
                match spans.take(at) {
                    Err(reason) => return refusals.refuse(path, row, reason),
                    Ok(Heard::AfterSilence) => meter.reset(),
                    Ok(Heard::InTime) => {}
                }
                let before = meter.quote();
                meter.observe(quote);
                let slot = self.slot(at);
                if slot.mids.is_none() {
                    // The market stood where the last quote left it when this bar began.
                    slot.mids = before.map(|before| Way::at(before.mid()));
                }
                Way::extend(&mut slot.mids, quote.mid());
                slot.quoted_at = Some(at);
                *slot.flow.get_or_insert(0.0) += meter.take();
            }
        };
        tables::each_row(path, &choose, &mut take)?;
        Ok(refusals)
    }

    fn take_trades(
        &mut self,
        path: &Arc<Path>,
        spans: &mut Spans,
    ) -> Result<Refusals, MarketError> {
        let choose =
            |names: &[&str]| Pick::find(names, [&["price"], &["qty"], &["buyer_is_maker"]]);
        let mut refusals = Refusals::default();
        let mut take = |row: u64, read: tables::Row<3>| match read {
            Err(reason) => refusals.refuse(path, row, reason),
            Ok((at, [price, size, buyer_is_maker])) => {
                let makes_sense =
                    price.is_finite() && price > 0.0 && size.is_finite() && size >= 0.0;
                if !makes_sense {
                    return refusals.refuse(path, row, BadRow::BadTrade { price, size });
                }
                if let Err(reason) = spans.take(at) {
                    return refusals.refuse(path, row, reason);
                }
                let slot = self.slot(at);
                Way::extend(&mut slot.trades, price);
                slot.volume += size;
                if buyer_is_maker == 0.0 {
                    slot.taker_buy_volume += size;
                }
            }
        };
        tables::each_row(path, &choose, &mut take)?;
        Ok(refusals)
    }

    /// The bars that the recording covers whole, one for every interval.
    fn rows(self, covered: &Spans) -> RawRows {
        let mut raw = RawRows::default();
        let has_quotes = self.slots.values().any(|slot| slot.flow.is_some());
        let step = self.interval.ms();
        for span in &covered.0 {
            let whole = span.whole(self.interval);
            let mut mid = self.mid_before(whole.start, span.first);
            for at in whole {
                let slot = self.slots.get(&at).unwrap_or(&Slot::EMPTY);
                let quiet = slot.mids.or_else(|| mid.map(Way::at));
                mid = quiet.map(|way| way.close);
                let Some(way) = slot.trades.or(quiet) else { continue };
                let bar = slot.bar(Timestamp::from_ms(at * step), way, has_quotes);
                raw.count += 1;
                raw.rows.push(Row { row: raw.count, bar, factor: 1.0 });
            }
        }
        raw
    }

    /// Where the market stood when a slot began, if a quote since `first` tells.
    fn mid_before(&self, slot: i64, first: Timestamp) -> Option<f64> {
        let (_, before) = self.slots.range(..slot).next_back()?;
        let is_told = before.quoted_at.is_some_and(|at| at >= first);
        before.mids.filter(|_| is_told).map(|way| way.close)
    }
}

impl Slot {
    const EMPTY: Slot = Slot {
        mids: None,
        quoted_at: None,
        flow: None,
        trades: None,
        volume: 0.0,
        taker_buy_volume: 0.0,
    };

    fn bar(&self, opened_at: Timestamp, way: Way, has_quotes: bool) -> RawBar {
        RawBar {
            opened_at,
            open: way.open,
            high: way.high,
            low: way.low,
            close: way.close,
            volume: self.volume,
            // Sums of the same numbers in another order may differ in their last bit.
            taker_buy_volume: Some(self.taker_buy_volume.min(self.volume)),
            flow: has_quotes.then(|| self.flow.unwrap_or(0.0)),
        }
    }
}
