//! N-HiTS (Challu et al. 2023): blocks look at the window through pools of different widths; each explains
//! a part of the window, which is taken away before the next one looks, and adds its part of the forecast,
//! said at few points and drawn straight between them. Wide pools say slow things at few points.
//! Every channel is read by the same weights, apart from the others. As in the authors' code the forecast
//! starts from the last value. Where this departs from it: windows are scaled by themselves, one block per
//! stack, and the last block explains nothing, for nobody would hear it.

mod graph;
mod predict;

use rayon::prelude::*;

use crate::nets::learn::{self, Learning};
use crate::nets::plain::{Array, Weight, dense_weights};
use crate::nets::{LearnRules, Loss, Scale, Weigh, WindowSet, saved};
use crate::sealed::Kind;
use crate::{FitError, Listener, ModelError};

/// One rate: how a block looks, and how finely it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stack {
    /// Values of the window of which only the largest is seen.
    pub pool: usize,
    /// Values of the forecast per point that is said; the rest lies on lines between points.
    pub per_point: usize,
}

/// The shape of a network and how it is trained.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NhitsSpec {
    /// Values it reads.
    pub window: usize,
    /// Values it forecasts.
    pub horizon: usize,
    /// Its blocks, in the order in which they look: slow ones first.
    pub stacks: Vec<Stack>,
    /// Hidden layers of a block.
    pub layers: usize,
    /// Numbers in a hidden layer.
    pub width: usize,
    /// How it is trained.
    pub learn: LearnRules,
}

/// Chosen: no dimension of a model of this house comes near it, and no product of a few overflows.
const SIZE_MAX: usize = 4096;
/// Chosen: more rates than the paper has, twice.
const STACKS_MAX: usize = 6;
/// Chosen: half of what a saved model may hold.
const NUMBERS_MAX: usize = 8 << 20;
/// Chosen: twice the paper's.
const LAYERS_MAX: usize = 4;

impl NhitsSpec {
    /// What the ensemble trains on the closes of the symbols it trades: four days of hours to one day.
    /// Chosen: as small as it can be without losing to repeating the last value on a wave.
    pub fn product() -> NhitsSpec {
        NhitsSpec {
            window: 96,
            horizon: 24,
            stacks: [(8, 12), (4, 4), (1, 1)].map(Stack::of).to_vec(),
            layers: 2,
            width: 32,
            learn: LearnRules {
                rate: 2e-3,
                decay: 1e-3,
                dropout: 0.1,
                passes: 8,
                windows_per_pass: 4096,
                batch: 64,
                patience: 3,
                seed: 0,
                scale: Scale::Last,
                loss: Loss::Squared,
                weigh: Weigh::AsIs,
            },
        }
    }

    /// What `models bench forecast` trains on the papers' sets. Chosen by the mean square error on the
    /// validation steps of ETTm2, 96 and 192 steps ahead: windows measured from their last value and
    /// counting alike beat those that count by how much they move (.120 against .122, and .161 against
    /// .167), and the size of a miss beats its square (.117 and .159).
    pub fn benchmark(window: usize, horizon: usize) -> NhitsSpec {
        let fits = |(pool, per_point): (usize, usize)| {
            Stack::of((pool.min(window), per_point.min(horizon)))
        };
        NhitsSpec {
            window,
            horizon,
            stacks: [(16, 24), (4, 4), (1, 1)].map(fits).to_vec(),
            layers: 2,
            width: 128,
            learn: LearnRules {
                rate: 1e-3,
                decay: 1e-3,
                dropout: 0.1,
                passes: 6,
                windows_per_pass: 32_768,
                batch: 128,
                patience: 3,
                seed: 1,
                scale: Scale::Last,
                loss: Loss::Absolute,
                weigh: Weigh::Even,
            },
        }
    }

