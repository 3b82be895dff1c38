//! The versions tried: selection among them multiplies luck, and their gains tell by how much.

use serde::{Deserialize, Serialize};
use stats::moments::Moments;
use stats::overfit::Overfit;
use stats::sharpe::SharpeSample;

/// Versions whose gains are kept. Chosen: two weeks of daily trainings.
const VERSIONS_MAX: usize = 16;

/// Blocks kept of each, its first: what follows of a version that sits for long no other can be compared with.
const BLOCKS_MAX: usize = 256;

/// Blocks below which a version's ratio says nothing. Chosen: two for each part of a split.
const BLOCKS_MIN: usize = 2 * PARTS;

/// Parts that are halved in every way: 70 splits, which a ruling can wait for.
const PARTS: usize = 8;

/// Versions below which there is nothing to select from.
const VERSIONS_MIN: usize = 4;

/// How many were tried on this line, and what the latest gained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tried {
    count: u64,
    kept: Vec<Vec<f32>>,
}

impl Tried {
    /// Counts a version that has been trained, seated or not.
    pub(super) fn count_one(&mut self) {
        self.count += 1;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Another version takes the seat: what is heard from here on is its own.
    pub(super) fn begin(&mut self) {
        if self.kept.len() == VERSIONS_MAX {
            self.kept.remove(0);
        }
        self.kept.push(Vec::new());
    }

    /// Takes in a block's gain of the version that began last.
    pub(super) fn observe(&mut self, gain_r: f64) {
        if let Some(last) = self.kept.last_mut()
            && last.len() < BLOCKS_MAX
        {
            last.push(gain_r as f32);
        }
    }

    /// What was heard is forgotten; that they were tried is not.
    pub(super) fn forget(&mut self) {
        self.kept.iter_mut().for_each(Vec::clear);
    }

    /// The probability that this ratio is above what the best of as many without skill would show; nothing
    /// while how far they spread is unknown.
    pub(super) fn deflated(&self, sample: &SharpeSample) -> Option<f64> {
        if self.count <= 1 {
            return sample.probabilistic(0.0);
        }
        let mut spread = Moments::default();
        self.measured().filter_map(ratio).for_each(|sharpe| spread.observe(sharpe));
        sample.deflated(libm::sqrt(spread.variance()?), self.count)
    }

    /// The probability that the best of them in one half is among the worse in the other; one half of those
    /// without skill. They sat one after another: the i-th blocks of all stand in one row. Nothing below four.
    pub(super) fn overfit(&self) -> Option<f64> {
        let columns: Vec<&[f32]> = self.measured().collect();
        if columns.len() < VERSIONS_MIN {
            return None;
        }
        let height = columns.iter().map(|column| column.len()).min()?;
        let row = |at: usize| columns.iter().map(|column| f64::from(column[at])).collect();
        let rows: Vec<Vec<f64>> = (0..height).map(row).collect();
        Some(Overfit::of(&rows, PARTS)?.probability)
    }

    fn measured(&self) -> impl Iterator<Item = &[f32]> {
        self.kept.iter().map(Vec::as_slice).filter(|gains| gains.len() >= BLOCKS_MIN)
    }
}

fn ratio(gains: &[f32]) -> Option<f64> {
    let mut moments = Moments::default();
    gains.iter().for_each(|gain| moments.observe(f64::from(*gain)));
    let variance = moments.variance().filter(|variance| *variance > 0.0)?;
    Some(moments.mean()? / libm::sqrt(variance))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many versions of so many blocks; the gains are those of a fixed sequence.
    fn tried(versions: usize, blocks: usize) -> Tried {
        let (mut tried, mut state) = (Tried::default(), 7_u64);
        for _ in 0..versions {
            tried.count_one();
            tried.begin();
            for _ in 0..blocks {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                tried.observe((state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5);
            }
        }
        tried
    }

    #[test]
    fn fewer_than_four_that_were_measured_say_nothing_of_overfitting() {
        assert_eq!(tried(3, 100).overfit(), None);
        assert_eq!(tried(9, BLOCKS_MIN - 1).overfit(), None);
        let probability = tried(9, 100).overfit().unwrap();
        assert!((0.0..=1.0).contains(&probability) && probability > 0.1, "{probability}");
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_count_is_not() {
        let tried = tried(40, 300);
        assert_eq!((tried.count(), tried.kept.len()), (40, VERSIONS_MAX));
        assert!(tried.kept.iter().all(|gains| gains.len() == BLOCKS_MAX));
    }

    #[test]
    fn the_more_were_tried_the_less_a_ratio_means() {
        let sample = SharpeSample { sharpe: 0.2, observations: 100.0, skew: 0.0, kurtosis: 3.0 };
        let alone = tried(1, 100).deflated(&sample).unwrap();
        let among = tried(12, 100).deflated(&sample).unwrap();
        assert!(alone > 0.95 && among < alone, "{alone} {among}");
        let mut forgotten = tried(12, 100);
        forgotten.forget();
        assert_eq!((forgotten.deflated(&sample), forgotten.count()), (None, 12));
    }
}
