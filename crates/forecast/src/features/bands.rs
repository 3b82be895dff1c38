//! How far the close has strayed from its mean.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::window::Rolling;

/// Mean and standard deviation (n in the denominator) of the close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deviation {
    closes: Rolling,
}

impl Deviation {
    /// Over `bars` closes.
    pub fn over(bars: usize) -> Deviation {
        Deviation { closes: Rolling::over(bars) }
    }

    /// Hears a close; gives mean and standard deviation once there are enough.
    pub fn push(&mut self, close: f64) -> Option<(f64, f64)> {
        self.closes.push(close);
        self.closes.mean_and_variance().map(|(mean, variance)| (mean, variance.sqrt()))
    }
}

/// Distance from the mean in standard deviations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandZ {
    deviation: Deviation,
}

impl BandZ {
    /// Over `bars` closes.
    pub fn over(bars: usize) -> BandZ {
        BandZ { deviation: Deviation::over(bars) }
    }
}

impl Feature for BandZ {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let (mean, deviation) = self.deviation.push(bar.close())?;
        // Below a millionth of the price the deviation is rounding, not movement.
        (deviation > mean * 1e-6).then(|| (bar.close() - mean) / deviation)
    }
}

/// Standard deviation over the mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandWidth {
    deviation: Deviation,
}

impl BandWidth {
    /// Over `bars` closes.
    pub fn over(bars: usize) -> BandWidth {
        BandWidth { deviation: Deviation::over(bars) }
    }
}

impl Feature for BandWidth {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.deviation.push(bar.close()).map(|(mean, deviation)| deviation / mean)
    }
}
