//! How a network is trained: one loop for every network, the same weights for any number of threads.
//! Gradients are the network library's; weights are plain numbers between any two batches, so that a
//! fit that is stopped leaves nothing behind.

mod adam;
mod batch;

use burn::tensor::{Device, Tensor, TensorData};

use crate::nets::draws::Draws;
use crate::nets::plain::{self, Array, Scale, Start, Weight};
use crate::{FitError, Listener, Progress, WindowSet};

use adam::Adam;
use batch::Batches;

/// What the distance of a forecast from what came costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Loss {
    /// Its square.
    Squared,
    /// Its size.
    Absolute,
}

/// What a window counts for in the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Weigh {
    /// The loss is in the units of the values: a window that moves more counts for more.
    AsIs,
    /// The loss is in each window's own scale: all count alike, but for one that never moves.
    Even,
}

/// How a network is trained.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LearnRules {
    /// The highest learning rate; it rises to it over a twentieth of the steps and falls to zero along
    /// half a cosine (Loshchilov & Hutter 2017).
    pub rate: f32,
    /// Weight decay, apart from the gradient (Loshchilov & Hutter 2019).
    pub decay: f32,
    /// The share of values that dropout hides while learning.
    pub dropout: f32,
    /// How often the windows are gone through.
    pub passes: usize,
    /// How many windows a pass draws, each once before any twice; above how many there are: all.
    pub windows_per_pass: usize,
    /// Windows in a batch.
    pub batch: usize,
    /// Passes without a better loss on the watched windows after which it ends.
    pub patience: usize,
    /// Decides first weights, order and dropout.
    pub seed: u64,
    /// How windows are scaled before the network sees them.
    pub scale: Scale,
    /// What a miss costs.
    pub loss: Loss,
    /// What a window counts for.
    pub weigh: Weigh,
}

/// Losses of one pass, relative to the mean scale of the training windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PassLoss {
    /// Mean over the batches it learned from.
    pub train: f64,
    /// On the watched windows after it, where there are any.
    pub watch: Option<f64>,
}

/// A network as the trainer sees it.
pub(crate) trait Network: Sync {
    /// What it is called while it is being fitted.
    fn name(&self) -> &'static str;

    /// Its weights, in the order in which `forward` takes them.
    fn layout(&self) -> Vec<Weight>;

    /// Scaled windows, one per row, to scaled forecasts, one per row.
    fn forward(
        &self,
        weights: &[Tensor<2>],
        windows: Tensor<2>,
        dropout: &mut Dropout,
    ) -> Tensor<2>;
}

/// Hides values at random while learning, and nothing otherwise.
pub(crate) struct Dropout {
    share: f32,
    draws: Option<Draws>,
}

impl Dropout {
    /// Hides nothing.
    pub(crate) fn none() -> Dropout {
        Dropout { share: 0.0, draws: None }
    }

    /// The values, some hidden.
    pub(crate) fn apply<const D: usize>(&mut self, values: Tensor<D>) -> Tensor<D> {
        let (Some(draws), true) = (&mut self.draws, self.share > 0.0) else { return values };
        let shape = values.dims();
        let mask = draws.mask(shape.iter().product(), self.share);
        let mask = Tensor::from_data(TensorData::new(mask, shape), &values.device());
        values * mask
    }
}

/// What came of a fit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Learned {
    /// The weights with the lowest loss on the watched windows; without any, the last.
    pub(crate) weights: Vec<Array>,
    /// The loss of the first batch, before any step.
    pub(crate) first: f64,
    /// One entry per pass.
    pub(crate) passes: Vec<PassLoss>,
}

/// How a fit went.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
    /// The loss of the first batch, before any step, relative as in [`PassLoss`].
    pub first: f64,
    /// One entry per pass that was gone through.
    pub passes: Vec<PassLoss>,
}

impl Learned {
    /// The weights, and how they came about.
    pub(crate) fn split(self) -> (Vec<Array>, Learning) {
        (self.weights, Learning { first: self.first, passes: self.passes })
    }
}

/// Where the arithmetic of learning is done.
fn device() -> Device {
    Device::flex()
}

