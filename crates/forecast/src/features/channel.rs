//! Where the close stands in the range before it.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::window::Extremes;

/// Place of the close between lowest low and highest high of the bars before: 0 and 1 are the edges,
/// below 0 and above 1 it has broken out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelPlace {
    before: Extremes,
}

impl ChannelPlace {
    /// Of the range of `bars` bars.
    pub fn over(bars: u32) -> ChannelPlace {
        ChannelPlace { before: Extremes::over(bars) }
    }
}

impl Feature for ChannelPlace {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let range = self.before.range();
        self.before.push(bar.high(), bar.low());
        let (high, low) = range?;
        (high > low).then(|| (bar.close() - low) / (high - low))
    }
}
