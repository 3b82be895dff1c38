//! Row a5 of the honesty bench: labels that overlap leak into a shuffled test and not into a purged one.

use stats::labels::{Span, Split, purged_folds};

/// Bars a label looks ahead.
const AHEAD: usize = 20;
/// Bars of one walk.
const BARS: usize = 600;
const FOLDS: usize = 5;
const NEIGHBOURS: usize = 5;

/// SplitMix64, in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// What is seen at each bar of a walk, whether it rises over the next bars, and which bars that label knows.
struct Walk {
    seen: Vec<[f64; 3]>,
    rises: Vec<bool>,
    spans: Vec<Span>,
}

impl Walk {
    fn of(seed: u64) -> Walk {
        const BEHIND: [usize; 3] = [10, 20, 40];
        let mut dice = seed;
        let mut price = vec![0.0_f64];
        for _ in 0..BARS {
            let step: f64 = (0..12).map(|_| uniform(&mut dice)).sum::<f64>() - 6.0;
            price.push(price[price.len() - 1] + step);
        }
        let bars = BEHIND[2]..BARS - AHEAD;
        Walk {
            seen: bars.clone().map(|t| BEHIND.map(|back| price[t] - price[t - back])).collect(),
            rises: bars.clone().map(|t| price[t + AHEAD] > price[t]).collect(),
            spans: bars.map(|t| Span { from: t, to: t + AHEAD }).collect(),
        }
    }

    /// The same with labels dealt out anew.
    fn permuted(mut self, seed: u64) -> Walk {
        let mut dice = seed ^ 0xabcd;
        for at in (1..self.rises.len()).rev() {
            self.rises.swap(at, (uniform(&mut dice) * (at + 1) as f64) as usize);
        }
        self
    }

    fn neighbours_say(&self, at: usize, train: &[usize]) -> bool {
        let far = |other: usize| -> f64 {
            let pairs = self.seen[at].iter().zip(&self.seen[other]);
            pairs.map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let mut nearest: Vec<(f64, usize)> =
            train.iter().map(|&other| (far(other), other)).collect();
        nearest.select_nth_unstable_by(NEIGHBOURS, |a, b| a.0.total_cmp(&b.0));
        let rise = nearest[..NEIGHBOURS].iter().filter(|(_, other)| self.rises[*other]).count();
        2 * rise > NEIGHBOURS
    }

    /// Mean of the shares right among those that rose and those that fell, over all folds together.
    fn balanced_accuracy(&self, folds: &[(Vec<usize>, Vec<usize>)]) -> f64 {
        let (mut right, mut all) = ([0.0; 2], [0.0; 2]);
        for (train, test) in folds {
            for &at in test {
                let rose = usize::from(self.rises[at]);
                all[rose] += 1.0;
                right[rose] += f64::from(self.neighbours_say(at, train) == self.rises[at]);
            }
        }
        (right[0] / all[0] + right[1] / all[1]) / 2.0
    }

    fn purged(&self) -> f64 {
        let lists = |split: Split| (split.train, split.test.collect());
        let folds = purged_folds(&self.spans, FOLDS, AHEAD);
        self.balanced_accuracy(&folds.into_iter().map(lists).collect::<Vec<_>>())
    }

    fn shuffled(&self, seed: u64) -> f64 {
        let mut dice = seed ^ 0x1234;
        let fold: Vec<usize> =
            self.rises.iter().map(|_| (uniform(&mut dice) * FOLDS as f64) as usize).collect();
        let places = |is: &dyn Fn(usize) -> bool| (0..fold.len()).filter(|&at| is(at)).collect();
        let folds = (0..FOLDS)
            .map(|test| (places(&|at| fold[at] != test), places(&|at| fold[at] == test)))
            .collect::<Vec<_>>();
        self.balanced_accuracy(&folds)
    }
}

#[test]
fn neighbours_on_a_walk_know_the_future_only_where_labels_leak() {
    const SEEDS: u64 = 200;
    let mean = |of: &dyn Fn(u64) -> f64| (0..SEEDS).map(of).sum::<f64>() / SEEDS as f64;
    let purged = mean(&|seed| Walk::of(seed).purged());
    let shuffled = mean(&|seed| Walk::of(seed).shuffled(seed));
    eprintln!("purged {purged:.3}, shuffled {shuffled:.3}");
    assert!((purged - 0.5).abs() <= 0.02, "{purged}");
    assert!(shuffled >= 0.62, "{shuffled}");
}

#[test]
fn where_labels_are_dealt_out_anew_nobody_knows_anything() {
    const SEEDS: u64 = 100;
    let mean = |of: &dyn Fn(u64) -> f64| (0..SEEDS).map(of).sum::<f64>() / SEEDS as f64;
    let purged = mean(&|seed| Walk::of(seed).permuted(seed).purged());
    let shuffled = mean(&|seed| Walk::of(seed).permuted(seed).shuffled(seed));
    eprintln!("purged {purged:.3}, shuffled {shuffled:.3}");
    assert!((purged - 0.5).abs() <= 0.01 && (shuffled - 0.5).abs() <= 0.01, "{purged} {shuffled}");
}
