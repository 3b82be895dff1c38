//! When a learner holds its tongue.

use domain::{Change, PolicyVersion, Reason};
use serde::{Deserialize, Serialize};

/// Effective outcomes before which a learner proposes nothing: what was taken back shall not be undone by the
/// same old evidence at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Quiet {
    until: f64,
}

impl Quiet {
    /// Hears of a version after this many effective outcomes; `span` is how many more it waits.
    pub(crate) fn adopt(&mut self, version: &PolicyVersion, heard_effective: f64, span: f64) {
        if takes_back(&version.reason) {
            self.until = self.until.max(heard_effective + span);
        }
    }

    /// Whether it may speak.
    pub(crate) fn is_over(&self, heard_effective: f64) -> bool {
        heard_effective >= self.until
    }
}

/// Whether somebody went back to earlier values.
fn takes_back(reason: &Reason) -> bool {
    let takes_back = |change: &Change| matches!(change, Change::TakeBack(_));
    matches!(reason, Reason::Revert { .. })
        || reason.amendments().iter().any(|amendment| takes_back(&amendment.change))
}
