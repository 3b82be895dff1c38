//! What trees to grow.

use super::saved::{DEPTH_MAX, NODES_MAX, TREES_MAX};
use crate::FitError;

/// How trees grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Level by level, every leaf that gains (XGBoost, Chen & Guestrin 2016).
    Xgboost,
    /// The leaf that gains most first (LightGBM, Ke et al. 2017).
    Lightgbm,
}

impl Algorithm {
    /// Both.
    pub const ALL: [Algorithm; 2] = [Algorithm::Xgboost, Algorithm::Lightgbm];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Xgboost => "xgboost",
            Algorithm::Lightgbm => "lightgbm",
        }
    }
}

/// Which rows a tree is grown on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// All.
    All,
    /// This share, drawn anew for each tree; 0..=1.
    Share(f64),
    /// Gradient-based one-side sampling (Ke et al. 2017, section 3): the `top` share of rows that err most and
    /// `other`, a share of all rows drawn from the rest, which count for the rest. The first 1 / rate trees see
    /// all rows, as in LightGBM: before them errors say little.
    Goss {
        /// 0..1, above 0.
        top: f64,
        /// 0..1, above 0.
        other: f64,
    },
}

/// What trees to grow, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeSpec {
    /// How they grow.
    pub algorithm: Algorithm,
    /// How many, 1..=10,000.
    pub trees: usize,
    /// What each tree is shrunk by, above 0 and at most 1.
    pub rate: f64,
    /// Splits from the root to a leaf at most, 1..=64.
    pub depth: usize,
    /// Leaves of a tree at most, 2..=65,536.
    pub leaves: usize,
    /// Least curvature of the loss in a leaf, the sum of weight · p (1 - p): XGBoost's `min_child_weight`.
    pub curvature_min: f64,
    /// Fewest rows of weight 1 in a leaf: LightGBM's `min_data_in_leaf`, counted by curvature, in which a row
    /// counts for one as long as its chance is the base rate, and for less as it is nearer to 0 or 1.
    pub rows_min: f64,
    /// Penalty on the square of a leaf.
    pub l2: f64,
    /// What a split must gain at least, half nats: XGBoost's `gamma`.
    pub gain_min: f64,
    /// Classes that a feature's values are sorted into before trees look at them, 2..=65,000.
    pub bins: usize,
    /// Which rows a tree is grown on.
    pub sampling: Sampling,
    /// Of the draws.
    pub seed: u64,
}

impl TreeSpec {
    /// The algorithm as it is published, with the defaults that interface.md names: 100 trees at .1, depth 6 or
    /// 31 leaves; twenty rows to a leaf at least, for both. The rest are the defaults of XGBoost 3 and LightGBM 4.
    pub fn published(algorithm: Algorithm) -> TreeSpec {
        let spec = TreeSpec {
            algorithm,
            trees: 100,
            rate: 0.1,
            depth: 6,
            leaves: 64,
            curvature_min: 1.0,
            rows_min: 20.0,
            l2: 1.0,
            gain_min: 0.0,
            bins: 255,
            sampling: Sampling::All,
            seed: 0,
        };
        match algorithm {
            Algorithm::Xgboost => spec,
            Algorithm::Lightgbm => {
                TreeSpec { depth: 64, leaves: 31, curvature_min: 1e-3, l2: 0.0, ..spec }
            }
        }
    }

    /// As this house fits them. Labels of trades are nearly noise and their rows overlap about tenfold: half the
    /// published rate, and a penalty that holds back what fewer rows say. The two differ where their algorithms
    /// do, or the ensemble would hear one model twice: XGBoost's trees are even, four splits deep on four fifths
    /// of the rows, with leaves of fifty rows, some five outcomes' worth; LightGBM's follow what gains most, up to
    /// 31 leaves of thirty rows on the rows that err most.
    /// Chosen: with three splits the first misses what two features say only together; the second can tell small
    /// groups apart, which its penalty of ten makes it believe less.
    pub fn product(algorithm: Algorithm) -> TreeSpec {
        let spec = TreeSpec { trees: 60, rate: 0.05, bins: 63, ..TreeSpec::published(algorithm) };
        match algorithm {
            Algorithm::Xgboost => TreeSpec {
                depth: 4,
                leaves: 16,
                rows_min: 50.0,
                l2: 5.0,
                sampling: Sampling::Share(0.8),
                ..spec
            },
            Algorithm::Lightgbm => TreeSpec {
                depth: 8,
                leaves: 31,
                rows_min: 30.0,
                l2: 10.0,
                sampling: Sampling::Goss { top: 0.3, other: 0.3 },
                ..spec
            },
        }
    }

    /// Why no tree can be grown by it, if so.
    pub(super) fn check(&self) -> Result<(), FitError> {
        let within = |value: usize, from: usize, to: usize| (from..=to).contains(&value);
        let finite = |value: f64| (0.0..1e9).contains(&value);
        let sampling = match self.sampling {
            Sampling::All => true,
            Sampling::Share(share) => share > 0.0 && share <= 1.0,
            Sampling::Goss { top, other } => top > 0.0 && other > 0.0 && top + other <= 1.0,
        };
        let nodes = self.trees.saturating_mul(2 * self.leaves.min(65_536));
        let checks = [
            (within(self.trees, 1, TREES_MAX), "trees must be 1 to 10,000"),
            (self.rate > 0.0 && self.rate <= 1.0, "the rate of trees must lie in 0..=1, above 0"),
            (within(self.depth, 1, DEPTH_MAX), "the depth of a tree must be 1 to 64"),
            (within(self.leaves, 2, 65_536), "leaves of a tree must be 2 to 65,536"),
            (nodes <= NODES_MAX, "so many trees of so many leaves could not be saved"),
            (finite(self.curvature_min), "the least curvature in a leaf must be finite, 0 or more"),
            (finite(self.rows_min), "the fewest rows in a leaf must be finite, 0 or more"),
            (finite(self.l2), "the penalty on leaves must be finite, 0 or more"),
            (finite(self.gain_min), "the least gain of a split must be finite, 0 or more"),
            (within(self.bins, 2, 65_000), "bins must be 2 to 65,000"),
            (
                sampling,
                "the shares of rows that trees see must lie in 0..=1, above 0, together too",
            ),
        ];
        match checks.into_iter().find(|(fine, _)| !fine) {
            Some((_, what)) => Err(FitError::BadParameter { what: what.into() }),
            None => Ok(()),
        }
    }
}
