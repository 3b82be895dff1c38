//! Which weights that sum to one and keep their bounds are nearest to the ones wanted?
//! Exact by breakpoints: no tolerance to choose, no iteration to cut short.

use crate::waterline::Pool;
use serde::{Deserialize, Serialize};

/// How far one weight may go, ever and in one step (seed 003: .05, .30 and 20 %).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// The least a weight may ever be.
    pub least: f64,
    /// The most a weight may ever be.
    pub most: f64,
    /// The greatest relative change in one step; infinite for no such bound.
    pub step_fraction: f64,
}

/// The box one step may end in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// Per coordinate, the least it may become.
    pub lower: Vec<f64>,
    /// Per coordinate, the most it may become.
    pub upper: Vec<f64>,
}

impl Bounds {
    /// The least a weight may become in one step. Where step and bounds disagree, because the
    /// weight was outside, the bounds win.
    pub fn lower(&self, previous: f64) -> f64 {
        (previous * (1.0 - self.step_fraction)).max(self.least).min(self.most)
    }

    /// The most a weight may become in one step.
    pub fn upper(&self, previous: f64) -> f64 {
        (previous * (1.0 + self.step_fraction)).min(self.most).max(self.least)
    }

    /// The box around the weights of a moment ago. It holds them, so it is never empty.
    pub fn around(&self, previous: &[f64]) -> Reach {
        Reach {
            lower: previous.iter().map(|&w| self.lower(w)).collect(),
            upper: previous.iter().map(|&w| self.upper(w)).collect(),
        }
    }

    /// One step towards `target`: bounds, step and sum hold together, to rounding.
    pub fn step<const N: usize>(&self, previous: &[f64; N], target: &[f64; N]) -> [f64; N] {
        let lower = previous.map(|w| self.lower(w));
        let upper = previous.map(|w| self.upper(w));
        project_kl(target, &lower, &upper)
    }
}

impl Reach {
    /// The same box for every one of `len` coordinates.
    pub fn uniform(bounds: &Bounds, len: usize) -> Reach {
        Reach { lower: vec![bounds.least; len], upper: vec![bounds.most; len] }
    }

    /// The nearest weights in Kullback-Leibler divergence, clip(c v); `None` where no point of the
    /// box sums to one or the lengths differ.
    pub fn project_kl(&self, target: &[f64]) -> Option<Vec<f64>> {
        self.holds_a_distribution(target.len())?;
        let n = target.len();
        let mut out = vec![0.0; n];
        let mut bench = vec![0.0; 4 * n];
        fill_kl(target, &self.lower, &self.upper, &mut bench, &mut out);
        Some(out)
    }

    /// The nearest weights in Euclidean distance, clip(v + c); `None` as for [`Reach::project_kl`].
    pub fn project_euclid(&self, target: &[f64]) -> Option<Vec<f64>> {
        self.holds_a_distribution(target.len())?;
        let target: Vec<f64> = target.iter().map(|v| if v.is_nan() { 0.0 } else { *v }).collect();
        let mut out = vec![0.0; target.len()];
        let slope = vec![1.0; target.len()];
        let base: Vec<f64> = target.iter().map(|v| v.clamp(-1e100, 1e100)).collect();
        let pool = Pool { base: &base, slope: &slope, lower: &self.lower, upper: &self.upper };
        pool.fill(&mut vec![0.0; 2 * target.len()], &mut out);
        Some(out)
    }

    fn holds_a_distribution(&self, len: usize) -> Option<()> {
        let fits = self.lower.len() == len && self.upper.len() == len;
        let ordered = self.lower.iter().zip(&self.upper).all(|(low, high)| low <= high);
        // A box around rounded weights may miss one by a rounding error and is still meant.
        let wide = self.lower.iter().sum::<f64>() <= 1.0 + 1e-9
            && self.upper.iter().sum::<f64>() >= 1.0 - 1e-9;
        (fits && ordered && wide).then_some(())
    }
}

/// The weights in the box that sum to one and are nearest to `target` in Kullback-Leibler
/// divergence: clip(c v). It allocates nothing: the engine calls it at every outcome.
///
/// A zero in `target` stands for a vanishing weight: zeros share equally what the others, all at
/// their upper bounds, leave over. Negative and undefined entries count as zeros. Where no point
/// of the box sums to one the answer is the corner nearest to it.
pub fn project_kl<const N: usize>(
    target: &[f64; N],
    lower: &[f64; N],
    upper: &[f64; N],
) -> [f64; N] {
    let mut out = [0.0; N];
    let mut bench = [[0.0; 4]; N];
    fill_kl(target, lower, upper, bench.as_flattened_mut(), &mut out);
    out
}

/// Below this share of the largest entry the quotient bound / entry nears the end of f64.
const VANISHING: f64 = 1e-280;

/// `bench` is room for four numbers per coordinate.
fn fill_kl(target: &[f64], lower: &[f64], upper: &[f64], bench: &mut [f64], out: &mut [f64]) {
    let (base, rest) = bench.split_at_mut(target.len());
    let (slope, breaks) = rest.split_at_mut(target.len());
    shares_of_largest(target, slope);
    let most: f64 =
        (0..slope.len()).map(|i| if slope[i] > 0.0 { upper[i] } else { lower[i] }).sum();
    if most < 1.0 {
        for i in 0..slope.len() {
            base[i] = if slope[i] > 0.0 { upper[i] } else { 0.0 };
            slope[i] = if slope[i] > 0.0 { 0.0 } else { 1.0 };
        }
    }
    Pool { base, slope, lower, upper }.fill(breaks, out);
}

fn shares_of_largest(target: &[f64], shares: &mut [f64]) {
    let largest = target.iter().fold(0.0_f64, |most, &v| most.max(v));
    for (share, &v) in shares.iter_mut().zip(target) {
        let ratio = if v == largest { 1.0 } else { v / largest };
        *share = if v > 0.0 && ratio > VANISHING { ratio } else { 0.0 };
    }
}
