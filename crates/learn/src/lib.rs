//! From outcome to policy: learners hear how decisions turned out and propose; only the governor
//! changes the policy, within bounds, with evidence, one version at a time.

mod calibration;
mod governor;
mod head_weights;
mod rules;

pub use calibration::ConvictionCalibration;
pub use governor::{Governor, RefusedAmendment};
pub use head_weights::{HeadWeights, LiteralHeadWeights};
pub use rules::{LearnRules, Rule};

use domain::{Amendment, Outcome, Policy, PolicyVersion, Timestamp};

/// Something that learns one part of the policy.
pub trait Learner {
    /// Its name in reasons and files.
    fn name(&self) -> &'static str;

    /// Hears how a decision turned out. Executed and declined decisions both arrive here.
    fn observe(&mut self, outcome: &Outcome);

    /// What it would change now, with the evidence for it. Looks, never touches.
    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment>;

    /// Hears which version stands now, whoever published it and why.
    fn adopt(&mut self, version: &PolicyVersion);

    /// What it remembers, for a snapshot.
    fn save(&self) -> Vec<u8>;

    /// Remembers what [`Learner::save`] wrote; says whether it could read it.
    fn load(&mut self, saved: &[u8]) -> bool;
}

/// Builds every learner for a rule, in the order in which they hear outcomes.
pub fn learners(rules: &LearnRules, policy: &Policy) -> Vec<Box<dyn Learner>> {
    match rules.rule {
        Rule::Evidence => {
            vec![Box::new(HeadWeights::new(*rules)), Box::new(ConvictionCalibration::new(*rules))]
        }
        Rule::Seed => vec![Box::new(LiteralHeadWeights::new(*rules, policy))],
    }
}
