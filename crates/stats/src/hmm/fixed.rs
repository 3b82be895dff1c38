//! A Gaussian hidden Markov model whose parameters are given.

use serde::{Deserialize, Serialize};

/// Parameters of a hidden Markov model with Gaussian observations and diagonal covariance.
///
/// K states, D dimensions. Rows of observations shorter than D are read as far as they go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaussianHmm {
    /// Probability of each state at the first observation; K values that sum to one.
    pub start: Vec<f64>,
    /// `transitions[i][j]`: probability to go from state i to state j. Rows sum to one.
    pub transitions: Vec<Vec<f64>>,
    /// `means[k][d]`, in the unit of dimension d.
    pub means: Vec<Vec<f64>>,
    /// `variances[k][d]`, in the square of that unit; positive.
    pub variances: Vec<Vec<f64>>,
}

/// The likeliest sequence of states.
#[derive(Clone, Debug, PartialEq)]
pub struct ViterbiPath {
    /// One state per observation.
    pub states: Vec<usize>,
    /// Natural log of the joint density of these states and the observations.
    pub log_density: f64,
}

/// What the forward pass leaves behind.
struct Forward {
    filtered: Vec<Vec<f64>>,
    /// Log density of each observation given those before it.
    log_scales: Vec<f64>,
}

impl GaussianHmm {
    /// Natural log of the density of all observations, states summed out.
    pub fn log_likelihood(&self, observations: &[Vec<f64>]) -> f64 {
        self.forward(observations).log_scales.iter().sum()
    }

    /// Per observation, the probability of each state given it and those before it.
    pub fn filtered(&self, observations: &[Vec<f64>]) -> Vec<Vec<f64>> {
        self.forward(observations).filtered
    }

    /// Per observation, the probability of each state given all observations, later ones included.
    pub fn smoothed(&self, observations: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut smoothed = self.forward(observations).filtered;
        // Smoothing filtered probabilities backwards (Rauch form) needs no densities again.
        for t in (1..smoothed.len()).rev() {
            let (before, after) = smoothed.split_at_mut(t);
            let filtered = &mut before[t - 1];
            let predicted = self.predicted(filtered);
            let ratio: Vec<f64> = after[0]
                .iter()
                .zip(&predicted)
                .map(|(&later, &p)| if p > 0.0 { later / p } else { 0.0 })
                .collect();
            for (share, row) in filtered.iter_mut().zip(&self.transitions) {
                *share *= row.iter().zip(&ratio).map(|(p, r)| p * r).sum::<f64>();
            }
        }
        smoothed
    }

    /// The likeliest path (Viterbi 1967). Among equals the lowest state is taken.
    pub fn viterbi(&self, observations: &[Vec<f64>]) -> ViterbiPath {
        let log_transitions: Vec<Vec<f64>> = self
            .transitions
            .iter()
            .map(|row| row.iter().map(|&p| libm::log(p)).collect())
            .collect();
        let mut best: Vec<f64> = Vec::new();
        let mut came_from: Vec<Vec<usize>> = Vec::new();
        for observation in observations {
            let log_densities = self.log_densities(observation);
            if came_from.is_empty() {
                best = self.start.iter().map(|&p| libm::log(p)).collect();
                came_from.push(Vec::new());
            } else {
                let into =
                    |j: usize| first_most((0..best.len()).map(|i| best[i] + log_transitions[i][j]));
                let steps: Vec<(usize, f64)> = (0..best.len()).map(into).collect();
                came_from.push(steps.iter().map(|step| step.0).collect());
                best = steps.iter().map(|step| step.1).collect();
            }
            best.iter_mut().zip(&log_densities).for_each(|(sum, density)| *sum += density);
        }
        let (last, log_density) = first_most(best.into_iter());
        let mut states = vec![last; observations.len()];
        for t in (1..states.len()).rev() {
            states[t - 1] = came_from[t][states[t]];
        }
        ViterbiPath { states, log_density }
    }

    fn forward(&self, observations: &[Vec<f64>]) -> Forward {
        let mut forward = Forward { filtered: Vec::new(), log_scales: Vec::new() };
        for observation in observations {
            let mut shares = match forward.filtered.last() {
                Some(previous) => self.predicted(previous),
                None => self.start.clone(),
            };
            let log_densities = self.log_densities(observation);
            // The largest is taken out first: far from every mean all densities would vanish.
            let most = log_densities.iter().fold(f64::NEG_INFINITY, |most, &d| most.max(d));
            for (share, density) in shares.iter_mut().zip(&log_densities) {
                *share *= libm::exp(density - most);
            }
            let scale: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|share| *share /= scale);
            forward.filtered.push(shares);
            forward.log_scales.push(libm::log(scale) + most);
        }
        forward
    }

    /// The probability of each state one step after `shares`.
    fn predicted(&self, shares: &[f64]) -> Vec<f64> {
        let into = |j: usize| shares.iter().zip(&self.transitions).map(|(s, row)| s * row[j]).sum();
        (0..shares.len()).map(into).collect()
    }

    fn log_densities(&self, observation: &[f64]) -> Vec<f64> {
        let of_state = |(means, variances): (&Vec<f64>, &Vec<f64>)| -> f64 {
            let each = observation.iter().zip(means).zip(variances);
            each.map(|((x, mean), variance)| {
                let off = x - mean;
                -0.5 * (libm::log(2.0 * std::f64::consts::PI * variance) + off * off / variance)
            })
            .sum()
        };
        self.means.iter().zip(&self.variances).map(of_state).collect()
    }
}

/// The first of the largest values and its place; place 0 and minus infinity of none.
fn first_most(values: impl Iterator<Item = f64>) -> (usize, f64) {
    let start = (0, f64::NEG_INFINITY);
    values.enumerate().fold(start, |most, next| if next.1 > most.1 { next } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_states() -> GaussianHmm {
        GaussianHmm {
            start: vec![0.5, 0.5],
            transitions: vec![vec![0.9, 0.1], vec![0.2, 0.8]],
            means: vec![vec![0.0], vec![1.0]],
            variances: vec![vec![1.0], vec![4.0]],
        }
    }

    #[test]
    fn the_last_smoothed_row_is_the_last_filtered_row() {
        let model = two_states();
        let observations: Vec<Vec<f64>> = (0..20).map(|i| vec![libm::sin(f64::from(i))]).collect();
        let filtered = model.filtered(&observations);
        let smoothed = model.smoothed(&observations);
        assert_eq!(filtered.last(), smoothed.last());
        assert_ne!(filtered[0], smoothed[0]);
    }

    #[test]
    fn filtering_never_looks_ahead() {
        let model = two_states();
        let observations: Vec<Vec<f64>> = (0..20).map(|i| vec![f64::from(i % 5)]).collect();
        let whole = model.filtered(&observations);
        assert_eq!(model.filtered(&observations[..7]), whole[..7]);
    }

    #[test]
    fn nothing_observed_is_certain_and_has_no_path() {
        let model = two_states();
        assert_eq!(model.log_likelihood(&[]), 0.0);
        assert!(model.viterbi(&[]).states.is_empty());
    }

    #[test]
    fn an_observation_far_from_every_mean_leaves_probabilities() {
        let filtered = two_states().filtered(&[vec![1e9]]);
        assert!((filtered[0].iter().sum::<f64>() - 1.0).abs() < 1e-12, "{filtered:?}");
    }
}
