//! Does choosing the best in sample choose the best out of sample? The probability of backtest
//! overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado &
//! Zhu 2017). Without skill it is about one half, not zero.

use crate::finite;
use serde::{Deserialize, Serialize};

/// More blocks than this make more splits (184,756) than a report is worth.
const BLOCKS_MOST: usize = 20;

/// What the splits said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overfit {
    /// The share of splits whose best in sample came out in the lower half.
    pub probability: f64,
    /// Per split, in lexicographic order, ln(w / (1 - w)) for the out-of-sample rank share w.
    pub logits: Vec<f64>,
    /// Their mean.
    pub logit_mean: f64,
    /// The share of splits whose best in sample lost out of sample.
    pub loss_probability: f64,
    /// The slope of out-of-sample on in-sample Sharpe of the chosen; `None` if the latter never varies.
    pub degradation_slope: Option<f64>,
}

impl Overfit {
    /// Judges a table of returns: one row per period, one column per strategy. `blocks` is even;
    /// rows that do not fill the last block are dropped. `None` where that leaves nothing to split.
    pub fn of(rows: &[Vec<f64>], blocks: usize) -> Option<Overfit> {
        let table = Blocks::cut(rows, blocks)?;
        let mut splits = Vec::new();
        let mut chosen: Vec<usize> = (0..blocks / 2).collect();
        loop {
            splits.push(table.split(&chosen)?);
            if !next_choice(&mut chosen, blocks) {
                break;
            }
        }
        Overfit::summary(&splits)
    }

    fn summary(splits: &[Split]) -> Option<Overfit> {
        let count = splits.len() as f64;
        let share = |holds: &dyn Fn(&Split) -> bool| {
            splits.iter().filter(|split| holds(split)).count() as f64 / count
        };
        let logits: Vec<f64> = splits.iter().map(|split| split.logit).collect();
        Some(Overfit {
            probability: share(&|split| split.logit <= 0.0),
            logit_mean: finite(logits.iter().sum::<f64>() / count)?,
            logits,
            loss_probability: share(&|split| split.outside < 0.0),
            degradation_slope: slope(splits),
        })
    }
}

/// One way to halve the blocks: the best column inside and what it did outside.
struct Split {
    inside: f64,
    outside: f64,
    logit: f64,
}

/// Per block and column, the sums a Sharpe ratio is made of.
struct Blocks {
    sums: Vec<Vec<Sums>>,
    rows_per_half: f64,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    plain: f64,
    square: f64,
}

impl Blocks {
    fn cut(rows: &[Vec<f64>], blocks: usize) -> Option<Blocks> {
        let columns = rows.first()?.len();
        let sound = |row: &Vec<f64>| row.len() == columns && row.iter().all(|r| r.is_finite());
        let even = (2..=BLOCKS_MOST).contains(&blocks) && blocks.is_multiple_of(2);
        let size = rows.len().checked_div(blocks)?;
        let rows_per_half = size * blocks / 2;
        if !(even && columns > 0 && rows_per_half >= 2 && rows.iter().all(sound)) {
            return None;
        }
        let sums = rows.chunks_exact(size).take(blocks).map(|chunk| block(chunk, columns));
        Some(Blocks { sums: sums.collect(), rows_per_half: rows_per_half as f64 })
    }

    fn split(&self, chosen: &[usize]) -> Option<Split> {
        let columns = self.sums.first()?.len();
        let mut inside = vec![Sums::default(); columns];
        let mut outside = vec![Sums::default(); columns];
        for (number, block) in self.sums.iter().enumerate() {
            let half = if chosen.contains(&number) { &mut inside } else { &mut outside };
            for (sum, part) in half.iter_mut().zip(block) {
                sum.plain += part.plain;
                sum.square += part.square;
            }
        }
        let sharpes = |half: &[Sums]| -> Vec<f64> {
            half.iter().map(|sums| sums.sharpe(self.rows_per_half)).collect()
        };
        let (inside, outside) = (sharpes(&inside), sharpes(&outside));
        let best = first_largest(&inside);
        let share = average_rank(&outside, outside[best]) / (columns + 1) as f64;
        let logit = libm::log(share / (1.0 - share));
        Some(Split { inside: inside[best], outside: outside[best], logit })
    }
}

impl Sums {
    /// Mean over deviation (n - 1). A column that did not move has shown nothing: zero.
    fn sharpe(self, n: f64) -> f64 {
        let mean = self.plain / n;
        let variance = (self.square - self.plain * mean) / (n - 1.0);
        if variance <= 1e-14 * self.square / n {
            return 0.0;
        }
        mean / libm::sqrt(variance)
    }
}

fn block(rows: &[Vec<f64>], columns: usize) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); columns];
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            sum.plain += value;
            sum.square += value * value;
        }
    }
    sums
}

fn first_largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = i;
        }
    }
    best
}

/// The rank of a value among values that hold it, from one; ties share the mean of their ranks.
fn average_rank(values: &[f64], value: f64) -> f64 {
    let below = values.iter().filter(|v| **v < value).count() as f64;
    let ties = values.iter().filter(|v| **v == value).count() as f64;
    below + (ties + 1.0) / 2.0
}

/// The next choice of blocks in lexicographic order; false after the last.
fn next_choice(chosen: &mut [usize], blocks: usize) -> bool {
    let picks = chosen.len();
    let Some(turn) = (0..picks).rev().find(|&i| chosen[i] < blocks - picks + i) else {
        return false;
    };
    chosen[turn] += 1;
    for i in turn + 1..picks {
        chosen[i] = chosen[i - 1] + 1;
    }
    true
}

fn slope(splits: &[Split]) -> Option<f64> {
    let count = splits.len() as f64;
    let inside_mean = splits.iter().map(|s| s.inside).sum::<f64>() / count;
    let outside_mean = splits.iter().map(|s| s.outside).sum::<f64>() / count;
    let (mut both, mut inside) = (0.0, 0.0);
    for split in splits {
        let off = split.inside - inside_mean;
        both += off * (split.outside - outside_mean);
        inside += off * off;
    }
    if inside <= 0.0 {
        return None;
    }
    finite(both / inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_true_edge_among_noise_is_not_called_overfit() {
        let mut state = 7_u64;
        let mut noise = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let rows: Vec<Vec<f64>> = (0..400)
            .map(|_| (0..10).map(|c| noise() + if c == 3 { 0.15 } else { 0.0 }).collect())
            .collect();
        let overfit = Overfit::of(&rows, 10).unwrap();
        assert_eq!(overfit.logits.len(), 252);
        assert!(overfit.probability < 0.02, "{}", overfit.probability);
    }

    #[test]
    fn what_cannot_be_split_has_no_figure() {
        assert_eq!(Overfit::of(&[], 8), None);
        assert_eq!(Overfit::of(&[vec![0.1], vec![0.2]], 8), None);
        let rows = vec![vec![0.1, 0.2]; 40];
        for blocks in [0, 1, 7, 22] {
            assert_eq!(Overfit::of(&rows, blocks), None, "{blocks}");
        }
        // Columns that never move tie in the middle.
        assert_eq!(Overfit::of(&rows, 4).unwrap().logits, [0.0; 6]);
    }
}