/// First values for a layout.
pub(crate) fn fresh(layout: &[Weight], seed: u64) -> Vec<Array> {
    let mut draws = Draws::new(seed, 1);
    let array = |weight: &Weight| {
        let count = weight.rows * weight.cols;
        let values = match weight.start {
            Start::At(value) => vec![value; count],
            Start::Within(bound) => (0..count).map(|_| bound * draws.spread()).collect(),
        };
        Array { rows: weight.rows, cols: weight.cols, values }
    };
    layout.iter().map(array).collect()
}

/// Weights as the network library takes them.
pub(crate) fn tensors(weights: &[Array], device: &Device) -> Vec<Tensor<2>> {
    let tensor = |array: &Array| {
        let data = TensorData::new(array.values.clone(), [array.rows, array.cols]);
        Tensor::from_data(data, device)
    };
    weights.iter().map(tensor).collect()
}

/// What the network library makes of scaled windows, nothing hidden; for comparing it with ours.
#[cfg(test)]
pub(crate) fn by_library(
    network: &dyn Network,
    weights: &[Array],
    windows: &[f32],
    window: usize,
) -> Vec<f32> {
    let device = device();
    let shape = [windows.len() / window, window];
    let windows = Tensor::from_data(TensorData::new(windows.to_vec(), shape), &device);
    values(network.forward(&tensors(weights, &device), windows, &mut Dropout::none()))
}

/// The numbers of a tensor, row by row.
fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("every tensor here is of single precision")
}

/// Trains from `start`, or from fresh weights, and returns the best. What was given is not changed, so
/// an interrupted fit leaves everything as it was. One thread does the arithmetic: sums that several
/// threads share would depend on how many there are.
pub(crate) fn learn(
    network: &dyn Network,
    start: Option<&[Array]>,
    train: &WindowSet<'_>,
    watch: &WindowSet<'_>,
    rules: &LearnRules,
    listener: &mut Listener<'_>,
) -> Result<Learned, FitError> {
    check(network, start, train, rules)?;
    let weights = start.map_or_else(|| fresh(&network.layout(), rules.seed), <[Array]>::to_vec);
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .map_err(|why| FitError::BadParameter { what: format!("no thread to fit in: {why}") })?;
    let batches = Batches::new(train, watch, rules);
    let mut course = Course::new(network, batches, weights, rules);
    for _ in 0..rules.passes {
        course.pass(&alone, listener)?;
        if course.stale >= rules.patience {
            break;
        }
    }
    Ok(course.learned())
}

/// Refuses what cannot be learned from.
fn check(
    network: &dyn Network,
    start: Option<&[Array]>,
    train: &WindowSet<'_>,
    rules: &LearnRules,
) -> Result<(), FitError> {
    let refuse = |what: &str| Err(FitError::BadParameter { what: what.into() });
    if train.len() < rules.batch.max(1) {
        let (has, needed) = (train.len(), rules.batch.max(1));
        return Err(FitError::TooFew { what: network.name(), has, needed });
    }
    if !(rules.rate > 0.0 && rules.rate < 1.0 && (0.0..1.0).contains(&rules.decay)) {
        return refuse("a learning rate lies between 0 and 1, and so does a weight decay");
    }
    if !(0.0..=0.9).contains(&rules.dropout) {
        return refuse("dropout hides at most nine tenths");
    }
    if rules.passes == 0 || rules.windows_per_pass == 0 || rules.batch == 0 {
        return refuse("no pass, no window or no batch: nothing would be learned");
    }
    if start.is_some_and(|start| plain::check(start, &network.layout()).is_err()) {
        return refuse("the weights to start from are another network's");
    }
    Ok(())
}

/// A fit on its way.
struct Course<'a> {
    network: &'a dyn Network,
    batches: Batches<'a>,
    rules: LearnRules,
    weights: Vec<Array>,
    adam: Adam,
    dropout: Dropout,
    steps: usize,
    first: Option<f64>,
    best: Option<(f64, Vec<Array>)>,
    stale: usize,
    passes: Vec<PassLoss>,
}

