//! `bench forecast`: how far a network is from what came, beside repeating the last value, and whether the
//! difference is more than luck.

use std::ops::{ControlFlow, Range};

use rayon::prelude::*;
use stats::interval::Interval;

use super::protocol::{Protocol, Splits, Table};
use crate::{FitError, Listener, Nhits, NhitsSpec, PatchTst, PatchTstSpec, Progress, WindowSet};

/// What is to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastModel {
    /// Blocks of several rates (Challu et al. 2023).
    Nhits,
    /// Attention over patches (Nie et al. 2023).
    Patchtst,
    /// The last value, again and again: the yardstick.
    Repeat,
}

impl ForecastModel {
    /// All of them.
    pub const ALL: [ForecastModel; 3] =
        [ForecastModel::Nhits, ForecastModel::Patchtst, ForecastModel::Repeat];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            ForecastModel::Nhits => "nhits",
            ForecastModel::Patchtst => "patchtst",
            ForecastModel::Repeat => "repeat",
        }
    }

    /// The model of this name.
    pub fn named(name: &str) -> Option<ForecastModel> {
        ForecastModel::ALL.into_iter().find(|model| model.name() == name)
    }
}

/// A measurement to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastSpec {
    /// Of what.
    pub model: ForecastModel,
    /// Steps it looks at.
    pub window: usize,
    /// Steps it looks ahead.
    pub horizon: usize,
    /// Who gets which steps.
    pub splits: Splits,
}

/// Continues a window. Looking changes nothing.
pub trait Forecaster: Sync {
    /// Writes the steps that follow `window`, as many as `out` takes, in the window's unit.
    fn forecast(&self, window: &[f32], out: &mut [f32]);
}

/// The last value, again and again.
#[derive(Clone, Copy, Debug)]
pub struct Repeat;

impl Forecaster for Repeat {
    fn forecast(&self, window: &[f32], out: &mut [f32]) {
        out.fill(window.last().copied().unwrap_or_default());
    }
}

/// What an ensemble of the model and of repeating makes of it: `repeat + weight * (model - repeat)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blend {
    /// The model's part, 0..=1, chosen on the validation steps; 0 where the model is there not clearly
    /// better than repeating (methods, Decision 11).
    pub weight: f64,
    /// Its mean square error on the test steps.
    pub mse: f64,
    /// Its mean absolute error on the test steps.
    pub mae: f64,
}

/// What was measured: errors in training standard deviations, means over channels, windows and steps ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastFigures {
    /// Mean square error of the model alone.
    pub mse: f64,
    /// Mean absolute error of the model alone.
    pub mae: f64,
    /// Mean square error of repeating the last value.
    pub repeat_mse: f64,
    /// Mean absolute error of repeating the last value.
    pub repeat_mae: f64,
    /// Where the mean of `mse - repeat_mse` lies with 95 % confidence; `None` with too few windows to tell.
    pub difference: Option<Interval>,
    /// The ensemble of the two.
    pub blend: Blend,
    /// Test windows, the same for every channel.
    pub windows: usize,
    /// Channels.
    pub channels: usize,
    /// What this comes to, in a sentence.
    pub says: String,
}

/// Fits the model on the training steps and measures it on the test steps.
///
/// # Errors
/// A table or spec that cannot be forecast, or a listener that says stop.
pub fn forecast(
    table: &Table,
    spec: &ForecastSpec,
    listener: &mut Listener<'_>,
) -> Result<ForecastFigures, FitError> {
    let protocol = Protocol::of(table, spec.window, spec.horizon, spec.splits)?;
    match spec.model {
        ForecastModel::Repeat => judge(&protocol, "repeat", &Repeat, listener),
        ForecastModel::Nhits => {
            let (train, watch) = windows(&protocol);
            let shape = NhitsSpec::benchmark(spec.window, spec.horizon);
            let (model, _) = Nhits::fit(&shape, None, &train, &watch, listener)?;
            judge(&protocol, "nhits", &model, listener)
        }
        ForecastModel::Patchtst => {
            let (train, watch) = windows(&protocol);
            let shape = PatchTstSpec::benchmark(spec.window, spec.horizon);
            let (model, _) = PatchTst::fit(&shape, None, &train, &watch, listener)?;
            judge(&protocol, "patchtst", &model, listener)
        }
    }
}

