//! Rolling windows: sums that remember nothing that has left, and extremes in constant time.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The last `length` numbers, oldest first and in one piece.
///
/// What is asked of them is worked out afresh. Windows are short, and a sum kept by adding and taking
/// away remembers what has left: after one bar of huge volume the sum of a halted market's noughts is
/// not nought, and neither is the spread of a price that stands still. Worked out afresh, an engine that
/// has run for years and one that has just warmed up agree to the bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    length: usize,
    heard: usize,
    oldest: usize,
    /// Each number twice, `length` apart, so that the window never wraps.
    twice: Vec<f64>,
}

impl Rolling {
    /// An empty window of `length` numbers, at least one.
    pub fn over(length: usize) -> Rolling {
        let length = length.max(1);
        Rolling { length, heard: 0, oldest: 0, twice: vec![0.0; 2 * length] }
    }

    /// Adds a number; gives the one that falls out.
    #[inline]
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let dropped = self.is_full().then(|| self.twice[self.oldest]);
        self.twice[self.oldest] = value;
        self.twice[self.oldest + self.length] = value;
        self.oldest += 1;
        if self.oldest == self.length {
            self.oldest = 0;
        }
        self.heard = (self.heard + 1).min(self.length);
        dropped
    }

    /// Forgets everything and keeps its room.
    pub fn clear(&mut self) {
        (self.heard, self.oldest) = (0, 0);
    }

    /// Whether it holds `length` numbers.
    pub fn is_full(&self) -> bool {
        self.heard == self.length
    }

    /// The newest `count` numbers, oldest first, once there are so many.
    #[inline]
    pub fn last(&self, count: usize) -> Option<&[f64]> {
        self.before(0, count)
    }

    /// The newest `count` numbers before the newest `skipped`, oldest first, once there are so many.
    #[inline]
    pub fn before(&self, skipped: usize, count: usize) -> Option<&[f64]> {
        if self.heard < skipped + count {
            return None;
        }
        let end = self.oldest + self.length - skipped;
        Some(&self.twice[end - count..end])
    }

    /// The number `steps` before the newest.
    #[inline]
    pub fn ago(&self, steps: usize) -> Option<f64> {
        self.before(steps, 1).map(|value| value[0])
    }

    /// Their sum, once full.
    pub fn sum(&self) -> Option<f64> {
        self.last(self.length).map(sum)
    }

    /// Their mean, once full.
    pub fn mean(&self) -> Option<f64> {
        self.last(self.length).map(mean)
    }

    /// Their mean, and their variance about it with n in the denominator, once full.
    pub fn mean_and_variance(&self) -> Option<(f64, f64)> {
        self.last(self.length).map(mean_and_variance)
    }
}

/// Sums run in this many lanes, which processors add side by side. The lanes are part of the promise:
/// the same numbers give the same sum, to the bit, on every machine.
const LANES: usize = 8;

/// The sum of something about each of the numbers.
#[inline]
pub fn sum_of(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    for chunk in values.chunks(LANES) {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += of(*value);
        }
    }
    together(lanes)
}

#[inline]
fn together([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The sum of something about each of the numbers and the one after it.
#[inline]
pub fn sum_of_pairs(values: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    let Some(firsts) = values.len().checked_sub(1) else { return 0.0 };
    let mut lanes = [0.0; LANES];
    for (firsts, seconds) in values[..firsts].chunks(LANES).zip(values[1..].chunks(LANES)) {
        for (lane, (first, second)) in lanes.iter_mut().zip(firsts.iter().zip(seconds)) {
            *lane += of(*first, *second);
        }
    }
    together(lanes)
}

/// Their sum.
#[inline]
pub fn sum(values: &[f64]) -> f64 {
    sum_of(values, |value| value)
}

/// Their mean.
#[inline]
pub fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// Their mean, and their variance about it with n in the denominator.
#[inline]
pub fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let mean = mean(values);
    let squares = sum_of(values, |value| (value - mean) * (value - mean));
    (mean, squares / values.len() as f64)
}

/// The highest of them.
#[inline]
pub fn highest(values: &[f64]) -> f64 {
    extreme(values, f64::MIN, |value, best| value > best)
}

/// The lowest of them.
#[inline]
pub fn lowest(values: &[f64]) -> f64 {
    extreme(values, f64::MAX, |value, best| value < best)
}

#[inline]
fn extreme(values: &[f64], from: f64, beats: impl Fn(f64, f64) -> bool) -> f64 {
    let pick = |best: f64, value: f64| if beats(value, best) { value } else { best };
    let mut lanes = [from; LANES];
    for chunk in values.chunks(LANES) {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = pick(*lane, *value);
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    pick(pick(pick(a, e), pick(c, g)), pick(pick(b, f), pick(d, h)))
}

/// Highest and lowest price of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Highest high.
    pub high: f64,
    /// Lowest low.
    pub low: f64,
}

impl Range {
    /// Where a price stands: 0 at the low, 1 at the high; nowhere where there is no range.
    #[inline]
    pub fn place(&self, price: f64) -> Option<f64> {
        (self.high > self.low).then(|| (price - self.low) / (self.high - self.low))
    }

    #[inline]
    pub(super) fn with(self, other: Range) -> Range {
        Range { high: self.high.max(other.high), low: self.low.min(other.low) }
    }
}

/// Highest and lowest of the last `length` pairs, by monotone queues: constant time per bar on average.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extremes {
    length: u64,
    heard: u64,
    highs: VecDeque<(u64, f64)>,
    lows: VecDeque<(u64, f64)>,
}

