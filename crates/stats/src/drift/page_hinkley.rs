//! Has the mean of a stream left its own past? Page's test against the running mean (Page 1954; Hinkley 1971).

use serde::{Deserialize, Serialize};

use crate::moments::Moments;

/// Which way a mean is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Rising and falling.
    #[default]
    Both,
    /// Rising.
    Up,
    /// Falling.
    Down,
}

/// What the test is told. Thresholds are in the unit of the stream: what is not standardised is not scale free.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageHinkleyRules {
    /// Numbers before which it never calls.
    pub min_instances: u64,
    /// What the mean may move without being called a change.
    pub delta: f64,
    /// The sum beyond it that makes it call.
    pub threshold: f64,
    /// What the sum keeps of its past with each number.
    pub alpha: f64,
    /// Which way it watches.
    pub mode: Direction,
}

impl Default for PageHinkleyRules {
    /// As river 0.26.1 has them: for a stream of coins, and .93 false alarms in 10,000 there (methods §1.10).
    fn default() -> PageHinkleyRules {
        PageHinkleyRules {
            min_instances: 30,
            delta: 0.005,
            threshold: 50.0,
            alpha: 0.9999,
            mode: Direction::Both,
        }
    }
}

/// The test, one number at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageHinkley {
    rules: PageHinkleyRules,
    count: u64,
    mean: f64,
    rise: f64,
    rise_least: f64,
    fall: f64,
    fall_most: f64,
    called: bool,
}

impl PageHinkley {
    /// Nothing heard yet.
    pub fn new(rules: PageHinkleyRules) -> PageHinkley {
        PageHinkley {
            rules,
            count: 0,
            mean: 0.0,
            rise: 0.0,
            rise_least: f64::MAX,
            fall: 0.0,
            fall_most: f64::MIN,
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
            *self = PageHinkley::new(self.rules);
        }
        self.count += 1;
        self.mean += (value - self.mean) / self.count as f64;
        let off = value - self.mean;
        self.rise = self.rules.alpha * self.rise + off - self.rules.delta;
        self.fall = self.rules.alpha * self.fall + off + self.rules.delta;
        self.rise_least = self.rise_least.min(self.rise);
        self.fall_most = self.fall_most.max(self.fall);
        self.called = self.count >= self.rules.min_instances && self.is_beyond();
        self.called
    }

    /// How many numbers it has heard since it began.
    pub fn count(&self) -> u64 {
        self.count
    }

    fn is_beyond(&self) -> bool {
        let up = self.rise - self.rise_least > self.rules.threshold;
        let down = self.fall_most - self.fall > self.rules.threshold;
        match self.rules.mode {
            Direction::Both => up || down,
            Direction::Up => up,
            Direction::Down => down,
        }
    }
}

/// The same on a stream of any scale: mean and spread are learned from its beginning, and each number after it is
/// told in standard deviations from that mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StandardPageHinkley {
    usual: Moments,
    test: PageHinkley,
}

impl StandardPageHinkley {
    /// Numbers from which mean and spread are learned before the test begins, which counts them as heard. Chosen:
    /// their mean is then off by less than the rules forgive, and their spread by a twentieth.
    const LEARN: u64 = 200;

    /// A tenth of a deviation is no change. The threshold is chosen so that 10,000 quiet numbers make it call
    /// less than .1 times (methods §4.2, row f).
    const RULES: PageHinkleyRules = PageHinkleyRules {
        min_instances: 30,
        delta: 0.1,
        threshold: 45.0,
        alpha: 1.0,
        mode: Direction::Both,
    };

    /// Watches one way or both.
    pub fn new(mode: Direction) -> StandardPageHinkley {
        let rules = PageHinkleyRules { mode, ..StandardPageHinkley::RULES };
        let mut test = PageHinkley::new(rules);
        test.count = StandardPageHinkley::LEARN;
        StandardPageHinkley { usual: Moments::default(), test }
    }

    /// Hears one number and says whether the mean has moved. After an alarm it learns anew what is usual.
    pub fn observe(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        if self.usual.weight_sum() < StandardPageHinkley::LEARN as f64 {
            self.usual.observe(value);
            return false;
        }
        let usual = self.usual.mean().zip(self.usual.variance()).filter(|(_, v)| *v > 0.0);
        // A stream that did not move while it was learned has no unit: it is learned anew.
        let called =
            usual.map(|(mean, variance)| self.test.observe((value - mean) / libm::sqrt(variance)));
        if called.unwrap_or(true) {
            *self = StandardPageHinkley::new(self.test.rules.mode);
        }
        called.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(mode: Direction, to: f64) -> Option<usize> {
        let rules = PageHinkleyRules { mode, threshold: 5.0, ..PageHinkleyRules::default() };
        let mut test = PageHinkley::new(rules);
        let stream = (0..200).map(|at| if at < 100 { 0.0 } else { to });
        stream.map(|value| test.observe(value)).position(|called| called)
    }

    #[test]
    fn each_mode_hears_its_own_direction() {
        assert!(first(Direction::Both, 1.0).is_some_and(|at| at > 100));
        assert!(first(Direction::Both, -1.0).is_some());
        assert!(first(Direction::Up, 1.0).is_some());
        assert_eq!(first(Direction::Up, -1.0), None);
        assert!(first(Direction::Down, -1.0).is_some());
        assert_eq!(first(Direction::Down, 1.0), None);
    }

    #[test]
    fn no_unit_changes_what_the_standardised_test_says() {
        let when = |unit: f64| {
            let mut test = StandardPageHinkley::new(Direction::Both);
            let stream = (0..4_000).map(|at| f64::from(at % 5) + f64::from(at / 2_000) * 2.0);
            stream.map(|value| test.observe(unit * value)).position(|called| called)
        };
        assert!(when(1.0).is_some_and(|at| at > 2_000));
        assert_eq!(when(1.0), when(1_024.0));
        assert!(!StandardPageHinkley::new(Direction::Both).observe(f64::NAN));
    }
}
