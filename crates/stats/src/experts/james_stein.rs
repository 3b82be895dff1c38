//! James-Stein: pull measured skill towards the mean of all by as much as noise explains.

use crate::simplex::Bounds;
use serde::{Deserialize, Serialize};

/// The share of the differences between `means` that noise does not explain, 0..1: positive-part
/// James-Stein about the mean (Efron & Morris 1973), max(0, 1 - (H-3)/(H-1) s^2 / var(means)).
///
/// `noise_variance` is the variance of one mean. `None` for fewer than two means; zero where the
/// means do not differ.
pub fn shrink_factor(means: &[f64], noise_variance: f64) -> Option<f64> {
    if means.len() < 2 {
        return None;
    }
    let count = means.len() as f64;
    let centre = means.iter().sum::<f64>() / count;
    let spread = means.iter().map(|m| (m - centre) * (m - centre)).sum::<f64>() / (count - 1.0);
    if spread.is_nan() || spread <= 0.0 {
        return Some(0.0);
    }
    let explained = (count - 3.0) / (count - 1.0) * noise_variance / spread;
    Some((1.0 - explained).clamp(0.0, 1.0))
}

/// Weights that rise exponentially with shrunken skill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct JamesStein {
    /// By how much a unit of shrunken skill raises the log of a weight (methods 1.1: 25 on mean
    /// losses, 70 on centred gains).
    pub gain_scale: f64,
}

impl JamesStein {
    /// The weights wanted for these mean losses, before any bound: 1/H exp(scale * shrink * skill),
    /// skill being how far a loss lies below the mean of all. An average head gets 1/H, so the sum
    /// is about one; the projection makes it one. `None` for fewer than two heads.
    pub fn target(&self, mean_losses: &[f64], noise_variance: f64) -> Option<Vec<f64>> {
        let scale = self.gain_scale * shrink_factor(mean_losses, noise_variance)?;
        let heads = mean_losses.len() as f64;
        let average = mean_losses.iter().sum::<f64>() / heads;
        Some(mean_losses.iter().map(|loss| libm::exp(scale * (average - loss)) / heads).collect())
    }

    /// One step from `previous` towards the target, inside the bounds.
    pub fn weights(
        &self,
        mean_losses: &[f64],
        noise_variance: f64,
        previous: &[f64],
        bounds: &Bounds,
    ) -> Option<Vec<f64>> {
        bounds.around(previous).project_kl(&self.target(mean_losses, noise_variance)?)
    }
}
