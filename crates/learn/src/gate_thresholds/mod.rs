//! A4: what the gates ask for, from what they refused and what they just let pass (seed 001's
//! "tightens/loosens gates based on guard effectiveness").

mod evidence;
mod literal;
mod step;

pub use evidence::GateThresholds;
pub(crate) use literal::COUNTERFACTUAL_MS;
pub use literal::LiteralGateThresholds;

use domain::{PinnedValue, Policy, Threshold};

/// How many thresholds there are.
const THRESHOLDS: usize = Threshold::ALL.len();

/// Whether a person holds it fast.
fn is_pinned(policy: &Policy, threshold: Threshold) -> bool {
    policy.pins.iter().any(|pin| pin.value == PinnedValue::Threshold(threshold))
}
