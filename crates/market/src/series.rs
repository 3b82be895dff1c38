//! The bars of one symbol, and what they tell about the instrument.

use std::path::PathBuf;

use domain::{Bar, Calendar, Instrument, Interval, Money, Price, Quantity};

use crate::{Refusals, grid, sessions};

/// The venues of the reference strategies take no order below this, in quote units.
const NOTIONAL_MIN: i64 = 5;

/// Decimals of sizes where no volume tells them: the finest that venues use.
const VOLUME_DECIMALS_UNTOLD: u32 = 8;

/// The bars of one symbol and interval, in the order of time, no two overlapping, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The symbol, in capitals.
    pub symbol: String,
    /// The length of a bar.
    pub interval: Interval,
    /// The bars, oldest first.
    pub bars: Vec<Bar>,
    /// Decimals that prices need, 0..=18; never so many that a price counted in ticks exceeds 2^53.
    pub price_decimals: u32,
    /// Decimals that volumes need, likewise; 8 where no bar has a volume.
    pub volume_decimals: u32,
    /// The rows that were turned away.
    pub refusals: Refusals,
    /// Where it was read from; the first of several files.
    pub source: PathBuf,
    /// BLAKE3 of symbol, interval and the bars' bits, in hex. It knows no path and no format. A bar that
    /// closes before its interval is over closes on the grid, so the opens tell all closes.
    pub hash: String,
}

impl Series {
    /// A series of bars that are in order already.
    pub(crate) fn of(
        symbol: String,
        interval: Interval,
        bars: Vec<Bar>,
        refusals: Refusals,
        source: PathBuf,
    ) -> Series {
        Series {
            price_decimals: price_decimals(&bars),
            volume_decimals: volume_decimals(&bars),
            hash: hash(&symbol, interval, &bars),
            symbol,
            interval,
            bars,
            refusals,
            source,
        }
    }

    /// The instrument as far as bars tell it: tick and step of their decimals, the least notional
    /// of 5 quote units, whether any bar has a volume, and the calendar given or else guessed from
    /// when bars exist.
    pub fn instrument(&self, calendar: Option<Calendar>) -> Instrument {
        Instrument {
            symbol: self.symbol.clone(),
            interval: self.interval,
            calendar: calendar.unwrap_or_else(|| sessions::guess(&self.bars, self.interval)),
            tick: Price::new(1, self.price_decimals),
            step: Quantity::new(1, self.volume_decimals),
            notional_min: Money::new(NOTIONAL_MIN, 0),
            kind: domain::InstrumentKind::Spot,
            margin: domain::Margin::NONE,
            has_volume: has_volume(&self.bars),
        }
    }
}

fn price_decimals(bars: &[Bar]) -> u32 {
    let prices = bars.iter().flat_map(|bar| [bar.open(), bar.high(), bar.low(), bar.close()]);
    grid::decimals(prices, largest(bars, Bar::high))
}

fn volume_decimals(bars: &[Bar]) -> u32 {
    if !has_volume(bars) {
        return VOLUME_DECIMALS_UNTOLD;
    }
    let volumes = bars.iter().flat_map(|bar| [bar.volume(), bar.taker_buy_volume().unwrap_or(0.0)]);
    grid::decimals(volumes, largest(bars, Bar::volume))
}

fn has_volume(bars: &[Bar]) -> bool {
    bars.iter().any(|bar| bar.volume() > 0.0)
}

fn largest(bars: &[Bar], of: fn(&Bar) -> f64) -> f64 {
    bars.iter().map(of).fold(0.0, f64::max)
}

fn hash(symbol: &str, interval: Interval, bars: &[Bar]) -> String {
    const BAR_BYTES: usize = 56;
    const CHUNK_BARS: usize = 1_024;
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{symbol}\n{}\n", interval.ms()).as_bytes());
    let mut bytes = Vec::with_capacity(BAR_BYTES * CHUNK_BARS);
    for chunk in bars.chunks(CHUNK_BARS) {
        bytes.clear();
        for bar in chunk {
            put(bar, &mut bytes);
        }
        hasher.update(&bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Seven words a bar, so that no two series share bytes. All bits set is a NaN, which no volume is.
fn put(bar: &Bar, bytes: &mut Vec<u8>) {
    const NO_TAKER: u64 = u64::MAX;
    bytes.extend_from_slice(&bar.opened_at().ms().to_le_bytes());
    for number in [bar.open(), bar.high(), bar.low(), bar.close(), bar.volume()] {
        bytes.extend_from_slice(&number.to_bits().to_le_bytes());
    }
    let taker = bar.taker_buy_volume().map_or(NO_TAKER, f64::to_bits);
    bytes.extend_from_slice(&taker.to_le_bytes());
}
