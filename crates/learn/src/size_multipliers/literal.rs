//! Sizes to the letter of seed 001: "adjusts based on realized edge per conviction level". A level that earns a
//! tenth of its risk is staked by a tenth more, and so on, by at most 20 % a cycle, from 50 outcomes on.
//!
//! It hears executed outcomes only, as the seed's did, and every one in full.

use domain::{Amendment, Cycle, Evidence, Outcome, Policy, PolicyVersion, Timestamp};
use serde::{Deserialize, Serialize};

use super::SizedBy;
use super::levels::Levels;
use crate::factors::stepped;
use crate::governor::FACTOR;
use crate::quiet::Quiet;
use crate::{LearnRules, Learner, LearnerReport};

/// Outcomes of a level before its size moves (seed 001).
const SEED_OUTCOMES: f64 = 50.0;

/// Sizes as seed 001 says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralSizeMultipliers {
    rules: LearnRules,
    outcomes: u64,
    quiet: Quiet,
    levels: [Levels; 2],
}

impl LiteralSizeMultipliers {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> LiteralSizeMultipliers {
        let levels = SizedBy::ALL.map(Levels::new);
        LiteralSizeMultipliers { rules, outcomes: 0, quiet: Quiet::default(), levels }
    }

    fn amendment(&self, levels: &Levels, policy: &Policy) -> Option<Amendment> {
        let standing = levels.by.standing(policy);
        let mut wanted: Vec<f64> =
            (0..levels.by.levels()).map(|at| standing.get(at).copied().unwrap_or(1.0)).collect();
        for (at, mean) in levels.seen(SEED_OUTCOMES) {
            wanted[at] = 1.0 + mean.mean;
        }
        let sizes =
            stepped(&self.rules, FACTOR, standing, &wanted, self.rules.publish_fraction_min)?;
        Some(Amendment {
            learner: self.name().to_owned(),
            change: levels.by.change(sizes),
            evidence: Evidence::of(self.outcomes, levels.effective()),
        })
    }
}

impl Learner for LiteralSizeMultipliers {
    fn name(&self) -> &'static str {
        "size_multipliers"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !outcome.standing.is_executed() {
            return;
        }
        self.outcomes += 1;
        let whole = Outcome { uniqueness: 1.0, ..*outcome };
        self.levels.iter_mut().for_each(|levels| levels.hear(&whole, 1.0));
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.outcomes as f64) {
            return Vec::new();
        }
        self.levels.iter().filter_map(|levels| self.amendment(levels, policy)).collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes as f64,
            ..LearnerReport::default()
        };
        for levels in &self.levels {
            for (at, results) in levels.results.iter().enumerate() {
                let (heard, level) = (results.outcomes, levels.by.says_level(at));
                let size = levels.by.standing(policy).get(at).unwrap_or(&1.0);
                match results.mean_r() {
                    Some(mean) if heard as f64 >= SEED_OUTCOMES => report.beliefs.push(format!(
                        "x {size:.2} at {level}: {} each, {heard} outcomes",
                        mean.says()
                    )),
                    _ => report
                        .starved
                        .push(format!("{heard} of {SEED_OUTCOMES:.0} outcomes of {level}")),
                }
            }
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.outcomes as f64, self.rules.outcomes_min);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
