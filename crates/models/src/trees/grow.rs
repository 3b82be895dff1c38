//! One tree, grown by `forust-ml`: level by level as a whole, leaf by leaf a split at a time, since its own
//! leaf-wise order asks how good a leaf is and not how much its split gains.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use forust_ml::Matrix as Columns;
use forust_ml::binning::TiledBins;
use forust_ml::constraints::ConstraintMap;
use forust_ml::gradientbooster::GrowPolicy;
use forust_ml::sampler::SampleMethod;
use forust_ml::splitter::MissingImputerSplitter;
use forust_ml::tree::{Tree, TreeRows};

use super::bins::Bins;
use super::flat::Node;
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
            Algorithm::Lightgbm => self.by_leaf(seen, loss),
        }
    }

    fn by_level(&self, seen: Option<Vec<usize>>, loss: Loss<'_>) -> Grown {
        let (tree, rows) = self.fit(seen, loss, self.spec.leaves, self.spec.depth);
        let nodes = (0..tree.nodes.len()).map(|at| node(&tree, at)).collect();
        let of = |rows: TreeRows| {
            let leaves = rows.leaves(&tree).map(|(rows, value)| (rows.to_vec(), value as f32));
            leaves.collect()
        };
        Grown { nodes, leaves: rows.map(of) }
    }

    fn by_leaf(&self, seen: Option<Vec<usize>>, loss: Loss<'_>) -> Grown {
        let Some((stump, rows)) = self.split(seen.clone(), loss) else {
            return self.by_level(seen, loss);
        };
        let mut nodes = vec![Node { left: 0, right: 0, ..stump[0] }];
        let mut waiting = BinaryHeap::from([Split { at: 0, depth: 0, stump, rows }]);
        let (mut leaves, mut done) = (1, Vec::new());
        while let Some(split) = waiting.pop() {
            leaves += 1;
            let first = nodes.len();
            nodes[split.at] =
                Node { left: first as u32, right: first as u32 + 1, ..split.stump[0] };
            nodes.extend_from_slice(&split.stump[1..]);
            for (child, rows) in split.rows.into_iter().enumerate() {
                let (at, depth) = (first + child, split.depth + 1);
                let value = nodes[at].value;
                // The last split's children stay leaves: nobody asks how they could be split.
                let may = depth < self.spec.depth && leaves < self.spec.leaves;
                match may.then(|| self.split(Some(rows.clone()), loss)).flatten() {
                    Some((stump, rows)) => {
                        waiting.push(Split { at, depth, stump, rows });
                    }
                    None => done.push((rows, value)),
                }
            }
            if leaves >= self.spec.leaves {
                break;
            }
        }
        for split in waiting {
            let value = nodes[split.at].value;
            done.extend(split.rows.into_iter().map(|rows| (rows, value)));
        }
        Grown { nodes, leaves: Some(done) }
    }

    /// The best split of these rows and who goes where; nothing where no split gains.
    fn split(
        &self,
        seen: Option<Vec<usize>>,
        loss: Loss<'_>,
    ) -> Option<([Node; 3], [Vec<usize>; 2])> {
        let (tree, rows) = self.fit(seen, loss, 2, 1);
        let rows = rows.filter(|_| tree.nodes.len() == 3)?;
        let of = |at: usize| rows.ranges.get(at).map(|(from, to)| rows.index[*from..*to].to_vec());
        Some(([0, 1, 2].map(|at| node(&tree, at)), [of(1)?, of(2)?]))
    }

    fn fit(
        &self,
        seen: Option<Vec<usize>>,
        loss: Loss<'_>,
        leaves: usize,
        depth: usize,
    ) -> (Tree, Option<TreeRows>) {
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
            leaves,
            depth,
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
        // Beyond all values there are bounds that single precision does not know.
        threshold: node.split_value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32,
        left: node.left_child as u32,
        right: node.right_child as u32,
        value: 0.0,
        gain: node.split_gain,
        cover: node.hessian_sum,
    }
}

/// A leaf that could be split.
struct Split {
    at: usize,
    depth: usize,
    stump: [Node; 3],
    rows: [Vec<usize>; 2],
}

impl Split {
    /// What gains most first, what came first among equals. Gains are positive, and bits of positive numbers
    /// are in order.
    fn key(&self) -> (u32, Reverse<usize>) {
        (self.stump[0].gain.to_bits(), Reverse(self.at))
    }
}

impl Ord for Split {
    fn cmp(&self, other: &Split) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Split {
    fn partial_cmp(&self, other: &Split) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Split {
    fn eq(&self, other: &Split) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Split {}
