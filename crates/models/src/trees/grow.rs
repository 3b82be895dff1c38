//! One tree: level by level by `forust-ml`, leaf by leaf by ours, from the same classes.

use forust_ml::Matrix as Columns;
use forust_ml::binning::TiledBins;
use forust_ml::constraints::ConstraintMap;
use forust_ml::gradientbooster::GrowPolicy;
use forust_ml::sampler::SampleMethod;
use forust_ml::splitter::MissingImputerSplitter;
use forust_ml::tree::{Tree, TreeRows};

use super::bins::{Bins, single};
use super::flat::Node;
use super::leafwise::Leafwise;
use super::spec::{Algorithm, TreeSpec};

/// A tree, and where the rows that it was grown on ended.
pub(super) struct Grown {
    /// Its nodes; places of children count from its first.
    pub nodes: Vec<Node>,
    /// Each leaf's rows and what it says; nothing where the grower lost sight of them.
    pub leaves: Option<Vec<(Vec<usize>, f32)>>,
}

/// What all trees of a fit are grown from.
pub(super) struct Grower<'a> {
    bins: &'a Bins,
    columns: Columns<'a, u16>,
    tiles: TiledBins,
    features: Vec<usize>,
    splitter: MissingImputerSplitter,
    spec: &'a TreeSpec,
    parallel: bool,
}

/// Slopes and curvatures of the loss, by row.
#[derive(Clone, Copy)]
pub(super) struct Loss<'a> {
    pub slopes: &'a [f32],
    pub curvatures: &'a [f32],
}

impl Loss<'_> {
    pub(super) fn of(&self, row: usize) -> [f64; 2] {
        [f64::from(self.slopes[row]), f64::from(self.curvatures[row])]
    }
}

impl<'a> Grower<'a> {
    /// `curvature_min` is the least curvature in a leaf, above what rounding leaves of an empty one.
    pub(super) fn new(
        bins: &'a Bins,
        spec: &'a TreeSpec,
        curvature_min: f32,
        parallel: bool,
    ) -> Grower<'a> {
        let columns = bins.columns();
        Grower {
            bins,
            tiles: TiledBins::new(&columns, &bins.cuts, parallel),
            features: (0..columns.cols).collect(),
            columns,
            splitter: MissingImputerSplitter {
                l1: 0.0,
                l2: spec.l2 as f32,
                max_delta_step: 0.0,
                gamma: spec.gain_min as f32,
                min_leaf_weight: curvature_min,
                learning_rate: spec.rate as f32,
                allow_missing_splits: true,
                constraints_map: ConstraintMap::new(),
            },
            spec,
            parallel,
        }
    }

    /// A tree on these rows, or on all.
    pub(super) fn grow(&self, seen: Option<Vec<usize>>, loss: Loss<'_>) -> Grown {
        match self.spec.algorithm {
            Algorithm::Xgboost => self.by_level(seen, loss),
            Algorithm::Lightgbm => {
                let rows = seen.unwrap_or_else(|| self.columns.index.clone());
                self.leafwise().grow(rows, loss)
            }
        }
    }

    fn leafwise(&self) -> Leafwise<'_> {
        Leafwise {
            bins: self.bins,
            tiles: &self.tiles,
            spec: self.spec,
            curvature_min: f64::from(self.splitter.min_leaf_weight),
            parallel: self.parallel,
        }
    }

    fn by_level(&self, seen: Option<Vec<usize>>, loss: Loss<'_>) -> Grown {
        let (tree, rows) = self.fit(seen, loss);
        let nodes = (0..tree.nodes.len()).map(|at| node(&tree, at)).collect();
        let of = |rows: TreeRows| {
            let leaves = rows.leaves(&tree).map(|(rows, value)| (rows.to_vec(), value as f32));
            leaves.collect()
        };
        Grown { nodes, leaves: rows.map(of) }
    }

    fn fit(&self, seen: Option<Vec<usize>>, loss: Loss<'_>) -> (Tree, Option<TreeRows>) {
        let (rows, method) = match seen {
            Some(rows) => (rows, SampleMethod::Random),
            None => (self.columns.index.clone(), SampleMethod::None),
        };
        let mut tree = Tree::new();
        let rows = tree.fit_with_tiles(
            &self.columns,
            rows,
            &self.features,
            &self.bins.cuts,
            loss.slopes,
            loss.curvatures,
            &self.splitter,
            self.spec.leaves,
            self.spec.depth,
            self.parallel,
            &method,
            &GrowPolicy::DepthWise,
            Some(&self.tiles),
        );
        (tree, rows)
    }
}

