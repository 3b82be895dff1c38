//! Head weights by evidence: James–Stein-shrunken centred gains, then the exact projection
//! (methods, Decision 1 and §1.1; James & Stein 1961).

use domain::{
    Amendment, Change, Cycle, Evidence, HEAD_COUNT, HeadName, Outcome, Policy, PolicyVersion,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{Z_95, wilson};

use super::largest_change;
use super::record::HeadRecord;
use crate::quiet::is_taken_back;
use crate::{LearnRules, Learner, LearnerReport, is_of};

/// Effective outcomes between two versions. Chosen: two fifths of those that anything may rest on; at every
/// outcome the same evidence would be published over and over, a per cent at a time.
const OUTCOMES_BETWEEN: f64 = 20.0;

/// Learns what each head knows beyond agreeing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeadWeights {
    rules: LearnRules,
    outcomes: u64,
    outcomes_effective: f64,
    /// Effective outcomes before which nothing is proposed: a version wants time to be followed by new
    /// evidence, and one that a person took back shall not be undone by the old at once.
    quiet_until: f64,
    heads: [HeadRecord; HEAD_COUNT],
}

impl HeadWeights {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> HeadWeights {
        HeadWeights {
            rules,
            outcomes: 0,
            outcomes_effective: 0.0,
            quiet_until: rules.outcomes_min,
            heads: std::array::from_fn(|_| HeadRecord::default()),
        }
    }

    /// How much of the difference between heads is kept, 0..=1: the positive part of
    /// 1 − ((H−3)/(H−1))·s²/var(m) over the heads that have spoken. With three or fewer there is
    /// nothing the estimator could borrow, and nothing is kept.
    fn shrink(&self) -> f64 {
        let spoken = || self.heads.iter().filter(|head| self.counts(head));
        let count = spoken().count() as f64;
        if count <= 3.0 {
            return 0.0;
        }
        let mean = spoken().map(HeadRecord::mean_gain).sum::<f64>() / count;
        let between =
            spoken().map(|head| (head.mean_gain() - mean) * (head.mean_gain() - mean)).sum::<f64>()
                / (count - 1.0);
        let noise = spoken().map(HeadRecord::mean_gain_variance).sum::<f64>() / count;
        if between <= 0.0 {
            return 0.0;
        }
        (1.0 - (count - 3.0) / (count - 1.0) * noise / between).max(0.0)
    }

    /// Weights in proportion to exp(sharpness · shrink · gain); a head that has not voted on enough
    /// counts as knowing nothing.
    fn target(&self, shrink: f64) -> [f64; HEAD_COUNT] {
        std::array::from_fn(|at| {
            let head = &self.heads[at];
            let gain = if self.counts(head) { head.mean_gain() } else { 0.0 };
            libm::exp(self.rules.sharpness * shrink * gain)
        })
    }

    fn counts(&self, head: &HeadRecord) -> bool {
        head.has_spoken(self.rules.outcomes_min)
    }
}

impl Learner for HeadWeights {
    fn name(&self) -> &'static str {
        "head_weights"
    }

    fn cycle(&self) -> Cycle {
        Cycle::EachBar
    }

    fn observe(&mut self, outcome: &Outcome) {
        self.outcomes += 1;
        self.outcomes_effective += outcome.uniqueness;
        for (at, head) in self.heads.iter_mut().enumerate() {
            if let Some(vote) = outcome.votes.at(at) {
                let agreed = vote.side == outcome.side;
                head.hear(agreed, outcome.won(), outcome.uniqueness, self.rules.keep_fraction);
            }
        }
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if self.outcomes_effective < self.quiet_until {
            return Vec::new();
        }
        let shrink = self.shrink();
        let weights = self.rules.bounds().step(&policy.head_weights, &self.target(shrink));
        if largest_change(&policy.head_weights, &weights) < self.rules.publish_fraction_min {
            return Vec::new();
        }
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::HeadWeights(weights),
            evidence: Evidence {
                outcomes: self.outcomes,
                outcomes_effective: self.outcomes_effective,
                shrink: Some(shrink),
                heads: self.heads.iter().map(HeadRecord::evidence).collect(),
                ..Evidence::default()
            },
        }]
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let heard = HeadName::ALL.map(|head| (head, self.heads[head.at()].evidence()));
        let heard = heard.into_iter().map(|(head, shown)| (head, shown.votes_effective));
        let starved = heard.filter(|(_, votes)| *votes < needed);
        let says = starved.map(|(head, votes)| {
            format!("{votes:.0} of {needed:.0} effective votes of {}", head.name())
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes_effective,
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        for head in HeadName::ALL {
            let shown = self.heads[head.at()].evidence();
            let weight = policy.head_weights[head.at()];
            if shown.votes_effective >= needed {
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
        let quiet = match &version.reason {
            reason if is_taken_back(reason) => self.rules.outcomes_min,
            reason if is_of(reason, self.name()) => OUTCOMES_BETWEEN,
            _ => return,
        };
        self.quiet_until = self.quiet_until.max(self.outcomes_effective + quiet);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
