//! Batches: windows in a drawn order, scaled, with what followed and what each counts for.

use burn::tensor::{Device, Tensor, TensorData};

use crate::WindowSet;
use crate::nets::draws::Draws;
use crate::nets::learn::{LearnRules, Loss, Weigh};
use crate::nets::plain::{Measure, Scale};

/// Windows in a batch that is only looked at. Chosen: large enough that calls cost nothing.
const WATCHED: usize = 256;

/// Where batches come from.
pub(super) struct Batches<'a> {
    train: &'a WindowSet<'a>,
    watch: &'a WindowSet<'a>,
    rules: LearnRules,
    /// What an average training window counts for before it is divided by this.
    weight_mean: f32,
    draws: Draws,
    order: Vec<u32>,
    next: usize,
}

/// Some windows, ready for a network.
pub(super) struct Batch {
    pub(super) windows: Tensor<2>,
    pub(super) count: usize,
    targets: Tensor<2>,
    weights: Tensor<2>,
}

impl<'a> Batches<'a> {
    pub(super) fn new(
        train: &'a WindowSet<'a>,
        watch: &'a WindowSet<'a>,
        rules: &LearnRules,
    ) -> Batches<'a> {
        let draws = Draws::new(rules.seed, 3);
        let order = (0..train.len() as u32).collect();
        let mut batches =
            Batches { train, watch, rules: *rules, weight_mean: 1.0, draws, order, next: 0 };
        let sum: f64 = (0..train.len())
            .map(|at| f64::from(batches.weight(&Measure::of(train.window(at), rules.scale))))
            .sum();
        let mean = (sum / train.len().max(1) as f64) as f32;
        batches.weight_mean = if mean > 0.0 && mean.is_finite() { mean } else { 1.0 };
        batches.shuffle();
        batches
    }

    /// Batches in a pass: whole ones, at least one.
    pub(super) fn per_pass(&self) -> usize {
        (self.rules.windows_per_pass.min(self.train.len()) / self.rules.batch).max(1)
    }

    /// What a window counts for, an average one for one.
    fn weight(&self, measure: &Measure) -> f32 {
        let weight = match (self.rules.scale, self.rules.weigh, self.rules.loss) {
            (Scale::Raw, ..) => 1.0,
            (_, Weigh::Even, _) => f32::from(u8::from(measure.spread > 0.0)),
            (_, Weigh::AsIs, Loss::Squared) => measure.spread * measure.spread,
            (_, Weigh::AsIs, Loss::Absolute) => measure.spread,
        };
        weight / self.weight_mean
    }

    /// A new order (Durstenfeld 1964).
    fn shuffle(&mut self) {
        for at in (1..self.order.len()).rev() {
            let other = self.draws.below(at + 1);
            self.order.swap(at, other);
        }
        self.next = 0;
    }

    /// The next training batch; a window comes again only after all others have come.
    pub(super) fn draw(&mut self, device: &Device) -> Batch {
        if self.next + self.rules.batch > self.order.len() {
            self.shuffle();
        }
        let places = &self.order[self.next..][..self.rules.batch];
        self.next += self.rules.batch;
        self.collect(self.train, places.iter().map(|at| *at as usize), device)
    }

    /// The watched windows, in order.
    pub(super) fn watched(&self, device: &Device) -> impl Iterator<Item = Batch> {
        let starts = (0..self.watch.len()).step_by(WATCHED);
        starts.map(|start| {
            let end = (start + WATCHED).min(self.watch.len());
            self.collect(self.watch, start..end, device)
        })
    }

    fn collect(
        &self,
        from: &WindowSet<'_>,
        places: impl ExactSizeIterator<Item = usize>,
        device: &Device,
    ) -> Batch {
        let count = places.len();
        let mut windows = Vec::with_capacity(count * from.window_len());
        let mut targets = Vec::with_capacity(count * from.horizon());
        let mut weights = Vec::with_capacity(count);
        for at in places {
            let measure = Measure::of(from.window(at), self.rules.scale);
            windows.extend(measure.apply(from.window(at)));
            targets.extend(measure.apply(from.target(at)));
            weights.push(self.weight(&measure));
        }
        let tensor = |values: Vec<f32>, cols: usize| {
            Tensor::from_data(TensorData::new(values, [count, cols]), device)
        };
        Batch {
            count,
            windows: tensor(windows, from.window_len()),
            targets: tensor(targets, from.horizon()),
            weights: tensor(weights, 1),
        }
    }
}

impl Batch {
    /// The mean cost of the forecasts, each window counting its weight.
    pub(super) fn loss(&self, forecast: Tensor<2>, loss: Loss) -> Tensor<1> {
        let miss = forecast - self.targets.clone();
        let cost = match loss {
            Loss::Squared => miss.clone() * miss,
            Loss::Absolute => miss.abs(),
        };
        (cost * self.weights.clone()).mean()
    }
}
