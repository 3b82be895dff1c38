//! How far a bar reaches, and what it did with its reach.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::averages::Ema;
use super::senses::Moment;

/// The reach of a bar, the jump from the close before included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrueRange {
    last_close: Option<f64>,
}

impl Feature for TrueRange {
    #[inline]
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        let last = self.last_close.replace(bar.close())?;
        Some(bar.high().max(last) - bar.low().min(last))
    }
}

/// Average true range with Wilder's smoothing, seeded by the mean of its first `period` ranges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Atr {
    range: TrueRange,
    mean: Ema,
}

impl Atr {
    /// Over `period` ranges, at least one.
    pub fn over(period: u32) -> Atr {
        Atr { range: TrueRange::default(), mean: Ema::wilder(period) }
    }

    /// Hears the next bar; says its own true range, and the average once there are enough.
    #[inline]
    pub fn hear_both(&mut self, bar: &Bar) -> (Option<f64>, Option<f64>) {
        let range = self.range.hear(bar);
        (range, range.and_then(|range| self.mean.push(range)))
    }
}

impl Feature for Atr {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.hear_both(bar).1
    }
}

#[inline]
pub(super) fn atr_fraction(now: &Moment<'_>) -> Option<f64> {
    now.atr.map(|atr| atr / now.bar.close())
}

#[inline]
pub(super) fn range_ratio(now: &Moment<'_>) -> Option<f64> {
    Some(now.true_range? / now.atr.filter(|&atr| atr > 0.0)?)
}

#[inline]
pub(super) fn body(now: &Moment<'_>) -> Option<f64> {
    Some(of_reach(now.bar, now.bar.close() - now.bar.open()).unwrap_or(0.0))
}

/// A bar without reach closed in its middle.
#[inline]
pub(super) fn close_place(now: &Moment<'_>) -> Option<f64> {
    Some(of_reach(now.bar, now.bar.close() - now.bar.low()).unwrap_or(0.5))
}

#[inline]
pub(super) fn upper_wick(now: &Moment<'_>) -> Option<f64> {
    let wick = now.bar.high() - now.bar.open().max(now.bar.close());
    Some(of_reach(now.bar, wick).unwrap_or(0.0))
}

#[inline]
pub(super) fn lower_wick(now: &Moment<'_>) -> Option<f64> {
    let wick = now.bar.open().min(now.bar.close()) - now.bar.low();
    Some(of_reach(now.bar, wick).unwrap_or(0.0))
}

#[inline]
fn of_reach(bar: &Bar, part: f64) -> Option<f64> {
    let reach = bar.high() - bar.low();
    (reach > 0.0).then(|| part / reach)
}

#[inline]
pub(super) fn gap_open(now: &Moment<'_>) -> Option<f64> {
    now.last_close.map(|last| now.bar.open() / last - 1.0)
}
