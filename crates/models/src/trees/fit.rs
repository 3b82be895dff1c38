//! Boosting: tree after tree, each grown on what those before it leave open.

use std::ops::ControlFlow;

use rayon::prelude::*;

use super::bins::Bins;
use super::flat::{Node, Trees, logistic, walk};
use super::grow::{Grower, Grown, Loss};
use super::sampling::{Draws, Sample, sample};
use super::spec::TreeSpec;
use crate::{FitError, Listener, Progress};

/// Rows of numbers in one piece.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// Row after row; what is not finite is absent.
    pub values: &'a [f32],
    /// Numbers in a row.
    pub features: usize,
}

impl Matrix<'_> {
    /// How many rows: as many as there are labels, or the table makes no sense.
    pub(crate) fn rows(&self, labels: usize) -> Result<usize, FitError> {
        let wide = (1..=usize::from(Node::LEAF)).contains(&self.features);
        if wide && Some(self.values.len()) == labels.checked_mul(self.features) {
            return Ok(labels);
        }
        let what = format!(
            "{} values and {labels} labels do not make a table of {} features",
            self.values.len(),
            self.features
        );
        Err(FitError::BadParameter { what })
    }
}

/// Fits trees to rows and their labels, each row counting by its weight. The listener is asked before each
/// tree and after the last. The same to the bit on any number of threads.
pub fn fit_trees(
    matrix: Matrix<'_>,
    labels: &[bool],
    weights: &[f32],
    spec: &TreeSpec,
    listener: &mut Listener<'_>,
) -> Result<Trees, FitError> {
    spec.check()?;
    let rows = matrix.rows(labels.len())?;
    let start = Start::of(labels, weights)?;
    start.enough(spec)?;
    let of = spec.algorithm.name();
    let mut ask = |done: usize, loss: Option<f64>| match listener(Progress {
        of,
        done,
        all: spec.trees,
        loss,
    }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(FitError::Interrupted),
    };
    ask(0, None)?;
    let bins = Bins::new(&matrix, rows, spec.bins);
    let parallel = rayon::current_num_threads() > 1 && matrix.values.len() >= PARALLEL_FROM;
    let mut boosting = Boosting {
        matrix,
        labels,
        weights,
        weight: start.weight,
        spec,
        grower: Grower::new(&bins, spec, start.curvature_min(spec), parallel),
        log_odds: vec![start.log_odds; rows],
        slopes: vec![0.0; rows],
        curvatures: vec![0.0; rows],
        draws: Draws::new(spec.seed),
    };
    let mut flat = Trees {
        algorithm: spec.algorithm,
        features: matrix.features as u32,
        start: start.log_odds,
        roots: Vec::with_capacity(spec.trees),
        nodes: Vec::new(),
    };
    for done in 1..=spec.trees {
        append(boosting.grow(done - 1), &mut flat);
        ask(done, boosting.loss(done))?;
    }
    if flat.sound() {
        return Ok(flat);
    }
    let what = "weights or penalties lead to trees whose numbers are not finite".into();
    Err(FitError::BadParameter { what })
}

/// What is known before the first tree.
struct Start {
    rows: usize,
    weight: f64,
    /// The share that won.
    won: f64,
    log_odds: f64,
}

impl Start {
    fn of(labels: &[bool], weights: &[f32]) -> Result<Start, FitError> {
        let sound = |weight: &f32| (0.0..=1e6).contains(weight);
        if weights.len() != labels.len() || !weights.iter().all(sound) {
            let what = "every row needs a weight of 0 to 1,000,000".into();
            return Err(FitError::BadParameter { what });
        }
        let sum = |class: bool| -> f64 {
            let of_class = labels.iter().zip(weights).filter(|(label, _)| **label == class);
            of_class.map(|(_, weight)| f64::from(*weight)).sum()
        };
        let (won, lost) = (sum(true), sum(false));
        if labels.is_empty() {
            return Err(FitError::TooFew { what: "boosted trees", has: 0, needed: 2 });
        }
        if won <= 0.0 || lost <= 0.0 {
            return Err(FitError::OneLabel);
        }
        let weight = won + lost;
        let log_odds = libm::log(won / lost);
        Ok(Start { rows: labels.len(), weight, won: won / weight, log_odds })
    }

    /// A split needs rows for both its sides.
    fn enough(&self, spec: &TreeSpec) -> Result<(), FitError> {
        let needed = libm::ceil(2.0 * spec.rows_min.max(1.0)) as usize;
        let has = (self.weight as usize).min(self.rows);
        if has < needed {
            return Err(FitError::TooFew { what: "boosted trees", has, needed });
        }
        Ok(())
    }

