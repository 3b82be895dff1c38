//! Has the mean of a stream moved? Adaptive windowing (Bifet & Gavalda 2007), as river 0.26.1 cuts it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What adaptive windowing is told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdwinRules {
    /// How readily it calls: the smaller, the rarer are false alarms.
    pub delta: f64,
    /// It looks at every so many numbers.
    pub clock: u64,
    /// Buckets kept of each size before two become one.
    pub max_buckets: usize,
    /// The least length of either half of a cut.
    pub min_window_length: u64,
    /// Numbers up to which it never looks.
    pub grace_period: u64,
}

impl Default for AdwinRules {
    /// As river has them. In 10,000 quiet numbers it calls 0 times on coins and .03 times on normals (methods
    /// §1.10).
    fn default() -> AdwinRules {
        AdwinRules {
            delta: 0.002,
            clock: 32,
            max_buckets: 5,
            min_window_length: 5,
            grace_period: 10,
        }
    }
}

/// Numbers that follow each other, as far as anybody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Bucket {
    total: f64,
    /// Sum of squared distances from their mean.
    scatter: f64,
}

impl Bucket {
    /// Two neighbours of the same length as one.
    fn joined(self, other: Bucket, length: f64) -> Bucket {
        let apart = (self.total - other.total) / length;
        let between = apart * apart * length / 2.0;
        Bucket { total: self.total + other.total, scatter: self.scatter + other.scatter + between }
    }
}

/// A window that grows while the mean stays and drops its oldest part when it has moved. Memory grows with the
/// logarithm of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adwin {
    rules: AdwinRules,
    /// Buckets by their size, 2 to the power of the place; within a place the oldest first.
    sizes: Vec<VecDeque<Bucket>>,
    width: f64,
    total: f64,
    scatter: f64,
    heard: u64,
    called: bool,
}

impl Adwin {
    /// Nothing heard yet.
    pub fn new(rules: AdwinRules) -> Adwin {
        Adwin {
            rules,
            sizes: vec![VecDeque::new()],
            width: 0.0,
            total: 0.0,
            scatter: 0.0,
            heard: 0,
            called: false,
        }
    }

    /// Hears one number and says whether the mean has moved. What is no finite number is not heard. After an
    /// alarm the next number is the first.
    pub fn observe(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        if self.called {
            *self = Adwin::new(self.rules);
        }
        self.take_in(value);
        self.heard += 1;
        let looks = self.heard.is_multiple_of(self.rules.clock.max(1));
        if looks && self.width > self.rules.grace_period as f64 {
            while self.is_cut() {
                self.called = true;
                self.drop_oldest();
            }
        }
        self.called
    }

    /// Whether the last number was the one that made it call.
    pub fn has_called(&self) -> bool {
        self.called
    }

    /// How many numbers the window holds.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// The mean of the window; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.width > 0.0).then(|| self.total / self.width)
    }

    fn take_in(&mut self, value: f64) {
        if self.width > 0.0 {
            let off = value - self.total / self.width;
            self.scatter += off * off * self.width / (self.width + 1.0);
        }
        self.width += 1.0;
        self.total += value;
        self.sizes[0].push_back(Bucket { total: value, scatter: 0.0 });
        self.join_full();
    }

    /// Two of the oldest of a size that has too many become one of the next.
    fn join_full(&mut self) {
        let mut length = 1.0;
        let mut at = 0;
        while at < self.sizes.len() && self.sizes[at].len() > self.rules.max_buckets.max(1) {
            let (Some(first), Some(second)) =
                (self.sizes[at].pop_front(), self.sizes[at].pop_front())
            else {
                return;
            };
            if at + 1 == self.sizes.len() {
                self.sizes.push(VecDeque::new());
            }
            self.sizes[at + 1].push_back(first.joined(second, length));
            length *= 2.0;
            at += 1;
        }
    }

    /// Whether some cut between two buckets lies between two means that differ by more than chance allows.
    fn is_cut(&self) -> bool {
        let (mut earlier, mut earlier_total) = (0.0, 0.0);
        for (at, buckets) in self.sizes.iter().enumerate().rev() {
            let length = length_at(at);
            for bucket in buckets {
                earlier += length;
                earlier_total += bucket.total;
                let later = self.width - earlier;
                let apart = earlier_total / earlier - (self.total - earlier_total) / later;
                if self.is_beyond_chance(earlier, later, apart) {
                    return true;
                }
            }
        }
        false
    }

    /// The bound of the paper with the variance of the window, logarithms of its length for the cuts tried.
    fn is_beyond_chance(&self, earlier: f64, later: f64, apart: f64) -> bool {
        let least = self.rules.min_window_length.max(1) as f64;
        if earlier < least || later < least {
            return false;
        }
        let log = libm::log(2.0 * libm::log(self.width) / self.rules.delta);
        let inverse = 1.0 / (earlier - least + 1.0) + 1.0 / (later - least + 1.0);
        let variance = self.scatter / self.width;
        apart.abs() > libm::sqrt(2.0 * inverse * variance * log) + 2.0 / 3.0 * log * inverse
    }

    fn drop_oldest(&mut self) {
        let Some(last) = self.sizes.len().checked_sub(1) else { return };
        let length = length_at(last);
        if let Some(bucket) = self.sizes[last].pop_front() {
            self.width -= length;
            self.total -= bucket.total;
            let off = bucket.total / length - self.total / self.width;
            self.scatter -=
                bucket.scatter + off * off * length * self.width / (length + self.width);
        }
        if self.sizes[last].is_empty() && last > 0 {
            self.sizes.pop();
        }
    }
}

fn length_at(place: usize) -> f64 {
    libm::exp2(place as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_its_sums_and_little_memory() {
        let mut adwin = Adwin::new(AdwinRules::default());
        let values: Vec<f64> = (0..5_000).map(|at| f64::from(at % 7)).collect();
        values.iter().for_each(|&value| {
            adwin.observe(value);
        });
        let mean = values.iter().sum::<f64>() / 5_000.0;
        let scatter: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        assert_eq!(adwin.width(), 5_000.0);
        assert!((adwin.mean().unwrap() - mean).abs() < 1e-9);
        assert!((adwin.scatter / scatter - 1.0).abs() < 1e-9);
        assert!(adwin.sizes.iter().map(VecDeque::len).sum::<usize>() < 70);
    }

    #[test]
    fn an_alarm_is_followed_by_a_new_beginning() {
        let mut adwin = Adwin::new(AdwinRules { clock: 1, ..AdwinRules::default() });
        (0..500).for_each(|_| assert!(!adwin.observe(0.0)));
        assert!((0..500).any(|_| adwin.observe(1.0)));
        assert!(adwin.has_called() && adwin.width() < 500.0);
        assert!(!adwin.observe(f64::NAN) && adwin.has_called());
        assert!(!adwin.observe(1.0));
        assert_eq!((adwin.width(), adwin.mean()), (1.0, Some(1.0)));
    }

    #[test]
    fn a_state_survives_being_written_down() {
        let mut adwin = Adwin::new(AdwinRules::default());
        (0..100).for_each(|at| {
            adwin.observe(f64::from(at % 3));
        });
        let text = serde_json::to_string(&adwin).unwrap();
        assert_eq!(serde_json::from_str::<Adwin>(&text).unwrap(), adwin);
    }
}
