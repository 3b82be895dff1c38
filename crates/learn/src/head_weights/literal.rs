//! Head weights by the literal rule of seed 003: +5 % of confidence for agreeing with a win, and so
//! on, passed through the same projection so that all five of its constraints hold at once.
//!
//! It hears executed outcomes only, as the seed's did. It rewards a head that always agrees
//! whenever more is won than lost; it is here to be compared with.

use domain::{
    Amendment, Change, Cycle, Evidence, HEAD_COUNT, HeadName, Outcome, Policy, PolicyVersion,
    Timestamp, Vote,
};
use serde::{Deserialize, Serialize};

use stats::interval::{Z_95, wilson};

use super::largest_change;
use super::record::HeadRecord;
use crate::{LearnRules, Learner, LearnerReport};

/// Learns as seed 003 says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralHeadWeights {
    rules: LearnRules,
    outcomes: u64,
    /// What stands, and what has gathered on top of it since.
    published: [f64; HEAD_COUNT],
    gathered: [f64; HEAD_COUNT],
    heads: [HeadRecord; HEAD_COUNT],
}

impl LiteralHeadWeights {
    /// A learner that has heard nothing, starting from the policy that stands.
    pub fn new(rules: LearnRules, policy: &Policy) -> LiteralHeadWeights {
        LiteralHeadWeights {
            rules,
            outcomes: 0,
            published: policy.head_weights,
            gathered: policy.head_weights,
            heads: std::array::from_fn(|_| HeadRecord::default()),
        }
    }

    /// Seed 003: agreed∧won +rate·confidence, agreed∧lost −rate·confidence, disagreed∧won
    /// −rate/2, disagreed∧lost +rate/2.
    fn step(&self, vote: Vote, outcome: &Outcome) -> f64 {
        let direction = if outcome.won() { 1.0 } else { -1.0 };
        if vote.side == outcome.side {
            direction * self.rules.seed_rate * vote.confidence
        } else {
            -direction * self.rules.seed_rate * 0.5
        }
    }
}

impl Learner for LiteralHeadWeights {
    fn name(&self) -> &'static str {
        "head_weights"
    }

    fn cycle(&self) -> Cycle {
        Cycle::EachBar
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !outcome.standing.is_executed() {
            return;
        }
        self.outcomes += 1;
        let mut wanted = self.gathered;
        for (at, wanted) in wanted.iter_mut().enumerate() {
            if let Some(vote) = outcome.votes.at(at) {
                *wanted += self.step(vote, outcome);
                self.heads[at].hear(vote.side == outcome.side, outcome.won(), 1.0, 1.0);
            }
        }
        if (self.outcomes as f64) < self.rules.seed_outcomes_min {
            return;
        }
        // The bounds are those of what stands: steps that gather may not walk out of one version's box.
        let bounds = self.rules.bounds();
        let lower = self.published.map(|weight| bounds.lower(weight));
        let upper = self.published.map(|weight| bounds.upper(weight));
        self.gathered = stats::simplex::project_kl(&wanted, &lower, &upper);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if largest_change(&policy.head_weights, &self.gathered) < self.rules.publish_fraction_min {
            return Vec::new();
        }
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::HeadWeights(self.gathered),
            evidence: Evidence {
                outcomes: self.outcomes,
                outcomes_effective: self.outcomes as f64,
                heads: self.heads.iter().map(HeadRecord::evidence).collect(),
                ..Evidence::default()
            },
        }]
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.seed_outcomes_min;
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes as f64,
            ..LearnerReport::default()
        };
        for head in HeadName::ALL {
            let shown = self.heads[head.at()].evidence();
            let weight = policy.head_weights[head.at()];
            if shown.votes_effective < needed {
                report.starved.push(format!(
                    "{:.0} of {needed:.0} effective votes of {}",
                    shown.votes_effective,
                    head.name()
                ));
            } else {
                let votes = shown.votes_effective;
                let right = wilson(shown.right_fraction * votes, votes, Z_95);
                report.beliefs.push(format!(
                    "{} weighs {weight:.3}: right {:.1} % of {:.0} effective votes [{:.1}, {:.1}], gain {:+.4} (standard error {:.4})",
                    head.name(),
                    shown.right_fraction * 100.0,
                    shown.votes_effective,
                    right.low * 100.0,
                    right.high * 100.0,
                    shown.gain,
                    shown.gain_error
                ));
            }
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.published = version.policy.head_weights;
        self.gathered = version.policy.head_weights;
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