/// At most about so many validation windows are looked at after every pass. Chosen: the looking then costs
/// a small part of the learning.
const WATCHED: usize = 8_192;

/// What a network learns from, and what decides which of its passes is kept.
fn windows(protocol: &Protocol) -> (WindowSet<'_>, WindowSet<'_>) {
    let mut train = WindowSet::new(protocol.window, protocol.horizon);
    let mut watch = train.clone();
    let all = protocol.origins(&protocol.validation).len() * protocol.channels.len();
    let watched = protocol.validation.start - protocol.window..protocol.validation.end;
    for channel in &protocol.channels {
        train.add(channel, protocol.train.clone(), 1);
        watch.add(channel, watched.clone(), all.div_ceil(WATCHED));
    }
    (train, watch)
}

impl Forecaster for Nhits {
    fn forecast(&self, window: &[f32], out: &mut [f32]) {
        self.forecast(window, out);
    }
}

impl Forecaster for PatchTst {
    fn forecast(&self, window: &[f32], out: &mut [f32]) {
        self.forecast(window, out);
    }
}

/// Measures what is fitted. The blend's weight is chosen on the validation steps, all else is of the test
/// steps; the listener is asked between batches of windows.
///
/// # Errors
/// A listener that says stop.
pub fn judge(
    protocol: &Protocol,
    name: &str,
    model: &dyn Forecaster,
    listener: &mut Listener<'_>,
) -> Result<ForecastFigures, FitError> {
    let chosen_by = misses(protocol, &protocol.validation, name, (model, 0.0), listener)?;
    let weight = blend_weight(&chosen_by, protocol.horizon);
    let tested = misses(protocol, &protocol.test, name, (model, weight), listener)?;
    let numbers = (tested.len() * protocol.channels.len() * protocol.horizon) as f64;
    let mean = |of: &dyn Fn(&Miss) -> f64| tested.iter().map(of).sum::<f64>() / numbers;
    let each = (protocol.channels.len() * protocol.horizon) as f64;
    let paired: Vec<f64> =
        tested.iter().map(|miss| (miss.square(1.0) - miss.square(0.0)) / each).collect();
    let mut figures = ForecastFigures {
        mse: mean(&|miss| miss.square(1.0)),
        mae: mean(&|miss| miss.model_absolute),
        repeat_mse: mean(&|miss| miss.square(0.0)),
        repeat_mae: mean(&|miss| miss.repeat_absolute),
        difference: mean_by_blocks(&paired, protocol.horizon),
        blend: Blend {
            weight,
            mse: mean(&|miss| miss.square(weight)),
            mae: mean(&|miss| miss.blend_absolute),
        },
        windows: tested.len(),
        channels: protocol.channels.len(),
        says: String::new(),
    };
    figures.says = sentence(name, &figures);
    Ok(figures)
}

/// By how much one window was missed, summed over channels and steps. With `y` what came, `r` the last
/// value and `m` the model's forecast, any blend's square error follows from three products.
#[derive(Clone, Copy, Debug, Default)]
struct Miss {
    /// `(y - r)^2`.
    repeat_square: f64,
    /// `(y - r)(m - r)`.
    product: f64,
    /// `(m - r)^2`.
    move_square: f64,
    /// `(y - m)^2`, which the three give too, but less exactly where the model is good.
    model_square: f64,
    repeat_absolute: f64,
    model_absolute: f64,
    blend_absolute: f64,
}