impl<'a> Course<'a> {
    fn new(
        network: &'a dyn Network,
        batches: Batches<'a>,
        weights: Vec<Array>,
        rules: &LearnRules,
    ) -> Course<'a> {
        let dropout = Dropout { share: rules.dropout, draws: Some(Draws::new(rules.seed, 2)) };
        Course {
            network,
            batches,
            rules: *rules,
            adam: Adam::new(&weights, rules.decay),
            weights,
            dropout,
            steps: 0,
            first: None,
            best: None,
            stale: 0,
            passes: Vec::new(),
        }
    }

    /// The rate of the step about to be taken.
    fn rate(&self) -> f32 {
        let all = (self.batches.per_pass() * self.rules.passes) as f64;
        let at = self.steps as f64 + 0.5;
        let warm = (at / (all / 20.0)).min(1.0);
        let fall = 0.5 * (1.0 + libm::cos(std::f64::consts::PI * at / all));
        self.rules.rate * (warm * fall) as f32
    }

    /// Goes once through the windows of a pass, and keeps the weights if they are the best so far.
    fn pass(
        &mut self,
        alone: &rayon::ThreadPool,
        listener: &mut Listener<'_>,
    ) -> Result<(), FitError> {
        let mut sum = 0.0;
        let count = self.batches.per_pass();
        for done in 0..count {
            let all = count * self.rules.passes;
            let loss = (done > 0).then(|| sum / done as f64);
            let progress = Progress { of: self.network.name(), done: self.steps, all, loss };
            if listener(progress).is_break() {
                return Err(FitError::Interrupted);
            }
            sum += alone.install(|| self.step())?;
        }
        let watch = alone.install(|| self.watch());
        self.passes.push(PassLoss { train: sum / count as f64, watch });
        self.keep(watch)
    }

    /// One batch: its loss before the weights moved.
    fn step(&mut self) -> Result<f64, FitError> {
        let device = device().autodiff();
        let leaves: Vec<Tensor<2>> =
            tensors(&self.weights, &device).into_iter().map(Tensor::require_grad).collect();
        let batch = self.batches.draw(&device);
        let forecast = self.network.forward(&leaves, batch.windows.clone(), &mut self.dropout);
        let loss = batch.loss(forecast, self.rules.loss);
        let value = f64::from(values(loss.clone()).iter().sum::<f32>());
        if !value.is_finite() {
            let what = format!("the loss of {} is no number: lower the rate", self.network.name());
            return Err(FitError::BadParameter { what });
        }
        let mut gradients = loss.backward();
        let gradients: Vec<Option<Vec<f32>>> =
            leaves.iter().map(|leaf| leaf.grad_remove(&mut gradients).map(values)).collect();
        let rate = self.rate();
        self.adam.step(&mut self.weights, &gradients, rate);
        self.first.get_or_insert(value);
        self.steps += 1;
        Ok(value)
    }

    /// The loss on the watched windows, nothing hidden.
    fn watch(&self) -> Option<f64> {
        let device = device();
        let weights = tensors(&self.weights, &device);
        let (mut sum, mut count) = (0.0, 0);
        for batch in self.batches.watched(&device) {
            let forecast =
                self.network.forward(&weights, batch.windows.clone(), &mut Dropout::none());
            let loss = values(batch.loss(forecast, self.rules.loss));
            sum += f64::from(loss.iter().sum::<f32>()) * batch.count as f64;
            count += batch.count;
        }
        (count > 0).then(|| sum / count as f64)
    }

    /// Keeps weights that are better than all before; without watched windows the newest are kept.
    fn keep(&mut self, watch: Option<f64>) -> Result<(), FitError> {
        if self.weights.iter().any(|array| array.values.iter().any(|value| !value.is_finite())) {
            let what = format!("the weights of {} are no numbers", self.network.name());
            return Err(FitError::BadParameter { what });
        }
        let Some(watch) = watch else { return Ok(()) };
        if self.best.as_ref().is_some_and(|(best, _)| watch >= *best) || watch.is_nan() {
            self.stale += 1;
            return Ok(());
        }
        self.best = Some((watch, self.weights.clone()));
        self.stale = 0;
        Ok(())
    }

    fn learned(self) -> Learned {
        let weights = self.best.map_or(self.weights, |(_, best)| best);
        Learned { weights, first: self.first.unwrap_or(f64::NAN), passes: self.passes }
    }
}
