//! Boosted trees on a table with labels: fitted on one part, scored on another.

use crate::trees::{Matrix, TreeSpec, fit_trees};
use crate::{FitError, Listener};

/// Rows of numbers, each with the class it belongs to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelledTable {
    /// Numbers in a row.
    pub features: usize,
    /// Row after row; NaN where a value is absent.
    pub values: Vec<f32>,
    /// Whether each row is of the class that is looked for.
    pub labels: Vec<bool>,
}

impl LabelledTable {
    /// Its rows, without their labels.
    pub fn matrix(&self) -> Matrix<'_> {
        Matrix { values: &self.values, features: self.features }
    }
}

/// How well the probabilities fit what was held back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoostFigures {
    /// Mean negative log-likelihood, nats; probabilities of 0 and 1 are kept off both.
    pub logloss: f64,
    /// The chance that a row of the class is given more than one that is not, a tie counting half.
    pub auc: f64,
}

/// Fits on one table and scores on the other. Both need rows of both classes.
pub fn boost(
    train: &LabelledTable,
    test: &LabelledTable,
    spec: &TreeSpec,
    listener: &mut Listener<'_>,
) -> Result<BoostFigures, FitError> {
    if train.features != test.features {
        let what = format!(
            "the training rows have {} features and the test rows {}",
            train.features, test.features
        );
        return Err(FitError::BadParameter { what });
    }
    test.matrix().rows(test.labels.len())?;
    let even = vec![1.0; train.labels.len()];
    let trees = fit_trees(train.matrix(), &train.labels, &even, spec, listener)?;
    let probabilities = trees.probabilities(test.matrix());
    let weights = vec![1.0; test.labels.len()];
    let logloss = stats::calibration::log_loss(&probabilities, &test.labels, &weights);
    let auc = area_under_curve(&probabilities, &test.labels);
    match (logloss, auc) {
        (Some(logloss), Some(auc)) => Ok(BoostFigures { logloss, auc }),
        _ => Err(FitError::OneLabel),
    }
}

/// The area under the receiver operating characteristic by ranks, ties sharing theirs (Mann & Whitney 1947).
/// Nothing where there is only one class.
pub fn area_under_curve(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let mut ranked: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut pairs_won) = (0.0, 0.0);
    for tied in ranked.chunk_by(|a, b| a.0 == b.0) {
        let won = tied.iter().filter(|row| row.1).count() as f64;
        let lost = tied.len() as f64 - won;
        pairs_won += won * (below + lost / 2.0);
        below += lost;
    }
    let won = ranked.len() as f64 - below;
    (won > 0.0 && below > 0.0).then(|| pairs_won / (won * below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_pairs_in_order_and_ties_half() {
        let labels = [false, false, true, true];
        assert_eq!(area_under_curve(&[0.1, 0.2, 0.3, 0.4], &labels), Some(1.0));
        assert_eq!(area_under_curve(&[0.4, 0.3, 0.2, 0.1], &labels), Some(0.0));
        assert_eq!(area_under_curve(&[0.5; 4], &labels), Some(0.5));
        // Three of four pairs in order.
        assert_eq!(area_under_curve(&[0.1, 0.4, 0.35, 0.8], &labels), Some(0.75));
        // One tie of four pairs, the rest in order.
        assert_eq!(area_under_curve(&[0.1, 0.35, 0.35, 0.8], &labels), Some(0.875));
        assert_eq!(area_under_curve(&[0.1, 0.2], &[true, true]), None);
        assert_eq!(area_under_curve(&[], &[]), None);
    }
}
