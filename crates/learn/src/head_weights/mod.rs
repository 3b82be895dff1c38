//! A1: the weights of the nine heads, by evidence and, beside it, by the seed's literal rule.

mod evidence;
mod literal;
mod record;

pub use evidence::HeadWeights;
pub use literal::LiteralHeadWeights;

use domain::HEAD_COUNT;

/// The largest change of any weight, relative to itself.
fn largest_change(from: &[f64; HEAD_COUNT], to: &[f64; HEAD_COUNT]) -> f64 {
    from.iter().zip(to).map(|(from, to)| ((to - from) / from).abs()).fold(0.0, f64::max)
}
