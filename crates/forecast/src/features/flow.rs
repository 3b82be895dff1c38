//! Who was the taker.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::averages::Ema;

/// Taker buys minus taker sells over volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakerShare;

impl Feature for TakerShare {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let bought = bar.taker_buy_volume()?;
        Some(if bar.volume() > 0.0 { 2.0 * bought / bar.volume() - 1.0 } else { 0.0 })
    }
}

/// Its exponential mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakerShareMean {
    share: TakerShare,
    mean: Ema,
}

impl TakerShareMean {
    /// Over `bars` bars.
    pub fn over(bars: u32) -> TakerShareMean {
        TakerShareMean { share: TakerShare, mean: Ema::over(bars) }
    }
}

impl Feature for TakerShareMean {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let share = self.share.hear(bar)?;
        self.mean.push(share)
    }
}
