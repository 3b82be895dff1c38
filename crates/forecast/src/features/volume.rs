//! How much was traded, at which price on average, and who pressed.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::senses::Moment;
use super::window::{mean, mean_and_variance, sum};

/// Mean of high, low and close.
#[inline]
pub fn typical_price(bar: &Bar) -> f64 {
    (bar.high() + bar.low() + bar.close()) / 3.0
}

/// Volume, below zero where the close fell, nought where it stood: what on-balance volume (Granville
/// 1963) adds up.
#[inline]
pub fn signed_volume(bar: &Bar, last_close: f64) -> f64 {
    signed(bar.volume(), bar.close() - last_close)
}

/// The size with the sign of the change.
#[inline]
pub fn signed(size: f64, change: f64) -> f64 {
    // Without a branch: the sign of a change is a coin that processors guess wrong half the time.
    size * (f64::from(u8::from(change > 0.0)) - f64::from(u8::from(change < 0.0)))
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

/// Where nothing was traded no price was paid.
#[inline]
pub fn price_paid(value: f64, volume: f64) -> Option<f64> {
    (value > 0.0 && volume > 0.0).then(|| value / volume)
}

#[inline]
pub(super) fn volume_ratio(now: &Moment<'_>, bars: usize) -> Option<f64> {
    let mean = mean(now.past.volumes.last(bars)?);
    (mean > 0.0).then(|| now.bar.volume() / mean)
}

#[inline]
pub(super) fn volume_trend(now: &Moment<'_>) -> Option<f64> {
    Some(now.volume_fast? / now.volume_slow.filter(|&mean| mean > 0.0)?)
}

/// Absent while a bar without a trade would be among those compared.
#[inline]
pub(super) fn volume_shock(now: &Moment<'_>, bars: usize) -> Option<f64> {
    /// Volumes that differ by less than this share are the same.
    const DEVIATION_MIN: f64 = 1e-9;
    let sizes = now.past.log_volumes.last(bars)?;
    let (mean, variance) = mean_and_variance(sizes);
    let deviation = variance.sqrt();
    (deviation > DEVIATION_MIN).then(|| (sizes[sizes.len() - 1] - mean) / deviation)
}

/// Close against the volume-weighted mean of typical prices.
#[inline]
pub(super) fn vwap_gap_24(now: &Moment<'_>) -> Option<f64> {
    let paid = price_paid(sum(now.past.values.last(24)?), now.volume_24?)?;
    Some(now.bar.close() / paid - 1.0)
}

#[inline]
pub(super) fn obv_slope_24(now: &Moment<'_>) -> Option<f64> {
    let change = sum(now.past.signed_volumes.last(24)?);
    Some(change / now.volume_24.filter(|&volume| volume > 0.0)?)
}

/// Taker buys minus taker sells over volume.
#[inline]
pub(super) fn taker_share(bar: &Bar) -> Option<f64> {
    let bought = bar.taker_buy_volume()?;
    Some(if bar.volume() > 0.0 { 2.0 * bought / bar.volume() - 1.0 } else { 0.0 })
}

/// Order flow over volume.
#[inline]
pub(super) fn flow_share(bar: &Bar) -> Option<f64> {
    let flow = bar.flow()?;
    Some(if bar.volume() > 0.0 { flow / bar.volume() } else { 0.0 })
}
