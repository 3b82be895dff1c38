//! Symbols to the letter of seeds 001 and 002: trade those more that win more often than not, those less that
//! do not, by 20 % a night, from 50 outcomes on.

use domain::{
    Amendment, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{is_pinned, ranked, says, standing};
use crate::factors::{literal_wish, stepped};
use crate::governor::FACTOR;
use crate::quiet::Quiet;
use crate::results::Results;
use crate::{LearnRules, Learner, LearnerReport};

/// Outcomes of a symbol before its factor moves (seed 001).
const SEED_OUTCOMES: u64 = 50;

/// Sizes symbols as the seeds say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralSymbolFactors {
    rules: LearnRules,
    quiet: Quiet,
    outcomes: u64,
    /// By the symbol's place; every outcome counts in full.
    results: Vec<Results>,
}

impl LiteralSymbolFactors {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> LiteralSymbolFactors {
        LiteralSymbolFactors { rules, quiet: Quiet::default(), outcomes: 0, results: Vec::new() }
    }
}

impl Learner for LiteralSymbolFactors {
    fn name(&self) -> &'static str {
        "symbol_factors"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !outcome.standing.is_executed() {
            return;
        }
        self.outcomes += 1;
        let at = outcome.symbol.at();
        if self.results.len() <= at {
            self.results.resize(at + 1, Results::default());
        }
        self.results[at].hear(&Outcome { uniqueness: 1.0, ..*outcome }, 1.0);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.outcomes as f64) {
            return Vec::new();
        }
        let stands = standing(policy, self.results.len());
        let wish = |(at, stands): (usize, &f64)| match self.results.get(at) {
            Some(results) if results.outcomes >= SEED_OUTCOMES && !is_pinned(policy, at) => {
                literal_wish(*stands, results)
            }
            _ => *stands,
        };
        let wanted: Vec<f64> = stands.iter().enumerate().map(wish).collect();
        let least = self.rules.publish_fraction_min;
        let Some(factors) = stepped(&self.rules, FACTOR, &stands, &wanted, least) else {
            return Vec::new();
        };
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::SymbolFactors(factors),
            evidence: Evidence::of(self.outcomes, self.outcomes as f64),
        }]
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes as f64,
            ..LearnerReport::default()
        };
        let mut lines = Vec::new();
        for (at, results) in self.results.iter().enumerate().filter(|(_, r)| r.outcomes > 0) {
            match results.mean_r().filter(|_| results.outcomes >= SEED_OUTCOMES) {
                Some(mean) => lines.push((mean.mean, says(policy, at, results, &mean))),
                None => report.starved.push(format!(
                    "{} of {SEED_OUTCOMES} outcomes of symbol {at}",
                    results.outcomes
                )),
            }
        }
        report.beliefs = ranked(lines);
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
