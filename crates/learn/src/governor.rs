//! The governor: the only one who changes the policy. It checks every amendment as if it came from
//! a stranger, publishes at most one version per event, and can publish an earlier one again.

use domain::{
    Amendment, Calibration, Change, HEAD_COUNT, Policy, PolicyVersion, Reason, Timestamp,
};

use crate::LearnRules;

/// Why an amendment was not taken, with the numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RefusedAmendment {
    /// Too few outcomes behind it.
    TooFewOutcomes {
        /// What it rests on.
        outcomes_effective: f64,
        /// What the rule asks for.
        needed: f64,
    },
    /// A weight is not a number, or they do not sum to one.
    NotWeights {
        /// Their sum.
        sum: f64,
    },
    /// A calibration has numbers that are none, or falls where it must rise.
    NotACalibration,
}

/// Changes the policy, within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Governor {
    rules: LearnRules,
}

/// Effective outcomes that a calibration may rest on: with fewer, even a perfect model's error is a tenth
/// (methods §1.8).
pub(crate) const CALIBRATION_OUTCOMES_MIN: f64 = 200.0;

/// Weights that miss one by more than this were not computed by the projection.
const SUM_TOLERANCE: f64 = 1e-9;

impl Governor {
    /// A governor that keeps to these rules.
    pub fn new(rules: LearnRules) -> Governor {
        Governor { rules }
    }

    /// The next version, if the amendment may pass: bounded again, whatever the learner did.
    ///
    /// # Errors
    /// The refusal, with its numbers.
    pub fn publish(
        &self,
        policy: &Policy,
        amendment: Amendment,
        at: Timestamp,
    ) -> Result<PolicyVersion, RefusedAmendment> {
        let needed = match amendment.change {
            Change::HeadWeights(_) => self.rules.outcomes_needed(),
            Change::Calibration { .. } => {
                self.rules.outcomes_needed().max(CALIBRATION_OUTCOMES_MIN)
            }
        };
        let outcomes_effective = amendment.evidence.outcomes_effective;
        // Written so that an evidence that is not a number is refused too.
        if outcomes_effective.is_nan() || outcomes_effective < needed {
            return Err(RefusedAmendment::TooFewOutcomes { outcomes_effective, needed });
        }
        let mut policy = Policy { version: policy.version + 1, ..policy.clone() };
        let change = self.apply(&mut policy, amendment.change)?;
        // What is recorded is what was published.
        let amendment = Amendment { change, ..amendment };
        Ok(PolicyVersion { policy, at, reason: Reason::Learned(Box::new(amendment)) })
    }

    /// Makes the change as far as bounds allow; gives it as it was made.
    fn apply(&self, policy: &mut Policy, change: Change) -> Result<Change, RefusedAmendment> {
        match change {
            Change::HeadWeights(wanted) => {
                policy.head_weights = self.bounded(policy, &wanted)?;
                Ok(Change::HeadWeights(policy.head_weights))
            }
            Change::Calibration { strategy, calibration } => {
                if !calibration.is_sane() {
                    return Err(RefusedAmendment::NotACalibration);
                }
                let at = usize::from(strategy);
                if policy.calibrations.len() <= at {
                    policy.calibrations.resize(at + 1, Calibration::None);
                }
                let calibration = self.stepped(&policy.calibrations[at], calibration);
                policy.calibrations[at] = calibration.clone();
                Ok(Change::Calibration { strategy, calibration })
            }
        }
    }

    /// The wanted probabilities, none of them farther than one step from what stands. Where nothing stands
    /// yet the first is taken as it is: what it takes the place of is the belief of a market without edge.
    fn stepped(&self, standing: &Calibration, wanted: Calibration) -> Calibration {
        const POINTS: u8 = 50;
        // A share of nothing is nothing: from here down a probability may move by as much as from here.
        const PROBABILITY_MIN: f64 = 0.01;
        let step = self.rules.step_fraction_max;
        let at: Vec<f64> = (0..=POINTS).map(|point| f64::from(point) / f64::from(POINTS)).collect();
        let moves = |conviction: &f64| {
            let (from, to) = (standing.probability(*conviction)?, wanted.probability(*conviction)?);
            Some((from, to))
        };
        let Some(pairs) = at.iter().map(moves).collect::<Option<Vec<_>>>() else { return wanted };
        let reach = |from: f64| step * from.max(PROBABILITY_MIN);
        if pairs.iter().all(|&(from, to)| (to - from).abs() <= reach(from)) {
            return wanted;
        }
        // Both rise, so what lies between them and a band around one of them rises too.
        let bounded = |&(from, to): &(f64, f64)| to.clamp(from - reach(from), from + reach(from));
        let probability = pairs.iter().map(bounded).map(|p| p.clamp(0.0, 1.0)).collect();
        Calibration::Isotonic { at, probability }
    }

    /// Publishes an earlier version's values at once: a person's order needs no evidence and no steps.
    pub fn revert(&self, policy: &Policy, to: &Policy, at: Timestamp) -> PolicyVersion {
        PolicyVersion {
            policy: Policy { version: policy.version + 1, ..to.clone() },
            at,
            reason: Reason::Revert { to_version: to.version },
        }
    }

