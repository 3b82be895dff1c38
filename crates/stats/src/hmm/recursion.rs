//! One observation's worth of filtering and of online EM, in standard units.

use serde::{Deserialize, Serialize};

/// The model, the filtered probabilities and the sufficient statistics behind the model.
///
/// Statistics follow Cappé 2011, "Online EM Algorithm for Hidden Markov Models", section 2.2:
/// each is kept per present state k, so that what a later observation says about an earlier
/// state is taken in without a backward pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "[f64; K]: Serialize, [[f64; K]; K]: Serialize, [[[f64; K]; K]; K]: Serialize, \
                 [[f64; D]; K]: Serialize, [[[f64; K]; D]; K]: Serialize",
    deserialize = "[f64; K]: Deserialize<'de>, [[f64; K]; K]: Deserialize<'de>, \
                   [[[f64; K]; K]; K]: Deserialize<'de>, [[f64; D]; K]: Deserialize<'de>, \
                   [[[f64; K]; D]; K]: Deserialize<'de>"
))]
pub(super) struct Recursion<const K: usize, const D: usize> {
    pub(super) posterior: [f64; K],
    pub(super) transitions: [[f64; K]; K],
    pub(super) means: [[f64; D]; K],
    pub(super) variances: [[f64; D]; K],
    /// `moves[i][j][k]`: rate of going from i to j, given that the present state is k.
    moves: [[[f64; K]; K]; K],
    /// `sums[i][d][k]`: rate of being in i times the value of dimension d.
    sums: [[[f64; K]; D]; K],
    /// `squares[i][d][k]`: the same of its square.
    squares: [[[f64; K]; D]; K],
}

/// Chosen: an observation this many of the widest deviations beyond every mean counts as this
/// far. One bad tick then widens a state by a fifth at most, while real change, sustained,
/// still gets through in some tens of bars.
const REACH_DEVIATIONS: f64 = 6.0;
/// Chosen: no value is taken further out than this, so that squares stay far from overflow.
const REACH_MOST: f64 = 1e15;
/// Chosen: a state visited more seldom than this keeps its mean and variance, or stray
/// probabilities of others' observations would become what it is.
const VISITED_MIN: f64 = 0.02;
/// Chosen: no variance below this share of the whole variance of its dimension (a ratio of
/// deviations of 30), nor below the second in standard units: where the likelihood of a state that
/// sits on one value is unbounded, this is the bound.
const VARIANCE_SHARE_MIN: f64 = 1e-3;
const VARIANCE_MIN: f64 = 1e-12;
/// Chosen: no move is rarer than one in ten thousand, so that no state is out of reach.
const MOVE_MIN: f64 = 1e-4;
/// Chosen: exponents below this are as good as zero, and above the slow denormal numbers.
const EXPONENT_MIN: f64 = -60.0;

impl<const K: usize, const D: usize> Recursion<K, D> {
    /// Starts from a model all of whose states are equally likely, with statistics that agree.
    pub(super) fn new(
        transitions: [[f64; K]; K],
        means: [[f64; D]; K],
        variances: [[f64; D]; K],
    ) -> Recursion<K, D> {
        let share = 1.0 / K as f64;
        let mut recursion = Recursion {
            posterior: [share; K],
            transitions,
            means,
            variances,
            moves: [[[0.0; K]; K]; K],
            sums: [[[0.0; K]; D]; K],
            squares: [[[0.0; K]; D]; K],
        };
        for i in 0..K {
            recursion.moves[i] = transitions[i].map(|rate| [share * rate; K]);
            for d in 0..D {
                let (mean, variance) = (means[i][d], variances[i][d]);
                recursion.sums[i][d] = [share * mean; K];
                recursion.squares[i][d] = [share * (variance + mean * mean); K];
            }
        }
        recursion
    }

    /// Takes in one observation. `step` is its weight in the statistics, 0..1; zero filters only.
    pub(super) fn observe(&mut self, observation: &[f64; D], step: f64) {
        let values = self.within_reach(observation);
        let origins = self.filter(&values);
        if step > 0.0 {
            self.remember(&values, &origins, step);
            self.estimate();
            self.order();
        }
    }

