//! The governor: the only one who changes the policy. It checks every amendment as if it came from
//! a stranger, publishes at most one version per moment, and can publish an earlier one again.

mod bound;
mod change;
mod orders;

use domain::{Amendment, Change, Policy, PolicyVersion, Reason, Refused, Timestamp};

use crate::LearnRules;
pub(crate) use bound::{
    COMPONENT, FACTOR, FAST_BIAS_MOST, FAST_SLOPE_MOST, PAUSABLE, Range, SHARE,
};
use change::apply;

/// Why an amendment was not taken, with the numbers.
#[derive(Clone, Debug, PartialEq)]
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
    /// A number is none.
    NotANumber {
        /// What it is.
        value: f64,
    },
    /// A calibration has numbers that are none, or falls where it must rise.
    NotACalibration,
    /// A list is not in the order it must be in, or says one thing twice.
    NotInOrder,
    /// A person or a watchdog has silenced the learner.
    Silenced,
    /// Bounds and pins left nothing of it.
    NothingLeft,
    /// Another learner has moved the same at this moment.
    MovedAlready,
}

impl RefusedAmendment {
    /// Whether no market could have led to it: the learner itself is at fault.
    pub const fn is_nonsense(&self) -> bool {
        match self {
            RefusedAmendment::NotWeights { .. }
            | RefusedAmendment::NotANumber { .. }
            | RefusedAmendment::NotACalibration
            | RefusedAmendment::NotInOrder => true,
            RefusedAmendment::TooFewOutcomes { .. }
            | RefusedAmendment::Silenced
            | RefusedAmendment::NothingLeft
            | RefusedAmendment::MovedAlready => false,
        }
    }
}

impl std::fmt::Display for RefusedAmendment {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RefusedAmendment::TooFewOutcomes { outcomes_effective, needed } => {
                write!(
                    out,
                    "rests on {outcomes_effective:.1} effective outcomes, needs {needed:.0}"
                )
            }
            RefusedAmendment::NotWeights { sum } => {
                write!(out, "weights sum to {sum}, not to 1, or one is below zero")
            }
            RefusedAmendment::NotANumber { value } => write!(out, "{value} is no number to set"),
            RefusedAmendment::NotACalibration => {
                write!(out, "the calibration falls where it must rise, or holds no numbers")
            }
            RefusedAmendment::NotInOrder => {
                write!(out, "the list is not in order, or says one thing twice")
            }
            RefusedAmendment::Silenced => write!(out, "the learner is silenced"),
            RefusedAmendment::NothingLeft => write!(out, "bounds and pins left nothing of it"),
            RefusedAmendment::MovedAlready => {
                write!(out, "another learner has moved the same at this moment")
            }
        }
    }
}

/// Changes the policy, within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Governor {
    rules: LearnRules,
}

/// Effective outcomes that a calibration may rest on: with fewer, even a perfect model's error is a tenth
/// (methods §1.8).
pub(crate) const CALIBRATION_OUTCOMES_MIN: f64 = 200.0;

/// What came of asking for changes at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publication {
    /// The next version, where anything was taken.
    pub version: Option<PolicyVersion>,
    /// What was not taken.
    pub refused: Vec<Refused>,
    /// Why not, of each.
    pub why: Vec<RefusedAmendment>,
}

impl Governor {
    /// A governor that keeps to these rules.
    pub fn new(rules: LearnRules) -> Governor {
        Governor { rules }
    }