impl Miss {
    /// The square error of a blend.
    fn square(&self, weight: f64) -> f64 {
        if weight == 1.0 {
            return self.model_square;
        }
        self.repeat_square - weight * (2.0 * self.product - weight * self.move_square)
    }

    fn observe(&mut self, came: &[f32], repeated: f32, forecast: &[f32], weight: f64) {
        for (came, forecast) in came.iter().zip(forecast) {
            let moved = f64::from(*came) - f64::from(repeated);
            let expected = f64::from(*forecast) - f64::from(repeated);
            self.repeat_square += moved * moved;
            self.product += moved * expected;
            self.move_square += expected * expected;
            self.model_square += (moved - expected) * (moved - expected);
            self.repeat_absolute += moved.abs();
            self.model_absolute += (moved - expected).abs();
            self.blend_absolute += (moved - weight * expected).abs();
        }
    }
}

/// Windows between two questions to the listener. Chosen: well below a second of work.
const BATCH: usize = 512;

/// The miss of every window of a part, in order, whatever the number of threads.
fn misses(
    protocol: &Protocol,
    part: &Range<usize>,
    name: &str,
    (model, weight): (&dyn Forecaster, f64),
    listener: &mut Listener<'_>,
) -> Result<Vec<Miss>, FitError> {
    let origins = protocol.origins(part);
    let all = origins.len();
    let mut found = Vec::with_capacity(all);
    let of = format!("{name}, windows forecast");
    for from in origins.clone().step_by(BATCH) {
        let batch = from..(from + BATCH).min(origins.end);
        found.par_extend(batch.into_par_iter().map(|origin| {
            let mut forecast = vec![0.0; protocol.horizon];
            let mut miss = Miss::default();
            for channel in 0..protocol.channels.len() {
                let window = protocol.looks_at(channel, origin);
                model.forecast(window, &mut forecast);
                let repeated = window[window.len() - 1];
                miss.observe(protocol.came(channel, origin), repeated, &forecast, weight);
            }
            miss
        }));
        let progress = Progress { of: &of, done: found.len(), all, loss: None };
        if listener(progress) == ControlFlow::Break(()) {
            return Err(FitError::Interrupted);
        }
    }
    Ok(found)
}

/// The weight of least square error on these windows, or 0 where what it gains may be luck.
fn blend_weight(misses: &[Miss], horizon: usize) -> f64 {
    let product: f64 = misses.iter().map(|miss| miss.product).sum();
    let move_square: f64 = misses.iter().map(|miss| miss.move_square).sum();
    if !(move_square > 0.0 && product > 0.0) {
        return 0.0;
    }
    let weight = (product / move_square).min(1.0);
    let paired: Vec<f64> =
        misses.iter().map(|miss| miss.square(weight) - miss.square(0.0)).collect();
    let clearly = mean_by_blocks(&paired, horizon).is_some_and(|gain| gain.high < 0.0);
    if clearly { weight } else { 0.0 }
}

/// Fewer blocks say nothing about their own spread. Chosen: from here on the expansion below gives the
/// t distribution's 97.5 % point to a hundredth.
const BLOCKS_MIN: usize = 5;

/// Where the mean of paired differences lies with 95 % confidence. Windows one step apart share all but one
/// of their steps, so means of blocks as long as the horizon are what counts as one observation each.
fn mean_by_blocks(differences: &[f64], horizon: usize) -> Option<Interval> {
    let blocks = differences.len() / horizon.max(1);
    if blocks < BLOCKS_MIN {
        return None;
    }
    let mut moments = stats::moments::Moments::default();
    for block in 0..blocks {
        let border = |block: usize| block * differences.len() / blocks;
        let within = &differences[border(block)..border(block + 1)];
        moments.observe(within.iter().sum::<f64>() / within.len() as f64);
    }
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    let error = libm::sqrt(moments.variance()? / blocks as f64);
    let half_width = student_97_5(blocks - 1) * error;
    Some(Interval { low: mean - half_width, high: mean + half_width })
}

