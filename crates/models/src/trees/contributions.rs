//! What each feature adds to what trees say of a row: exact Shapley values over the paths that training rows
//! took (Lundberg, Erion & Lee 2018, section 3). Written out leaf by leaf instead of unwound: no division, so
//! nothing is lost where a path's share is small.

use super::flat::{Node, Trees};

/// A feature on the way to a leaf.
#[derive(Clone, Copy)]
struct Step {
    feature: u16,
    /// The share of training rows that go this way.
    share: f64,
    /// Whether the row does: 1 or 0.
    taken: f64,
}

impl Trees {
    /// Log-odds of a row of which nothing is known: what training rows got on average, each counting by its
    /// curvature.
    pub fn base_log_odds(&self) -> f64 {
        let mut means = vec![0.0; self.nodes.len()];
        // Children come after their parent.
        for (at, node) in self.nodes.iter().enumerate().rev() {
            means[at] = if node.feature == Node::LEAF {
                f64::from(node.value)
            } else {
                let left = self.share_left(node);
                left * means[node.left as usize] + (1.0 - left) * means[node.right as usize]
            };
        }
        self.start + self.roots.iter().map(|root| means[*root as usize]).sum::<f64>()
    }

    /// What each feature adds to the log-odds of this row. With [`Trees::base_log_odds`] they sum up to
    /// [`Trees::log_odds`].
    pub fn contributions(&self, row: &[f64]) -> Vec<f64> {
        let mut added = vec![0.0; self.features()];
        for root in &self.roots {
            self.follow(*root, &[], row, &mut added);
        }
        added
    }

    /// The share of training rows that went left.
    fn share_left(&self, node: &Node) -> f64 {
        let cover = |child: u32| f64::from(self.nodes[child as usize].cover);
        let (left, right) = (cover(node.left), cover(node.right));
        if left + right > 0.0 { left / (left + right) } else { 0.5 }
    }

    fn follow(&self, at: u32, path: &[Step], row: &[f64], added: &mut [f64]) {
        let node = &self.nodes[at as usize];
        if node.feature == Node::LEAF {
            return share_out(f64::from(node.value), path, added);
        }
        let value = row.get(usize::from(node.feature)).map_or(f32::NAN, |value| *value as f32);
        let (taken, share_left) = (node.child(value) as u32, self.share_left(node));
        for (child, share) in [(node.left, share_left), (node.right, 1.0 - share_left)] {
            let mut further = path.to_vec();
            let taken = if child == taken { 1.0 } else { 0.0 };
            match further.iter_mut().find(|step| step.feature == node.feature) {
                Some(step) => {
                    step.share *= share;
                    step.taken *= taken;
                }
                None => further.push(Step { feature: node.feature, share, taken }),
            }
            self.follow(child, &further, row, added);
        }
    }
}

/// Shares out what a leaf says among the features on the way to it.
fn share_out(value: f64, path: &[Step], added: &mut [f64]) {
    for (at, step) in path.iter().enumerate() {
        // Coefficient k: of all sets of k other features, the share of rows that reach the leaf when those k
        // are known and the others are not.
        let mut known = vec![0.0; path.len()];
        known[0] = 1.0;
        let others = path.iter().enumerate().filter(|(other, _)| *other != at);
        for (done, (_, other)) in others.enumerate() {
            for k in (0..=done).rev() {
                known[k + 1] += known[k] * other.taken;
                known[k] *= other.share;
            }
        }
        // k! (d - 1 - k)! / d!, from k = 0 on.
        let size = path.len() as f64;
        let mut weight = 1.0 / size;
        let mut sum = 0.0;
        for (k, known) in known.iter().enumerate() {
            sum += weight * known;
            weight *= (k + 1) as f64 / (size - 1.0 - k as f64).max(1.0);
        }
        added[usize::from(step.feature)] += value * (step.taken - step.share) * sum;
    }
}
