//! Where the averages point, measured in average true ranges so that it compares across markets.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::averages::Ema;
use super::ranges::Atr;

const ATR_PERIOD: u32 = 14;

/// Fast mean minus slow mean, in average true ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmaSpread {
    fast: Ema,
    slow: Ema,
    atr: Atr,
}

impl EmaSpread {
    /// Between means of these periods.
    pub fn new(fast: u32, slow: u32) -> EmaSpread {
        EmaSpread { fast: Ema::over(fast), slow: Ema::over(slow), atr: Atr::over(ATR_PERIOD) }
    }
}

impl Feature for EmaSpread {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let (fast, slow) = (self.fast.push(bar.close()), self.slow.push(bar.close()));
        let atr = self.atr.hear(bar);
        Some((fast? - slow?) / atr.filter(|&atr| atr > 0.0)?)
    }
}

/// Change of a mean over one bar, in average true ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmaSlope {
    mean: Ema,
    last: Option<f64>,
    atr: Atr,
}

impl EmaSlope {
    /// Of the mean of this period.
    pub fn new(period: u32) -> EmaSlope {
        EmaSlope { mean: Ema::over(period), last: None, atr: Atr::over(ATR_PERIOD) }
    }
}

impl Feature for EmaSlope {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let atr = self.atr.hear(bar);
        let mean = self.mean.push(bar.close())?;
        let last = self.last.replace(mean)?;
        Some((mean - last) / atr.filter(|&atr| atr > 0.0)?)
    }
}

/// The bar on which the fast mean crosses the slow one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmaCross {
    fast: Ema,
    slow: Ema,
    above: Option<bool>,
}

impl EmaCross {
    /// Between means of these periods.
    pub fn new(fast: u32, slow: u32) -> EmaCross {
        EmaCross { fast: Ema::over(fast), slow: Ema::over(slow), above: None }
    }
}

impl Feature for EmaCross {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let (fast, slow) = (self.fast.push(bar.close()), self.slow.push(bar.close()));
        let above = fast? > slow?;
        let was_above = self.above.replace(above)?;
        Some(f64::from(i8::from(above) - i8::from(was_above)))
    }
}
