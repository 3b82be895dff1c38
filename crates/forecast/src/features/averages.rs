//! Means of the close.

use serde::{Deserialize, Serialize};

use super::window::Rolling;

/// Exponential mean, seeded by the simple mean of its first `period` numbers as TA-Lib does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ema {
    period: u32,
    heard: u32,
    value: f64,
}

impl Ema {
    /// Over `period` numbers, at least one.
    pub fn over(period: u32) -> Ema {
        Ema { period: period.max(1), heard: 0, value: 0.0 }
    }

    /// Adds a number; gives the mean once `period` numbers were heard.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        if self.heard < self.period {
            self.heard += 1;
            self.value += value;
            if self.heard < self.period {
                return None;
            }
            self.value /= f64::from(self.period);
        } else {
            self.value += (value - self.value) * 2.0 / (f64::from(self.period) + 1.0);
        }
        Some(self.value)
    }
}

/// Simple mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sma {
    window: Rolling,
}

impl Sma {
    /// Over `period` numbers, at least one.
    pub fn over(period: usize) -> Sma {
        Sma { window: Rolling::over(period) }
    }

    /// Adds a number; gives the mean once `period` numbers were heard.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        self.window.push(value);
        self.window.mean()
    }
}