    fn within_reach(&self, observation: &[f64; D]) -> [f64; D] {
        let mut values = *observation;
        for (d, value) in values.iter_mut().enumerate() {
            let [mut low, mut high, mut widest] = [f64::INFINITY, f64::NEG_INFINITY, 0.0_f64];
            for (means, variances) in self.means.iter().zip(&self.variances) {
                low = low.min(means[d]);
                high = high.max(means[d]);
                widest = widest.max(variances[d]);
            }
            let reach = REACH_DEVIATIONS * libm::sqrt(widest);
            *value = value.max(low - reach).min(high + reach).clamp(-REACH_MOST, REACH_MOST);
        }
        values
    }

    /// Moves the posterior on by one observation. Answers `origins[i][j]`: the probability that
    /// the state before was i, given that it is j now.
    fn filter(&mut self, values: &[f64; D]) -> [[f64; K]; K] {
        let mut origins = self.transitions;
        let mut predicted = [0.0; K];
        for (row, share) in origins.iter_mut().zip(&self.posterior) {
            for (joint, sum) in row.iter_mut().zip(&mut predicted) {
                *joint *= share;
                *sum += *joint;
            }
        }
        let inverse = predicted.map(|sum| 1.0 / sum);
        for row in &mut origins {
            row.iter_mut().zip(&inverse).for_each(|(joint, inverse)| *joint *= inverse);
        }
        let likelihoods = self.likelihoods(values);
        let mut total = 0.0;
        for ((share, sum), likelihood) in self.posterior.iter_mut().zip(predicted).zip(likelihoods)
        {
            *share = sum * likelihood;
            total += *share;
        }
        let scale = 1.0 / total;
        self.posterior.iter_mut().for_each(|share| *share *= scale);
        origins
    }

    /// The density of the values in each state, up to a factor common to all states.
    fn likelihoods(&self, values: &[f64; D]) -> [f64; K] {
        let (mut distances, mut volumes) = ([0.0; K], [1.0; K]);
        for k in 0..K {
            for (d, value) in values.iter().enumerate() {
                let off = value - self.means[k][d];
                distances[k] += off * off / self.variances[k][d];
                volumes[k] *= self.variances[k][d];
            }
        }
        let nearest = distances.iter().fold(f64::INFINITY, |least, &far| least.min(far));
        std::array::from_fn(|k| {
            let exponent = (0.5 * (nearest - distances[k])).max(EXPONENT_MIN);
            let density = if exponent == 0.0 { 1.0 } else { libm::exp(exponent) };
            density / libm::sqrt(volumes[k])
        })
    }

    fn remember(&mut self, values: &[f64; D], origins: &[[f64; K]; K], step: f64) {
        let keep = 1.0 - step;
        let kept = origins.map(|row| row.map(|share| share * keep));
        for (i, rows) in self.moves.iter_mut().enumerate() {
            for (j, row) in rows.iter_mut().enumerate() {
                *row = carried(row, &kept);
                row[j] += step * origins[i][j];
            }
        }
        for i in 0..K {
            for (d, value) in values.iter().enumerate() {
                self.sums[i][d] = carried(&self.sums[i][d], &kept);
                self.squares[i][d] = carried(&self.squares[i][d], &kept);
                self.sums[i][d][i] += step * value;
                self.squares[i][d][i] += step * value * value;
            }
        }
    }

    /// Makes the model the one the statistics say, within the floors.
    fn estimate(&mut self) {
        let mut visited = [0.0; K];
        for i in 0..K {
            let mut rates = [0.0; K];
            for j in 0..K {
                rates[j] = self.now(&self.moves[i][j]);
                visited[j] += rates[j];
            }
            self.transitions[i] = floored(&rates);
        }
        for d in 0..D {
            let sums: [f64; K] = std::array::from_fn(|k| self.now(&self.sums[k][d]));
            let squares: [f64; K] = std::array::from_fn(|k| self.now(&self.squares[k][d]));
            let mean: f64 = sums.iter().sum();
            let whole = squares.iter().sum::<f64>() - mean * mean;
            let least = (VARIANCE_SHARE_MIN * whole).max(VARIANCE_MIN);
            for k in 0..K {
                if visited[k] >= VISITED_MIN {
                    let inverse = 1.0 / visited[k];
                    let mean = sums[k] * inverse;
                    self.means[k][d] = mean;
                    self.variances[k][d] = (squares[k] * inverse - mean * mean).max(least);
                }
            }
        }
    }

