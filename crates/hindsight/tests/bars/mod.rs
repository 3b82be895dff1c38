//! Bars of markets that never were, as files.

#![allow(unreachable_pub, dead_code, reason = "a module of several tests")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::path::{Path, PathBuf};

use domain::{Bar, Interval, Timestamp};
use hindsight::config::Config;
use hindsight::world::Dataset;
use market::Wanted;
use scenarios::{Market, bars};

pub const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);
pub const START: Timestamp = Timestamp::from_ms(1_600_000_000_000 / 3_600_000 * 3_600_000);

/// Writes hourly bars of two symbols that trend as CSV.
pub fn write(folder: &Path, seed: u64, count: usize) {
    let market = Market::Trending { volatility: 0.008, carry: 0.2 };
    write_market(folder, market, seed, count, &["AAA", "BBB"]);
}

/// Writes hourly bars of symbols of a market as CSV.
pub fn write_market(folder: &Path, market: Market, seed: u64, count: usize, symbols: &[&str]) {
    for (at, symbol) in symbols.iter().enumerate() {
        let made = bars(seed + at as u64, market, Interval::HOUR, START, count);
        write_csv(&folder.join(format!("{symbol}-1h.csv")), &made);
    }
}

fn write_csv(path: &Path, bars: &[Bar]) {
    let mut text = "ts,open,high,low,close,volume,taker_buy_volume\n".to_owned();
    for bar in bars {
        let raw = bar.raw();
        let taker = raw.taker_buy_volume.unwrap_or(0.0);
        text.push_str(&format!(
            "{},{},{},{},{},{},{taker}\n",
            raw.opened_at.ms(),
            raw.open,
            raw.high,
            raw.low,
            raw.close,
            raw.volume
        ));
    }
    std::fs::write(path, text).unwrap();
}

pub fn dataset(folder: &Path, config: &Config) -> Dataset {
    let paths: [PathBuf; 1] = [folder.to_owned()];
    Dataset::new(market::read(&paths, &Wanted::all(NOW)).unwrap(), config)
}
