//! Hours to the letter of seeds 001 and 002: less in hours that consistently lose, more in hours that
//! consistently win, by 20 % a night, from 50 outcomes on.

use domain::{
    Amendment, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{HOURS, is_pinned, says, says_starved, standing};
use crate::factors::{literal_wish, stepped};
use crate::governor::FACTOR;
use crate::quiet::Quiet;
use crate::results::Results;
use crate::{LearnRules, Learner, LearnerReport};

/// Outcomes of an hour before its factor moves (seed 001).
const SEED_OUTCOMES: u64 = 50;

/// Sizes hours as the seeds say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralHourFactors {
    rules: LearnRules,
    quiet: Quiet,
    outcomes: u64,
    hours: [Results; HOURS],
}

impl LiteralHourFactors {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> LiteralHourFactors {
        let hours = [Results::default(); HOURS];
        LiteralHourFactors { rules, quiet: Quiet::default(), outcomes: 0, hours }
    }
}

impl Learner for LiteralHourFactors {
    fn name(&self) -> &'static str {
        "hour_factors"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        let hour = usize::from(outcome.basis.hour);
        if !outcome.standing.is_executed() || hour >= HOURS {
            return;
        }
        self.outcomes += 1;
        self.hours[hour].hear(&Outcome { uniqueness: 1.0, ..*outcome }, 1.0);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.outcomes as f64) {
            return Vec::new();
        }
        let stands = standing(policy);
        let wanted: [f64; HOURS] = std::array::from_fn(|hour| {
            let results = &self.hours[hour];
            let may_move = results.outcomes >= SEED_OUTCOMES && !is_pinned(policy, hour);
            if may_move { literal_wish(stands[hour], results) } else { stands[hour] }
        });
        let least = self.rules.publish_fraction_min;
        let Some(factors) = stepped(&self.rules, FACTOR, &stands, &wanted, least) else {
            return Vec::new();
        };
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::HourFactors(factors),
            evidence: Evidence::of(self.outcomes, self.outcomes as f64),
        }]
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes as f64,
            ..LearnerReport::default()
        };
        for (hour, results) in self.hours.iter().enumerate() {
            match results.mean_r().filter(|_| results.outcomes >= SEED_OUTCOMES) {
                Some(mean) => report.beliefs.push(says(policy, hour, results, &mean)),
                None => {
                    let heard = results.outcomes as f64;
                    report.starved.push(says_starved(hour, heard, SEED_OUTCOMES as f64));
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
