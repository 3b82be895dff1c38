//! Strength of rises against falls, and where the close stands among the last bars. As in TA-Lib all
//! of them say 0 where nothing moved.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::averages::Ema;
use super::senses::Moment;
use super::window::{Range, Rolling, mean, sum_of};

/// Relative strength index with Wilder's smoothing, 0..=100.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rsi {
    last: Option<f64>,
    rise: Ema,
    fall: Ema,
}

impl Rsi {
    /// Over `period` changes, at least one.
    pub fn over(period: u32) -> Rsi {
        Rsi { last: None, rise: Ema::wilder(period), fall: Ema::wilder(period) }
    }
}

impl Feature for Rsi {
    #[inline]
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let change = bar.close() - self.last.replace(bar.close())?;
        let (rise, fall) = (self.rise.push(change.max(0.0)), self.fall.push((-change).max(0.0)));
        let (rise, both) = (rise?, rise? + fall?);
        Some(if both > 0.0 { 100.0 * rise / both } else { 0.0 })
    }
}

/// What the stochastic oscillator says after a bar, each 0..=100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StochasticPoint {
    /// Mean place of the close in its range: slow %K.
    pub k: f64,
    /// Mean of that: slow %D.
    pub d: f64,
}

/// The stochastic oscillator (Lane 1957), slow. Like TA-Lib it keeps silent until both lines speak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stochastic {
    places: Rolling,
    means: Rolling,
}

impl Stochastic {
    /// With means over `slow_k` places, and over `slow_d` of those.
    pub fn new(slow_k: usize, slow_d: usize) -> Stochastic {
        Stochastic { places: Rolling::over(slow_k), means: Rolling::over(slow_d) }
    }

    /// Adds a close and the range it stands in.
    #[inline]
    pub fn push(&mut self, close: f64, range: Range) -> Option<StochasticPoint> {
        self.places.push(100.0 * range.place(close).unwrap_or(0.0));
        let k = self.places.mean()?;
        self.means.push(k);
        Some(StochasticPoint { k, d: self.means.mean()? })
    }
}

/// Commodity channel index (Lambert 1980) of the newest of these typical prices.
#[inline]
pub fn commodity_channel(typical_prices: &[f64]) -> f64 {
    /// So that most values lie within -100..100, as Lambert chose.
    const SCALE: f64 = 0.015;
    /// Below this share of the price the deviation is rounding, not movement.
    const ROUNDING: f64 = 1e-12;
    let mean = mean(typical_prices);
    let deviation =
        sum_of(typical_prices, |price| (price - mean).abs()) / typical_prices.len() as f64;
    let newest = typical_prices.last().copied().unwrap_or(mean);
    if deviation > mean * ROUNDING { (newest - mean) / (SCALE * deviation) } else { 0.0 }
}

/// Money flow index (Quong & Soudack 1989) of these flows: price times volume, below zero where the
/// price fell.
#[inline]
pub fn money_flow_index(flows: &[f64]) -> f64 {
    let (rises, all) =
        (sum_of(flows, |flow| if flow > 0.0 { flow } else { 0.0 }), sum_of(flows, f64::abs));
    if all > 0.0 { 100.0 * rises / all } else { 0.0 }
}

#[inline]
pub(super) fn stoch_k(now: &Moment<'_>) -> Option<f64> {
    now.stochastic.map(|stochastic| stochastic.k)
}

#[inline]
pub(super) fn cci(now: &Moment<'_>, bars: usize) -> Option<f64> {
    now.past.typical_prices.last(bars).map(commodity_channel)
}

#[inline]
pub(super) fn mfi(now: &Moment<'_>, bars: usize) -> Option<f64> {
    now.past.money_flows.last(bars).map(money_flow_index)
}
