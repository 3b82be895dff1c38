//! What the gains of blocks amount to: the figures a ruling is told with. Nothing here decides.

use serde::{Deserialize, Serialize};
use stats::interval::Interval;
use stats::sequential::EmpiricalBernstein;
use stats::sharpe::SharpeSample;

/// An interval that is shown holds at every look with this probability of error.
const SHOWN_ALPHA: f64 = 0.05;

/// The paper's cap on what early values weigh.
const STAKE_MOST: f64 = 0.5;

/// Mean, shape and reach of a stream of gains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gains {
    most: f64,
    within: EmpiricalBernstein,
    count: u64,
    /// Sums of the first four powers.
    sums: [f64; 4],
}

impl Gains {
    /// Nothing heard of gains that are at most so large either way.
    pub fn new(most: f64) -> Gains {
        let within = EmpiricalBernstein::new(SHOWN_ALPHA, STAKE_MOST);
        Gains { most, within, count: 0, sums: [0.0; 4] }
    }

    /// Takes in a gain. For the interval one beyond the most counts as the most.
    pub fn observe(&mut self, gain: f64) {
        if !gain.is_finite() {
            return;
        }
        self.count += 1;
        self.within.observe(0.5 + 0.5 * gain / self.most);
        let mut power = 1.0;
        for sum in &mut self.sums {
            power *= gain;
            *sum += power;
        }
    }

    /// How many came in.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Where their mean lies, at every look with 95 % (Waudby-Smith & Ramdas 2024).
    pub fn interval(&self) -> Interval {
        let Interval { low, high } = self.within.interval();
        let back = |share: f64| (2.0 * share - 1.0) * self.most;
        Interval { low: back(low), high: back(high) }
    }

    /// Their mean over their deviation with what its error depends on; nothing of gains that never differ.
    pub fn sharpe(&self) -> Option<SharpeSample> {
        let n = self.count as f64;
        if self.count < 2 {
            return None;
        }
        let [m1, m2, m3, m4] = self.sums.map(|sum| sum / n);
        let variance = m2 - m1 * m1;
        if variance <= 1e-12 * m2 {
            return None;
        }
        let deviation = libm::sqrt(variance);
        let third = m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1;
        let fourth = m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1 * m1 * m1 * m1;
        Some(SharpeSample {
            sharpe: m1 / (deviation * libm::sqrt(n / (n - 1.0))),
            observations: n,
            skew: third / (variance * deviation),
            kurtosis: fourth / (variance * variance),
        })
    }
}

/// How evidence went: kept at every so manieth block, at most 128 of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    every: u64,
    blocks: u64,
    kept: Vec<f64>,
}

impl Path {
    const KEPT: usize = 64;

    /// No block yet.
    pub fn new() -> Path {
        Path { every: 1, blocks: 0, kept: Vec::new() }
    }

    /// Takes in the evidence after a block.
    pub fn observe(&mut self, evidence: f64) {
        self.blocks += 1;
        if self.blocks.is_multiple_of(self.every) {
            self.kept.push(evidence);
        }
        if self.kept.len() == 2 * Path::KEPT {
            let mut nth = 0;
            self.kept.retain(|_| {
                nth += 1;
                nth % 2 == 0
            });
            self.every *= 2;
        }
    }

    /// The evidence after each tenth of the blocks, oldest first; of fewer than ten blocks after each of them.
    /// Where the block itself was not kept, the one kept before it stands for it.
    pub fn tenths(&self) -> Vec<f64> {
        let points = self.blocks.min(10);
        let at = |tenth: u64| (self.blocks * tenth / points / self.every).max(1) as usize;
        (1..=points).filter_map(|tenth| self.kept.get(at(tenth) - 1).copied()).collect()
    }
}

impl Default for Path {
    fn default() -> Path {
        Path::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_that_of_the_whole_sample() {
        let values = [1.45, -1.05, 0.0, 0.3, -1.05, 1.45, 1.45, -0.2];
        let mut gains = Gains::new(2.5);
        values.iter().for_each(|gain| gains.observe(*gain));
        let sample = gains.sharpe().unwrap();
        let mean = stats::metrics::mean(&values).unwrap();
        let deviation = stats::metrics::deviation(&values).unwrap();
        assert!((sample.sharpe - mean / deviation).abs() < 1e-12);
        assert!((sample.skew - stats::metrics::skew(&values).unwrap()).abs() < 1e-12);
        assert!((sample.kurtosis - stats::metrics::kurtosis(&values).unwrap()).abs() < 1e-12);
        assert!(gains.interval().contains(mean));
    }

    #[test]
    fn gains_that_never_differ_have_no_ratio_but_an_interval_that_narrows() {
        let mut gains = Gains::new(2.5);
        (0..2_000).for_each(|_| gains.observe(0.5));
        assert_eq!(gains.sharpe(), None);
        let interval = gains.interval();
        assert!(interval.low > 0.4 && interval.high < 0.6, "{interval:?}");
    }

    #[test]
    fn a_path_of_any_length_has_ten_points_and_is_bounded() {
        for blocks in [1_u64, 7, 10, 95, 128, 1_000, 12_345] {
            let mut path = Path::new();
            (1..=blocks).for_each(|block| path.observe(block as f64));
            let tenths = path.tenths();
            assert_eq!(tenths.len(), blocks.min(10) as usize, "{blocks}");
            for (tenth, point) in (1..).zip(&tenths) {
                let wanted = blocks as f64 * tenth as f64 / blocks.min(10) as f64;
                assert!(
                    (point - wanted).abs() <= 0.02 * blocks as f64 + 1.0,
                    "{blocks}: {tenths:?}"
                );
            }
            assert!(path.kept.len() < 2 * Path::KEPT);
        }
    }
}
