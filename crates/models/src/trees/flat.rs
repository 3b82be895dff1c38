//! Grown trees, side by side in one array.

use rayon::prelude::*;

use super::fit::Matrix;
use super::spec::Algorithm;

/// A split, or a leaf. Children come after their parent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    /// The feature that is asked for; [`Node::LEAF`] of a leaf.
    pub feature: u16,
    /// Where to go when it is absent.
    pub absent_left: bool,
    /// Below it to the left.
    pub threshold: f32,
    /// Places among all nodes.
    pub left: u32,
    /// See `left`.
    pub right: u32,
    /// What a leaf adds to the log-odds.
    pub value: f32,
    /// What the split gained in training, half nats.
    pub gain: f32,
    /// Curvature of the training rows that came by.
    pub cover: f32,
}

impl Node {
    /// No feature.
    pub(super) const LEAF: u16 = u16::MAX;

    /// One that says this, and what came by.
    pub(super) fn leaf(value: f32, cover: f32) -> Node {
        let (feature, absent_left, threshold, gain) = (Node::LEAF, false, 0.0, 0.0);
        Node { feature, absent_left, threshold, left: 0, right: 0, value, gain, cover }
    }

    /// Where a value goes.
    pub(super) fn child(&self, value: f32) -> usize {
        let left = if value.is_finite() { value < self.threshold } else { self.absent_left };
        if left { self.left as usize } else { self.right as usize }
    }
}

/// Boosted trees as they were fitted. Values are looked at in single precision, in which learning sets are
/// kept, so that a row gets the same answer when it is decided on and when it is learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Trees {
    pub(super) algorithm: Algorithm,
    pub(super) features: u32,
    /// Log-odds before any tree.
    pub(super) start: f64,
    /// Each tree's first node.
    pub(super) roots: Vec<u32>,
    pub(super) nodes: Vec<Node>,
}

impl Trees {
    /// How they were grown.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Numbers in a row.
    pub fn features(&self) -> usize {
        self.features as usize
    }

    /// How many trees there are.
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Log-odds of a win; NaN stands for what is absent, as does what the row is too short for.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        self.log_odds_by(|feature| row.get(feature).map_or(f32::NAN, |value| *value as f32))
    }

    /// The probability of a win.
    pub fn probability(&self, row: &[f64]) -> f64 {
        logistic(self.log_odds(row))
    }

    /// The probability of each row: what [`Trees::probability`] says of it, to the bit, on all threads.
    pub fn probabilities(&self, rows: Matrix<'_>) -> Vec<f64> {
        let at =
            |row: &[f32]| logistic(self.log_odds_by(|f| row.get(f).copied().unwrap_or(f32::NAN)));
        rows.values.par_chunks_exact(rows.features.max(1)).map(at).collect()
    }

    /// The one way a row takes through all trees.
    fn log_odds_by(&self, value: impl Fn(usize) -> f32) -> f64 {
        let mut log_odds = self.start;
        for root in &self.roots {
            log_odds += f64::from(walk(&self.nodes, *root as usize, &value));
        }
        log_odds
    }

    /// What splits on each feature gained in training, half nats.
    pub fn gains(&self) -> Vec<f64> {
        let mut gains = vec![0.0; self.features()];
        for node in self.nodes.iter().filter(|node| node.feature != Node::LEAF) {
            gains[usize::from(node.feature)] += f64::from(node.gain);
        }
        gains
    }
}

/// What the tree that begins at `root` says.
pub(super) fn walk(nodes: &[Node], root: usize, value: &impl Fn(usize) -> f32) -> f32 {
    let mut node = &nodes[root];
    while node.feature != Node::LEAF {
        node = &nodes[node.child(value(usize::from(node.feature)))];
    }
    node.value
}

/// The probability of log-odds.
pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}
