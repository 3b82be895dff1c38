//! How much of its stake a combo keeps while nothing is proven: twice the probability that it earns
//! anything, drawn towards what all combos earn (methods §1.3).

use stats::normal;
use stats::shrinkage::ShrunkMeans;

use crate::factors::errors;
use crate::results::MeanR;

/// Combos are taken to differ by at least so much, standard deviation in units of initial risk. Chosen: moments
/// of a few dozen means often say that they do not differ at all, and then none would ever be throttled for
/// its own results.
const SPREAD_R_MIN: f64 = 0.10;

/// Least that a throttle leaves (methods §1.3).
pub(super) const LEAST: f64 = 0.25;

/// Throttles come in quarters, so that versions stay few.
const QUARTERS: f64 = 4.0;

/// How far a factor leaves what stands before another quarter is taken. Chosen: half a quarter, and a little so
/// that it does not waver.
const LEAVE: f64 = 0.125 + 0.025;

/// What combos of these results keep of their stakes, before quarters.
pub(super) fn factors(means: &[MeanR]) -> Vec<f64> {
    chances(means).into_iter().map(|chance| (2.0 * chance).clamp(LEAST, 1.0)).collect()
}

/// The probability that each earns anything.
pub(super) fn chances(means: &[MeanR]) -> Vec<f64> {
    let own: Vec<f64> = means.iter().map(|one| one.mean).collect();
    let errors = errors(means);
    let Some(shrunk) = ShrunkMeans::of(&own, &errors) else { return vec![0.5; means.len()] };
    let between = shrunk.variance_between.max(SPREAD_R_MIN * SPREAD_R_MIN);
    let precisions: Vec<f64> = errors.iter().map(|error| 1.0 / (between + error)).collect();
    let total: f64 = precisions.iter().sum();
    let grand = own.iter().zip(&precisions).map(|(mean, p)| mean * p).sum::<f64>() / total;
    let posterior = |((mean, error), precision): ((&f64, &f64), &f64)| {
        let keeps = between * precision;
        let centre = grand + keeps * (mean - grand);
        let spread = keeps * error + (1.0 - keeps) * (1.0 - keeps) / total;
        normal::cdf(centre / spread.sqrt())
    };
    own.iter().zip(&errors).zip(&precisions).map(posterior).collect()
}

/// The factor in quarters, as long as it does not stay with what stands.
pub(super) fn quartered(standing: f64, factor: f64) -> f64 {
    if (factor - standing).abs() <= LEAVE {
        return standing;
    }
    ((factor * QUARTERS).round() / QUARTERS).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(mean: f64, effective: f64) -> MeanR {
        MeanR { mean, error_variance: 1.5 / effective, effective }
    }

    #[test]
    fn what_loses_keeps_less_and_what_earns_keeps_all() {
        let kept = factors(&[mean(-0.3, 200.0), mean(0.0, 200.0), mean(0.3, 200.0)]);
        assert!(kept[0] < 0.5 && kept[1] > 0.8 && kept[2] == 1.0, "{kept:?}");
        let few = factors(&[mean(-0.3, 10.0), mean(0.0, 200.0), mean(0.3, 200.0)]);
        assert!(few[0] > kept[0] + 0.2, "{few:?}");
    }

    #[test]
    fn quarters_do_not_waver() {
        assert_eq!(
            [0.9, 0.86, 0.84, 0.5, 0.3].map(|f| quartered(1.0, f)),
            [1.0, 1.0, 0.75, 0.5, 0.25]
        );
        assert_eq!([0.6, 0.66, 0.36, 0.34].map(|f| quartered(0.5, f)), [0.5, 0.75, 0.5, 0.25]);
    }
}