    fn bounded(
        &self,
        policy: &Policy,
        wanted: &[f64; HEAD_COUNT],
    ) -> Result<[f64; HEAD_COUNT], RefusedAmendment> {
        let sum: f64 = wanted.iter().sum();
        if !sum.is_finite() || (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(RefusedAmendment::NotWeights { sum });
        }
        let bounds = self.rules.bounds();
        let keeps_bounds = policy
            .head_weights
            .iter()
            .zip(wanted)
            .all(|(&from, &to)| bounds.lower(from) <= to && to <= bounds.upper(from));
        if keeps_bounds { Ok(*wanted) } else { Ok(bounds.step(&policy.head_weights, wanted)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Evidence, GatePolicy, HeadEvidence};

    fn amendment(weights: [f64; HEAD_COUNT], outcomes_effective: f64) -> Amendment {
        Amendment {
            learner: "stranger".to_owned(),
            change: Change::HeadWeights(weights),
            evidence: Evidence {
                outcomes: 1,
                outcomes_effective,
                shrink: 1.0,
                heads: [HeadEvidence::default(); HEAD_COUNT],
            },
        }
    }

    const NOW: Timestamp = Timestamp::from_ms(0);
    const EQUAL: [f64; HEAD_COUNT] = [1.0 / 9.0; HEAD_COUNT];

    #[test]
    fn a_stranger_cannot_leave_the_box_or_come_without_evidence() {
        let governor = Governor::new(LearnRules::default());
        let policy = Policy::day_one(GatePolicy::default());
        let mut greedy = [0.0; HEAD_COUNT];
        greedy[0] = 1.0;
        let version = governor.publish(&policy, amendment(greedy, 1e3), NOW).unwrap();
        for (before, after) in policy.head_weights.iter().zip(&version.policy.head_weights) {
            assert!((after / before - 1.0).abs() <= 0.20 + 1e-9, "{after}");
        }
        assert_eq!(version.policy.version, 2);
        for (weights, outcomes) in [
            (EQUAL, 49.9),
            (EQUAL, f64::NAN),
            ([f64::NAN; HEAD_COUNT], 1e3),
            ([0.2; HEAD_COUNT], 1e3),
        ] {
            assert!(governor.publish(&policy, amendment(weights, outcomes), NOW).is_err());
        }
    }

    #[test]
    fn a_stranger_cannot_make_a_conviction_worth_much_at_once() {
        let governor = Governor::new(LearnRules::default());
        let change = |slope: f64, offset: f64, outcomes_effective| Amendment {
            change: Change::Calibration {
                strategy: 0,
                calibration: Calibration::Platt { slope, offset },
            },
            ..amendment(EQUAL, outcomes_effective)
        };
        let policy = Policy::day_one(GatePolicy::default());
        assert!(governor.publish(&policy, change(-1.0, 0.5, 199.0), NOW).is_err(), "too few");
        let first = governor.publish(&policy, change(-1.0, 0.5, 300.0), NOW).unwrap().policy;
        let greedy = governor.publish(&first, change(-40.0, 2.0, 1e6), NOW).unwrap().policy;
        for conviction in [0.0, 0.13, 0.5, 0.77, 1.0] {
            let p = |policy: &Policy| policy.calibrations[0].probability(conviction).unwrap();
            let moved = p(&greedy) / p(&first) - 1.0;
            assert!(moved.abs() <= 0.20 + 1e-3, "{moved} at {conviction}");
        }
        assert!(greedy.calibrations[0].is_sane());
    }

    #[test]
    fn a_conviction_that_was_worth_nothing_can_be_worth_something_again() {
        let governor = Governor::new(LearnRules::default());
        let isotonic = |probability: [f64; 2]| Amendment {
            change: Change::Calibration {
                strategy: 0,
                calibration: Calibration::Isotonic {
                    at: vec![0.0, 1.0],
                    probability: probability.to_vec(),
                },
            },
            ..amendment(EQUAL, 300.0)
        };
        let mut policy = Policy::day_one(GatePolicy::default());
        policy = governor.publish(&policy, isotonic([0.0, 0.5]), NOW).unwrap().policy;
        for _ in 0..40 {
            policy = governor.publish(&policy, isotonic([0.4, 0.5]), NOW).unwrap().policy;
            assert!(policy.calibrations[0].is_sane());
        }
        let least = policy.calibrations[0].probability(0.0).unwrap();
        assert!((least - 0.4).abs() < 1e-9, "{least}");
    }

    #[test]
    fn a_revert_carries_the_old_values_under_a_new_number() {
        let governor = Governor::new(LearnRules::default());
        let old = Policy::day_one(GatePolicy::default());
        let now = Policy {
            version: 41,
            head_weights: [0.05, 0.05, 0.05, 0.15, 0.15, 0.15, 0.15, 0.15, 0.1],
            ..old.clone()
        };
        let version = governor.revert(&now, &old, NOW);
        assert_eq!(version.policy.version, 42);
        assert_eq!(version.policy.head_weights, old.head_weights);
        assert_eq!(version.reason, Reason::Revert { to_version: 1 });
    }
}
