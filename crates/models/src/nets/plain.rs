//! The arithmetic of prediction, in plain single precision: sums run in one written order and every
//! transcendental function is the pure one, so that a saved network says the same on every machine.

use crate::ModelError;

/// A matrix, row by row; a vector is one row.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Array {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) values: Vec<f32>,
}

impl Array {
    /// One row of the matrix.
    pub(crate) fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.cols..(at + 1) * self.cols]
    }
}

/// How the first value of a weight is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    /// Evenly between minus and plus this.
    Within(f32),
    /// The same everywhere.
    At(f32),
}

impl Start {
    /// For a dense layer of this many inputs and its bias (as the usual libraries do; He et al. 2015
    /// with a = sqrt 5).
    pub(crate) fn dense(inputs: usize) -> Start {
        Start::Within(1.0 / (inputs.max(1) as f32).sqrt())
    }
}

/// A weight of a network before it has values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weight {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) start: Start,
}

/// The two weights of a dense layer: `inputs` x `outputs`, then the bias.
pub(crate) fn dense_weights(inputs: usize, outputs: usize) -> [Weight; 2] {
    let start = Start::dense(inputs);
    [Weight { rows: inputs, cols: outputs, start }, Weight { rows: 1, cols: outputs, start }]
}

/// Whether weights are those of a network: as many, of these shapes, every one a number.
pub(crate) fn check(weights: &[Array], layout: &[Weight]) -> Result<(), ModelError> {
    let fits = weights.len() == layout.len()
        && weights.iter().zip(layout).all(|(array, weight)| {
            (array.rows, array.cols) == (weight.rows, weight.cols)
                && array.rows.checked_mul(array.cols) == Some(array.values.len())
                && array.values.iter().all(|value| value.is_finite())
        });
    if fits { Ok(()) } else { Err(ModelError::Nonsense) }
}

/// `out = x · weights + bias` for one row.
pub(crate) fn dense(x: &[f32], weights: &Array, bias: &Array, out: &mut [f32]) {
    out.copy_from_slice(&bias.values);
    for (x, row) in x.iter().zip(weights.values.chunks_exact(weights.cols)) {
        for (out, weight) in out.iter_mut().zip(row) {
            *out += x * weight;
        }
    }
}

/// Gaussian error linear units, the exact form (Hendrycks & Gimpel 2016).
pub(crate) fn gelu(values: &mut [f32]) {
    for x in values {
        *x = 0.5 * *x * (1.0 + libm::erff(*x / std::f32::consts::SQRT_2));
    }
}

/// Nothing below zero.
pub(crate) fn relu(values: &mut [f32]) {
    values.iter_mut().for_each(|x| *x = x.max(0.0));
}

/// Shares that add to one (not at all where there is no value).
pub(crate) fn softmax(values: &mut [f32]) {
    let top = values.iter().fold(f32::NEG_INFINITY, |top, x| top.max(*x));
    let mut sum = 0.0;
    for x in values.iter_mut() {
        *x = libm::expf(*x - top);
        sum += *x;
    }
    values.iter_mut().for_each(|x| *x /= sum);
}

/// Keeps a variance of zero from being divided by (the usual value).
pub(crate) const NORM_EPSILON: f32 = 1e-5;

/// Layer normalisation of one row (Ba, Kiros & Hinton 2016).
pub(crate) fn layer_norm(row: &mut [f32], gain: &Array, shift: &Array) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
    let scale = 1.0 / (variance + NORM_EPSILON).sqrt();
    for ((x, gain), shift) in row.iter_mut().zip(&gain.values).zip(&shift.values) {
        *x = (*x - mean) * scale * gain + shift;
    }
}

/// What a window's values are measured from and in before a network sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scale {
    /// As they are.
    Raw,
    /// From the window's mean, in its standard deviations (Kim et al. 2022, without its learned part).
    Mean,
    /// From the window's last value, in its standard deviations.
    Last,
}

/// One window's own scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) centre: f32,
    /// Zero for a window that never moves: whatever the network says of it, the forecast is its centre.
    pub(crate) spread: f32,
}

/// Below this share of the largest value, a spread is the rounding of single precision.
const SPREAD_MIN: f64 = 1e-7;

impl Measure {
    /// The scale of a window; an empty one is as it is.
    pub(crate) fn of(window: &[f32], scale: Scale) -> Measure {
        let (Some(last), true) = (window.last(), scale != Scale::Raw) else {
            return Measure { centre: 0.0, spread: 1.0 };
        };
        let count = window.len() as f64;
        let mean = window.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
        let squares = window.iter().map(|x| (f64::from(*x) - mean) * (f64::from(*x) - mean));
        let spread = (squares.sum::<f64>() / count).sqrt();
        let largest = window.iter().fold(0.0_f64, |top, x| top.max(f64::from(x.abs())));
        let spread = if spread <= SPREAD_MIN * largest { 0.0 } else { spread as f32 };
        Measure { centre: if scale == Scale::Last { *last } else { mean as f32 }, spread }
    }

    /// Values as the network sees them: all zero where the window never moves.
    pub(crate) fn apply<'a>(&self, values: &'a [f32]) -> impl Iterator<Item = f32> + use<'a> {
        let (centre, per) = (self.centre, if self.spread > 0.0 { 1.0 / self.spread } else { 0.0 });
        values.iter().map(move |x| (x - centre) * per)
    }

    /// What the network says, in the window's own units again.
    pub(crate) fn undo(&self, values: &mut [f32]) {
        values.iter_mut().for_each(|x| *x = *x * self.spread + self.centre);
    }
}
