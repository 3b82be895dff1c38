//! Has a gain begun, whenever it began? For rollback: after a good spell a plain e-process is
//! buried so deep that harm takes unboundedly long to show (methods, decision 6).

use super::{exp_capped, log_mean_exp};
use serde::{Deserialize, Serialize};

/// An e-detector: the sum over all start times of the e-process begun there (Shin, Ramdas &
/// Rinaldo 2023, the Shiryaev-Roberts form), averaged over a grid of stakes.
///
/// Under no change it takes on average at least `threshold` observations to reach `threshold`.
/// Watch for harm by feeding it the negated gains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnsetDetector {
    loss_most: f64,
    stakes: Vec<f64>,
    /// ln(1 + detector) per stake: finite from the start, where the detector itself is zero.
    logs: Vec<f64>,
}

impl OnsetDetector {
    /// Nothing seen yet. The arguments are those of [`super::GridEProcess::new`].
    pub fn new(loss_most: f64, fractions: &[f64]) -> OnsetDetector {
        let sound = |f: &f64| *f > 0.0 && *f < 1.0 && loss_most > 0.0 && loss_most.is_finite();
        let stakes: Vec<f64> =
            fractions.iter().copied().filter(sound).map(|f| f / loss_most).collect();
        let logs = vec![0.0; stakes.len()];
        OnsetDetector { loss_most, stakes, logs }
    }

    /// Takes in one gain. One beyond the floor, or that is no number, ends every run begun before
    /// it: the detector starts over.
    pub fn observe(&mut self, gain: f64) {
        if gain.is_nan() || gain < -self.loss_most {
            self.logs.fill(0.0);
            return;
        }
        for (log, stake) in self.logs.iter_mut().zip(&self.stakes) {
            // M' = (1 + M) (1 + stake gain); what is kept is ln(1 + M').
            let grown = *log + libm::log1p((stake * gain).min(f64::MAX));
            *log = grown.max(0.0) + libm::log1p(libm::exp(-grown.abs()));
        }
    }

    /// The detector: about the number of observations for which chance alone would need so long.
    pub fn evidence(&self) -> f64 {
        if self.logs.is_empty() {
            return 0.0;
        }
        (exp_capped(log_mean_exp(&self.logs)) - 1.0).max(0.0)
    }

    /// Whether it has reached `threshold`: the mean number of quiet observations between false
    /// alarms that the caller accepts.
    pub fn has_reached(&self, threshold: f64) -> bool {
        self.evidence() >= threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detector_is_the_mean_of_its_recursions() {
        let mut detector = OnsetDetector::new(1.0, &[0.1, 0.5]);
        let (mut small, mut large) = (0.0, 0.0);
        for gain in [0.4, -0.9, 1.5, 0.2] {
            detector.observe(gain);
            small = (1.0 + small) * (1.0 + 0.1 * gain);
            large = (1.0 + large) * (1.0 + 0.5 * gain);
        }
        assert!((detector.evidence() - (small + large) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_long_good_spell_does_not_bury_the_harm_after_it() {
        let mut detector = OnsetDetector::new(1.0, &[0.05, 0.1, 0.2]);
        (0..100_000).for_each(|i| detector.observe(if i % 4 == 0 { 0.5 } else { -0.5 }));
        let delay = (1..2_000).find(|i| {
            detector.observe(if i % 4 == 0 { -0.5 } else { 0.5 });
            detector.has_reached(1_000.0)
        });
        assert!(delay.is_some_and(|delay| delay < 250), "{delay:?}");
    }
}
