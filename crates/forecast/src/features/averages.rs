//! Exponential means.

use serde::{Deserialize, Serialize};

/// Exponential mean, seeded by the simple mean of its first `period` numbers as TA-Lib does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ema {
    period: u32,
    rate: f64,
    heard: u32,
    value: f64,
}

impl Ema {
    /// Over `period` numbers, at least one.
    pub fn over(period: u32) -> Ema {
        Ema::of_rate(period, 2.0 / (f64::from(period.max(1)) + 1.0))
    }

    /// With Wilder's smoothing over `period` numbers, at least one: each newest counts one part in
    /// `period`.
    pub fn wilder(period: u32) -> Ema {
        Ema::of_rate(period, 1.0 / f64::from(period.max(1)))
    }

    fn of_rate(period: u32, rate: f64) -> Ema {
        Ema { period: period.max(1), rate, heard: 0, value: 0.0 }
    }

    /// Adds a number; gives the mean once `period` numbers were heard.
    #[inline]
    pub fn push(&mut self, value: f64) -> Option<f64> {
        if self.heard < self.period {
            self.heard += 1;
            self.value += value;
            if self.heard < self.period {
                return None;
            }
            self.value /= f64::from(self.period);
        } else {
            self.value += (value - self.value) * self.rate;
        }
        Some(self.value)
    }

    /// What it said last.
    pub fn value(&self) -> Option<f64> {
        (self.heard == self.period).then_some(self.value)
    }
}

/// What MACD says after a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MacdPoint {
    /// Fast mean minus slow mean.
    pub line: f64,
    /// Its own exponential mean.
    pub signal: f64,
    /// How far the line is ahead of its mean.
    pub histogram: f64,
}

/// Moving average convergence and divergence (Appel 1979).
///
/// Both means begin at the same bar, as TA-Lib lets them: the fast one is seeded by the last `fast`
/// of the first `slow` numbers, so at first it is not the mean of that period taken from the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    fast_waits: u32,
}

impl Macd {
    /// Between means of these periods, `fast` the shorter one, and the line's mean over `signal`.
    pub fn new(fast: u32, slow: u32, signal: u32) -> Macd {
        Macd {
            fast: Ema::over(fast),
            slow: Ema::over(slow),
            signal: Ema::over(signal),
            fast_waits: slow.saturating_sub(fast),
        }
    }

    /// Adds a number; speaks once all three means do.
    #[inline]
    pub fn push(&mut self, value: f64) -> Option<MacdPoint> {
        let slow = self.slow.push(value);
        if self.fast_waits > 0 {
            self.fast_waits -= 1;
            return None;
        }
        let line = self.fast.push(value)? - slow?;
        let signal = self.signal.push(line)?;
        Some(MacdPoint { line, signal, histogram: line - signal })
    }
}
