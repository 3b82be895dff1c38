//! A learner and its governor at work: outcomes are heard, and now and then somebody asks.

use domain::{GatePolicy, Outcome, Policy, PolicyVersion, Timestamp};
use learn::{Governor, LearnRules, Learner, Rule, learners};

/// One learner, what stands, and how often something was taken.
pub(crate) struct Class {
    pub(crate) policy: Policy,
    pub(crate) learner: Box<dyn Learner>,
    pub(crate) accepted: u32,
    governor: Governor,
}

impl Class {
    /// The learner of this name on day one.
    pub(crate) fn new(name: &str, rule: Rule) -> Class {
        Class::starting(name, rule, Policy::day_one(GatePolicy::default()))
    }

    /// The same from this policy.
    pub(crate) fn starting(name: &str, rule: Rule, policy: Policy) -> Class {
        let rules = LearnRules { rule, ..LearnRules::default() };
        let mut all = learners(&rules, &policy, &learn::House::default()).into_iter();
        let learner = all.find(|learner| learner.name() == name).unwrap();
        Class { policy, learner, accepted: 0, governor: Governor::new(rules) }
    }

    pub(crate) fn hear(&mut self, outcome: &Outcome) {
        self.learner.observe(outcome);
    }

    /// Asks what it would change, and changes what the governor lets pass.
    pub(crate) fn ask(&mut self, at: Timestamp) -> Option<PolicyVersion> {
        let amendments = self.learner.propose(&self.policy, at);
        let version = self.governor.publish(&self.policy, amendments, at).version?;
        self.accepted += 1;
        self.adopt(&version);
        Some(version)
    }

    /// A person takes everything back to this.
    pub(crate) fn revert(&mut self, to: &Policy, at: Timestamp) {
        let version = self.governor.revert(&self.policy, to, at);
        self.adopt(&version);
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.learner.adopt(version);
        self.policy = version.policy.clone();
    }

    /// What it saves is what it reads again, and half of it is refused.
    pub(crate) fn assert_remembers(&mut self) {
        let saved = self.learner.save();
        assert!(!self.learner.load(&saved[..saved.len() / 2]));
        assert!(self.learner.load(&saved));
        assert_eq!(self.learner.save(), saved);
    }
}
