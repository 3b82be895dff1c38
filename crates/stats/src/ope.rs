//! What would another way of choosing have earned, judged from choices made by chance?
//!
//! Every choice was logged with its probability. Here `weight` is the probability of the choice under the
//! judged policy over its probability when it was made. A market that our order does not move can be replayed
//! for what was declined; this is for what a replay cannot know: fills, queues and our own impact
//! (methods §1.7).

use serde::{Deserialize, Serialize};

use crate::interval::Z_95;
use crate::moments::Moments;

/// Below this effective sample no answer is given (methods §1.7).
pub const ESS_MIN: f64 = 50.0;

/// One logged choice, judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// What came of it.
    pub reward: f64,
    /// Probability under the judged policy over the probability when it was chosen.
    pub weight: f64,
    /// What the model expects of the choice that was made.
    pub expected: f64,
    /// What the model expects of the judged policy, over all it might choose.
    pub expected_of_policy: f64,
}

impl Judged {
    /// From the probabilities of all actions: `chosen` is the place of the one that was taken. `None` where
    /// the lists do not fit each other or the action had no chance of being taken.
    pub fn of(
        chosen: usize,
        reward: f64,
        behaviour: &[f64],
        target: &[f64],
        expected: &[f64],
    ) -> Option<Judged> {
        let (&was, &would) = (behaviour.get(chosen)?, target.get(chosen)?);
        let fits = behaviour.len() == target.len() && target.len() == expected.len();
        let weight = would / was;
        (fits && was > 0.0 && weight >= 0.0 && weight.is_finite()).then(|| Judged {
            reward,
            weight,
            expected: expected[chosen],
            expected_of_policy: target.iter().zip(expected).map(|(p, q)| p * q).sum(),
        })
    }

    /// What the doubly robust estimate makes of it: the model's answer, corrected by what was seen.
    fn doubly_robust(&self) -> f64 {
        self.expected_of_policy + self.weight * (self.reward - self.expected)
    }
}

/// Judged choices, added up. Constant memory: every estimate follows from these sums.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OffPolicy {
    clip: f64,
    rewards: Moments,
    weight_sum: f64,
    weight_square_sum: f64,
    model: Moments,
    weighted: Moments,
    clipped: Moments,
    robust: Moments,
    switched: Moments,
    residual_sum: f64,
}

/// The estimates, in the unit of the rewards, per choice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimates {
    /// What was earned as it was.
    pub logged_mean: f64,
    /// The model alone (direct method).
    pub direct: f64,
    /// Inverse propensity scoring (Horvitz & Thompson 1952).
    pub ips: f64,
    /// Its standard error.
    pub ips_error: Option<f64>,
    /// The same over the weights' sum instead of their number (Swaminathan & Joachims 2015).
    pub snips: f64,
    /// Inverse propensity scoring with weights cut at the clip.
    pub clipped_ips: f64,
    /// Doubly robust (Dudik, Langford & Li 2011): right if the model or the propensities are.
    pub dr: f64,
    /// Its standard error.
    pub dr_error: Option<f64>,
    /// Doubly robust, its correction over the weights' sum.
    pub self_normalised_dr: f64,
    /// Doubly robust where the weight is at most the clip, the model elsewhere (Wang, Agarwal & Dudik 2017).
    pub switch_dr: f64,
    /// Effective sample: (sum of weights)² over the sum of their squares.
    pub ess: f64,
}

/// An answer, or why there is none. Refusing is a value: the log may simply not have tried enough.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Estimate {
    /// The doubly robust estimate.
    Answer {
        /// In the unit of the rewards, per choice.
        mean: f64,
        /// The lower end of its 95 % interval: normal, by the doubly robust variance. An empirical Bernstein
        /// interval holds for any sample and is about three times as wide at weights of 20; above the least
        /// effective sample the normal one covers 94.9–96.2 % (methods §1.7).
        low: f64,
        /// The upper end.
        high: f64,
        /// The effective sample behind it.
        ess: f64,
    },
    /// The choices the judged policy would make were tried too rarely.
    Refused {
        /// The effective sample.
        ess: f64,
        /// What is asked for.
        needed: f64,
    },
}

impl Default for OffPolicy {
    /// Weights are cut at 20: what an exploration of 5 % gives.
    fn default() -> OffPolicy {
        OffPolicy::new(20.0)
    }
}

impl OffPolicy {
    /// Nothing judged yet. `clip` cuts the weights of the two estimates that cut them.
    pub fn new(clip: f64) -> OffPolicy {
        OffPolicy {
            clip,
            rewards: Moments::default(),
            weight_sum: 0.0,
            weight_square_sum: 0.0,
            model: Moments::default(),
            weighted: Moments::default(),
            clipped: Moments::default(),
            robust: Moments::default(),
            switched: Moments::default(),
            residual_sum: 0.0,
        }
    }

