//! Thresholds by evidence: a step is taken when those whom it would treat otherwise have shown that it pays
//! (methods §1.7, "Gate learning").
//!
//! Looser, when what this gate alone refused by less than one step would have earned; tighter, when what just
//! passed loses. Both are e-processes over blocks that share nothing, so that asking twice a day costs no
//! honesty. What the refused earned is their result under their own exits and the same laws; the move over
//! an hour (see the missed opportunities) is a witness for people, and no second condition here: it judges
//! another exit than the one that would be traded.

use domain::{
    Amendment, Change, Cycle, Effect, Evidence, GatePolicy, Outcome, Policy, PolicyVersion,
    SliceRule, Threshold, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;

use super::step::{Move, is_within, measured, one_step};
use super::{THRESHOLDS, is_pinned};
use crate::asked::Asked;
use crate::blocks::Blocks;
use crate::evidence::says_e;
use crate::{House, LearnRules, Learner, LearnerReport};

/// Chance of any step without a reason, ever: over all thresholds, both ways and all steps together
/// (methods, Decision 8).
const ALPHA: f64 = 0.05;

/// The e-value a step needs: an equal part of that chance for every threshold and way. Methods §1.7 asks for
/// 20 where one threshold moves one way.
const E_VALUE_MIN: f64 = (THRESHOLDS * Move::BOTH.len()) as f64 / ALPHA;

/// One question: would this step of this threshold pay?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Question {
    way: Move,
    /// Where the step leads from what stands; nothing where the box leaves no room.
    to: Option<f64>,
    outcomes: u64,
    results: Moments,
    blocks: Blocks,
    asked: Asked,
}

impl Question {
    fn new(way: Move, to: Option<f64>, asked: Asked, from: Timestamp) -> Question {
        let (results, blocks) = (Moments::default(), Blocks::from(from));
        Question { way, to, outcomes: 0, results, blocks, asked }
    }

    fn hear(&mut self, outcome: &Outcome) {
        self.outcomes += 1;
        self.results.observe_weighted(outcome.r, outcome.uniqueness);
        let Question { blocks, asked, .. } = self;
        blocks.hear(outcome, |r| asked.hear(r));
    }

    fn outcomes_effective(&self) -> f64 {
        self.results.weight_sum()
    }

    fn interval(&self) -> Option<MeanInterval> {
        MeanInterval::with_count(&self.results, self.outcomes_effective(), Z_95)
    }

    fn is_answered(&self, outcomes_min: f64) -> bool {
        self.outcomes_effective() >= outcomes_min && self.asked.e_value() >= E_VALUE_MIN
    }

    fn whom(&self, threshold: Threshold) -> String {
        match self.way {
            Move::Looser => {
                format!("what {} alone refused by less than a step", threshold.gate())
            }
            Move::Tighter => format!("what {} just let pass", threshold.gate()),
        }
    }

    fn says(&self, threshold: Threshold) -> String {
        let earned = self.interval().map_or_else(
            || "earned too little to tell".to_owned(),
            |of| format!("earned {:+.2} R ({:+.2} to {:+.2})", of.mean, of.low, of.high),
        );
        format!(
            "{} {earned}, {:.0} effective; e-value {} of {:.0}",
            self.whom(threshold),
            self.outcomes_effective(),
            says_e(self.asked.e_value()),
            E_VALUE_MIN
        )
    }
}

/// Learns what each threshold should be.
#[derive(Clone, Debug, PartialEq)]
pub struct GateThresholds {
    rules: LearnRules,
    /// Each threshold's gate's bit among the refusals; 0 where the house has no such gate.
    bits: [u16; THRESHOLDS],
    known: Known,
}

/// What it remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    outcomes: u64,
    outcomes_effective: f64,
    standing: GatePolicy,
    /// Where another conviction is asked for than the gate's.
    slices: Vec<SliceRule>,
    questions: [[Question; 2]; THRESHOLDS],
}

impl GateThresholds {
    /// A learner that has heard nothing, about thresholds that stand so, of this house's gates.
    pub fn new(rules: LearnRules, policy: &Policy, house: &House) -> GateThresholds {
        let standing = policy.gates;
        let asks = |threshold: Threshold| {
            Move::BOTH.map(|way| {
                let to = one_step(threshold, &standing, way, rules.step_fraction_max);
                Question::new(way, to, Asked::new(way.claim()), Timestamp::from_ms(i64::MIN))
            })
        };
        GateThresholds {
            rules,
            bits: Threshold::ALL.map(|threshold| house.gate_bit(threshold.gate()).unwrap_or(0)),
            known: Known {
                outcomes: 0,
                outcomes_effective: 0.0,
                standing,
                slices: policy.slices.clone(),
                questions: Threshold::ALL.map(asks),
            },
        }
    }

