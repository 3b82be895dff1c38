//! Where the states start, before the data have spoken.

use crate::moments::Moments;
use serde::{Deserialize, Serialize};

/// Moments of the first observations: enough to place the states, constant in size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "[f64; D]: Serialize, [Moments; D]: Serialize",
    deserialize = "[f64; D]: Deserialize<'de>, [Moments; D]: Deserialize<'de>"
))]
pub(super) struct Seed<const D: usize> {
    each: [Moments; D],
    /// Size of the first dimension: its distance from its running mean.
    size: Moments,
    /// Running sum of (size off its mean) x (each dimension off its mean).
    together: [f64; D],
}

/// What the first observations say.
pub(super) struct Start<const D: usize> {
    /// The mean of each dimension.
    pub(super) centre: [f64; D],
    /// The standard deviation of each dimension; one where there was none.
    pub(super) scale: [f64; D],
    /// Correlation of each dimension with the size of the first, -1..1.
    pub(super) lean: [f64; D],
}

/// Beyond this a moment of raw values could overflow: no quantity that is traded comes near.
const RAW_MOST: f64 = 1e120;

impl<const D: usize> Seed<D> {
    pub(super) fn new() -> Seed<D> {
        Seed { each: [Moments::default(); D], size: Moments::default(), together: [0.0; D] }
    }

    pub(super) fn observe(&mut self, observation: &[f64; D]) {
        let values = observation.map(|value| value.clamp(-RAW_MOST, RAW_MOST));
        let mean = |moments: &Moments| moments.mean().unwrap_or(0.0);
        let size = (values[0] - mean(&self.each[0])).abs();
        let size_off = size - mean(&self.size);
        self.size.observe(size);
        for ((moments, together), value) in self.each.iter_mut().zip(&mut self.together).zip(values)
        {
            moments.observe(value);
            *together += size_off * (value - mean(moments));
        }
    }

    pub(super) fn start(&self) -> Start<D> {
        let mut start = Start { centre: [0.0; D], scale: [1.0; D], lean: [0.0; D] };
        let size_spread = libm::sqrt(self.size.variance().unwrap_or(0.0));
        let freedom = self.size.weight_sum() - 1.0;
        for (d, moments) in self.each.iter().enumerate() {
            start.centre[d] = moments.mean().unwrap_or(0.0);
            let spread = libm::sqrt(moments.variance().unwrap_or(0.0));
            // A spread that is only rounding would turn the first real move into a jump of 1e12.
            if spread > 1e-12 * start.centre[d].abs() && spread.is_normal() {
                start.scale[d] = spread;
            }
            let lean = self.together[d] / (freedom * size_spread * spread);
            // The size of the first dimension says nothing about where its own middle is.
            start.lean[d] = if d > 0 && lean.is_finite() { lean.clamp(-1.0, 1.0) } else { 0.0 };
        }
        start
    }
}
