//! Trees as bytes.
//!
//! ```text
//! u32 features, f64 log-odds before any tree, u32 trees; of each tree
//!   u32 nodes; of each node
//!     u16 feature (65,535: a leaf), u8 whether absent goes left, f32 threshold, u32 left, u32 right,
//!     f32 value, f32 gain, f32 cover
//! ```
//!
//! Places of children count from their tree's first node.

use super::flat::{Node, Trees};
use super::spec::Algorithm;
use crate::ModelError;
use crate::sealed::{self, BODY_MAX, Kind};

const NODE_BYTES: usize = 27;
/// Nodes that fit into a saved model.
pub(super) const NODES_MAX: usize = BODY_MAX / NODE_BYTES - 4 * TREES_MAX - 16;
/// Chosen: a hundred times the default.
pub(super) const TREES_MAX: usize = 10_000;
/// Splits from a root to a leaf. Chosen: leaf-wise trees of 31 leaves have at most 30.
pub(super) const DEPTH_MAX: usize = 64;

impl Algorithm {
    fn kind(self) -> Kind {
        match self {
            Algorithm::Xgboost => Kind::Xgboost,
            Algorithm::Lightgbm => Kind::Lightgbm,
        }
    }
}

impl Trees {
    /// The model as bytes that [`Trees::load`] reads back to the bit.
    pub fn save(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.nodes.len() * NODE_BYTES + 64);
        body.extend(self.features.to_le_bytes());
        body.extend(self.start.to_le_bytes());
        body.extend((self.roots.len() as u32).to_le_bytes());
        let ends = self.roots.iter().skip(1).copied().chain([self.nodes.len() as u32]);
        for (root, end) in self.roots.iter().zip(ends) {
            body.extend((end - root).to_le_bytes());
            for node in &self.nodes[*root as usize..end as usize] {
                node.write(*root, &mut body);
            }
        }
        sealed::seal(self.algorithm.kind(), &body)
    }

    /// Reads what [`Trees::save`] wrote; anything else is refused.
    pub fn load(bytes: &[u8], algorithm: Algorithm) -> Result<Trees, ModelError> {
        let mut body = Body(sealed::open(bytes, algorithm.kind())?);
        let trees = body.trees(algorithm).ok_or(ModelError::Nonsense)?;
        if body.0.is_empty() && trees.sound() { Ok(trees) } else { Err(ModelError::Nonsense) }
    }

    /// Whether these are trees: every number finite, every feature there is, every node but the first of a
    /// tree the child of exactly one before it, and no path too long.
    pub(super) fn sound(&self) -> bool {
        let ends = self.roots.iter().skip(1).copied().chain([self.nodes.len() as u32]);
        let mut spans = self.roots.iter().zip(ends);
        (1..=u32::from(Node::LEAF)).contains(&self.features)
            && self.start.is_finite()
            && (1..=TREES_MAX).contains(&self.roots.len())
            && self.roots[0] == 0
            && spans.all(|(root, end)| *root < end && self.is_tree(*root as usize, end as usize))
    }

    fn is_tree(&self, root: usize, end: usize) -> bool {
        let Some(nodes) = self.nodes.get(root..end) else { return false };
        // How deep a node lies, once its parent has been met.
        let mut depths: Vec<Option<usize>> = vec![None; nodes.len()];
        depths[0] = Some(0);
        for (at, node) in nodes.iter().enumerate() {
            let Some(depth) = depths[at] else { return false };
            if !node.is_sound(self.features) || depth > DEPTH_MAX {
                return false;
            }
            if node.feature == Node::LEAF {
                continue;
            }
            for child in [node.left as usize, node.right as usize] {
                let Some(child) = child.checked_sub(root) else { return false };
                match depths.get_mut(child) {
                    Some(unmet @ None) if child > at => *unmet = Some(depth + 1),
                    _ => return false,
                }
            }
        }
        true
    }
}

impl Node {
    fn is_sound(&self, features: u32) -> bool {
        let numbers = [self.threshold, self.value, self.gain, self.cover];
        let finite = numbers.iter().all(|number| number.is_finite()) && self.cover >= 0.0;
        let leaf = self.left == 0
            && self.right == 0
            && !self.absent_left
            && self.threshold == 0.0
            && self.gain == 0.0;
        let split = u32::from(self.feature) < features && self.value == 0.0;
        finite && if self.feature == Node::LEAF { leaf } else { split }
    }

    fn write(&self, root: u32, body: &mut Vec<u8>) {
        let from_root = |child: u32| if self.feature == Node::LEAF { 0 } else { child - root };
        body.extend(self.feature.to_le_bytes());
        body.push(u8::from(self.absent_left));
        body.extend(self.threshold.to_le_bytes());
        body.extend(from_root(self.left).to_le_bytes());
        body.extend(from_root(self.right).to_le_bytes());
        body.extend(self.value.to_le_bytes());
        body.extend(self.gain.to_le_bytes());
        body.extend(self.cover.to_le_bytes());
    }
}

/// What of a body is left to read.
struct Body<'a>(&'a [u8]);

impl Body<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn f32(&mut self) -> Option<f32> {
        self.take().map(f32::from_le_bytes)
    }

    fn trees(&mut self, algorithm: Algorithm) -> Option<Trees> {
        let features = self.u32()?;
        let start = self.take().map(f64::from_le_bytes)?;
        let (mut roots, mut nodes) = (Vec::new(), Vec::new());
        for _ in 0..self.u32()? {
            let root = nodes.len() as u32;
            roots.push(root);
            for _ in 0..self.u32()? {
                nodes.push(self.node(root)?);
            }
        }
        Some(Trees { algorithm, features, start, roots, nodes })
    }

    fn node(&mut self, root: u32) -> Option<Node> {
        let feature = self.take().map(u16::from_le_bytes)?;
        let [absent_left @ (0 | 1)] = self.take()? else { return None };
        let threshold = self.f32()?;
        let (left, right) = (self.u32()?, self.u32()?);
        let placed = |child: u32| {
            if feature == Node::LEAF { Some(child) } else { child.checked_add(root) }
        };
        Some(Node {
            feature,
            absent_left: absent_left == 1,
            threshold,
            left: placed(left)?,
            right: placed(right)?,
            value: self.f32()?,
            gain: self.f32()?,
            cover: self.f32()?,
        })
    }
}
