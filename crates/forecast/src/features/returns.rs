//! How far the close has gone, how wildly, and how straight.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::window::Rolling;

/// Change of the close over a number of bars, as a fraction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    closes: Rolling,
}

impl Change {
    /// Over `bars` bars.
    pub fn over(bars: usize) -> Change {
        Change { closes: Rolling::over(bars) }
    }
}

impl Feature for Change {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let before = self.closes.push(bar.close())?;
        Some(bar.close() / before - 1.0)
    }
}

/// Standard deviation of one-bar changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volatility {
    last: Option<f64>,
    changes: Rolling,
}

impl Volatility {
    /// Over `bars` changes.
    pub fn over(bars: usize) -> Volatility {
        Volatility { last: None, changes: Rolling::over(bars) }
    }
}

impl Feature for Volatility {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let last = self.last.replace(bar.close())?;
        self.changes.push(bar.close() / last - 1.0);
        self.changes.mean_and_variance().map(|(_, variance)| variance.sqrt())
    }
}

/// Net move over the path walked: 1 is a straight line, 0 went nowhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Efficiency {
    closes: Rolling,
    last: Option<f64>,
    steps: Rolling,
}

impl Efficiency {
    /// Over `bars` bars.
    pub fn over(bars: usize) -> Efficiency {
        Efficiency { closes: Rolling::over(bars), last: None, steps: Rolling::over(bars) }
    }
}

impl Feature for Efficiency {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let before = self.closes.push(bar.close());
        let last = self.last.replace(bar.close())?;
        self.steps.push((bar.close() - last).abs());
        let (net, path) = ((bar.close() - before?).abs(), self.steps.sum()?);
        // A market that did not move at all went nowhere; rounding must not make it more than straight.
        Some(if path > 0.0 { (net / path).min(1.0) } else { 0.0 })
    }
}