/// The 97.5 % point of Student's t by its expansion around the normal one (Fisher and Cornish 1960).
fn student_97_5(freedom: usize) -> f64 {
    let (z, n) = (stats::interval::Z_95, freedom as f64);
    let z2 = z * z;
    z + z * (z2 + 1.0) / (4.0 * n)
        + z * (5.0 * z2 * z2 + 16.0 * z2 + 3.0) / (96.0 * n * n)
        + z * (3.0 * z2 * z2 * z2 + 19.0 * z2 * z2 + 17.0 * z2 - 15.0) / (384.0 * n * n * n)
}

/// What the figures come to.
fn sentence(name: &str, figures: &ForecastFigures) -> String {
    let ForecastFigures { mse, repeat_mse, blend, .. } = figures;
    if name == ForecastModel::Repeat.name() {
        return format!("repeating the last value comes to {repeat_mse:.3}");
    }
    let own = match figures.difference {
        Some(Interval { low, high }) => {
            let better = if high < 0.0 { "better" } else { "no better" };
            format!(
                "{better} than repeating the last value ({repeat_mse:.3}): {name} comes to {mse:.3}, \
                 the difference lies between {low:+.3} and {high:+.3} (95 %, blocks of one horizon)"
            )
        }
        None => format!(
            "{name} comes to {mse:.3}, repeating the last value to {repeat_mse:.3}; too few windows to \
             tell whether that is luck"
        ),
    };
    if blend.weight > 0.0 {
        let Blend { weight, mse, .. } = blend;
        return format!("{own}; the ensemble gives {name} {weight:.2} and comes to {mse:.3}");
    }
    format!("{own}; the ensemble falls back to repeat")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn students_points_are_those_of_the_tables() {
        for (freedom, in_tables) in [(4, 2.776), (9, 2.262), (13, 2.160), (30, 2.042), (118, 1.980)]
        {
            let point = student_97_5(freedom);
            assert!((point - in_tables).abs() < 0.01, "{freedom}: {point}");
        }
    }

    #[test]
    fn blocks_make_the_interval_honest_about_what_repeats() {
        // Ten values, each said a hundred times: ten observations, not a thousand.
        let said: Vec<f64> = (0..1_000).map(|at| f64::from(at / 100)).collect();
        let interval = mean_by_blocks(&said, 100).unwrap();
        // Mean 4.5, standard deviation 3.0277, so an error of .9574, 2.262 of them on each side.
        assert!((interval.low - (4.5 - 2.166)).abs() < 0.01, "{interval:?}");
        assert!((interval.high - (4.5 + 2.166)).abs() < 0.01, "{interval:?}");
        assert_eq!(mean_by_blocks(&said, 201), None, "four blocks tell nothing");
    }

    #[test]
    fn a_blend_is_weighed_as_by_hand() {
        // The model says 2 where 1 comes, from a last value of 0: half of it is right.
        let mut miss = Miss::default();
        miss.observe(&[1.0, 1.0], 0.0, &[2.0, 2.0], 0.5);
        assert_eq!(blend_weight(&vec![miss; 10], 2), 0.5);
        assert_eq!((miss.square(0.0), miss.square(0.5), miss.square(1.0)), (2.0, 0.0, 2.0));
        assert_eq!(
            (miss.repeat_absolute, miss.blend_absolute, miss.model_absolute),
            (2.0, 0.0, 2.0)
        );
        // One that goes the wrong way gets nothing, and so does one that is right by luck.
        let mut wrong = Miss::default();
        wrong.observe(&[1.0, 1.0], 0.0, &[-2.0, -2.0], 0.5);
        assert_eq!(blend_weight(&vec![wrong; 10], 2), 0.0);
        let lucky: Vec<Miss> = [miss, wrong, miss, wrong, miss, miss].repeat(2);
        assert_eq!(blend_weight(&lucky, 2), 0.0);
    }
}
