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

/// Close against the volume-weighted mean of typical prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VwapGap {
    value: Rolling,
    volume: Rolling,
}

impl VwapGap {
    /// Over `bars` bars.
    pub fn over(bars: usize) -> VwapGap {
        VwapGap { value: Rolling::over(bars), volume: Rolling::over(bars) }
    }
}

impl Feature for VwapGap {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let typical = (bar.high() + bar.low() + bar.close()) / 3.0;
        self.value.push(typical * bar.volume());
        self.volume.push(bar.volume());
        let (value, volume) = (self.value.sum()?, self.volume.sum()?);
        (value > 0.0 && volume > 0.0).then(|| bar.close() * volume / value - 1.0)
    }
}
