//! The door: a raw bar becomes a bar or a refusal. Inside, a bar is never nonsense.

use serde::{Deserialize, Serialize};

use crate::{Interval, Timestamp};

/// A bar as a file or a venue gave it. Nothing is promised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RawBar {
    /// When it opened.
    pub opened_at: Timestamp,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded volume in base units.
    pub volume: f64,
    /// The part of the volume that buyers took, where the source tells.
    pub taker_buy_volume: Option<f64>,
    /// Order-flow imbalance over the bar in base units, positive where buyers pressed: what was added
    /// and taken at the best bid less the same at the best ask (Cont, Kukanov & Stoikov 2014), where the
    /// source tells.
    pub flow: Option<f64>,
}

/// A bar that makes sense: finite positive prices, low ≤ open, close ≤ high, volumes not negative,
/// taker volume within volume, and a moment that money can be dated with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    raw: RawBar,
    closed_at: Timestamp,
}

/// Why a raw bar was turned away.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BadBar {
    /// A number is missing, NaN or infinite.
    #[error("{field} is not a finite number")]
    NotFinite {
        /// Which number.
        field: &'static str,
    },
    /// A price or volume is larger, or a price smaller, than any market's.
    #[error("{field} {value} is beyond what any market quotes")]
    Beyond {
        /// Which number.
        field: &'static str,
        /// What it was.
        value: f64,
    },
    /// A price is zero or below.
    #[error("{field} {value} is not above zero")]
    NotPositive {
        /// Which price.
        field: &'static str,
        /// What it was.
        value: f64,
    },
    /// A volume is below zero.
    #[error("{field} {value} is negative")]
    Negative {
        /// Which volume.
        field: &'static str,
        /// What it was.
        value: f64,
    },
    /// Open or close lies outside low and high, or low is above high.
    #[error("{field} {value} lies outside low {low} and high {high}")]
    Outside {
        /// Which price.
        field: &'static str,
        /// What it was.
        value: f64,
        /// The bar's low.
        low: f64,
        /// The bar's high.
        high: f64,
    },
    /// Takers bought more than was traded.
    #[error("taker buy volume {taker} exceeds volume {volume}")]
    TakerAboveVolume {
        /// Taker buy volume.
        taker: f64,
        /// Volume.
        volume: f64,
    },
    /// The moment is not between 1990 and 2200: a unit mistaken, or nonsense.
    #[error("time {ms} ms is not a market's")]
    NotATime {
        /// Milliseconds since the epoch.
        ms: i64,
    },
}

const YEAR_1990_MS: i64 = 631_152_000_000;
const YEAR_2200_MS: i64 = 7_258_118_400_000;
/// Prices outside are a unit mistaken; within, money stays exact without overflowing.
const PRICES: std::ops::RangeInclusive<f64> = 1e-12..=1e12;
const VOLUME_MAX: f64 = 1e18;
/// Sources round taker volume and volume apart; beyond this share it is an error.
const TAKER_ROUNDING: f64 = 1e-6;

impl Bar {
    /// Lets a raw bar in, or says what is wrong with it first.
    pub fn admit(raw: RawBar, interval: Interval) -> Result<Bar, BadBar> {
        if !(YEAR_1990_MS..YEAR_2200_MS).contains(&raw.opened_at.ms()) {
            return Err(BadBar::NotATime { ms: raw.opened_at.ms() });
        }
        check_prices(&raw)?;
        check_volumes(&raw)?;
        Ok(Bar { raw, closed_at: raw.opened_at.plus_ms(interval.ms()) })
    }

    /// The same bar closing earlier than its interval says, as the first of a session does that opens
    /// off the grid. A moment that is not within the bar leaves it as it was.
    pub const fn closing_at(mut self, closed_at: Timestamp) -> Bar {
        if closed_at.ms() > self.raw.opened_at.ms() && closed_at.ms() < self.closed_at.ms() {
            self.closed_at = closed_at;
        }
        self
    }

    /// When it opened.
    pub const fn opened_at(&self) -> Timestamp {
        self.raw.opened_at
    }

    /// When it closed: from then on it may be known.
    pub const fn closed_at(&self) -> Timestamp {
        self.closed_at
    }

    /// First price.
    pub const fn open(&self) -> f64 {
        self.raw.open
    }

    /// Highest price.
    pub const fn high(&self) -> f64 {
        self.raw.high
    }

    /// Lowest price.
    pub const fn low(&self) -> f64 {
        self.raw.low
    }

    /// Last price.
    pub const fn close(&self) -> f64 {
        self.raw.close
    }