    /// Takes in one judged choice; one that holds no numbers adds nothing.
    pub fn observe(&mut self, judged: &Judged) {
        let Judged { reward, weight, expected, expected_of_policy } = *judged;
        let robust = judged.doubly_robust();
        let is_sound = weight >= 0.0 && weight.is_finite();
        if !(is_sound && robust.is_finite() && (weight * reward).is_finite()) {
            return;
        }
        self.rewards.observe(reward);
        self.weight_sum += weight;
        self.weight_square_sum += weight * weight;
        self.model.observe(expected_of_policy);
        self.weighted.observe(weight * reward);
        self.clipped.observe(weight.min(self.clip) * reward);
        self.robust.observe(robust);
        self.switched.observe(if weight <= self.clip { robust } else { expected_of_policy });
        self.residual_sum += weight * (reward - expected);
    }

    /// How many choices were judged.
    pub fn count(&self) -> f64 {
        self.rewards.weight_sum()
    }

    /// Effective sample: (sum of weights)² over the sum of their squares; 0 of nothing.
    pub fn ess(&self) -> f64 {
        if self.weight_square_sum > 0.0 {
            return self.weight_sum * self.weight_sum / self.weight_square_sum;
        }
        0.0
    }

    /// Every estimate, however small the sample: for reference and comparison. `None` where no choice of the
    /// judged policy was seen.
    pub fn estimates(&self) -> Option<Estimates> {
        if self.weight_sum <= 0.0 {
            return None;
        }
        let error = |of: &Moments| of.variance_of_mean().map(libm::sqrt);
        let direct = self.model.mean()?;
        Some(Estimates {
            logged_mean: self.rewards.mean()?,
            direct,
            ips: self.weighted.mean()?,
            ips_error: error(&self.weighted),
            snips: self.weighted.mean()? * self.count() / self.weight_sum,
            clipped_ips: self.clipped.mean()?,
            dr: self.robust.mean()?,
            dr_error: error(&self.robust),
            self_normalised_dr: direct + self.residual_sum / self.weight_sum,
            switch_dr: self.switched.mean()?,
            ess: self.ess(),
        })
    }

    /// The doubly robust answer, or a refusal below [`ESS_MIN`].
    pub fn estimate(&self) -> Estimate {
        self.estimate_of_overlapping(1.0)
    }

    /// The same where choices overlap and each is worth `uniqueness`, 0..=1, of an independent one on
    /// average: the effective sample shrinks and the interval widens by it.
    pub fn estimate_of_overlapping(&self, uniqueness: f64) -> Estimate {
        let worth = uniqueness.clamp(0.0, 1.0);
        let ess = self.ess() * worth;
        let refused = Estimate::Refused { ess, needed: ESS_MIN };
        // Written so that an effective sample that is no number is refused too.
        if ess.is_nan() || ess < ESS_MIN {
            return refused;
        }
        let answer = self.estimates().and_then(|all| Some((all.dr, all.dr_error?)));
        answer.map_or(refused, |(mean, error)| {
            let half_width = Z_95 * error / libm::sqrt(worth);
            Estimate::Answer { mean, low: mean - half_width, high: mean + half_width, ess }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(weight: f64, reward: f64) -> Judged {
        Judged { reward, weight, expected: 0.0, expected_of_policy: 0.0 }
    }

    #[test]
    fn fifty_tried_choices_are_the_fewest_that_answer() {
        let mut log = OffPolicy::default();
        (0..2_000).for_each(|_| log.observe(&judged(0.0, 0.0)));
        for tried in 1..=50_u32 {
            log.observe(&judged(20.0, f64::from(tried % 3)));
            let refused = matches!(log.estimate(), Estimate::Refused { needed: ESS_MIN, .. });
            assert_eq!(refused, tried < 50, "{tried}");
        }
        assert!(matches!(log.estimate_of_overlapping(0.9), Estimate::Refused { .. }));
    }

    #[test]
    fn overlap_widens_the_interval() {
        let mut log = OffPolicy::default();
        (0..400).for_each(|i| log.observe(&judged(1.0, f64::from(i % 5) - 2.0)));
        let width = |estimate| match estimate {
            Estimate::Answer { low, high, .. } => high - low,
            Estimate::Refused { .. } => f64::NAN,
        };
        let (alone, shared) = (width(log.estimate()), width(log.estimate_of_overlapping(0.25)));
        assert!((shared / alone - 2.0).abs() < 1e-12, "{alone} {shared}");
    }

    #[test]
    fn what_is_no_choice_or_no_number_adds_nothing() {
        assert_eq!(Judged::of(2, 1.0, &[0.5, 0.5], &[0.5, 0.5], &[0.0, 0.0]), None);
        assert_eq!(Judged::of(0, 1.0, &[0.0, 1.0], &[0.5, 0.5], &[0.0, 0.0]), None);
        assert_eq!(Judged::of(0, 1.0, &[1.0], &[0.5, 0.5], &[0.0, 0.0]), None);
        let mut log = OffPolicy::default();
        log.observe(&judged(f64::NAN, 1.0));
        log.observe(&judged(1.0, f64::NAN));
        log.observe(&judged(-1.0, 1.0));
        assert_eq!((log.count(), log.ess(), log.estimates()), (0.0, 0.0, None));
    }
}
