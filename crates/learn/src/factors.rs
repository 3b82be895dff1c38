//! What learners of stake factors share: how much a result is worth, and which moves are worth a version.

use stats::calibration::Calibration;
use stats::sequential::asymptotic_evidence;
use stats::shrinkage::ShrunkMeans;

use crate::LearnRules;
use crate::governor::{FACTOR, Range};
use crate::results::{MeanR, Results};

/// What a stake changes by per unit of initial risk that its outcomes earn more than all together. Chosen: a
/// quarter of the risk more is staked by half more, which is the most there is.
const PER_R: f64 = 2.0;

/// Least relative move worth a version. Chosen: below it a factor would follow every outcome (bench row d: no
/// spread of sizes beyond 5 % where there is nothing to tell apart).
pub(crate) const MOVE_MIN: f64 = 0.05;

/// Effective outcomes around which evidence of a difference is tightest. Chosen: four times the fewest that
/// anything rests on.
pub(crate) const TIGHTEST: f64 = 200.0;

/// The stake factor of outcomes that earn so much more than all together, units of initial risk.
pub(crate) fn factor_of(more_r: f64, range: Range) -> f64 {
    (1.0 + PER_R * more_r).clamp(range.least, range.most)
}

/// The evidence that two groups that share nothing earn unlike amounts.
pub(crate) fn differs(one: &MeanR, other: &MeanR) -> f64 {
    let error = (one.error_variance + other.error_variance).sqrt();
    let count = 1.0 / (1.0 / one.effective + 1.0 / other.effective);
    if error > 0.0 {
        asymptotic_evidence((one.mean - other.mean) / error, count, TIGHTEST)
    } else {
        1.0
    }
}

/// A fifth more of what wins more often than not, a fifth less of what does not (seed 001's 20 %).
pub(crate) fn literal_wish(standing: f64, results: &Results) -> f64 {
    const SEED_STEP: f64 = 0.20;
    match results.win_rate() {
        Some(rate) if rate > 0.5 => standing * (1.0 + SEED_STEP),
        Some(rate) if rate < 0.5 => standing * (1.0 - SEED_STEP),
        _ => standing,
    }
}

/// Means drawn together as far as noise explains their spread, with one spread of results for all: few
/// results of one group say little about its own.
pub(crate) fn shrunk(means: &[MeanR]) -> Option<ShrunkMeans> {
    let own: Vec<f64> = means.iter().map(|one| one.mean).collect();
    ShrunkMeans::of(&own, &errors(means))
}

/// Squared standard errors by one spread of results for all groups.
pub(crate) fn errors(means: &[MeanR]) -> Vec<f64> {
    let spread = |one: &MeanR| one.error_variance * one.effective * one.effective;
    let count: f64 = means.iter().map(|one| one.effective).sum();
    let variance = means.iter().map(spread).sum::<f64>() / count;
    means.iter().map(|one| variance / one.effective).collect()
}

/// Factors by what each group earns more than all of them.
pub(crate) fn relative(means: &[MeanR]) -> Vec<f64> {
    let Some(shrunk) = shrunk(means) else { return vec![1.0; means.len()] };
    shrunk.means.iter().map(|mean| factor_of(mean - shrunk.grand_mean, FACTOR)).collect()
}

/// One step from what stands towards what is wanted; nothing where no factor moves by more than the least
/// share of itself. Where nothing stands every factor stands at 1.
pub(crate) fn stepped(
    rules: &LearnRules,
    range: Range,
    standing: &[f64],
    wanted: &[f64],
    least: f64,
) -> Option<Vec<f64>> {
    let stands = |at: usize| standing.get(at).copied().unwrap_or(1.0);
    let to = |(at, to): (usize, &f64)| range.step(stands(at), *to, rules.step_fraction_max);
    let next: Vec<f64> = wanted.iter().enumerate().map(to).collect();
    let moves = |(at, to): (usize, &f64)| {
        let from = stands(at);
        // The last step to or from nothing is worth a version however small it is.
        let to_or_from_nothing = (from == 0.0) != (*to == 0.0);
        to_or_from_nothing || (to - from).abs() > least * from
    };
    next.iter().enumerate().any(moves).then_some(next)
}

/// Means that never fall, the nearest to these by weighted least squares.
pub(crate) fn rising(means: &[f64], weights: &[f64]) -> Vec<f64> {
    // Isotonic regression keeps its shape under scaling, so means become shares of wins and back again.
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    let most = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = most - least;
    if span.is_nan() || span <= 0.0 {
        return means.to_vec();
    }
    let (mut scores, mut wins, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (mean, weight)) in means.iter().zip(weights).enumerate() {
        let share = (mean - least) / span;
        scores.extend([at as f64; 2]);
        wins.extend([true, false]);
        shares.extend([weight * share, weight * (1.0 - share)]);
    }
    match Calibration::isotonic(&scores, &wins, &shares) {
        Some(curve) => (0..means.len()).map(|at| least + span * curve.apply(at as f64)).collect(),
        None => means.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governor::PAUSABLE;

    #[test]
    fn means_that_fall_are_pooled_by_weight() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close(
            &rising(&[0.1, 0.4, 0.1, 0.5], &[1.0, 1.0, 2.0, 1.0]),
            &[0.1, 0.2, 0.2, 0.5]
        ));
        assert!(close(&rising(&[-0.3, -0.3], &[1.0, 1.0]), &[-0.3, -0.3]));
    }

    #[test]
    fn a_step_is_bounded_and_small_ones_wait() {
        let rules = LearnRules::default();
        let step = |range, from: &[f64], to: &[f64]| stepped(&rules, range, from, to, MOVE_MIN);
        assert_eq!(step(FACTOR, &[], &[1.5, 1.0]), Some(vec![1.2, 1.0]));
        assert_eq!(step(FACTOR, &[], &[1.04, 0.96]), None);
        assert_eq!(step(PAUSABLE, &[0.002], &[0.0]), Some(vec![0.0]));
        assert_eq!(step(PAUSABLE, &[0.0], &[1.0]), Some(vec![0.05]));
    }
}
