//! How many independent outcomes are overlapping labels worth?

use serde::{Deserialize, Serialize};

/// How many labels are open now, and the running sum that tells any of them how alone it was
/// (average uniqueness, Lopez de Prado 2018, chapter 4). Constant memory: a label remembers the
/// sum at its opening and subtracts it at its close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Concurrency {
    /// Labels open during the last bar.
    pub open: u32,
    /// Sum over all bars so far of 1 / labels open in it.
    pub inverse_sum: f64,
}

impl Concurrency {
    /// Takes in one bar, during which `open_now` labels were open.
    pub fn bar(&mut self, open_now: u32) {
        self.bar_shared(open_now, 1.0);
    }

    /// The same where all of them together are worth only this share, 0..=1, of an observation, because
    /// labels elsewhere saw much the same.
    pub fn bar_shared(&mut self, open_now: u32, share: f64) {
        self.open = open_now;
        if open_now > 0 {
            self.inverse_sum += share / f64::from(open_now);
        }
    }

    /// The average uniqueness, 0..1, of a label that was open for the last `bars` bars and
    /// remembers [`Concurrency::inverse_sum`] from just before the first of them. A label that
    /// saw no bar shared none and is worth one outcome.
    pub fn uniqueness(&self, inverse_sum_at_open: f64, bars: u32) -> f64 {
        if bars == 0 {
            return 1.0;
        }
        ((self.inverse_sum - inverse_sum_at_open) / f64::from(bars)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_labels_share_one_outcome() {
        // Label A spans bars 0..4, label B bars 2..6.
        let mut concurrency = Concurrency::default();
        let mut at_open_b = 0.0;
        let mut a = 0.0;
        for (bar, open) in [1, 1, 2, 2, 1, 1].into_iter().enumerate() {
            if bar == 2 {
                at_open_b = concurrency.inverse_sum;
            }
            concurrency.bar(open);
            if bar == 3 {
                a = concurrency.uniqueness(0.0, 4);
            }
        }
        assert_eq!(a, 0.75);
        assert_eq!(concurrency.uniqueness(at_open_b, 4), 0.75);
    }

    #[test]
    fn a_lonely_label_counts_fully_and_idle_bars_count_nothing() {
        let mut concurrency = Concurrency::default();
        concurrency.bar(0);
        let at_open = concurrency.inverse_sum;
        concurrency.bar(1);
        assert_eq!(concurrency.uniqueness(at_open, 1), 1.0);
        assert_eq!(concurrency.uniqueness(concurrency.inverse_sum, 0), 1.0);
    }
}
