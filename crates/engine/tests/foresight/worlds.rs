//! Worlds to look ahead in: made up, with everything there is to hear, and real.

use std::path::{Path, PathBuf};

use domain::{
    Bar, GatePolicy, Instrument, InstrumentKind, Interval, Margin, RawBar, Reading, SymbolIx,
    Timestamp,
};
use engine::Settings;
use market::{Series, Wanted};
use scenarios::{Dice, Market};

use super::World;
use crate::theatre::{START, instrument};

/// Gates that let much through and exits of every kind, so that there is much to be wrong about.
pub fn settings() -> Settings {
    let gates = GatePolicy { conviction_min: 0.2, confluence_min: 0.5, ..GatePolicy::default() };
    let mut settings = Settings { gates, ..Settings::default() };
    settings.exits.partial_share = 0.4;
    settings
}

/// Stretches of a market: how many bars, how far it moves in one, how much of a move carries on.
const STRETCHES: [(usize, f64, f64); 7] = [
    (420, 0.006, 0.45),
    (160, 0.030, 0.30),
    (260, 0.006, 0.55),
    (260, 0.0015, 0.25),
    (200, 0.006, 0.60),
    (180, 0.035, 0.20),
    (260, 0.005, 0.60),
];

/// Two perpetuals through quiet and turbulent times, with order flow, a halt and every reading.
pub fn made_up(seed: u64) -> World {
    let instruments = ["AAA", "BBB"].map(|symbol| Instrument {
        kind: InstrumentKind::Perpetual,
        margin: Margin { leverage_max: 20, maintenance_bps: 50 },
        ..instrument(symbol)
    });
    let mut series: Vec<Vec<Bar>> = (0..2).map(|at| stretches(seed ^ (0xabc * at))).collect();
    series[1].drain(1_290..1_296);
    let count = series[0].len();
    World {
        settings: settings(),
        instruments: instruments.to_vec(),
        series,
        readings: readings(seed, START, count as i64, Interval::HOUR.ms()),
    }
}

fn stretches(seed: u64) -> Vec<Bar> {
    let (mut price, mut from, mut made) = (100.0, START, Vec::new());
    for (nth, (count, volatility, carry)) in STRETCHES.into_iter().enumerate() {
        let market = Market::Trending { volatility, carry };
        let bars = scenarios::bars(seed + nth as u64, market, Interval::HOUR, from, count);
        let scale = price / bars[0].open();
        made.extend(bars.iter().map(|bar| told(bar, scale)));
        price = made[made.len() - 1].close();
        from = made[made.len() - 1].closed_at();
    }
    made
}

/// A bar at another price level, with an order flow.
fn told(bar: &Bar, scale: f64) -> Bar {
    let raw = *bar.raw();
    let [open, high, low, close] = [raw.open, raw.high, raw.low, raw.close].map(|p| p * scale);
    let flow = raw.taker_buy_volume.map(|bought| bought - raw.volume / 2.0);
    Bar::admit(RawBar { open, high, low, close, flow, ..raw }, Interval::HOUR)
        .expect("a bar scaled makes sense")
}

/// Readings of every series over so many bars, of one symbol or of all, some as a bar closes and some
/// between.
pub fn readings(seed: u64, from: Timestamp, count: i64, bar_ms: i64) -> Vec<Reading> {
    use domain::Series as S;
    let mut dice = Dice::new(seed ^ 0x5ead);
    let mut made = Vec::new();
    for bar in 0..count {
        let off = [0, 1, bar_ms / 2][dice.below(3) as usize];
        let at = from.plus_ms(bar * bar_ms + off);
        let symbol = dice.happens(0.5).then(|| SymbolIx(dice.below(2) as u16));
        let mut read = |series, value| made.push(Reading { at, symbol, series, value });
        if bar % 8 == 0 {
            let crowd = if dice.happens(0.1) { 5.0 } else { 1.0 };
            read(S::Funding, 1e-4 * crowd * dice.normal());
            read(S::OpenInterest, 1e6 * (0.8 + 0.4 * dice.uniform()));
            read(S::LongShortRatio, 0.4 + 1.6 * dice.uniform());
        }
        if bar % 24 == 0 {
            read(S::FearGreed, 100.0 * dice.uniform());
        }
        if dice.happens(0.1) {
            read(S::Headlines, 2.0 * dice.uniform() - 1.0);
        }
    }
    made
}

/// Real bars outside the project, where there are any: `HINDSIGHT_DATA`, else `../shared/data` beside it.
pub fn shared(folder: &str, test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("HINDSIGHT_DATA").map_or_else(beside, PathBuf::from);
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {test} needs {}", path.display());
    None
}

/// 2030-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_ms(1_893_456_000_000);

pub fn read(folder: PathBuf) -> Vec<Series> {
    market::read(&[folder], &Wanted::all(NOW)).expect("real bars can be read")
}

/// A world of so many bars of each series from a place that `from` finds.
pub fn real(series: &[Series], count: usize, from: impl Fn(&Series) -> usize) -> World {
    let kind = |instrument: &Instrument| match instrument.calendar {
        domain::Calendar::Always => InstrumentKind::Perpetual,
        domain::Calendar::UsEquity => InstrumentKind::Equity,
        domain::Calendar::Fx => InstrumentKind::Fx,
    };
    let of = |one: &Series| {
        let instrument = one.instrument(None);
        Instrument { kind: kind(&instrument), ..instrument }
    };
    let window = |one: &Series| {
        let from = from(one);
        one.bars[from..(from + count).min(one.bars.len())].to_vec()
    };
    World {
        settings: settings(),
        instruments: series.iter().map(of).collect(),
        series: series.iter().map(window).collect(),
        readings: Vec::new(),
    }
}
