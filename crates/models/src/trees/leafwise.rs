//! Leaf by leaf: the split that gains most is made next (Ke et al. 2017; Shi 2007). Ours, since the grower's own
//! leaf-wise order asks how good a leaf is and not how much its split gains. Sums in double precision; of two
//! children the smaller is summed and the other is what remains.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use forust_ml::binning::TiledBins;
use rayon::prelude::*;

use super::bins::Bins;
use super::flat::Node;
use super::grow::{Grown, Loss};
use super::spec::TreeSpec;

/// What leaf-wise trees of a fit are grown from.
pub(super) struct Leafwise<'a> {
    pub bins: &'a Bins,
    pub tiles: &'a TiledBins,
    pub spec: &'a TreeSpec,
    /// Least curvature in a leaf.
    pub curvature_min: f64,
    pub parallel: bool,
}

/// Slope and curvature, summed.
type Sum = [f64; 2];

/// A leaf that could be split, and how.
struct Leaf {
    at: usize,
    depth: usize,
    rows: Vec<usize>,
    sum: Sum,
    /// Sums by class, feature after feature.
    classes: Vec<Sum>,
    split: Split,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    /// The last class that goes left.
    class: usize,
    absent_left: bool,
    left: Sum,
}

impl Leafwise<'_> {
    /// A tree on these rows.
    pub(super) fn grow(&self, rows: Vec<usize>, loss: Loss<'_>) -> Grown {
        let sum = rows.iter().fold([0.0; 2], |sum, row| plus(sum, loss.of(*row)));
        let classes = self.classes(&rows, loss);
        let mut nodes = vec![self.leaf(sum)];
        let (mut waiting, mut done) = (BinaryHeap::new(), Vec::new());
        self.wait(Waiting { at: 0, depth: 0, rows, sum }, Some(classes), &mut waiting, &mut done);
        let mut leaves = 1;
        while let Some(leaf) = waiting.pop() {
            leaves += 1;
            let left = nodes.len();
            nodes[leaf.at] = self.node(&leaf, left as u32);
            let sums = [leaf.split.left, minus(leaf.sum, leaf.split.left)];
            nodes.extend(sums.map(|sum| self.leaf(sum)));
            let rows = self.part(&leaf);
            let depth = leaf.depth + 1;
            // Children that stay leaves need no sums.
            let may = depth < self.spec.depth && leaves < self.spec.leaves;
            let classes = may.then(|| self.of_children(leaf.classes, &rows, loss));
            let [left_classes, right_classes] = classes.map_or([None, None], |of| of.map(Some));
            let [left_rows, right_rows] = rows;
            let first = Waiting { at: left, depth, rows: left_rows, sum: sums[0] };
            let second = Waiting { at: left + 1, depth, rows: right_rows, sum: sums[1] };
            self.wait(first, left_classes, &mut waiting, &mut done);
            self.wait(second, right_classes, &mut waiting, &mut done);
            if leaves >= self.spec.leaves {
                break;
            }
        }
        done.extend(waiting.into_iter().map(|leaf| (leaf.rows, leaf.at)));
        let leaves = done.into_iter().map(|(rows, at)| (rows, nodes[at].value)).collect();
        Grown { nodes, leaves: Some(leaves) }
    }

    /// A leaf waits for its turn if a split gains anything, and is done otherwise.
    fn wait(
        &self,
        leaf: Waiting,
        classes: Option<Vec<Sum>>,
        waiting: &mut BinaryHeap<Leaf>,
        done: &mut Vec<(Vec<usize>, usize)>,
    ) {
        let Waiting { at, depth, rows, sum } = leaf;
        let split = classes.and_then(|classes| Some((self.best(&classes, sum)?, classes)));
        match split {
            Some((split, classes)) => waiting.push(Leaf { at, depth, rows, sum, classes, split }),
            None => done.push((rows, at)),
        }
    }

    /// Sums by class of both children.
    fn of_children(
        &self,
        mut parent: Vec<Sum>,
        rows: &[Vec<usize>; 2],
        loss: Loss<'_>,
    ) -> [Vec<Sum>; 2] {
        let left_is_smaller = rows[0].len() < rows[1].len();
        let smaller = self.classes(&rows[usize::from(!left_is_smaller)], loss);
        parent.iter_mut().zip(&smaller).for_each(|(sum, part)| *sum = minus(*sum, *part));
        if left_is_smaller { [smaller, parent] } else { [parent, smaller] }
    }

    /// Sums by class of these rows. Each tile of features is summed by one task, row after row: the same on
    /// any number of threads.
    fn classes(&self, rows: &[usize], loss: Loss<'_>) -> Vec<Sum> {
        // Gathered once: rows lie scattered, and every tile would look them up again.
        let seen: Vec<Sum> = rows.iter().map(|row| loss.of(*row)).collect();
        let of_tile = |tile: usize| {
            let (from, width) = (self.tiles.starts[tile], self.tiles.width(tile));
            let first =
                |feature: usize| feature.checked_sub(1).map_or(0, |at| self.bins.cuts.ends[at]);
            let places: Vec<usize> = (0..width).map(|at| first(from + at) - first(from)).collect();
            let mut sums = vec![[0.0; 2]; first(from + width) - first(from)];
            let classes = &self.tiles.tiles[tile];
            for (row, seen) in rows.iter().zip(&seen) {
                let of_row = &classes[row * width..(row + 1) * width];
                for (class, place) in of_row.iter().zip(&places) {
                    let sum = &mut sums[place + usize::from(*class)];
                    *sum = plus(*sum, *seen);
                }
            }
            sums
        };
        let tiles = 0..self.tiles.tiles.len();
        let sums: Vec<Vec<Sum>> = if self.parallel {
            tiles.into_par_iter().map(of_tile).collect()
        } else {
            tiles.map(of_tile).collect()
        };
        sums.concat()
    }

    /// The split that gains most, the first among equals.
    fn best(&self, classes: &[Sum], all: Sum) -> Option<Split> {
        let mut best: Option<Split> = None;
        let mut from = 0;
        for (feature, end) in self.bins.cuts.ends.iter().enumerate() {
            let absent = classes[from];
            let mut left = [0.0; 2];
            for (class, sum) in classes[from..end - 1].iter().enumerate() {
                // Class 0 is absent: with it alone on one side, absence itself is asked for.
                if class > 0 {
                    left = plus(left, *sum);
                }
                for (absent_left, left) in [(false, left), (true, plus(left, absent))] {
                    let gain = self.gain(left, all);
                    if gain > best.map_or(self.spec.gain_min, |best| best.gain) {
                        best = Some(Split { gain, feature, class, absent_left, left });
                    }
                    if absent[1] == 0.0 {
                        break;
                    }
                }
            }
            from = *end;
        }
        best
    }

    /// What parting `left` from the rest of `all` gains, half nats; nothing where a side is too light.
    fn gain(&self, left: Sum, all: Sum) -> f64 {
        let right = minus(all, left);
        if left[1] < self.curvature_min || right[1] < self.curvature_min {
            return 0.0;
        }
        let worth = |sum: Sum| sum[0] * sum[0] / (sum[1] + self.spec.l2);
        worth(left) + worth(right) - worth(all)
    }

    /// Who goes left and who right.
    fn part(&self, leaf: &Leaf) -> [Vec<usize>; 2] {
        let column = self.bins.column(leaf.split.feature);
        let (left, right) = leaf.rows.iter().partition(|row| match usize::from(column[**row]) {
            0 => leaf.split.absent_left,
            class => class <= leaf.split.class,
        });
        [left, right]
    }

    fn leaf(&self, sum: Sum) -> Node {
        // Where rows of no weight alone were drawn, there is nothing to say.
        let curvature = (sum[1] + self.spec.l2).max(f64::MIN_POSITIVE);
        let value = -self.spec.rate * sum[0] / curvature;
        Node::leaf(value as f32, sum[1] as f32)
    }

    fn node(&self, leaf: &Leaf, left: u32) -> Node {
        let Split { gain, feature, class, absent_left, .. } = leaf.split;
        let (gain, cover) = (gain as f32, leaf.sum[1] as f32);
        let threshold = self.bins.threshold(feature, class);
        let feature = feature as u16;
        Node { feature, absent_left, threshold, left, right: left + 1, value: 0.0, gain, cover }
    }
}

/// A leaf of which nobody has asked yet how it could be split.
struct Waiting {
    at: usize,
    depth: usize,
    rows: Vec<usize>,
    sum: Sum,
}

fn plus(a: Sum, b: Sum) -> Sum {
    [a[0] + b[0], a[1] + b[1]]
}

fn minus(a: Sum, b: Sum) -> Sum {
    [a[0] - b[0], a[1] - b[1]]
}

impl Leaf {
    /// What gains most first, what came first among equals. Gains are positive, and bits of positive numbers
    /// are in order.
    fn key(&self) -> (u64, Reverse<usize>) {
        (self.split.gain.to_bits(), Reverse(self.at))
    }
}

impl Ord for Leaf {
    fn cmp(&self, other: &Leaf) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Leaf {
    fn partial_cmp(&self, other: &Leaf) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Leaf {
    fn eq(&self, other: &Leaf) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Leaf {}
