//! What a person orders of the policy: it needs no evidence, is a version of its own, and can be taken
//! back.

use domain::{Pin, PinnedValue, Policy, PolicyVersion, Reason, Silence, SilencedBy, Timestamp};

use super::{Governor, PAUSABLE, bound};
use crate::LearnRules;

impl LearnRules {
    /// Least and most that a person can hold a value at. An hour may be left out by a person, as a symbol
    /// may; learners only make it smaller.
    pub fn pin_bounds(&self, value: PinnedValue) -> (f64, f64) {
        match value {
            PinnedValue::HeadWeight(_) => (self.weight_min, self.weight_max),
            PinnedValue::Threshold(threshold) => threshold.bounds(),
            PinnedValue::SymbolFactor(_) | PinnedValue::HourFactor(_) => {
                (PAUSABLE.least, PAUSABLE.most)
            }
        }
    }
}

impl Governor {
    /// Publishes an earlier version's values at once: a person's order needs no evidence and no steps.
    /// What a person holds fast or has switched off stays so.
    pub fn revert(&self, policy: &Policy, to: &Policy, at: Timestamp) -> PolicyVersion {
        let policy = self.kept_by_a_person(policy, to);
        PolicyVersion { policy, at, reason: Reason::Revert { to_version: to.version } }
    }

    /// Publishes what was learned from what a person has not struck: no earlier version is rewritten, and
    /// what a person holds fast or has switched off stays so.
    pub fn relearned(
        &self,
        policy: &Policy,
        relearned: &Policy,
        reason: Reason,
        at: Timestamp,
    ) -> PolicyVersion {
        PolicyVersion { policy: self.kept_by_a_person(policy, relearned), at, reason }
    }

    /// The next version with another's values, a person's pins and silences aside.
    fn kept_by_a_person(&self, policy: &Policy, values: &Policy) -> Policy {
        let mut next = Policy {
            version: policy.version + 1,
            pins: policy.pins.clone(),
            silenced: policy.silenced.clone(),
            ..values.clone()
        };
        bound::hold_pins(&self.rules, &mut next);
        next
    }

    /// Holds a value fast; nothing where it is no value to hold.
    pub fn pin(&self, policy: &Policy, pin: Pin, at: Timestamp) -> Option<PolicyVersion> {
        let (least, most) = self.rules.pin_bounds(pin.value);
        if !(least..=most).contains(&pin.at) {
            return None;
        }
        let mut next = Policy { version: policy.version + 1, ..policy.clone() };
        next.pins.retain(|held| held.value != pin.value);
        next.pins.push(pin);
        next.pins.sort_by_key(|held| held.value);
        bound::hold_pins(&self.rules, &mut next);
        Some(PolicyVersion { policy: next, at, reason: Reason::Pinned })
    }

    /// Lets a value go; it stays where it is until somebody moves it. Nothing where it is not held.
    pub fn unpin(
        &self,
        policy: &Policy,
        value: PinnedValue,
        at: Timestamp,
    ) -> Option<PolicyVersion> {
        let mut next = Policy { version: policy.version + 1, ..policy.clone() };
        next.pins.retain(|held| held.value != value);
        (next.pins.len() < policy.pins.len()).then_some(PolicyVersion {
            policy: next,
            at,
            reason: Reason::Pinned,
        })
    }

    /// Silences a learner; nothing where it is silenced already.
    pub fn silence(
        &self,
        policy: &Policy,
        learner: &str,
        by: SilencedBy,
        at: Timestamp,
    ) -> Option<PolicyVersion> {
        if policy.is_silenced(learner) {
            return None;
        }
        let mut next = Policy { version: policy.version + 1, ..policy.clone() };
        next.silenced.push(Silence { learner: learner.to_owned(), by, since: at });
        Some(PolicyVersion { policy: next, at, reason: Reason::Silenced })
    }

    /// Listens to a learner again; nothing where it is listened to.
    pub fn listen(&self, policy: &Policy, learner: &str, at: Timestamp) -> Option<PolicyVersion> {
        let mut next = Policy { version: policy.version + 1, ..policy.clone() };
        next.silenced.retain(|silence| silence.learner != learner);
        (next.silenced.len() < policy.silenced.len()).then_some(PolicyVersion {
            policy: next,
            at,
            reason: Reason::Silenced,
        })
    }
}