    fn hear(&mut self, at: usize, way: Move, outcome: &Outcome) {
        let threshold = Threshold::ALL[at];
        if threshold == Threshold::Conviction && self.lies_in_a_slice(outcome) {
            return;
        }
        let question = &mut self.known.questions[at][way as usize];
        if let Some(to) = question.to
            && is_within(threshold, measured(threshold, outcome), way, to)
        {
            question.hear(outcome);
        }
    }

    /// Whether a slice's conviction was asked for, so that the answer says nothing about the gate's own.
    fn lies_in_a_slice(&self, outcome: &Outcome) -> bool {
        let slices = &self.known.slices;
        !slices.is_empty() && {
            let occurrence = outcome.occurrence();
            slices.iter().any(|slice| slice.when.holds(&occurrence))
        }
    }

    fn amendment(&self, threshold: Threshold, question: &Question, to: f64) -> Amendment {
        let effect = question.interval();
        Amendment {
            learner: self.name().to_owned(),
            change: Change::Threshold { threshold, to },
            evidence: Evidence {
                outcomes: question.outcomes,
                outcomes_effective: question.outcomes_effective(),
                e_value: Some(question.asked.e_value()),
                effect: effect.map(|of| Effect { mean: of.mean, low: of.low, high: of.high }),
                says: question.says(threshold),
                ..Evidence::default()
            },
        }
    }
}

impl Learner for GateThresholds {
    fn name(&self) -> &'static str {
        "gate_thresholds"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, outcome: &Outcome) {
        self.known.outcomes += 1;
        self.known.outcomes_effective += outcome.uniqueness;
        match outcome.refused.count_ones() {
            0 => (0..THRESHOLDS).for_each(|at| self.hear(at, Move::Tighter, outcome)),
            1 => {
                if let Some(at) = self.bits.iter().position(|bit| *bit == outcome.refused) {
                    self.hear(at, Move::Looser, outcome);
                }
            }
            // Another gate would have refused it all the same: it says nothing about this one's threshold.
            _ => {}
        }
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        let mut amendments = Vec::new();
        for (at, &threshold) in Threshold::ALL.iter().enumerate() {
            let answered = self.known.questions[at]
                .iter()
                .filter(|question| question.is_answered(self.rules.outcomes_min));
            // Both at once would be a gate that refuses the wrong ones: no threshold mends that.
            let mut answered = answered.filter_map(|question| Some((question, question.to?)));
            if let (Some((question, to)), None) = (answered.next(), answered.next())
                && !is_pinned(policy, threshold)
            {
                amendments.push(self.amendment(threshold, question, to));
            }
        }
        amendments
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let mut starved = Vec::new();
        for (questions, threshold) in self.known.questions.iter().zip(Threshold::ALL) {
            let asked = questions.iter().filter(|question| question.to.is_some());
            for question in asked.filter(|question| question.outcomes_effective() < needed) {
                let (heard, whom) = (question.outcomes_effective(), question.whom(threshold));
                starved.push(format!("{heard:.0} of {needed:.0} effective outcomes of {whom}"));
            }
        }
        starved
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.known.outcomes,
            heard_effective: self.known.outcomes_effective,
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        for (at, &threshold) in Threshold::ALL.iter().enumerate() {
            let asked = self.known.questions[at].iter().filter(|question| question.to.is_some());
            for question in asked {
                if question.outcomes_effective() >= needed {
                    report.beliefs.push(format!(
                        "{} stands at {}: {}; {}",
                        threshold.gate(),
                        threshold.of(&policy.gates),
                        question.says(threshold),
                        if question.is_answered(needed) {
                            question.way.name()
                        } else {
                            "no reason to move"
                        }
                    ));
                }
            }
        }
        report
    }

    /// A threshold that has moved, whoever moved it, is another question: what was decided before says
    /// nothing about the next step, nor can it undo this one.
    fn adopt(&mut self, version: &PolicyVersion) {
        let gates = version.policy.gates;
        for (at, &threshold) in Threshold::ALL.iter().enumerate() {
            if threshold.of(&gates) == threshold.of(&self.known.standing) {
                continue;
            }
            for question in &mut self.known.questions[at] {
                let to = one_step(threshold, &gates, question.way, self.rules.step_fraction_max);
                *question = Question::new(question.way, to, question.asked.anew(), version.at);
            }
        }
        self.known.standing = gates;
        self.known.slices.clone_from(&version.policy.slices);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.known).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| self.known = read).is_ok()
    }
}
