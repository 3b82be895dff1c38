//! How much was traded, and at which price on average.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::averages::Sma;
use super::window::Rolling;

/// Volume over its mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VolumeRatio {
    mean: Sma,
}

impl VolumeRatio {
    /// Over `bars` bars.
    pub fn over(bars: usize) -> VolumeRatio {
        VolumeRatio { mean: Sma::over(bars) }
    }
}

impl Feature for VolumeRatio {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let mean = self.mean.push(bar.volume())?;
        (mean > 0.0).then(|| bar.volume() / mean)
    }
}

/// Volume-weighted mean of typical prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vwap {
    value: Rolling,
    volume: Rolling,
}

impl Vwap {
    /// Over `bars` bars.
    pub fn over(bars: usize) -> Vwap {
        Vwap { value: Rolling::over(bars), volume: Rolling::over(bars) }
    }
}

impl Feature for Vwap {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.value.push(typical_price(bar) * bar.volume());
        self.volume.push(bar.volume());
        price_paid(self.value.sum()?, self.volume.sum()?)
    }
}

/// Volume-weighted mean of typical prices since it began to listen, as a session's VWAP is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionVwap {
    value: f64,
    volume: f64,
}

impl Feature for SessionVwap {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.value += typical_price(bar) * bar.volume();
        self.volume += bar.volume();
        price_paid(self.value, self.volume)
    }
}

fn typical_price(bar: &Bar) -> f64 {
    (bar.high() + bar.low() + bar.close()) / 3.0
}

/// Where nothing was traded no price was paid.
fn price_paid(value: f64, volume: f64) -> Option<f64> {
    (value > 0.0 && volume > 0.0).then(|| value / volume)
}

/// Close against the volume-weighted mean of typical prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VwapGap {
    vwap: Vwap,
}

impl VwapGap {
    /// Over `bars` bars.
    pub fn over(bars: usize) -> VwapGap {
        VwapGap { vwap: Vwap::over(bars) }
    }
}

impl Feature for VwapGap {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.vwap.hear(bar).map(|vwap| bar.close() / vwap - 1.0)
    }
}
