//! The rising steps nearest to what was seen.

use super::Outcome;
use serde::{Deserialize, Serialize};

/// A corner of a calibration curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// In the unit of the scores.
    pub score: f64,
    /// Probability to win at that score, 0..1.
    pub p: f64,
}

/// Neighbouring scores that share one probability.
struct Block {
    first: f64,
    last: f64,
    weight: f64,
    won: f64,
    /// Weighted sum of the distances from the first score.
    spread: f64,
}

impl Block {
    fn p(&self) -> f64 {
        self.won / self.weight
    }

    fn middle(&self) -> f64 {
        (self.first + self.spread / self.weight).clamp(self.first, self.last)
    }
}

/// The curve through both ends of each block: the least squares fit that never falls.
pub(super) fn fit(outcomes: Vec<Outcome>) -> Vec<Step> {
    blocks(outcomes).iter().flat_map(corners).collect()
}

/// The curve through the middle of each block (Oron & Flournoy 2017): where the truth has no
/// steps, it lies nearer than the stairs do.
pub(super) fn fit_centred(outcomes: Vec<Outcome>) -> Vec<Step> {
    blocks(outcomes).iter().map(|block| Step { score: block.middle(), p: block.p() }).collect()
}

/// Pools adjacent violators (Ayer et al. 1955). Equal scores are one block from the start.
fn blocks(mut outcomes: Vec<Outcome>) -> Vec<Block> {
    outcomes.sort_by(|a, b| a.score.total_cmp(&b.score));
    let mut blocks: Vec<Block> = Vec::new();
    for equal in outcomes.chunk_by(|a, b| a.score == b.score) {
        let mut block = Block {
            first: equal[0].score,
            last: equal[0].score,
            weight: 0.0,
            won: 0.0,
            spread: 0.0,
        };
        for outcome in equal {
            block.weight += outcome.weight;
            block.won += if outcome.won { outcome.weight } else { 0.0 };
        }
        while let Some(before) = blocks.pop_if(|before| before.p() >= block.p()) {
            block.spread += block.weight * (block.first - before.first) + before.spread;
            block.first = before.first;
            block.weight += before.weight;
            block.won += before.won;
        }
        blocks.push(block);
    }
    blocks
}

fn corners(block: &Block) -> impl Iterator<Item = Step> {
    let p = block.p();
    let end = (block.last > block.first).then_some(Step { score: block.last, p });
    std::iter::once(Step { score: block.first, p }).chain(end)
}

/// The curve at a score: a straight line between steps, flat beyond them; a half of no steps.
pub(super) fn at(steps: &[Step], score: f64) -> f64 {
    let above = steps.partition_point(|step| step.score <= score);
    match (above.checked_sub(1).map(|below| &steps[below]), steps.get(above)) {
        (Some(left), Some(right)) => {
            // Halved first, so that the distance of two extreme scores does not overflow.
            let way = (0.5 * score - 0.5 * left.score) / (0.5 * right.score - 0.5 * left.score);
            left.p + (right.p - left.p) * way
        }
        (Some(only), None) | (None, Some(only)) => only.p,
        (None, None) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcomes(scored: &[(f64, bool)]) -> Vec<Outcome> {
        scored.iter().map(|&(score, won)| Outcome { score, won, weight: 1.0 }).collect()
    }

    #[test]
    fn violators_are_pooled_and_gaps_are_bridged() {
        let steps = fit(outcomes(&[(1.0, false), (2.0, true), (3.0, false), (5.0, true)]));
        let corners: Vec<(f64, f64)> = steps.iter().map(|step| (step.score, step.p)).collect();
        assert_eq!(corners, [(1.0, 0.0), (2.0, 0.5), (3.0, 0.5), (5.0, 1.0)]);
        assert_eq!(at(&steps, 4.0), 0.75);
        assert_eq!(at(&steps, -9.0), 0.0);
        assert_eq!(at(&steps, 9.0), 1.0);
        let steps = fit_centred(outcomes(&[(1.0, false), (2.0, true), (3.0, false), (5.0, true)]));
        assert_eq!(at(&steps, 2.5), 0.5);
        assert_eq!(at(&steps, 1.75), 0.25);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn the_centred_curve_never_falls(
            scored in prop::collection::vec((-1e3_f64..1e3, any::<bool>()), 1..60),
        ) {
            let steps = fit_centred(outcomes(&scored));
            let pairs = || steps.windows(2);
            prop_assert!(pairs().all(|two| two[0].score < two[1].score && two[0].p < two[1].p));
        }

        #[test]
        fn the_curve_never_falls_and_keeps_the_mean(
            scored in prop::collection::vec((-20_i32..20, any::<bool>()), 1..60),
        ) {
            let scored: Vec<(f64, bool)> = scored.iter().map(|s| (f64::from(s.0), s.1)).collect();
            let steps = fit(outcomes(&scored));
            let pairs = || steps.windows(2);
            prop_assert!(pairs().all(|two| two[0].score < two[1].score && two[0].p <= two[1].p));
            let fitted: f64 = scored.iter().map(|s| at(&steps, s.0)).sum();
            let won = scored.iter().filter(|s| s.1).count() as f64;
            prop_assert!((fitted - won).abs() < 1e-9, "{fitted} {won}");
        }
    }
}
