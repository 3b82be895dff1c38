//! Rolling windows: sums that do not drift, and extremes in constant time.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The last `length` numbers and their sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    length: usize,
    values: Vec<f64>,
    next: usize,
    sum: f64,
    sum_of_squares: f64,
}

impl Rolling {
    /// An empty window of `length` numbers, at least one.
    pub fn over(length: usize) -> Rolling {
        let length = length.max(1);
        Rolling {
            length,
            values: Vec::with_capacity(length),
            next: 0,
            sum: 0.0,
            sum_of_squares: 0.0,
        }
    }

    /// Adds a number; gives the one that falls out.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        if self.values.len() < self.length {
            self.values.push(value);
            self.sum += value;
            self.sum_of_squares += value * value;
            return None;
        }
        let dropped = std::mem::replace(&mut self.values[self.next], value);
        self.next += 1;
        self.sum += value - dropped;
        self.sum_of_squares += value * value - dropped * dropped;
        if self.next == self.length {
            self.next = 0;
            self.resum();
        }
        Some(dropped)
    }

    /// Adding and taking away leaves rounding behind; once a round it is swept out.
    fn resum(&mut self) {
        self.sum = self.values.iter().sum();
        self.sum_of_squares = self.values.iter().map(|value| value * value).sum();
    }

    /// Whether it holds `length` numbers.
    pub fn is_full(&self) -> bool {
        self.values.len() == self.length
    }

    /// Their sum, once full.
    pub fn sum(&self) -> Option<f64> {
        self.is_full().then_some(self.sum)
    }

    /// Their mean, once full.
    pub fn mean(&self) -> Option<f64> {
        self.sum().map(|sum| sum / self.length as f64)
    }

    /// Their variance with n in the denominator, once full.
    pub fn variance(&self) -> Option<f64> {
        let mean = self.mean()?;
        Some((self.sum_of_squares / self.length as f64 - mean * mean).max(0.0))
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
        let room = length as usize + 1;
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
                prop_assert!((window.variance().unwrap() - variance).abs() < 1e-6);
                let highest = last.iter().copied().fold(f64::MIN, f64::max);
                let lowest = last.iter().copied().fold(f64::MAX, f64::min);
                prop_assert_eq!(extremes.range(), Some((highest, lowest)));
            }
        }
    }
}