    /// Least curvature in a leaf. Sums are kept in single precision: a leaf lighter than their rounding may
    /// hold no row at all.
    fn curvature_min(&self, spec: &TreeSpec) -> f32 {
        let of_row = self.won * (1.0 - self.won);
        let rounding = ROUNDING * self.weight * of_row;
        (spec.rows_min * of_row).max(spec.curvature_min).max(rounding) as f32
    }
}

/// Chosen: more than a hundred times what a chain of differences of single-precision sums is off by.
const ROUNDING: f64 = 1e-5;
/// Chosen: below so many values to look at for a tree, threads cost more than they save.
const PARALLEL_FROM: usize = 1 << 20;
/// Rows whose slopes one task computes.
const BLOCK_ROWS: usize = 8_192;
/// Chosen: the loss costs a logarithm per row; it is told after every tenth tree.
const LOSS_EVERY: usize = 10;

/// Trees so far have led to these log-odds.
struct Boosting<'a> {
    matrix: Matrix<'a>,
    labels: &'a [bool],
    weights: &'a [f32],
    weight: f64,
    spec: &'a TreeSpec,
    grower: Grower<'a>,
    log_odds: Vec<f64>,
    slopes: Vec<f32>,
    curvatures: Vec<f32>,
    draws: Draws,
}

impl Boosting<'_> {
    /// Grows the tree at a place and adds what it says to the log-odds.
    fn grow(&mut self, at: usize) -> Vec<Node> {
        self.look();
        let sampled =
            sample(self.spec, at, &mut self.draws, &mut self.slopes, &mut self.curvatures);
        let (seen, unseen) = sampled.map(|Sample { seen, unseen }| (seen, unseen)).unzip();
        let loss = Loss { slopes: &self.slopes, curvatures: &self.curvatures };
        let grown = self.grower.grow(seen, loss);
        self.add(&grown, &unseen.unwrap_or_default());
        grown.nodes
    }

    /// Slope and curvature of the loss at each row's log-odds.
    fn look(&mut self) {
        let all =
            self.slopes.par_chunks_mut(BLOCK_ROWS).zip(self.curvatures.par_chunks_mut(BLOCK_ROWS));
        let known = self.log_odds.par_chunks(BLOCK_ROWS);
        let known =
            known.zip(self.labels.par_chunks(BLOCK_ROWS)).zip(self.weights.par_chunks(BLOCK_ROWS));
        all.zip(known).for_each(|((slopes, curvatures), ((log_odds, labels), weights))| {
            for row in 0..slopes.len() {
                let (p, weight) = (logistic(log_odds[row]), f64::from(weights[row]));
                slopes[row] = ((p - f64::from(u8::from(labels[row]))) * weight) as f32;
                curvatures[row] = (p * (1.0 - p) * weight) as f32;
            }
        });
    }

    /// Adds a tree to the log-odds. Rows it was grown on lie in its leaves already.
    fn add(&mut self, grown: &Grown, unseen: &[usize]) {
        let Matrix { values, features } = self.matrix;
        let mut walk = |row: usize| {
            let value = |feature: usize| values[row * features + feature];
            self.log_odds[row] += f64::from(walk(&grown.nodes, 0, &value));
        };
        match &grown.leaves {
            None => (0..values.len() / features).for_each(walk),
            Some(leaves) => {
                unseen.iter().for_each(|row| walk(*row));
                for (rows, value) in leaves {
                    rows.iter().for_each(|row| self.log_odds[*row] += f64::from(*value));
                }
            }
        }
    }

    /// The mean loss after so many trees, nats, now and then.
    fn loss(&self, done: usize) -> Option<f64> {
        if !done.is_multiple_of(LOSS_EVERY) && done != self.spec.trees {
            return None;
        }
        let rows = self.log_odds.iter().zip(self.labels).zip(self.weights);
        let loss: f64 = rows
            .map(|((log_odds, won), weight)| {
                let against = if *won { -log_odds } else { *log_odds };
                let cost = against.max(0.0) + libm::log1p(libm::exp(-against.abs()));
                cost * f64::from(*weight)
            })
            .sum();
        Some(loss / self.weight)
    }
}

/// Puts a grown tree behind those that are there.
fn append(mut grown: Vec<Node>, flat: &mut Trees) {
    let root = flat.nodes.len() as u32;
    for node in grown.iter_mut().filter(|node| node.feature != Node::LEAF) {
        node.left += root;
        node.right += root;
    }
    flat.roots.push(root);
    flat.nodes.append(&mut grown);
}
