//! Rolling windows: sums that remember nothing that has left, and extremes in constant time.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The last `length` numbers.
///
/// What is asked of them is added up afresh, oldest first. Windows are short, and a sum kept by adding
/// and taking away remembers what has left: after one bar of huge volume the sum of a halted market's
/// noughts is not nought, and neither is the spread of a price that stands still. Added up afresh, an
/// engine that has run for years and one that has just warmed up agree to the bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    length: usize,
    values: Vec<f64>,
    oldest: usize,
}

impl Rolling {
    /// An empty window of `length` numbers, at least one.
    pub fn over(length: usize) -> Rolling {
        let length = length.max(1);
        Rolling { length, values: Vec::with_capacity(length), oldest: 0 }
    }

    /// Adds a number; gives the one that falls out.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        if !self.is_full() {
            self.values.push(value);
            return None;
        }
        let dropped = std::mem::replace(&mut self.values[self.oldest], value);
        self.oldest += 1;
        if self.oldest == self.length {
            self.oldest = 0;
        }
        Some(dropped)
    }

    /// Whether it holds `length` numbers.
    pub fn is_full(&self) -> bool {
        self.values.len() == self.length
    }

    /// Their sum, once full.
    pub fn sum(&self) -> Option<f64> {
        self.is_full().then(|| self.total(|value| value))
    }

    /// Their mean, once full.
    pub fn mean(&self) -> Option<f64> {
        self.sum().map(|sum| sum / self.length as f64)
    }

    /// Their mean, and their variance about it with n in the denominator, once full.
    pub fn mean_and_variance(&self) -> Option<(f64, f64)> {
        let mean = self.mean()?;
        let squares = self.total(|value| (value - mean) * (value - mean));
        Some((mean, squares / self.length as f64))
    }

    /// The sum of something about each, oldest first wherever the ring begins.
    fn total(&self, of: impl Fn(f64) -> f64) -> f64 {
        let (newer, older) = self.values.split_at(self.oldest);
        let add = |sum, value: &f64| sum + of(*value);
        newer.iter().fold(older.iter().fold(0.0, add), add)
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
