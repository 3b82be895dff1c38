//! Several series walked in time order: what the engine hears is every bar that closed at a moment.

use domain::{Bar, SymbolIx, TimedBar, Timestamp};

use crate::Series;

/// Series per block. The earliest close of a block is kept, so that finding the next moment looks
/// at one number per block, and only the blocks that have a bar then are looked into.
const BLOCK: usize = 16;
const ENDED_MS: i64 = i64::MAX;

/// Walks series in the order of time. Symbols are numbered as the series stand in the slice, which
/// [`crate::read`] sorts by name.
#[derive(Clone, Debug)]
pub struct Bars<'a> {
    left: Vec<&'a [Bar]>,
    /// When each series' next bar closes, or [`ENDED_MS`].
    next_ms: Vec<i64>,
    /// The earliest of each block's.
    block_ms: Vec<i64>,
}

impl<'a> Bars<'a> {
    /// Begins at the first bar of each series. There may be up to 65,536 of them.
    pub fn of(series: &'a [Series]) -> Bars<'a> {
        Bars::merging(series.iter().map(|series| series.bars.as_slice()).collect())
    }

    fn merging(left: Vec<&'a [Bar]>) -> Bars<'a> {
        let next_ms: Vec<i64> = left.iter().map(|bars| closes_ms(bars)).collect();
        let block_ms = next_ms.chunks(BLOCK).map(earliest).collect();
        Bars { left, next_ms, block_ms }
    }

    /// Puts all bars that close next into `group`, in the order of symbols, and says when they
    /// closed; nothing when all bars are through. `group` is emptied first and keeps its room.
    pub fn next_into(&mut self, group: &mut Vec<TimedBar>) -> Option<Timestamp> {
        group.clear();
        let now_ms = earliest(&self.block_ms);
        if now_ms == ENDED_MS {
            return None;
        }
        for block in 0..self.block_ms.len() {
            if self.block_ms[block] == now_ms {
                self.block_ms[block] = self.take_from(block, now_ms, group);
            }
        }
        Some(Timestamp::from_ms(now_ms))
    }

    /// Takes a block's bars of this moment and returns when its next one closes.
    fn take_from(&mut self, block: usize, now_ms: i64, group: &mut Vec<TimedBar>) -> i64 {
        let first = block * BLOCK;
        let mut earliest_ms = ENDED_MS;
        let places = self.next_ms[first..].iter_mut().zip(&mut self.left[first..]).take(BLOCK);
        for (at, (next_ms, left)) in places.enumerate() {
            if *next_ms == now_ms
                && let Some((bar, rest)) = left.split_first()
            {
                group.push(TimedBar { symbol: SymbolIx((first + at) as u16), bar: *bar });
                *left = rest;
                *next_ms = closes_ms(rest);
            }
            earliest_ms = earliest_ms.min(*next_ms);
        }
        earliest_ms
    }
}

fn closes_ms(bars: &[Bar]) -> i64 {
    bars.first().map_or(ENDED_MS, |bar| bar.closed_at().ms())
}

/// The earliest of some moments. Four at a time, since each comparison would otherwise wait for the last.
fn earliest(moments_ms: &[i64]) -> i64 {
    let (fours, rest) = moments_ms.as_chunks::<4>();
    let mut lanes = [ENDED_MS; 4];
    for four in fours {
        for (lane, moment_ms) in lanes.iter_mut().zip(four) {
            *lane = (*lane).min(*moment_ms);
        }
    }
    lanes.iter().chain(rest).copied().fold(ENDED_MS, i64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Interval, RawBar};
    use proptest::prelude::*;

    fn bar(hour: i64) -> Bar {
        let opened_at = Timestamp::from_ms(1_600_000_000_000 + hour * Interval::HOUR.ms());
        let raw = RawBar {
            opened_at,
            open: 1.0,
            high: 1.0,
            low: 1.0,
            close: 1.0,
            volume: 0.0,
            taker_buy_volume: None,
            flow: None,
        };
        Bar::admit(raw, Interval::HOUR).unwrap()
    }

    proptest! {
        #[test]
        fn every_bar_comes_once_in_order_of_time_then_symbol(
            hours in prop::collection::vec(prop::collection::btree_set(0_i64..50, 0..20), 0..40)
        ) {
            let series: Vec<Vec<Bar>> = hours.iter().map(|set| set.iter().map(|h| bar(*h)).collect()).collect();
            let mut expected: Vec<(i64, u16)> = series.iter().enumerate()
                .flat_map(|(at, bars)| bars.iter().map(move |bar| (bar.closed_at().ms(), at as u16)))
                .collect();
            expected.sort_unstable();
            let mut walk = Bars::merging(series.iter().map(Vec::as_slice).collect());
            let (mut seen, mut group, mut last) = (Vec::new(), Vec::new(), None);
            while let Some(closed_at) = walk.next_into(&mut group) {
                prop_assert!(Some(closed_at) > last);
                prop_assert!(!group.is_empty());
                prop_assert!(group.iter().all(|timed| timed.bar.closed_at() == closed_at));
                seen.extend(group.iter().map(|timed| (closed_at.ms(), timed.symbol.0)));
                last = Some(closed_at);
            }
            prop_assert_eq!(seen, expected);
            prop_assert!(group.is_empty());
        }
    }
}
