//! A2: the weights of the components in fusion and the horizon each tells most about, by evidence and,
//! beside it, by the seed's literal rule.

mod evidence;
mod literal;
mod record;

pub use evidence::ComponentWeights;
pub use literal::LiteralComponentWeights;

use domain::{COMPONENT_NAMES, COMPONENTS_MAX};

/// The largest change of any weight, relative to itself.
fn largest_change(from: &[f64; COMPONENTS_MAX], to: &[f64; COMPONENTS_MAX]) -> f64 {
    from.iter().zip(to).map(|(from, to)| (to / from - 1.0).abs()).fold(0.0, f64::max)
}

/// What a component is called; a place without one is spare.
pub(crate) fn name(at: usize) -> &'static str {
    COMPONENT_NAMES.get(at).copied().unwrap_or("spare")
}
