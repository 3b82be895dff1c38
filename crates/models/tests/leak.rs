//! Nothing is learned from what a label already knew (methods §1.6, Decision 4; row a5).
//!
//! On a walk nothing can be known. Labels that look twenty bars ahead overlap, though, and so do looks back: who
//! tests on rows whose neighbours it learned from believes it knows much. Our own splits must not.

use stats::labels::{Span, Split, purged_folds, purged_walk_forward};

use scenarios::Dice;

const SEEDS: u64 = 200;
/// Rows of a walk.
const ROWS: usize = 1_000;
/// Of the tested rows every fourth is guessed: those between say much the same.
const EVERY: usize = 4;
/// Bars that a label looks ahead.
const AHEAD: usize = 20;
/// Moves over so many bars are what a row tells.
const BACK: [usize; 3] = [20, 40, 80];
const NEIGHBOURS: usize = 5;
/// Tests much shorter than labels: without a purge every tested row has neighbours that saw its future.
const FOLDS: usize = ROWS / 5;

/// Rows of a walk, with what came after each.
struct Walk {
    rows: Vec<[f64; BACK.len()]>,
    up: Vec<bool>,
    spans: Vec<Span>,
}

impl Walk {
    fn new(seed: u64) -> Walk {
        let mut dice = Dice::new(seed);
        let longest = BACK[BACK.len() - 1];
        let mut level = 0.0;
        let levels: Vec<f64> = (0..longest + ROWS + AHEAD)
            .map(|_| {
                level += dice.normal();
                level
            })
            .collect();
        let row =
            |at: usize| BACK.map(|back| (levels[at] - levels[at - back]) / (back as f64).sqrt());
        let bars = longest..longest + ROWS;
        Walk {
            rows: bars.clone().map(row).collect(),
            up: bars.map(|at| levels[at + AHEAD] > levels[at]).collect(),
            spans: (0..ROWS).map(|at| Span { from: at, to: at + AHEAD }).collect(),
        }
    }

    /// The same rows, each with the label of another.
    fn permuted(mut self, seed: u64) -> Walk {
        let mut dice = Dice::new(seed ^ 0x9e37);
        for at in (1..self.up.len()).rev() {
            self.up.swap(at, dice.below(at as u64 + 1) as usize);
        }
        self
    }

    /// What most of the nearest rows came to.
    fn guess(&self, at: usize, learned: &[usize]) -> bool {
        let distance = |other: usize| -> f64 {
            self.rows[at]
                .iter()
                .zip(&self.rows[other])
                .map(|(one, two)| (one - two) * (one - two))
                .sum()
        };
        let mut near: Vec<(f64, usize)> =
            learned.iter().map(|other| (distance(*other), *other)).collect();
        near.select_nth_unstable_by(NEIGHBOURS, |one, two| one.0.total_cmp(&two.0));
        let up = near[..NEIGHBOURS].iter().filter(|(_, other)| self.up[*other]).count();
        2 * up > NEIGHBOURS
    }

    /// The mean of how many that rose and how many that fell were told apart; a half is chance.
    fn balanced_accuracy(&self, tests: &[(Vec<usize>, Vec<usize>)]) -> f64 {
        let (mut right, mut all) = ([0.0; 2], [0.0; 2]);
        for (learned, tested) in tests.iter().filter(|(learned, _)| learned.len() > NEIGHBOURS) {
            for at in tested.iter().filter(|at| at.is_multiple_of(EVERY)) {
                let class = usize::from(self.up[*at]);
                all[class] += 1.0;
                right[class] += f64::from(u8::from(self.guess(*at, learned) == self.up[*at]));
            }
        }
        0.5 * (right[0] / all[0] + right[1] / all[1])
    }
}

fn tests_of(splits: Vec<Split>) -> Vec<(Vec<usize>, Vec<usize>)> {
    splits.into_iter().map(|split| (split.train, split.test.collect())).collect()
}

/// What shares a bar with the test is left out.
fn purged(walk: &Walk) -> Vec<(Vec<usize>, Vec<usize>)> {
    tests_of(purged_folds(&walk.spans, FOLDS, AHEAD))
}

/// The planted bug: labels are taken to know no bar but their own, so that nothing is left out.
fn unpurged(walk: &Walk) -> Vec<(Vec<usize>, Vec<usize>)> {
    let spans: Vec<Span> = walk.spans.iter().map(|span| Span { to: span.from, ..*span }).collect();
    tests_of(purged_folds(&spans, FOLDS, 0))
}

fn forward(walk: &Walk) -> Vec<(Vec<usize>, Vec<usize>)> {
    tests_of(purged_walk_forward(&walk.spans, FOLDS, 0))
}

/// Rows dealt to five folds at random: the habit this test is about.
fn shuffled(seed: u64) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut dice = Dice::new(seed ^ 0x5eed);
    let fold: Vec<u64> = (0..ROWS).map(|_| dice.below(5)).collect();
    let rows = |keep: &dyn Fn(u64) -> bool| (0..ROWS).filter(|at| keep(fold[*at])).collect();
    (0..5).map(|test| (rows(&|fold| fold != test), rows(&|fold| fold == test))).collect()
}

/// The mean over all seeds.
fn mean(of: impl Fn(u64) -> f64) -> f64 {
    (0..SEEDS).map(of).sum::<f64>() / SEEDS as f64
}

#[test]
fn on_a_walk_purged_folds_know_nothing_and_shuffled_ones_believe_they_do() {
    let purged = mean(|seed| {
        let walk = Walk::new(seed);
        walk.balanced_accuracy(&purged(&walk))
    });
    let shuffled = mean(|seed| Walk::new(seed).balanced_accuracy(&shuffled(seed)));
    assert!((purged - 0.5).abs() <= 0.02, "purged {purged}");
    assert!(shuffled >= 0.62, "shuffled {shuffled}");
}

#[test]
fn going_forward_knows_nothing_either() {
    let forward = mean(|seed| {
        let walk = Walk::new(seed);
        walk.balanced_accuracy(&forward(&walk))
    });
    assert!((forward - 0.5).abs() <= 0.02, "forward {forward}");
}

#[test]
fn with_the_purge_taken_out_the_test_would_fail() {
    let unpurged = mean(|seed| {
        let walk = Walk::new(seed);
        walk.balanced_accuracy(&unpurged(&walk))
    });
    assert!(unpurged > 0.60, "unpurged {unpurged}");
}

#[test]
fn labels_dealt_at_random_are_guessed_by_nobody() {
    let purged = mean(|seed| {
        let walk = Walk::new(seed).permuted(seed);
        walk.balanced_accuracy(&purged(&walk))
    });
    let shuffled = mean(|seed| Walk::new(seed).permuted(seed).balanced_accuracy(&shuffled(seed)));
    assert!((purged - 0.5).abs() <= 0.01, "purged {purged}");
    assert!((shuffled - 0.5).abs() <= 0.01, "shuffled {shuffled}");
}
