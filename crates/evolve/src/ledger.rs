//! How many were tried? Every retrain, tuner cell and seed is a trial, kept or not: selection
//! multiplies luck, and only the count of the losers tells by how much.

use serde::{Deserialize, Serialize};
use stats::moments::Moments;
use stats::sharpe::SharpeSample;

/// One model that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// What it was, so that the ledger can be read.
    pub name: String,
    /// Its Sharpe ratio per period, once measured. A trial that broke off counts without one.
    pub sharpe: Option<f64>,
}

/// Every trial of one model line, in order. Trials are added and measured, never removed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrialLedger {
    trials: Vec<Trial>,
}

impl TrialLedger {
    /// Enters a trial and answers its number k, from one.
    pub fn enter(&mut self, name: impl Into<String>, sharpe: Option<f64>) -> u64 {
        self.trials.push(Trial { name: name.into(), sharpe: sharpe.filter(|s| s.is_finite()) });
        self.count()
    }

    /// Every trial so far, in order.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// N: how many there were, measured or not.
    pub fn count(&self) -> u64 {
        self.trials.len() as u64
    }

    /// The standard deviation (n - 1) of the measured Sharpe ratios, per period; `None` of fewer
    /// than two.
    pub fn sharpe_deviation(&self) -> Option<f64> {
        let mut moments = Moments::default();
        self.trials.iter().filter_map(|trial| trial.sharpe).for_each(|s| moments.observe(s));
        moments.variance().map(f64::sqrt)
    }

    /// The probability that this ratio is above what the best of so many skill-less trials would
    /// show (deflated Sharpe ratio). One trial alone is not deflated; `None` while the trials'
    /// spread is unknown.
    pub fn deflated(&self, sample: &SharpeSample) -> Option<f64> {
        if self.count() <= 1 {
            return sample.probabilistic(0.0);
        }
        sample.deflated(self.sharpe_deviation()?, self.count())
    }

    /// The error the latest trial may spend of `alpha`, if it claims by name.
    pub fn alpha_of_latest(&self, alpha: f64) -> f64 {
        alpha_share(alpha, self.count())
    }
}

/// The share 6 alpha / (pi^2 k^2) of trial k, from one: over all trials there will ever be the
/// shares add up to `alpha`, so nobody has to say beforehand how many there will be.
pub fn alpha_share(alpha: f64, k: u64) -> f64 {
    let k = k.max(1) as f64;
    6.0 * alpha / (core::f64::consts::PI * core::f64::consts::PI * k * k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_spend_alpha() {
        let spent: f64 = (1..=1_000_000).rev().map(|k| alpha_share(0.05, k)).sum();
        assert!(spent < 0.05 && spent > 0.0499999, "{spent}");
    }

    #[test]
    fn trials_that_broke_off_count_but_do_not_spread() {
        let mut ledger = TrialLedger::default();
        assert_eq!(ledger.enter("first", Some(0.10)), 1);
        assert_eq!(ledger.enter("broke off", None), 2);
        assert_eq!(ledger.enter("no number", Some(f64::NAN)), 3);
        assert_eq!(ledger.sharpe_deviation(), None);
        assert_eq!(ledger.enter("second", Some(0.04)), 4);
        assert!((ledger.sharpe_deviation().unwrap() - 0.06 / 2_f64.sqrt()).abs() < 1e-12);
        assert_eq!(ledger.alpha_of_latest(0.05), alpha_share(0.05, 4));
    }

    #[test]
    fn the_more_were_tried_the_less_the_best_one_means() {
        let best = SharpeSample { sharpe: 0.16, observations: 252.0, skew: 0.0, kurtosis: 3.0 };
        let mut ledger = TrialLedger::default();
        let mut last = ledger.deflated(&best).unwrap();
        assert!(last > 0.99, "{last}");
        for tried in [0.06, -0.06, 0.05, -0.05, 0.07, -0.07] {
            ledger.enter("noise", Some(tried));
            if let Some(now) = ledger.deflated(&best) {
                assert!(now <= last, "{now} after {last}");
                last = now;
            }
        }
        assert!(last < 0.95, "{last}");
    }

    #[test]
    fn of_ninety_noise_backtests_hardly_a_best_one_passes() {
        // Row h of the honesty bench, smaller: 100 runs of 90 trials over 252 periods.
        let mut state = 11_u64;
        let mut noise = || {
            let mut uniform = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
            };
            uniform() + uniform() + uniform() + uniform()
        };
        let mut passed = 0;
        for _ in 0..100 {
            let mut ledger = TrialLedger::default();
            let mut best: f64 = 0.0;
            for _ in 0..90 {
                let mut moments = Moments::default();
                (0..252).for_each(|_| moments.observe(noise()));
                let sharpe = moments.mean().unwrap() / moments.variance().unwrap().sqrt();
                ledger.enter("noise", Some(sharpe));
                best = best.max(sharpe);
            }
            let sample =
                SharpeSample { sharpe: best, observations: 252.0, skew: 0.0, kurtosis: 3.0 };
            passed += usize::from(ledger.deflated(&sample).unwrap() > 0.95);
        }
        assert!(passed <= 1, "{passed}");
    }
}
