//! How far a bar reaches.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;

/// The reach of a bar, the jump from the close before included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrueRange {
    last_close: Option<f64>,
}

impl Feature for TrueRange {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let last = self.last_close.replace(bar.close())?;
        Some(bar.high().max(last) - bar.low().min(last))
    }
}

/// Average true range with Wilder's smoothing, seeded by the mean of its first `period` ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Atr {
    range: TrueRange,
    period: u32,
    heard: u32,
    value: f64,
}

impl Atr {
    /// Over `period` ranges, at least one.
    pub fn over(period: u32) -> Atr {
        Atr { range: TrueRange::default(), period: period.max(1), heard: 0, value: 0.0 }
    }
}

impl Feature for Atr {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let range = self.range.hear(bar)?;
        let period = f64::from(self.period);
        if self.heard < self.period {
            self.heard += 1;
            self.value += range;
            if self.heard < self.period {
                return None;
            }
            self.value /= period;
        } else {
            self.value = (self.value * (period - 1.0) + range) / period;
        }
        Some(self.value)
    }
}

/// Average true range over the close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtrFraction {
    atr: Atr,
}

impl AtrFraction {
    /// Over `period` ranges.
    pub fn over(period: u32) -> AtrFraction {
        AtrFraction { atr: Atr::over(period) }
    }
}

impl Feature for AtrFraction {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.atr.hear(bar).map(|atr| atr / bar.close())
    }
}

/// Which part of its reach a bar kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body;

impl Feature for Body {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let reach = bar.high() - bar.low();
        Some(if reach > 0.0 { (bar.close() - bar.open()) / reach } else { 0.0 })
    }
}
