//! What is left of many noisy figures once luck is taken out of them?

pub(crate) mod beta;

use beta::{log_beta, regularised_beta};
use serde::{Deserialize, Serialize};

/// A prior for probabilities to win: as if `wins` wins and `losses` losses had been seen before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BetaPrior {
    /// Positive; may be fractional.
    pub wins: f64,
    /// Positive; may be fractional.
    pub losses: f64,
}

/// What was seen of one of several alike things. Effective counts may be fractional.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WinCount {
    /// Outcomes won.
    pub won: f64,
    /// Outcomes in all.
    pub trials: f64,
}

impl BetaPrior {
    /// The expected probability to win after what was seen.
    pub fn mean(&self, seen: WinCount) -> f64 {
        let after = self.after(seen);
        after.wins / (after.wins + after.losses)
    }

    /// The probability that the true probability to win lies below `threshold`.
    pub fn probability_below(&self, seen: WinCount, threshold: f64) -> f64 {
        let after = self.after(seen);
        regularised_beta(after.wins, after.losses, threshold)
    }

    /// Natural log of how likely the prior makes what was seen, binomial coefficients left out.
    pub fn log_likelihood(&self, seen: &[WinCount]) -> f64 {
        let own = log_beta(self.wins, self.losses);
        let each = seen.iter().map(|&one| self.after(one));
        each.map(|after| log_beta(after.wins, after.losses) - own).sum()
    }

    /// The prior around the pooled share of wins whose strength makes what was seen likeliest,
    /// between 1 and 10,000 imagined outcomes; `None` without a trial.
    pub fn fit(seen: &[WinCount]) -> Option<BetaPrior> {
        let trials: f64 = seen.iter().map(|one| one.trials).sum();
        let won: f64 = seen.iter().map(|one| one.won).sum();
        if trials <= 0.0 || trials.is_nan() {
            return None;
        }
        // Half an outcome each way keeps the mean off 0 and 1, where no beta distribution is.
        let mean = (won + 0.5) / (trials + 1.0);
        let strong = |log10: f64| {
            let strength = libm::exp10(log10);
            BetaPrior { wins: strength * mean, losses: strength * (1.0 - mean) }
        };
        let candidates = (0..=200).map(|i| strong(f64::from(i) * 0.02));
        candidates.max_by(|a, b| a.log_likelihood(seen).total_cmp(&b.log_likelihood(seen)))
    }

    fn after(&self, seen: WinCount) -> BetaPrior {
        BetaPrior { wins: self.wins + seen.won, losses: self.losses + seen.trials - seen.won }
    }
}

/// Means of several alike things, drawn towards one another as far as noise explains their spread.
#[derive(Clone, Debug, PartialEq)]
pub struct ShrunkMeans {
    /// Variance between the true means, by moments; zero where noise explains everything.
    pub variance_between: f64,
    /// The mean of all, weighted by precision.
    pub grand_mean: f64,
    /// Per thing, how much of its own figure is kept, 0..1.
    pub kept_fraction: Vec<f64>,
    /// Per thing, the shrunk mean.
    pub means: Vec<f64>,
}

impl ShrunkMeans {
    /// Empirical Bayes with normal errors: `error_variances[i]` is the squared standard error of
    /// `means[i]`; positive. `None` without a mean or with lists of different lengths.
    pub fn of(means: &[f64], error_variances: &[f64]) -> Option<ShrunkMeans> {
        let n = means.len() as f64;
        let usable = error_variances.iter().all(|v| *v > 0.0 && v.is_finite());
        if means.is_empty() || means.len() != error_variances.len() || !usable {
            return None;
        }
        let middle = means.iter().sum::<f64>() / n;
        let scatter: f64 = means.iter().map(|mean| (mean - middle) * (mean - middle)).sum();
        let noise = error_variances.iter().sum::<f64>() / n;
        let variance_between = if n > 1.0 { (scatter / (n - 1.0) - noise).max(0.0) } else { 0.0 };
        let precision = |error: &f64| 1.0 / (variance_between + error);
        let total: f64 = error_variances.iter().map(precision).sum();
        let weighted = means.iter().zip(error_variances).map(|(mean, e)| mean * precision(e));
        let grand_mean = crate::finite(weighted.sum::<f64>() / total)?;
        let kept_fraction: Vec<f64> =
            error_variances.iter().map(|e| variance_between * precision(e)).collect();
        let shrunk = means.iter().zip(&kept_fraction);
        let means = shrunk.map(|(mean, kept)| grand_mean + kept * (mean - grand_mean)).collect();
        Some(ShrunkMeans { variance_between, grand_mean, kept_fraction, means })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_trials_are_drawn_further_than_many() {
        let prior = BetaPrior { wins: 20.0, losses: 20.0 };
        let mean = |won, trials| prior.mean(WinCount { won, trials });
        assert_eq!(mean(0.0, 0.0), 0.5);
        assert!(mean(8.0, 10.0) < 0.6 && mean(800.0, 1_000.0) > 0.78);
    }

    #[test]
    fn like_shares_make_a_strong_prior_and_unlike_ones_a_weak_one() {
        let seen =
            |shares: [f64; 4]| shares.map(|share| WinCount { won: 100.0 * share, trials: 100.0 });
        let strength = |prior: BetaPrior| prior.wins + prior.losses;
        let alike = strength(BetaPrior::fit(&seen([0.48, 0.5, 0.52, 0.5])).unwrap());
        let unlike = strength(BetaPrior::fit(&seen([0.2, 0.8, 0.35, 0.65])).unwrap());
        assert!(alike > 1_000.0 && unlike < 20.0, "{alike} {unlike}");
        assert_eq!(BetaPrior::fit(&[]), None);
    }

    #[test]
    fn spread_beyond_noise_is_kept() {
        let means = [0.0, 1.0, 2.0, 3.0];
        let clear = ShrunkMeans::of(&means, &[1e-9; 4]).unwrap();
        let noisy = ShrunkMeans::of(&means, &[100.0; 4]).unwrap();
        assert!((clear.means[3] - 3.0).abs() < 1e-6 && clear.kept_fraction[0] > 0.999);
        assert_eq!((noisy.variance_between, noisy.means[3]), (0.0, 1.5));
        assert_eq!(ShrunkMeans::of(&means, &[1.0]), None);
        assert_eq!(ShrunkMeans::of(&[1.0], &[0.0]), None);
    }
}
