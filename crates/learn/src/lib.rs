//! From outcome to policy: learners hear how decisions turned out and propose; only the governor
//! changes the policy, within bounds, with evidence, one version at a time.

mod calibration;
mod daily_rules;
mod governor;
mod head_weights;
mod rules;
mod tuner;

pub use calibration::ConvictionCalibration;
pub use daily_rules::{DailyRules, rule_words};
pub use governor::{Governor, Publication, RefusedAmendment};
pub use head_weights::{HeadWeights, LiteralHeadWeights};
pub use rules::{LearnRules, Rule};
pub use tuner::ScenarioTuner;

use domain::{
    Amendment, Cycle, HorizonLesson, Outcome, Policy, PolicyVersion, Reason, Timestamp, Trial,
    WhatIfOutcome,
};

/// What a learner believes, from what, and what it lacks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnerReport {
    /// Outcomes, horizons or what-ifs it has heard.
    pub heard: u64,
    /// The same with overlap discounted.
    pub heard_effective: f64,
    /// What it would need before it moves anything, and has not got: "0 of 50 outcomes for …".
    pub starved: Vec<String>,
    /// What it believes, a line each, with n and interval.
    pub beliefs: Vec<String>,
}

/// Something that learns one part of the policy.
pub trait Learner {
    /// Its name in reasons and files.
    fn name(&self) -> &'static str;

    /// When it is asked what it would change.
    fn cycle(&self) -> Cycle;

    /// Hears how a decision turned out. Executed and declined decisions both arrive here.
    fn observe(&mut self, outcome: &Outcome);

    /// Hears what the market did over one horizon after a decision. Most learners go by outcomes alone.
    fn observe_horizon(&mut self, _: &HorizonLesson) {}

    /// Hears how an entry would have turned out under another exit plan. Most learners do not ask.
    fn observe_what_if(&mut self, _: &WhatIfOutcome) {}

    /// What it would change now, with the evidence for it. Looks, never touches.
    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment>;

    /// The trials its last search made, each of which is counted. Only searchers make any.
    fn trials(&self, _: &Policy, _: Timestamp) -> Vec<Trial> {
        Vec::new()
    }

    /// What it believes, and what it lacks, in lines a person reads.
    fn report(&self, policy: &Policy) -> LearnerReport;

    /// Hears which version stands now, whoever published it and why.
    fn adopt(&mut self, version: &PolicyVersion);

    /// What it remembers, for a snapshot.
    fn save(&self) -> Vec<u8>;

    /// Remembers what [`Learner::save`] wrote; says whether it could read it.
    fn load(&mut self, saved: &[u8]) -> bool;
}

/// Whether a version was published, wholly or in part, for what this learner proposed.
fn is_of(reason: &Reason, learner: &str) -> bool {
    reason.amendments().iter().any(|amendment| amendment.learner == learner)
}

/// Bits in [`Outcome::refused`] of the gates that guard capital, in the order of their registry: cooldown, free
/// symbol, open positions, regime entries, correlation, killed, standing order. What they refused was refused
/// for what was held, not for what it was.
pub const CAPITAL_GATES: u16 = 0b0000_0111_1011_1000;

/// Builds every learner for a rule, in the order in which they hear outcomes.
pub fn learners(rules: &LearnRules, policy: &Policy) -> Vec<Box<dyn Learner>> {
    match rules.rule {
        Rule::Evidence => {
            vec![
                Box::new(HeadWeights::new(*rules)),
                Box::new(ConvictionCalibration::new(*rules)),
                Box::new(ScenarioTuner::new(*rules, policy, CAPITAL_GATES)),
                Box::new(DailyRules::new(*rules, CAPITAL_GATES)),
            ]
        }
        Rule::Seed => vec![
            Box::new(LiteralHeadWeights::new(*rules, policy)),
            Box::new(ScenarioTuner::new(*rules, policy, CAPITAL_GATES)),
            Box::new(DailyRules::new(*rules, CAPITAL_GATES)),
        ],
    }
}
