//! Hierarchical risk parity: alike symbols share one allowance.

use super::covariance::correlation_of;
use super::linear::is_covariance;

/// Weights by hierarchical risk parity and the order of symbols they were split in.
#[derive(Clone, Debug, PartialEq)]
pub struct HierarchicalParity {
    /// Positive and summing to one, in the order of the covariance.
    pub weights: Vec<f64>,
    /// Places of the symbols, alike ones beside one another.
    pub order: Vec<usize>,
}

/// Hierarchical risk parity (Lopez de Prado 2016): single linkage over distances of distances,
/// then halving the ordered list, each half weighed against the other by its variance.
pub fn hierarchical_parity(covariance: &[Vec<f64>]) -> Option<HierarchicalParity> {
    if !is_covariance(covariance) {
        return None;
    }
    let order = by_likeness(&correlation_of(covariance)?);
    let mut weights = vec![1.0; covariance.len()];
    let mut lists = vec![order.as_slice()];
    while let Some(list) = lists.pop() {
        if list.len() < 2 {
            continue;
        }
        let (left, right) = list.split_at(list.len() / 2);
        let (of_left, of_right) = (variance_of(covariance, left), variance_of(covariance, right));
        let share = 1.0 - of_left / (of_left + of_right);
        left.iter().for_each(|&i| weights[i] *= share);
        right.iter().for_each(|&i| weights[i] *= 1.0 - share);
        lists.extend([left, right]);
    }
    weights.iter().all(|w| w.is_finite()).then_some(HierarchicalParity { weights, order })
}

/// The variance of the listed symbols, each weighed by the inverse of its own.
fn variance_of(covariance: &[Vec<f64>], list: &[usize]) -> f64 {
    let sum: f64 = list.iter().map(|&i| 1.0 / covariance[i][i]).sum();
    let weight = |i: usize| 1.0 / covariance[i][i] / sum;
    let pairs = list.iter().flat_map(|&i| list.iter().map(move |&j| (i, j)));
    // A table estimated pair by pair may be slightly indefinite: no variance is below zero.
    pairs.map(|(i, j)| weight(i) * covariance[i][j] * weight(j)).sum::<f64>().max(f64::MIN_POSITIVE)
}

struct Cluster {
    /// Clusters are numbered as they appear, symbols first.
    number: usize,
    leaves: Vec<usize>,
}

/// Symbols in the order in which merging the two nearest clusters lists them.
fn by_likeness(correlation: &[Vec<f64>]) -> Vec<usize> {
    let apart = distances(correlation);
    let single = |number: usize| Cluster { number, leaves: vec![number] };
    let mut clusters: Vec<Cluster> = (0..correlation.len()).map(single).collect();
    let mut made = clusters.len();
    while clusters.len() > 1 {
        let (first, second) = nearest(&clusters, &apart);
        let right = clusters.remove(second);
        let mut left = clusters.remove(first);
        left.leaves.extend(right.leaves);
        clusters.push(Cluster { number: made, leaves: left.leaves });
        made += 1;
        clusters.sort_by_key(|cluster| cluster.number);
    }
    clusters.pop().map_or_else(Vec::new, |cluster| cluster.leaves)
}

fn nearest(clusters: &[Cluster], apart: &[Vec<f64>]) -> (usize, usize) {
    let distance = |a: usize, b: usize| {
        let of = |i: &usize| {
            clusters[b].leaves.iter().map(|&j| apart[*i][j]).fold(f64::INFINITY, f64::min)
        };
        clusters[a].leaves.iter().map(of).fold(f64::INFINITY, f64::min)
    };
    let mut best = (f64::INFINITY, (0, 1));
    for b in 1..clusters.len() {
        for a in 0..b {
            let next = distance(a, b);
            if next < best.0 {
                best = (next, (a, b));
            }
        }
    }
    best.1
}

/// How differently two symbols stand to all others: Euclidean distance of their rows of
/// sqrt((1 - correlation) / 2).
fn distances(correlation: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<f64>> = correlation
        .iter()
        .map(|row| row.iter().map(|c| libm::sqrt((0.5 * (1.0 - c)).max(0.0))).collect())
        .collect();
    let between = |a: &Vec<f64>, b: &Vec<f64>| {
        libm::sqrt(a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>())
    };
    rows.iter().map(|a| rows.iter().map(|b| between(a, b)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_symbols_stand_together_and_share() {
        // Symbols 0 and 2 are nearly one, symbol 1 is alone; all are equally volatile.
        let covariance = [vec![1.0, 0.0, 0.95], vec![0.0, 1.0, 0.0], vec![0.95, 0.0, 1.0]]
            .map(|row| row.to_vec());
        let parity = hierarchical_parity(&covariance).unwrap();
        assert_eq!(parity.order, [1, 0, 2]);
        assert!(parity.weights[1] > 0.45, "{parity:?}");
        assert!((parity.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_symbol_gets_everything_and_none_nothing() {
        assert_eq!(hierarchical_parity(&[vec![2.0]]).unwrap().weights, [1.0]);
        assert_eq!(hierarchical_parity(&[]), None);
        assert_eq!(hierarchical_parity(&[vec![0.0]]), None);
    }
}
