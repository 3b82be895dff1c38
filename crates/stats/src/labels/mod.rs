//! What came of a moment, how much of that is its own, and how to test on it without a leak
//! (Lopez de Prado 2018, chapters 3, 4, 5 and 7; methods §1.6).

mod difference;
mod splits;
mod weights;

pub use difference::{difference, difference_weights};
pub use splits::{Span, Split, purged_folds, purged_walk_forward};
pub use weights::{attribution_weights, average_uniqueness, concurrency};

/// A moment's two price barriers and its time limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Barriers {
    /// Distance of the target as a fraction of the entry.
    pub target: f64,
    /// Distance of the stop as a fraction of the entry.
    pub stop: f64,
    /// Bars after which it ends anyway.
    pub bars_max: usize,
    /// Whether falling prices are hoped for.
    pub is_short: bool,
}

/// Which barrier ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// The target.
    Target,
    /// The stop.
    Stop,
    /// Both in one bar: nobody saw which was first, so it counts as the stop.
    StopOnTie,
    /// Neither in time.
    Time,
}

impl Touch {
    /// 1 won, −1 lost, 0 neither.
    pub const fn label(self) -> i8 {
        match self {
            Touch::Target => 1,
            Touch::Stop | Touch::StopOnTie => -1,
            Touch::Time => 0,
        }
    }
}

/// Highs, lows and closes of the same bars.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
}

/// How an entry at the close of bar `at` ends, and the bar it ends in. Barriers are looked for from the
/// next bar on; where bars run out before the limit it ends with the last. `None` where there is no such bar.
pub fn triple_barrier(bars: Bars<'_>, at: usize, barriers: &Barriers) -> Option<(Touch, usize)> {
    let count = bars.close.len().min(bars.high.len()).min(bars.low.len());
    let entry = *bars.close.get(at).filter(|_| at < count)?;
    let side = if barriers.is_short { -1.0 } else { 1.0 };
    let target = entry * (1.0 + side * barriers.target);
    let stop = entry * (1.0 - side * barriers.stop);
    let last = at.saturating_add(barriers.bars_max).min(count - 1);
    for bar in at + 1..=last {
        let (high, low) = (bars.high[bar], bars.low[bar]);
        let (hit, stopped) = if barriers.is_short {
            (low <= target, high >= stop)
        } else {
            (high >= target, low <= stop)
        };
        match (hit, stopped) {
            (true, true) => return Some((Touch::StopOnTie, bar)),
            (false, true) => return Some((Touch::Stop, bar)),
            (true, false) => return Some((Touch::Target, bar)),
            (false, false) => {}
        }
    }
    Some((Touch::Time, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_touched_both_counts_as_stopped() {
        let bars = Bars { high: &[100.0, 103.0], low: &[100.0, 97.0], close: &[100.0, 101.0] };
        let barriers = Barriers { target: 0.02, stop: 0.02, bars_max: 5, is_short: false };
        assert_eq!(triple_barrier(bars, 0, &barriers), Some((Touch::StopOnTie, 1)));
        assert_eq!(triple_barrier(bars, 1, &barriers), Some((Touch::Time, 1)));
        assert_eq!(triple_barrier(bars, 2, &barriers), None);
        assert_eq!(Touch::StopOnTie.label(), -1);
    }
}
