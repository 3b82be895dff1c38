//! Swings: highs and lows that the bars about them do not reach.

use serde::{Deserialize, Serialize};

use super::senses::Moment;
use super::window::Rolling;

/// A swing is known only when so many bars after it have closed. Chosen.
const CONFIRMED_AFTER: usize = 3;
const STRETCH: usize = 2 * CONFIRMED_AFTER + 1;
/// After so many bars a swing is forgotten. Chosen: five days of hours.
const REMEMBERED_BARS: u64 = 120;

/// Where the market turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Swing {
    confirmed_at: u64,
    price: f64,
}

/// The last two of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Turns {
    last: Option<Swing>,
    before: Option<Swing>,
}

impl Turns {
    fn add(&mut self, swing: Swing) {
        self.before = self.last.replace(swing);
    }

    fn forget(&mut self, now: u64) {
        let fresh = |swing: &Swing| now - swing.confirmed_at < REMEMBERED_BARS;
        self.before = self.before.filter(fresh);
        self.last = self.last.filter(fresh);
    }

    /// Change from the one before to the last.
    fn change(&self) -> Option<f64> {
        Some(self.last?.price - self.before?.price)
    }
}

/// The swings of late.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Swings {
    heard: u64,
    highs: Turns,
    lows: Turns,
}

impl Swings {
    /// Hears that another bar's high and low were added.
    #[inline]
    pub(super) fn hear(&mut self, highs: &Rolling, lows: &Rolling) {
        self.heard += 1;
        let confirmed_at = self.heard;
        if let Some(price) = highs.last(STRETCH).and_then(|highs| turn(highs, |a, b| a > b)) {
            self.highs.add(Swing { confirmed_at, price });
        }
        if let Some(price) = lows.last(STRETCH).and_then(|lows| turn(lows, |a, b| a < b)) {
            self.lows.add(Swing { confirmed_at, price });
        }
        self.highs.forget(self.heard);
        self.lows.forget(self.heard);
    }
}

/// The one in the middle, if it lies beyond those before and none after lies beyond it: of two alike the
/// first is the swing, and a market that stands still has none.
#[inline]
fn turn(prices: &[f64], beyond: impl Fn(f64, f64) -> bool) -> Option<f64> {
    let middle = prices[CONFIRMED_AFTER];
    // All are asked: an early answer would save less than guessing it wrong costs.
    let before = prices[..CONFIRMED_AFTER].iter().fold(true, |so, &p| so & beyond(middle, p));
    let after = prices[CONFIRMED_AFTER + 1..].iter().fold(true, |so, &p| so & !beyond(p, middle));
    (before & after).then_some(middle)
}

#[inline]
pub(super) fn swing_high_gap(now: &Moment<'_>) -> Option<f64> {
    now.in_ranges(now.bar.close() - now.swings.highs.last?.price)
}

#[inline]
pub(super) fn swing_low_gap(now: &Moment<'_>) -> Option<f64> {
    now.in_ranges(now.bar.close() - now.swings.lows.last?.price)
}

#[inline]
pub(super) fn structure(now: &Moment<'_>) -> Option<f64> {
    let (highs, lows) = (now.swings.highs.change()?, now.swings.lows.change()?);
    Some(if highs > 0.0 && lows > 0.0 {
        1.0
    } else if highs < 0.0 && lows < 0.0 {
        -1.0
    } else {
        0.0
    })
}
