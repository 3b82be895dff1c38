//! The bars of one symbol, and what they tell about the instrument.

use std::path::PathBuf;

use domain::{Bar, Calendar, Instrument, Interval, Money, Price, Quantity};

use crate::{Adjustment, Refusals, grid, sessions};

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
        grid: Grid,
        refusals: Refusals,
        source: PathBuf,
    ) -> Series {
        Series {
            price_decimals: grid.price_decimals,
            volume_decimals: grid.volume_decimals,
            hash: hash(&symbol, interval, &bars),
            symbol,
            interval,
            bars,
            refusals,
            source,
        }
    }

    /// The splits and dividends that prices were adjusted for, oldest first. The first bar's prices are
    /// as they were traded and every later one's as if nothing had happened since: no price knows what
    /// came after it.
    pub fn adjustments(&self) -> &[Adjustment] {
        self.refusals.adjustments()
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

/// The decimals of prices and volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    price_decimals: u32,
    volume_decimals: u32,
}

impl Grid {
    /// The grid that bars lie on.
    pub(crate) fn of(bars: &[Bar]) -> Grid {
        Grid { price_decimals: price_decimals(bars), volume_decimals: volume_decimals(bars) }
    }

    /// A hundredth of this one, on which adjusted bars are held. They lie on no grid, and the one their
    /// digits suggest would be noise; chosen: fine enough that rounding to it moves no return by more
    /// than the tick they were traded at.
    pub(crate) fn finer(self, bars: &[Bar]) -> Grid {
        const FINER: u32 = 2;
        let finer =
            |decimals: u32, largest| (decimals + FINER).min(grid::decimals_countable(largest));
        Grid {
            price_decimals: finer(self.price_decimals, largest(bars, Bar::high)),
            volume_decimals: finer(self.volume_decimals, largest(bars, Bar::volume)),
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
    const BAR_BYTES: usize = 64;
    const CHUNK_BARS: usize = 1_024;
    let mut hasher = blake3::Hasher::new();
    let has_flow = bars.iter().any(|bar| bar.flow().is_some());
    // Series without flow keep the hash they had before there was any.
    let told = if has_flow { "order_flow\n" } else { "" };
    hasher.update(format!("{symbol}\n{}\n{told}", interval.ms()).as_bytes());
    let mut bytes = Vec::with_capacity(BAR_BYTES * CHUNK_BARS);
    for chunk in bars.chunks(CHUNK_BARS) {
        bytes.clear();
        for bar in chunk {
            put(bar, &mut bytes);
            if has_flow {
                put_maybe(bar.flow(), &mut bytes);
            }
        }
        hasher.update(&bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Seven words a bar, so that no two series share bytes.
fn put(bar: &Bar, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&bar.opened_at().ms().to_le_bytes());
    for number in [bar.open(), bar.high(), bar.low(), bar.close(), bar.volume()] {
        bytes.extend_from_slice(&number.to_bits().to_le_bytes());
    }
    put_maybe(bar.taker_buy_volume(), bytes);
}

/// All bits set is a NaN, which no number of a bar is.
fn put_maybe(number: Option<f64>, bytes: &mut Vec<u8>) {
    const UNTOLD: u64 = u64::MAX;
    bytes.extend_from_slice(&number.map_or(UNTOLD, f64::to_bits).to_le_bytes());
}