    /// Traded volume in base units.
    pub const fn volume(&self) -> f64 {
        self.raw.volume
    }

    /// The part of the volume that buyers took, where the source tells.
    pub const fn taker_buy_volume(&self) -> Option<f64> {
        self.raw.taker_buy_volume
    }

    /// Order-flow imbalance over the bar in base units, where the source tells.
    pub const fn flow(&self) -> Option<f64> {
        self.raw.flow
    }

    /// As it came.
    pub const fn raw(&self) -> &RawBar {
        &self.raw
    }
}

fn check_prices(raw: &RawBar) -> Result<(), BadBar> {
    let prices = [("open", raw.open), ("high", raw.high), ("low", raw.low), ("close", raw.close)];
    for (field, value) in prices {
        if !value.is_finite() {
            return Err(BadBar::NotFinite { field });
        }
        if value <= 0.0 {
            return Err(BadBar::NotPositive { field, value });
        }
        if !PRICES.contains(&value) {
            return Err(BadBar::Beyond { field, value });
        }
    }
    for (field, value) in prices {
        if !(raw.low..=raw.high).contains(&value) {
            return Err(BadBar::Outside { field, value, low: raw.low, high: raw.high });
        }
    }
    Ok(())
}

fn check_volumes(raw: &RawBar) -> Result<(), BadBar> {
    let taker = raw.taker_buy_volume.unwrap_or(0.0);
    for (field, value) in [("volume", raw.volume), ("taker buy volume", taker)] {
        if !value.is_finite() {
            return Err(BadBar::NotFinite { field });
        }
        if value < 0.0 {
            return Err(BadBar::Negative { field, value });
        }
        if value > VOLUME_MAX {
            return Err(BadBar::Beyond { field, value });
        }
    }
    let flow = raw.flow.unwrap_or(0.0);
    if !flow.is_finite() {
        return Err(BadBar::NotFinite { field: "order flow" });
    }
    if flow.abs() > VOLUME_MAX {
        return Err(BadBar::Beyond { field: "order flow", value: flow });
    }
    if taker > raw.volume * (1.0 + TAKER_ROUNDING) {
        return Err(BadBar::TakerAboveVolume { taker, volume: raw.volume });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> RawBar {
        RawBar {
            opened_at: Timestamp::from_ms(1_600_000_000_000),
            open: 10.0,
            high: 12.0,
            low: 9.0,
            close: 11.0,
            volume: 100.0,
            taker_buy_volume: Some(40.0),
            flow: None,
        }
    }

    fn check_refused(change: impl Fn(&mut RawBar), why: &str) {
        let mut raw = good();
        change(&mut raw);
        let said = Bar::admit(raw, Interval::HOUR).map_err(|bad| bad.to_string());
        assert_eq!(said.err().as_deref(), Some(why));
    }

    #[test]
    fn nonsense_stops_at_the_door() {
        assert!(Bar::admit(good(), Interval::HOUR).is_ok());
        check_refused(|bar| bar.open = f64::NAN, "open is not a finite number");
        check_refused(|bar| bar.close = f64::INFINITY, "close is not a finite number");
        check_refused(|bar| bar.low = -9.0, "low -9 is not above zero");
        check_refused(|bar| bar.high = 10.5, "close 11 lies outside low 9 and high 10.5");
        check_refused(|bar| bar.low = 13.0, "open 10 lies outside low 13 and high 12");
        check_refused(
            |bar| bar.low = 1e-13,
            "low 0.0000000000001 is beyond what any market quotes",
        );
        check_refused(
            |bar| bar.high = 1e13,
            "high 10000000000000 is beyond what any market quotes",
        );
        check_refused(
            |bar| bar.volume = 1e19,
            "volume 10000000000000000000 is beyond what any market quotes",
        );
        check_refused(|bar| bar.volume = -1.0, "volume -1 is negative");
        check_refused(|bar| bar.volume = 39.0, "taker buy volume 40 exceeds volume 39");
        check_refused(
            |bar| bar.taker_buy_volume = Some(f64::NAN),
            "taker buy volume is not a finite number",
        );
        check_refused(|bar| bar.flow = Some(f64::NAN), "order flow is not a finite number");
        check_refused(|bar| bar.opened_at = Timestamp::from_ms(-1), "time -1 ms is not a market's");
    }

    #[test]
    fn a_bar_is_known_when_it_has_closed() {
        let bar = Bar::admit(good(), Interval::HOUR).unwrap();
        assert_eq!(bar.closed_at().ms_since(bar.opened_at()), 3_600_000);
    }
}