    /// The next version, of all amendments that may pass: bounded again, whatever the learners did. Those
    /// that come later are bounded against what stood before the first, so that no order of asking moves
    /// anything farther than one step.
    pub fn publish(
        &self,
        standing: &Policy,
        amendments: Vec<Amendment>,
        at: Timestamp,
    ) -> Publication {
        let mut next = Policy { version: standing.version + 1, ..standing.clone() };
        let (mut taken, mut refused, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
        for amendment in alone_if_taken_back(amendments) {
            let place = change::place(&amendment.change);
            let is_moved = |before: &Amendment| change::place(&before.change) == place;
            let amended = if taken.iter().any(is_moved) {
                Err(Box::new((amendment, RefusedAmendment::MovedAlready)))
            } else {
                self.take(standing, &mut next, amendment)
            };
            match amended {
                Ok(amendment) => taken.push(amendment),
                Err(refusal) => {
                    let (amendment, why) = *refusal;
                    refused.push(Refused { amendment, at, why: why.to_string() });
                    reasons.push(why);
                }
            }
        }
        bound::hold_pins(&self.rules, &mut next);
        let version = (!taken.is_empty()).then_some(PolicyVersion {
            policy: next,
            at,
            reason: Reason::Learned(taken),
        });
        Publication { version, refused, why: reasons }
    }

    /// Takes one amendment as far as bounds allow; gives it as it was taken, or back with the reason.
    fn take(
        &self,
        standing: &Policy,
        next: &mut Policy,
        amendment: Amendment,
    ) -> Result<Amendment, Box<(Amendment, RefusedAmendment)>> {
        let bounded = self.may_pass(standing, &amendment);
        match bounded.and_then(|()| self.bounded(standing, &amendment.change)) {
            Ok(change) if self.moves(standing, &change) => {
                apply(next, &change);
                // What is recorded is what was published.
                Ok(Amendment { change, ..amendment })
            }
            Ok(_) => Err(Box::new((amendment, RefusedAmendment::NothingLeft))),
            Err(why) => Err(Box::new((amendment, why))),
        }
    }

    /// Whether a bounded change moves anything, pins considered.
    fn moves(&self, standing: &Policy, change: &Change) -> bool {
        let mut moved = standing.clone();
        apply(&mut moved, change);
        bound::hold_pins(&self.rules, &mut moved);
        moved != *standing
    }

    fn may_pass(&self, standing: &Policy, amendment: &Amendment) -> Result<(), RefusedAmendment> {
        if standing.is_silenced(&amendment.learner) {
            return Err(RefusedAmendment::Silenced);
        }
        let needed = self.outcomes_needed(standing, &amendment.change);
        let outcomes_effective = amendment.evidence.outcomes_effective;
        // Written so that an evidence that is not a number is refused too.
        if outcomes_effective.is_nan() || outcomes_effective < needed {
            return Err(RefusedAmendment::TooFewOutcomes { outcomes_effective, needed });
        }
        Ok(())
    }

    /// Effective outcomes below which nothing of this kind is changed.
    fn outcomes_needed(&self, standing: &Policy, change: &Change) -> f64 {
        match change {
            Change::HeadWeights(_) => self.rules.outcomes_needed(),
            Change::Calibration { .. } => {
                self.rules.outcomes_needed().max(CALIBRATION_OUTCOMES_MIN)
            }
            // Harm is shown by an e-process over decisions, and what it leads to was published once.
            Change::TakeBack(_) => 0.0,
            lets_go if change::only_lets_go(standing, lets_go) => 0.0,
            // To the letter of seed 001 a combo is killed without a minimum.
            Change::Killed(_) if self.rules.rule == crate::Rule::Seed => 0.0,
            _ => self.rules.outcomes_min,
        }
    }
}

/// What is taken back is taken back alone: what others propose at that moment rests on what is to go, and
/// they may propose it again.
fn alone_if_taken_back(mut amendments: Vec<Amendment>) -> Vec<Amendment> {
    let takes_back = |amendment: &Amendment| matches!(amendment.change, Change::TakeBack(_));
    if let Some(at) = amendments.iter().position(takes_back) {
        amendments = vec![amendments.swap_remove(at)];
    }
    amendments
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Calibration, Evidence, GatePolicy, HEAD_COUNT};

    fn amendment(weights: [f64; HEAD_COUNT], outcomes_effective: f64) -> Amendment {
        Amendment {
            learner: "stranger".to_owned(),
            change: Change::HeadWeights(weights),
            evidence: Evidence::of(1, outcomes_effective),
        }
    }

    fn taken(governor: &Governor, policy: &Policy, amendment: Amendment) -> PolicyVersion {
        governor.publish(policy, vec![amendment], NOW).version.expect("it was taken")
    }

    const NOW: Timestamp = Timestamp::from_ms(0);
    const EQUAL: [f64; HEAD_COUNT] = [1.0 / 9.0; HEAD_COUNT];

    #[test]
    fn a_stranger_cannot_leave_the_box_or_come_without_evidence() {
        let governor = Governor::new(LearnRules::default());
        let policy = Policy::day_one(GatePolicy::default());
        let mut greedy = [0.0; HEAD_COUNT];
        greedy[0] = 1.0;
        let version = taken(&governor, &policy, amendment(greedy, 1e3));
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
            assert!(
                governor
                    .publish(&policy, vec![amendment(weights, outcomes)], NOW)
                    .version
                    .is_none()
            );
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
        let early = governor.publish(&policy, vec![change(-1.0, 0.5, 199.0)], NOW);
        assert!(early.version.is_none(), "too few");
        let first = taken(&governor, &policy, change(-1.0, 0.5, 300.0)).policy;
        let greedy = taken(&governor, &first, change(-40.0, 2.0, 1e6)).policy;
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
        policy = taken(&governor, &policy, isotonic([0.0, 0.5])).policy;
        // Once it is there, nothing is left to publish.
        let next = |from: &Policy| governor.publish(from, vec![isotonic([0.4, 0.5])], NOW).version;
        while let Some(version) = next(&policy) {
            policy = version.policy;
            assert!(policy.calibrations[0].is_sane());
        }
        let least = policy.calibrations[0].probability(0.0).unwrap();
        assert!((least - 0.4).abs() < 1e-9, "{least}");
    }

    #[test]
    fn whatever_lies_within_a_values_bounds_can_be_held_there() {
        use domain::{HeadName, Pin, PinnedValue, SymbolIx, Threshold};
        let rules = LearnRules::default();
        let policy = Policy::day_one(GatePolicy::default());
        let values = [
            PinnedValue::HeadWeight(HeadName::Trend),
            PinnedValue::Threshold(Threshold::FeeMargin),
            PinnedValue::SymbolFactor(SymbolIx(1)),
            PinnedValue::HourFactor(14),
        ];
        for value in values {
            let (least, most) = rules.pin_bounds(value);
            for (at, is_held) in [(least, true), (most, true), (most + 0.1, false)] {
                let held = Governor::new(rules).pin(&policy, Pin { value, at }, NOW);
                assert_eq!(held.is_some(), is_held, "{value:?} at {at}");
            }
        }
        assert_eq!(rules.pin_bounds(values[3]).0, 0.0, "an hour can be left out");
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
