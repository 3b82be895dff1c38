//! Strength of rises against falls.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;

/// Relative strength index with Wilder's smoothing, 0..=100; 0 where nothing moved, as TA-Lib says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rsi {
    period: u32,
    heard: u32,
    last: Option<f64>,
    rise: f64,
    fall: f64,
}

impl Rsi {
    /// Over `period` changes, at least one.
    pub fn over(period: u32) -> Rsi {
        Rsi { period: period.max(1), heard: 0, last: None, rise: 0.0, fall: 0.0 }
    }
}

impl Feature for Rsi {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let change = bar.close() - self.last.replace(bar.close())?;
        let (rise, fall) = (change.max(0.0), (-change).max(0.0));
        let period = f64::from(self.period);
        if self.heard < self.period {
            self.heard += 1;
            self.rise += rise / period;
            self.fall += fall / period;
            if self.heard < self.period {
                return None;
            }
        } else {
            self.rise = (self.rise * (period - 1.0) + rise) / period;
            self.fall = (self.fall * (period - 1.0) + fall) / period;
        }
        let both = self.rise + self.fall;
        Some(if both > 0.0 { 100.0 * self.rise / both } else { 0.0 })
    }
}
