//! The step rule, on plain numbers.

use crate::nets::plain::Array;

/// The usual constants (Kingma & Ba 2015).
const FIRST: f32 = 0.9;
const SECOND: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019). Only matrices decay: pulling a bias or
/// a gain towards zero buys nothing.
pub(super) struct Adam {
    decay: f32,
    steps: i32,
    moments: Vec<Vec<(f32, f32)>>,
}

impl Adam {
    pub(super) fn new(weights: &[Array], decay: f32) -> Adam {
        let moments = weights.iter().map(|array| vec![(0.0, 0.0); array.values.len()]).collect();
        Adam { decay, steps: 0, moments }
    }

    /// Moves the weights against their gradients; a weight without one stays.
    pub(super) fn step(
        &mut self,
        weights: &mut [Array],
        gradients: &[Option<Vec<f32>>],
        rate: f32,
    ) {
        self.steps += 1;
        let steps = f64::from(self.steps);
        let first_bias = (1.0 - libm::pow(f64::from(FIRST), steps)) as f32;
        let second_bias = (1.0 - libm::pow(f64::from(SECOND), steps)) as f32;
        for ((array, gradients), moments) in
            weights.iter_mut().zip(gradients).zip(&mut self.moments)
        {
            let Some(gradients) = gradients else { continue };
            let kept = if array.rows > 1 { 1.0 - rate * self.decay } else { 1.0 };
            for ((weight, gradient), (first, second)) in
                array.values.iter_mut().zip(gradients).zip(moments)
            {
                *first = FIRST * *first + (1.0 - FIRST) * gradient;
                *second = SECOND * *second + (1.0 - SECOND) * gradient * gradient;
                let size = (*second / second_bias).sqrt() + EPSILON;
                *weight = *weight * kept - rate * (*first / first_bias) / size;
            }
        }
    }
}