    /// A statistic with the present state summed out.
    fn now(&self, per_state: &[f64; K]) -> f64 {
        per_state.iter().zip(&self.posterior).map(|(rate, share)| rate * share).sum()
    }

    /// Keeps the states in the order of their variance in the first dimension.
    fn order(&mut self) {
        for last in (1..K).rev() {
            for k in 0..last {
                if self.variances[k][0] > self.variances[k + 1][0] {
                    self.exchange(k, k + 1);
                }
            }
        }
    }

    fn exchange(&mut self, a: usize, b: usize) {
        self.posterior.swap(a, b);
        self.means.swap(a, b);
        self.variances.swap(a, b);
        self.transitions.swap(a, b);
        self.transitions.iter_mut().for_each(|row| row.swap(a, b));
        self.moves.swap(a, b);
        self.moves.iter_mut().for_each(|rows| rows.swap(a, b));
        self.moves.iter_mut().flatten().for_each(|row| row.swap(a, b));
        self.sums.swap(a, b);
        self.sums.iter_mut().flatten().for_each(|row| row.swap(a, b));
        self.squares.swap(a, b);
        self.squares.iter_mut().flatten().for_each(|row| row.swap(a, b));
    }
}

/// A statistic given the previous state becomes the same statistic given the present one.
fn carried<const K: usize>(given_before: &[f64; K], origins: &[[f64; K]; K]) -> [f64; K] {
    let mut given_now = [0.0; K];
    for (rate, row) in given_before.iter().zip(origins) {
        for (sum, share) in given_now.iter_mut().zip(row) {
            *sum += rate * share;
        }
    }
    given_now
}

/// Rates as probabilities that sum to one, none below the floor by more than the scaling.
fn floored<const K: usize>(rates: &[f64; K]) -> [f64; K] {
    let inverse = 1.0 / rates.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let lifted = rates.map(|rate| (rate * inverse).max(MOVE_MIN));
    let scale = 1.0 / lifted.iter().sum::<f64>();
    lifted.map(|share| share * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hmm::GaussianHmm;

    #[test]
    fn without_learning_it_filters_as_the_fixed_model_does() {
        let transitions = [[0.9, 0.1], [0.2, 0.8]];
        let (means, variances) = ([[0.0, 0.5], [1.0, -0.5]], [[0.5, 1.0], [4.0, 2.0]]);
        let rows = |of: [[f64; 2]; 2]| of.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        let mut recursion = Recursion::new(transitions, means, variances);
        let fixed = GaussianHmm {
            // The recursion moves before its first observation.
            start: vec![0.55, 0.45],
            transitions: rows(transitions),
            means: rows(means),
            variances: rows(variances),
        };
        let observation = |i: u32| [2.0 * libm::sin(f64::from(i)), libm::cos(f64::from(2 * i))];
        let observations: Vec<Vec<f64>> = (0..50).map(|i| observation(i).to_vec()).collect();
        for (i, want) in fixed.filtered(&observations).iter().enumerate() {
            recursion.observe(&observation(i as u32), 0.0);
            assert!((recursion.posterior[0] - want[0]).abs() < 1e-12, "{i}");
        }
    }

    #[test]
    fn states_that_change_places_take_everything_with_them() {
        let moves = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]];
        let mut recursion = Recursion::new(moves, [[1.0], [2.0], [3.0]], [[3.0], [2.0], [1.0]]);
        recursion.order();
        let turned = [[0.4, 0.3, 0.3], [0.1, 0.7, 0.2], [0.1, 0.1, 0.8]];
        let want = Recursion::new(turned, [[3.0], [2.0], [1.0]], [[1.0], [2.0], [3.0]]);
        assert_eq!(recursion, want);
    }
}
