//! Thresholds by the letter of seed 001: a gate is tightened or loosened by its measured effectiveness, the
//! share of what it blocked that would have lost over an hour.

use domain::{
    Amendment, Change, Cycle, Effect, Evidence, GatePolicy, HORIZONS, HorizonLesson, Outcome,
    Policy, PolicyVersion, Threshold, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{Z_95, wilson};

use super::step::{Move, one_step};
use super::{THRESHOLDS, is_pinned};
use crate::{House, LearnRules, Learner, LearnerReport};

/// The horizon at which a blocked signal is judged (seed 001: 60 m).
pub(crate) const COUNTERFACTUAL_MS: i64 = 3_600_000;

/// Below this effectiveness a gate is loosened. The seed names the rule and no number; chosen like its
/// killed combos' 40 %.
const EFFECTIVENESS_LOW: f64 = 0.40;

/// Above it a gate is tightened. Chosen: the mirror of the lower one.
const EFFECTIVENESS_HIGH: f64 = 0.60;

/// How far at a time. Chosen: seed 003's learning rate of 5 %.
const STEP_FRACTION: f64 = 0.05;

/// What one gate blocked since its threshold last moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Guard {
    blocked: u64,
    blocked_effective: f64,
    lost_effective: f64,
}

impl Guard {
    fn effectiveness(&self) -> f64 {
        self.lost_effective / self.blocked_effective
    }

    fn way(&self, outcomes_min: f64) -> Option<Move> {
        if self.blocked_effective < outcomes_min {
            return None;
        }
        let effectiveness = self.effectiveness();
        if effectiveness < EFFECTIVENESS_LOW {
            return Some(Move::Looser);
        }
        (effectiveness > EFFECTIVENESS_HIGH).then_some(Move::Tighter)
    }

    fn says(&self) -> String {
        let within = wilson(self.lost_effective, self.blocked_effective, Z_95);
        format!(
            "{:.0} % of what it blocked would have lost after an hour ({:.0} to {:.0} %, {:.0} effective)",
            self.effectiveness() * 100.0,
            within.low * 100.0,
            within.high * 100.0,
            self.blocked_effective
        )
    }
}

/// Moves each threshold by its gate's effectiveness.
#[derive(Clone, Debug, PartialEq)]
pub struct LiteralGateThresholds {
    rules: LearnRules,
    bits: [u16; THRESHOLDS],
    known: Known,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    heard: u64,
    heard_effective: f64,
    standing: GatePolicy,
    guards: [Guard; THRESHOLDS],
}

impl LiteralGateThresholds {
    /// A learner that has heard nothing, about thresholds that stand so, of this house's gates.
    pub fn new(rules: LearnRules, policy: &Policy, house: &House) -> LiteralGateThresholds {
        LiteralGateThresholds {
            rules,
            bits: Threshold::ALL.map(|threshold| house.gate_bit(threshold.gate()).unwrap_or(0)),
            known: Known {
                heard: 0,
                heard_effective: 0.0,
                standing: policy.gates,
                guards: [Guard::default(); THRESHOLDS],
            },
        }
    }
}

impl Learner for LiteralGateThresholds {
    fn name(&self) -> &'static str {
        "gate_thresholds"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, _: &Outcome) {}

    fn observe_horizon(&mut self, lesson: &HorizonLesson) {
        let horizon = HORIZONS.get(usize::from(lesson.horizon));
        if !lesson.was_refused() || horizon.is_none_or(|of| of.ms != COUNTERFACTUAL_MS) {
            return;
        }
        self.known.heard += 1;
        self.known.heard_effective += lesson.uniqueness;
        let lost = if lesson.value_bps() > 0.0 { 0.0 } else { lesson.uniqueness };
        for (guard, bit) in self.known.guards.iter_mut().zip(self.bits) {
            if lesson.refused & bit != 0 {
                guard.blocked += 1;
                guard.blocked_effective += lesson.uniqueness;
                guard.lost_effective += lost;
            }
        }
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        let mut amendments = Vec::new();
        for (&threshold, guard) in Threshold::ALL.iter().zip(&self.known.guards) {
            let to = guard
                .way(self.rules.outcomes_min)
                .and_then(|way| one_step(threshold, &policy.gates, way, STEP_FRACTION));
            let Some(to) = to.filter(|_| !is_pinned(policy, threshold)) else { continue };
            let within = wilson(guard.lost_effective, guard.blocked_effective, Z_95);
            amendments.push(Amendment {
                learner: self.name().to_owned(),
                change: Change::Threshold { threshold, to },
                evidence: Evidence {
                    effect: Some(Effect {
                        mean: guard.effectiveness(),
                        low: within.low,
                        high: within.high,
                    }),
                    says: guard.says(),
                    ..Evidence::of(guard.blocked, guard.blocked_effective)
                },
            });
        }
        amendments
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.known.heard,
            heard_effective: self.known.heard_effective,
            ..LearnerReport::default()
        };
        for (&threshold, guard) in Threshold::ALL.iter().zip(&self.known.guards) {
            let gate = threshold.gate();
            if guard.blocked_effective < needed {
                report.starved.push(format!(
                    "{:.0} of {needed:.0} effective hours after what {gate} blocked",
                    guard.blocked_effective
                ));
            } else {
                let stands = threshold.of(&policy.gates);
                report.beliefs.push(format!("{gate} stands at {stands}: {}", guard.says()));
            }
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        let gates = version.policy.gates;
        for (guard, threshold) in self.known.guards.iter_mut().zip(Threshold::ALL) {
            if threshold.of(&gates) != threshold.of(&self.known.standing) {
                *guard = Guard::default();
            }
        }
        self.known.standing = gates;
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.known).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| self.known = read).is_ok()
    }
}