    /// Why no network has this shape, if none has.
    fn fault(&self) -> Option<&'static str> {
        if [self.window, self.horizon, self.width].iter().any(|size| !(1..=SIZE_MAX).contains(size))
        {
            return Some("every size of a network of several rates lies between 1 and 4096");
        }
        if !(1..=STACKS_MAX).contains(&self.stacks.len()) {
            return Some("a network of several rates has one to six stacks");
        }
        if !(1..=LAYERS_MAX).contains(&self.layers) {
            return Some("a block has one to four hidden layers");
        }
        let fits = |stack: &Stack| {
            (1..=self.window).contains(&stack.pool) && (1..=self.horizon).contains(&stack.per_point)
        };
        if !self.stacks.iter().all(fits) {
            return Some("a pool fits into the window, and a point into the horizon");
        }
        let numbers = self.layout().iter().map(|weight| weight.rows * weight.cols).sum::<usize>();
        if numbers > NUMBERS_MAX {
            return Some("a network of several rates has at most eight million numbers");
        }
        None
    }

    /// The weights of this shape: of each block its hidden layers, then what it explains and says.
    fn layout(&self) -> Vec<Weight> {
        let mut layout = Vec::new();
        for (at, stack) in self.stacks.iter().enumerate() {
            let mut inputs = self.window.div_ceil(stack.pool);
            for _ in 0..self.layers {
                layout.extend(dense_weights(inputs, self.width));
                inputs = self.width;
            }
            layout.extend(dense_weights(inputs, self.explained(at) + self.points(stack)));
        }
        layout
    }

    /// Weights of one block.
    fn block_weights(&self) -> usize {
        2 * (self.layers + 1)
    }

    /// Values of the window that a block explains.
    fn explained(&self, at: usize) -> usize {
        if at + 1 < self.stacks.len() { self.window } else { 0 }
    }

    /// Points that a block says.
    fn points(&self, stack: &Stack) -> usize {
        (self.horizon / stack.per_point).max(1)
    }
}

impl Stack {
    fn of((pool, per_point): (usize, usize)) -> Stack {
        Stack { pool, per_point }
    }
}

/// Between which two of `points` a value of the forecast lies, and how far on the way to the second. The
/// points are spread evenly, half a gap off both ends, and outside of them the nearest holds.
fn between(at: usize, points: usize, horizon: usize) -> (usize, usize, f32) {
    let place = (at as f64 + 0.5) * points as f64 / horizon as f64 - 0.5;
    let place = place.clamp(0.0, (points - 1) as f64);
    let first = place as usize;
    (first, (first + 1).min(points - 1), (place - first as f64) as f32)
}

/// A trained network.
#[derive(Clone, Debug, PartialEq)]
pub struct Nhits {
    spec: NhitsSpec,
    weights: Vec<Array>,
}

impl Nhits {
    /// Trains a network, from the weights of another of the same shape where one is given, and keeps
    /// what did best on the watched windows. Interrupted, it leaves nothing behind.
    ///
    /// # Errors
    /// A shape that no network has, windows of another length, too few of them, or a listener that says stop.
    pub fn fit(
        spec: &NhitsSpec,
        start: Option<&Nhits>,
        train: &WindowSet<'_>,
        watch: &WindowSet<'_>,
        listener: &mut Listener<'_>,
    ) -> Result<(Nhits, Learning), FitError> {
        let refuse = |what: &str| FitError::BadParameter { what: what.into() };
        if let Some(fault) = spec.fault() {
            return Err(refuse(fault));
        }
        let fits =
            |set: &WindowSet<'_>| (set.window_len(), set.horizon()) == (spec.window, spec.horizon);
        if !fits(train) || !fits(watch) {
            return Err(refuse("the windows are of another length than the network reads"));
        }
        let start = start.map(|model| model.weights.as_slice());
        let learned = learn::learn(spec, start, train, watch, &spec.learn, listener)?;
        let (weights, learning) = learned.split();
        Ok((Nhits { spec: spec.clone(), weights }, learning))
    }

    /// Its shape, and how it was trained.
    pub fn spec(&self) -> &NhitsSpec {
        &self.spec
    }

    /// What comes after a window, in the window's own units. The window has as many values as the
    /// network reads and `out` as many as it forecasts; anything else is the caller's error.
    pub fn forecast(&self, window: &[f32], out: &mut [f32]) {
        predict::forecast(&self.spec, &self.weights, window, out);
    }