impl Extremes {
    /// An empty window of `length` bars, at least one.
    pub fn over(length: u32) -> Extremes {
        let length = u64::from(length.max(1));
        // Extremes are few even in long windows; a queue that needs more room finds it.
        let room = (length as usize + 1).min(64);
        Extremes {
            length,
            heard: 0,
            highs: VecDeque::with_capacity(room),
            lows: VecDeque::with_capacity(room),
        }
    }

    /// Adds a bar's high and low.
    pub fn push(&mut self, high: f64, low: f64) {
        let at = self.heard;
        self.heard += 1;
        while self.highs.back().is_some_and(|&(_, value)| value <= high) {
            self.highs.pop_back();
        }
        while self.lows.back().is_some_and(|&(_, value)| value >= low) {
            self.lows.pop_back();
        }
        self.highs.push_back((at, high));
        self.lows.push_back((at, low));
        let oldest = self.heard.saturating_sub(self.length);
        if self.highs.front().is_some_and(|&(at, _)| at < oldest) {
            self.highs.pop_front();
        }
        if self.lows.front().is_some_and(|&(at, _)| at < oldest) {
            self.lows.pop_front();
        }
    }

    /// Highest and lowest, once `length` bars were heard.
    pub fn range(&self) -> Option<(f64, f64)> {
        if self.heard < self.length {
            return None;
        }
        Some((self.highs.front()?.1, self.lows.front()?.1))
    }

    /// Forgets everything and keeps its room.
    pub fn clear(&mut self) {
        self.heard = 0;
        self.highs.clear();
        self.lows.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_window_equals_its_definition(values in prop::collection::vec(-1e3..1e3_f64, 1..200), length in 1_usize..30) {
            let mut window = Rolling::over(length);
            let mut extremes = Extremes::over(length as u32);
            for (at, &value) in values.iter().enumerate() {
                window.push(value);
                extremes.push(value, value);
                let last = &values[(at + 1).saturating_sub(length)..=at];
                if last.len() < length {
                    prop_assert_eq!(window.mean(), None);
                    prop_assert_eq!(extremes.range(), None);
                    continue;
                }
                let mean = last.iter().sum::<f64>() / length as f64;
                let variance = last.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / length as f64;
                prop_assert!((window.mean().unwrap() - mean).abs() < 1e-9);
                prop_assert!((window.mean_and_variance().unwrap().1 - variance).abs() < 1e-9);
                let highest = last.iter().copied().fold(f64::MIN, f64::max);
                let lowest = last.iter().copied().fold(f64::MAX, f64::min);
                prop_assert_eq!(extremes.range(), Some((highest, lowest)));
                prop_assert_eq!(window.last(length).unwrap(), last);
                prop_assert_eq!((super::highest(last), super::lowest(last)), (highest, lowest));
                prop_assert_eq!(window.ago(length - 1), Some(last[0]));
            }
        }
    }
    #[test]
    fn a_window_remembers_nothing_that_has_left_it() {
        let mut window = Rolling::over(20);
        for value in [1e12, 3.3, 1e9, 7.7] {
            window.push(value);
        }
        for _ in 0..20 {
            window.push(104.7);
        }
        let (mean, variance) = window.mean_and_variance().unwrap();
        assert!((mean - 104.7).abs() < 1e-12 && variance < 1e-24, "{mean} {variance}");
        for _ in 0..20 {
            window.push(0.0);
        }
        assert_eq!(window.sum(), Some(0.0));
    }
}
