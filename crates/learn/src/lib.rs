//! From outcome to policy: learners hear how decisions turned out and propose; only the governor
//! changes the policy, within bounds, with evidence, one version at a time.

mod calibration;
mod capital;
mod coordinator;
mod governor;
mod head_weights;
mod profit_evolution;
mod rules;
mod shares;

pub use calibration::ConvictionCalibration;
pub use capital::Capital;
pub use coordinator::Coordinator;
pub use governor::{Governor, Publication, RefusedAmendment};
pub use head_weights::{HeadWeights, LiteralHeadWeights};
pub use profit_evolution::ProfitEvolution;
pub use rules::{LearnRules, Rule};

use domain::{
    Amendment, Change, Cycle, HorizonLesson, Outcome, Policy, PolicyVersion, Reason, Timestamp,
    Trial, WhatIfOutcome,
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

    /// The earlier policy that every candidate's stake is to be compared under, while one is; only
    /// profit-driven evolution keeps one (mission row A10).
    fn reference(&self) -> Option<&Policy> {
        None
    }

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

/// Whether an earlier policy's values were brought back, by a person or because changes had hurt: the evidence
/// that led away from them shall not do so again at once.
fn is_taken_back(reason: &Reason) -> bool {
    let steps_back = |amendment: &Amendment| matches!(amendment.change, Change::TakeBack(_));
    matches!(reason, Reason::Revert { .. }) || reason.amendments().iter().any(steps_back)
}

/// Builds every learner for a rule, in the order in which they hear outcomes.
pub fn learners(rules: &LearnRules, policy: &Policy) -> Vec<Box<dyn Learner>> {
    match rules.rule {
        Rule::Evidence => {
            vec![
                Box::new(HeadWeights::new(*rules)),
                Box::new(ConvictionCalibration::new(*rules)),
                Box::new(Coordinator::new(*rules)),
                Box::new(ProfitEvolution::new(*rules, policy)),
                Box::new(Capital::new(*rules, policy)),
            ]
        }
        Rule::Seed => vec![
            Box::new(LiteralHeadWeights::new(*rules, policy)),
            Box::new(Coordinator::new(*rules)),
            Box::new(ProfitEvolution::new(*rules, policy)),
            Box::new(Capital::new(*rules, policy)),
        ],
    }
}
