//! How long a learner keeps quiet after a version.

use domain::{Change, PolicyVersion, Reason};
use serde::{Deserialize, Serialize};

use crate::{LearnRules, is_of};

/// Effective outcomes between two versions of one learner. Chosen: a tenth of those that
/// anything may rest on.
const OUTCOMES_BETWEEN: f64 = 5.0;

/// Effective outcomes before which a learner proposes nothing after this version; none where it is no
/// business of its. What was taken back shall not be undone at once by the same old evidence.
pub(crate) fn quiet_after(
    version: &PolicyVersion,
    learner: &str,
    rules: &LearnRules,
) -> Option<f64> {
    if is_taken_back(&version.reason) {
        return Some(rules.outcomes_min);
    }
    is_of(&version.reason, learner).then_some(OUTCOMES_BETWEEN)
}

/// Whether a version carries an earlier one's values again.
pub(crate) fn is_taken_back(reason: &Reason) -> bool {
    let takes_back = |change: &Change| matches!(change, Change::TakeBack(_));
    matches!(reason, Reason::Revert { .. })
        || reason.amendments().iter().any(|amendment| takes_back(&amendment.change))
}

/// Effective outcomes before which a learner proposes nothing: what was taken back shall not be undone by the
/// same old evidence at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Quiet {
    until: f64,
}

impl Quiet {
    /// Hears of a version after this many effective outcomes; `span` is how many more it waits.
    pub(crate) fn adopt(&mut self, version: &PolicyVersion, heard_effective: f64, span: f64) {
        if is_taken_back(&version.reason) {
            self.until = self.until.max(heard_effective + span);
        }
    }

    /// Whether it may speak.
    pub(crate) fn is_over(&self, heard_effective: f64) -> bool {
        heard_effective >= self.until
    }
}
