//! Values sorted into classes, once per fit: trees only ask which class a value is in.

use forust_ml::Matrix as Columns;
use forust_ml::data::JaggedMatrix;
use rayon::prelude::*;

use super::fit::Matrix;

/// Each feature's values by class, and where classes begin.
pub(super) struct Bins {
    /// Class after class of a feature's rows, feature after feature; 0 is absent.
    pub classes: Vec<u16>,
    /// Where classes begin: class k holds values from cut k - 1 to below cut k.
    pub cuts: JaggedMatrix<f64>,
    rows: usize,
    features: usize,
}

/// Rows copied at a time, so that both ends of the copy stay in cache.
const BLOCK_ROWS: usize = 512;

impl Bins {
    /// At most `bins` classes per feature with about equally many values each; a cut lies halfway between the
    /// two values that it parts, so that values in between go to the nearer one.
    pub(super) fn new(matrix: &Matrix<'_>, rows: usize, bins: usize) -> Bins {
        let features = matrix.features;
        let mut columns = vec![0.0_f32; matrix.values.len()];
        for (block, values) in matrix.values.chunks(BLOCK_ROWS * features).enumerate() {
            let first = block * BLOCK_ROWS;
            for feature in 0..features {
                let column = &mut columns[feature * rows + first..];
                let values = values.iter().skip(feature).step_by(features);
                column.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
            }
        }
        let mut classes = vec![0_u16; columns.len()];
        let cuts: Vec<Vec<f64>> = classes
            .par_chunks_mut(rows)
            .zip(columns.par_chunks(rows))
            .map(|(classes, column)| {
                let cuts = cuts(column, bins);
                for (class, value) in classes.iter_mut().zip(column) {
                    if value.is_finite() {
                        *class = 1 + cuts.partition_point(|cut| cut <= value) as u16;
                    }
                }
                bounded(&cuts)
            })
            .collect();
        let ends: Vec<usize> = cuts
            .iter()
            .scan(0, |end, cuts| {
                *end += cuts.len();
                Some(*end)
            })
            .collect();
        let n_records = ends.iter().sum();
        let cuts = JaggedMatrix { data: cuts.concat(), ends, cols: features, n_records };
        Bins { classes, cuts, rows, features }
    }

    /// The class of each row by a feature.
    pub(super) fn column(&self, feature: usize) -> &[u16] {
        &self.classes[feature * self.rows..(feature + 1) * self.rows]
    }

    /// Values below it are in this class or one before.
    pub(super) fn threshold(&self, feature: usize, class: usize) -> f32 {
        single(self.cuts.get_col(feature)[class])
    }

    /// The classes as the grower wants them.
    pub(super) fn columns(&self) -> Columns<'_, u16> {
        Columns::new(&self.classes, self.rows, self.features)
    }
}

/// The grower wants a bound below and above all values; any value that can come lies between them, so that
/// a split at the lower one parts what is absent from what is not.
fn bounded(cuts: &[f32]) -> Vec<f64> {
    let inner = cuts.iter().map(|cut| f64::from(*cut));
    [f64::MIN].into_iter().chain(inner).chain([f64::MAX]).collect()
}

/// A cut in the precision in which values are looked at. The bounds lie beyond it, as far as values go.
pub(super) fn single(cut: f64) -> f32 {
    cut.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}

/// Where to part a column's values into at most `bins` classes.
fn cuts(column: &[f32], bins: usize) -> Vec<f32> {
    let mut sorted: Vec<f32> = column.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let mut distinct: Vec<f32> = Vec::with_capacity(bins + 1);
    for run in sorted.chunk_by(|a, b| a == b).take(bins + 1) {
        distinct.push(run[0]);
    }
    if distinct.len() <= bins {
        return distinct.windows(2).map(|pair| between(pair[0], pair[1])).collect();
    }
    let mut cuts: Vec<f32> = Vec::with_capacity(bins);
    for class in 1..bins {
        let value = sorted[class * sorted.len() / bins];
        let below = sorted.partition_point(|other| *other < value);
        if let Some(last) = below.checked_sub(1) {
            cuts.push(between(sorted[last], value));
        }
    }
    cuts.dedup();
    cuts
}

/// Halfway, above the lower and at most the upper.
fn between(low: f32, high: f32) -> f32 {
    let middle = ((f64::from(low) + f64::from(high)) / 2.0) as f32;
    if middle > low { middle } else { high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_get_a_class_each_and_many_are_shared_out() {
        assert_eq!(cuts(&[3.0, 1.0, f32::NAN, 1.0, 2.0, 3.0], 4), [1.5, 2.5]);
        assert!(cuts(&[5.0; 9], 4).is_empty());
        assert!(cuts(&[f32::NAN; 3], 4).is_empty());
        let many: Vec<f32> = (0..100).map(|value| value as f32).collect();
        assert_eq!(cuts(&many, 4), [24.5, 49.5, 74.5]);
        // A value that fills several classes is one class.
        let heavy: Vec<f32> = (0..100).map(|at| (at as f32 - 60.0).max(0.0)).collect();
        assert_eq!(cuts(&heavy, 4), [14.5]);
    }

    #[test]
    fn a_cut_parts_even_neighbouring_numbers() {
        let next = f32::from_bits(1.0_f32.to_bits() + 1);
        let cut = between(1.0, next);
        assert!(1.0 < cut && cut <= next);
        assert_eq!(between(f32::MIN, f32::MAX), 0.0);
    }

    #[test]
    fn classes_are_counted_from_one_and_absent_is_zero() {
        let values = [1.0, f32::NAN, 2.0, 7.0, 3.0, 7.0, f32::INFINITY, 7.0];
        let bins = Bins::new(&Matrix { values: &values, features: 2 }, 4, 255);
        assert_eq!(bins.classes, [1, 2, 3, 0, 0, 1, 1, 1]);
        assert_eq!(bins.cuts.get_col(0), [f64::MIN, 1.5, 2.5, f64::MAX]);
        assert_eq!(bins.cuts.get_col(1), [f64::MIN, f64::MAX]);
    }
}