/// A grown node as we keep it.
fn node(tree: &Tree, at: usize) -> Node {
    let node = &tree.nodes[at];
    if node.is_leaf {
        return Node::leaf(node.weight_value, node.hessian_sum);
    }
    Node {
        feature: node.split_feature as u16,
        absent_left: node.missing_node == node.left_child,
        threshold: single(node.split_value),
        left: node.left_child as u32,
        right: node.right_child as u32,
        value: 0.0,
        gain: node.split_gain,
        cover: node.hessian_sum,
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use forust_ml::GradientBooster;

    use super::*;
    use crate::trees::{Matrix, Trees, fit_trees};

    const FEATURES: usize = 5;

    /// Coarse values, so that the grower's own classes and ours part the same rows; some are absent.
    fn rows(count: u64) -> (Vec<f32>, Vec<bool>) {
        let bits = |at: u64| {
            let word = at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (word ^ (word >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
        };
        let value = |at: u64| match bits(at) % 41 {
            40 => f32::NAN,
            coarse => coarse as f32 - 20.0,
        };
        let values: Vec<f32> = (0..count * FEATURES as u64).map(value).collect();
        let label = |(at, row): (usize, &[f32])| {
            let noise = (bits(1_000_003 * at as u64) % 20) as f32 - 10.0;
            row[0] + 0.2 * row[1] * row[2] + if row[3].is_nan() { 15.0 } else { noise } > 0.0
        };
        let labels = values.chunks(FEATURES).enumerate().map(label).collect();
        (values, labels)
    }

    #[test]
    fn level_by_level_we_fit_and_predict_what_the_grower_would_on_its_own() {
        let (values, labels) = rows(2_000);
        let spec = TreeSpec {
            trees: 12,
            rows_min: 0.0,
            curvature_min: 3.0,
            ..TreeSpec::published(Algorithm::Xgboost)
        };
        let matrix = Matrix { values: &values, features: FEATURES };
        let weights = vec![1.0; labels.len()];
        let ours: Trees =
            fit_trees(matrix, &labels, &weights, &spec, &mut |_| ControlFlow::Continue(()))
                .unwrap();
        let columns: Vec<f64> = (0..FEATURES)
            .flat_map(|feature| values.iter().skip(feature).step_by(FEATURES))
            .map(|value| f64::from(*value))
            .collect();
        let columns = Columns::new(&columns, labels.len(), FEATURES);
        let y: Vec<f64> = labels.iter().map(|won| f64::from(u8::from(*won))).collect();
        let mut theirs = GradientBooster::default();
        theirs.iterations = spec.trees;
        theirs.learning_rate = spec.rate as f32;
        theirs.max_depth = spec.depth;
        theirs.max_leaves = spec.leaves;
        theirs.l2 = spec.l2 as f32;
        theirs.min_leaf_weight = spec.curvature_min as f32;
        theirs.nbins = spec.bins as u16;
        theirs.initialize_base_score = true;
        theirs.parallel = false;
        theirs.missing = f64::NAN;
        theirs.fit_unweighted(&columns, &y, None).unwrap();
        for (at, theirs) in theirs.predict(&columns, false).into_iter().enumerate() {
            let row: Vec<f64> = (0..FEATURES).map(|f| *columns.get(at, f)).collect();
            let ours = ours.log_odds(&row);
            assert!((ours - theirs).abs() <= 1e-6, "row {at}: {ours}, and the grower {theirs}");
        }
    }
}