    /// What comes after each window of a set, one after the other: the same numbers as window by window.
    pub fn forecast_all(&self, windows: &WindowSet<'_>) -> Vec<f32> {
        let mut all = vec![0.0; windows.len() * self.spec.horizon];
        all.par_chunks_mut(self.spec.horizon)
            .enumerate()
            .for_each(|(at, out)| self.forecast(windows.window(at), out));
        all
    }

    /// The network as bytes that [`Nhits::load`] reads back to the bit.
    pub fn save(&self) -> Vec<u8> {
        saved::save(Kind::Nhits, &self.spec, &self.weights)
    }

    /// Reads what [`Nhits::save`] wrote.
    ///
    /// # Errors
    /// Anything else: another file, a damaged one, or numbers that are no network's.
    pub fn load(bytes: &[u8]) -> Result<Nhits, ModelError> {
        let layout = |spec: &NhitsSpec| spec.fault().is_none().then(|| spec.layout());
        let (spec, weights) = saved::load(Kind::Nhits, bytes, layout)?;
        Ok(Nhits { spec, weights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::draws::Draws;
    use crate::nets::learn::{by_library, fresh};

    fn shapes() -> Vec<NhitsSpec> {
        let of = |window, horizon, stacks: &[(usize, usize)], layers, width| NhitsSpec {
            stacks: stacks.iter().copied().map(Stack::of).collect(),
            layers,
            width,
            ..NhitsSpec::benchmark(window, horizon)
        };
        vec![
            NhitsSpec::product(),
            NhitsSpec::benchmark(336, 96),
            NhitsSpec::benchmark(3, 1),
            of(17, 5, &[(4, 2)], 1, 7),
            of(17, 5, &[(17, 5), (5, 3), (2, 2), (1, 1)], 3, 8),
        ]
    }

    #[test]
    fn our_arithmetic_is_that_of_the_network_it_was_trained_as() {
        for (seed, mut spec) in (0..).zip(shapes()) {
            for scale in [Scale::Raw, Scale::Mean, Scale::Last] {
                spec.learn.scale = scale;
                let weights = fresh(&spec.layout(), seed);
                let mut draws = Draws::new(seed, 9);
                let windows: Vec<f32> = (0..20 * spec.window).map(|_| draws.spread()).collect();
                let measured: Vec<crate::nets::plain::Measure> = windows
                    .chunks_exact(spec.window)
                    .map(|window| crate::nets::plain::Measure::of(window, scale))
                    .collect();
                let scaled: Vec<f32> = windows
                    .chunks_exact(spec.window)
                    .zip(&measured)
                    .flat_map(|(window, measure)| measure.apply(window).collect::<Vec<f32>>())
                    .collect();
                let mut theirs = by_library(&spec, &weights, &scaled, spec.window);
                let model = Nhits { spec: spec.clone(), weights };
                let mut ours = vec![0.0; spec.horizon];
                for ((window, theirs), measure) in windows
                    .chunks_exact(spec.window)
                    .zip(theirs.chunks_exact_mut(spec.horizon))
                    .zip(&measured)
                {
                    measure.undo(theirs);
                    model.forecast(window, &mut ours);
                    for (ours, theirs) in ours.iter().zip(theirs.iter()) {
                        assert!((ours - theirs).abs() < 1e-4, "{ours} {theirs} {spec:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn points_are_half_a_gap_off_the_ends_and_lines_lie_between() {
        // Two points over four values: at 0.5 and 2.5, so .25 and .75 on the way in between.
        let all: Vec<_> = (0..4).map(|at| between(at, 2, 4)).collect();
        assert_eq!(all, [(0, 1, 0.0), (0, 1, 0.25), (0, 1, 0.75), (1, 1, 0.0)]);
        assert_eq!((0..3).map(|at| between(at, 1, 3)).collect::<Vec<_>>(), [(0, 0, 0.0); 3]);
        assert_eq!((0..3).map(|at| between(at, 3, 3).0).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
