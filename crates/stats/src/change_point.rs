//! When did the series last become another one?

use serde::{Deserialize, Serialize};

/// What a segment's mean and variance are taken to be before it is seen: normal-inverse-gamma.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentPrior {
    /// The expected mean.
    pub mean: f64,
    /// How many observations that expectation is worth; positive.
    pub mean_count: f64,
    /// Shape of the variance; half the observations it is worth; positive.
    pub shape: f64,
    /// Scale of the variance: shape times the expected size of it, about; positive.
    pub scale: f64,
}

/// How long the present segment has lasted, with probabilities (Adams & MacKay 2007).
///
/// A run length counts the observations since the last change; zero says that the next one
/// begins a new segment. Each observation costs one pass over the run lengths kept; a segment
/// longer than `run_most` is remembered as that many observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangePoint {
    prior: SegmentPrior,
    hazard: f64,
    run_most: usize,
    /// By run length.
    runs: Vec<Run>,
    /// By run length, ln Gamma(shape + 1/2) - ln Gamma(shape): costly, and always the same.
    log_gamma_ratios: Vec<f64>,
    log_evidence: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    probability: f64,
    mean: f64,
    scale: f64,
}

impl ChangePoint {
    /// Before the first observation. `hazard` is the probability of a change per observation.
    pub fn new(prior: SegmentPrior, hazard: f64, run_most: usize) -> ChangePoint {
        let mut change_point = ChangePoint {
            prior,
            hazard,
            run_most: run_most.max(1),
            runs: Vec::new(),
            log_gamma_ratios: vec![log_gamma_ratio(prior.shape)],
            log_evidence: 0.0,
        };
        change_point.runs.push(change_point.fresh(1.0));
        change_point
    }

    /// Takes in one observation; one that is not finite is passed over.
    pub fn observe(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let logs: Vec<f64> = (0..self.runs.len()).map(|run| self.log_density(run, value)).collect();
        // The largest is taken out first: far from every mean all densities would vanish.
        let most = logs.iter().fold(f64::NEG_INFINITY, |most, &log| most.max(log));
        if !most.is_finite() {
            return;
        }
        let mut total = 0.0;
        for (run, log) in self.runs.iter_mut().zip(&logs) {
            run.probability *= libm::exp(log - most);
            total += run.probability;
        }
        self.log_evidence += libm::log(total) + most;
        for length in 0..self.runs.len() {
            self.runs[length].probability *= (1.0 - self.hazard) / total;
            self.lengthen(length, value);
        }
        self.runs.insert(0, self.fresh(self.hazard));
        self.bound();
        if self.log_gamma_ratios.len() < self.runs.len() {
            self.log_gamma_ratios.push(log_gamma_ratio(self.shape(self.runs.len() - 1)));
        }
    }

    /// The likeliest run length, in observations; the shortest among equals.
    pub fn run_length(&self) -> usize {
        let likelier = |most: usize, next: usize| {
            if self.runs[next].probability > self.runs[most].probability { next } else { most }
        };
        (0..self.runs.len()).reduce(likelier).unwrap_or(0)
    }

    /// The probability that the last change is at most so many observations ago.
    pub fn probability_within(&self, run_length: usize) -> f64 {
        self.runs.iter().take(run_length.saturating_add(1)).map(|run| run.probability).sum()
    }

    /// Natural log of the density of all observations, changes summed out.
    pub fn log_evidence(&self) -> f64 {
        self.log_evidence
    }

    fn fresh(&self, probability: f64) -> Run {
        Run { probability, mean: self.prior.mean, scale: self.prior.scale }
    }

    fn mean_count(&self, length: usize) -> f64 {
        self.prior.mean_count + length as f64
    }

    fn shape(&self, length: usize) -> f64 {
        self.prior.shape + 0.5 * length as f64
    }

    /// Student's t: what a segment of this length expects of its next observation.
    fn log_density(&self, length: usize, value: f64) -> f64 {
        let (run, count) = (&self.runs[length], self.mean_count(length));
        let width = 2.0 * run.scale * (count + 1.0) / count;
        let off = value - run.mean;
        self.log_gamma_ratios[length]
            - 0.5 * libm::log(std::f64::consts::PI * width)
            - (self.shape(length) + 0.5) * libm::log1p(off * off / width)
    }

    fn lengthen(&mut self, length: usize, value: f64) {
        let count = self.mean_count(length);
        let run = &mut self.runs[length];
        let off = value - run.mean;
        run.scale += 0.5 * count * off * off / (count + 1.0);
        run.mean += off / (count + 1.0);
    }

    /// Folds the run that has become too long into the longest allowed one.
    fn bound(&mut self) {
        if self.runs.len() <= self.run_most + 1 {
            return;
        }
        let shrink = self.shape(self.run_most) / self.shape(self.run_most + 1);
        let (Some(oldest), Some(longest)) = (self.runs.pop(), self.runs.last_mut()) else { return };
        let probability = oldest.probability + longest.probability;
        if oldest.probability > longest.probability {
            // Its variance stays what it was, on the lesser count.
            *longest = Run { scale: oldest.scale * shrink, ..oldest };
        }
        longest.probability = probability;
    }
}

fn log_gamma_ratio(shape: f64) -> f64 {
    libm::lgamma(shape + 0.5) - libm::lgamma(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: SegmentPrior = SegmentPrior { mean: 0.0, mean_count: 1.0, shape: 1.0, scale: 1.0 };

    fn wave(i: u32) -> f64 {
        libm::sin(f64::from(i) * 1.7)
    }

    #[test]
    fn a_jump_is_noticed_within_some_observations() {
        let mut change = ChangePoint::new(PRIOR, 1.0 / 250.0, 500);
        (0..200).for_each(|i| change.observe(wave(i)));
        assert!(change.run_length() >= 195, "{}", change.run_length());
        (0..10).for_each(|i| change.observe(5.0 + wave(i)));
        assert!((8..=12).contains(&change.run_length()), "{}", change.run_length());
        assert!(change.probability_within(15) > 0.9);
    }

    #[test]
    fn a_bounded_memory_still_notices() {
        let mut change = ChangePoint::new(PRIOR, 1.0 / 250.0, 50);
        (0..5_000).for_each(|i| change.observe(wave(i)));
        assert_eq!(change.run_length(), 50);
        assert!((change.probability_within(50) - 1.0).abs() < 1e-9);
        (0..10).for_each(|i| change.observe(5.0 + wave(i)));
        assert!((8..=12).contains(&change.run_length()), "{}", change.run_length());
    }

    #[test]
    fn odd_values_leave_probabilities() {
        let mut change = ChangePoint::new(PRIOR, 0.01, 100);
        for value in [0.0, 0.0, 1e9, -1e9, f64::NAN, 1e300, f64::MAX, 0.0] {
            change.observe(value);
            let whole = change.probability_within(100);
            assert!((whole - 1.0).abs() < 1e-9, "{value}: {whole}");
        }
    }
}
