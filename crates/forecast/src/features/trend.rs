//! Where the averages point, measured in average true ranges so that it compares across markets.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::averages::Ema;
use super::senses::Moment;

/// Fast mean minus slow mean, in average true ranges.
#[inline]
pub(super) fn ema_spread(now: &Moment<'_>) -> Option<f64> {
    now.in_ranges(now.means.fast? - now.means.slow?)
}

/// Change of the slow mean over one bar, in average true ranges.
#[inline]
pub(super) fn ema_slope(now: &Moment<'_>) -> Option<f64> {
    now.in_ranges(now.means.slow? - now.means_before.slow?)
}

/// The bar on which the fast mean crosses the slow one.
#[inline]
pub(super) fn ema_cross(now: &Moment<'_>) -> Option<f64> {
    let above = now.means.fast? > now.means.slow?;
    let was_above = now.means_before.fast? > now.means_before.slow?;
    Some(f64::from(i8::from(above) - i8::from(was_above)))
}

#[inline]
pub(super) fn macd_histogram(now: &Moment<'_>) -> Option<f64> {
    now.in_ranges(now.macd?.histogram)
}

#[inline]
pub(super) fn adx(now: &Moment<'_>) -> Option<f64> {
    now.directions?.strength
}

#[inline]
pub(super) fn di_spread(now: &Moment<'_>) -> Option<f64> {
    now.directions.map(|directions| directions.plus - directions.minus)
}

/// What directional movement says after a bar, each 0..=100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Directions {
    /// Share of the true range that reached above the bar before: +DI.
    pub plus: f64,
    /// Share that reached below: -DI.
    pub minus: f64,
    /// How one-sided it has been of late: ADX, once there are enough.
    pub strength: Option<f64>,
}

/// Directional movement (Wilder 1978); 0 where nothing moved, as TA-Lib says.
///
/// As in TA-Lib the smoothed sums begin with one bar less than their period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DirectionalMovement {
    period: u32,
    heard: u32,
    last: Option<(f64, f64, f64)>,
    up: f64,
    down: f64,
    range: f64,
    strength: Ema,
}

impl DirectionalMovement {
    /// Over `period` bars, at least two.
    pub fn over(period: u32) -> DirectionalMovement {
        let period = period.max(2);
        DirectionalMovement {
            period,
            heard: 0,
            last: None,
            up: 0.0,
            down: 0.0,
            range: 0.0,
            strength: Ema::wilder(period),
        }
    }

    /// Hears the next bar.
    #[inline]
    pub fn hear(&mut self, bar: &Bar) -> Option<Directions> {
        let (high, low, close) = self.last.replace((bar.high(), bar.low(), bar.close()))?;
        let (up, down) = (bar.high() - high, low - bar.low());
        let keeps =
            if self.heard + 1 < self.period { 1.0 } else { 1.0 - 1.0 / f64::from(self.period) };
        // Only the larger of the two counts. Counted without a branch, as it is a coin's toss.
        let counts = |wins: bool| f64::from(u8::from(wins));
        self.up = self.up * keeps + up.max(0.0) * counts(up > down);
        self.down = self.down * keeps + down.max(0.0) * counts(down > up);
        self.range = self.range * keeps + bar.high().max(close) - bar.low().min(close);
        if self.heard + 1 < self.period {
            self.heard += 1;
            return None;
        }
        let share = |part: f64| if self.range > 0.0 { 100.0 * part / self.range } else { 0.0 };
        let both = self.up + self.down;
        let one_sided = if both > 0.0 { 100.0 * (self.up - self.down).abs() / both } else { 0.0 };
        let (plus, minus) = (share(self.up), share(self.down));
        Some(Directions { plus, minus, strength: self.strength.push(one_sided) })
    }
}
