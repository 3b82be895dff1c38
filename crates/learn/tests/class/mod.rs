//! A learner and its governor at work: outcomes are heard, and now and then somebody asks.

use domain::{GatePolicy, Outcome, Policy, PolicyVersion, Timestamp};
use learn::{Governor, House, LearnRules, Learner, Rule, learners};

/// A house with the gates that refuse by what was learned, and two that do not.
pub(crate) fn house() -> House {
    let gates = vec!["conviction", "fee", "killed", "paused"];
    House { gates, ..House::default() }
}

/// The bit of a gate that refused, where it did.
pub(crate) fn refused(gate: &str, did: bool) -> u16 {
    if did { house().gate_bit(gate).unwrap() } else { 0 }
}

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
        let mut all = learners(&rules, &policy, &house()).into_iter();
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

/// How many worlds to look at: `usual` is enough to see a rule break, more give the figures of a report.
pub(crate) fn worlds(usual: u64) -> u64 {
    const TIMES: u64 = 1;
    TIMES * usual
}
