//! PatchTST (Nie, Nguyen, Sinthong & Kalagnanam 2023): a window is cut into patches, each patch is a
//! word, and a transformer encoder reads the words; a linear head over all of them says what comes.
//! Every channel is read by the same weights, apart from the others. Where this departs from the paper:
//! layer normalisation before each part instead of batch normalisation after it (small batches of one
//! symbol would make a poor one), and no learned part in the instance normalisation.

mod graph;
mod predict;

use rayon::prelude::*;

use crate::nets::learn::{self, Learning};
use crate::nets::plain::{Array, Start, Weight, dense_weights};
use crate::nets::{LearnRules, Loss, Scale, Weigh, WindowSet, saved};
use crate::sealed::Kind;
use crate::{FitError, Listener, ModelError};

/// The shape of a network and how it is trained.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PatchTstSpec {
    /// Values it reads.
    pub window: usize,
    /// Values it forecasts.
    pub horizon: usize,
    /// Values in a patch.
    pub patch: usize,
    /// Values from one patch's beginning to the next.
    pub stride: usize,
    /// Numbers that stand for a patch inside.
    pub width: usize,
    /// Attention heads; they share the width evenly.
    pub heads: usize,
    /// Encoder layers.
    pub layers: usize,
    /// Inner width of the feed-forward part.
    pub ff: usize,
    /// How it is trained.
    pub learn: LearnRules,
}

/// Chosen: no dimension of a model of this house comes near it, and no product of a few overflows.
const SIZE_MAX: usize = 4096;
/// Chosen: as many as the paper's largest has, twice.
const LAYERS_MAX: usize = 6;
/// Numbers in all weights. Chosen: half of what a saved model may hold.
const NUMBERS_MAX: usize = 8 << 20;
/// Weights of one encoder layer.
const LAYER_WEIGHTS: usize = 16;
/// Weights before the first encoder layer.
const EMBEDDING_WEIGHTS: usize = 3;

impl PatchTstSpec {
    /// What the ensemble trains on the closes of the symbols it trades: four days of hours to one day.
    /// Chosen: as small as it can be without losing to repeating the last value on a wave.
    pub fn product() -> PatchTstSpec {
        PatchTstSpec {
            window: 96,
            horizon: 24,
            patch: 16,
            stride: 8,
            width: 16,
            heads: 4,
            layers: 1,
            ff: 32,
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

    /// What `models bench forecast` trains on the papers' sets. It is far smaller than the paper's, and
    /// learns from a part of the windows. Chosen on ETTm2: absolute misses, because a few windows that
    /// move much own the squared loss, and no early end, because the last passes at a low rate gain most.
    pub fn benchmark(window: usize, horizon: usize) -> PatchTstSpec {
        PatchTstSpec {
            window,
            horizon,
            patch: 16,
            stride: 8,
            width: 16,
            heads: 2,
            layers: 1,
            ff: 32,
            learn: LearnRules {
                rate: 1e-3,
                decay: 1e-3,
                dropout: 0.2,
                passes: 4,
                windows_per_pass: 32_768,
                batch: 128,
                patience: 4,
                seed: 1,
                scale: Scale::Mean,
                loss: Loss::Absolute,
                weigh: Weigh::AsIs,
            },
        }
    }

    /// Patches in a window, its end padded by one stride of its last value.
    fn patches(&self) -> usize {
        (self.window - self.patch) / self.stride + 2
    }

    /// Why no network has this shape, if none has.
    fn fault(&self) -> Option<&'static str> {
        let sizes =
            [self.window, self.horizon, self.patch, self.stride, self.width, self.heads, self.ff];
        if sizes.iter().any(|size| !(1..=SIZE_MAX).contains(size)) {
            return Some("every size of a patch network lies between 1 and 4096");
        }
        if !(1..=LAYERS_MAX).contains(&self.layers) {
            return Some("a patch network has one to six layers");
        }
        if self.patch > self.window || self.stride > self.patch {
            return Some("patches fit into the window and leave nothing out between them");
        }
        if !self.width.is_multiple_of(self.heads) {
            return Some("heads share the width evenly");
        }
        let numbers = self.layout().iter().map(|weight| weight.rows * weight.cols).sum::<usize>();
        if numbers > NUMBERS_MAX {
            return Some("a patch network has at most eight million numbers");
        }
        None
    }

    /// The weights of this shape.
    fn layout(&self) -> Vec<Weight> {
        let (width, patches) = (self.width, self.patches());
        let gain = Weight { rows: 1, cols: width, start: Start::At(1.0) };
        let shift = Weight { rows: 1, cols: width, start: Start::At(0.0) };
        let mut layout = dense_weights(self.patch, width).to_vec();
        // The authors' code draws positions this close to zero.
        layout.push(Weight { rows: patches, cols: width, start: Start::Within(0.02) });
        for _ in 0..self.layers {
            layout.extend([gain, shift]);
            (0..4).for_each(|_| layout.extend(dense_weights(width, width)));
            layout.extend([gain, shift]);
            layout.extend(dense_weights(width, self.ff));
            layout.extend(dense_weights(self.ff, width));
        }
        layout.extend([gain, shift]);
        layout.extend(dense_weights(patches * width, self.horizon));
        layout
    }
}

/// A trained network.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchTst {
    spec: PatchTstSpec,
    weights: Vec<Array>,
}

impl PatchTst {
    /// Trains a network, from the weights of another of the same shape where one is given, and keeps
    /// what did best on the watched windows. Interrupted, it leaves nothing behind.
    pub fn fit(
        spec: &PatchTstSpec,
        start: Option<&PatchTst>,
        train: &WindowSet<'_>,
        watch: &WindowSet<'_>,
        listener: &mut Listener<'_>,
    ) -> Result<(PatchTst, Learning), FitError> {
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
        Ok((PatchTst { spec: *spec, weights }, learning))
    }

    /// Its shape, and how it was trained.
    pub fn spec(&self) -> &PatchTstSpec {
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

    /// The network as bytes that [`PatchTst::load`] reads back to the bit.
    pub fn save(&self) -> Vec<u8> {
        saved::save(Kind::Patchtst, &self.spec, &self.weights)
    }

    /// Reads what [`PatchTst::save`] wrote; anything else is refused.
    pub fn load(bytes: &[u8]) -> Result<PatchTst, ModelError> {
        let layout = |spec: &PatchTstSpec| spec.fault().is_none().then(|| spec.layout());
        let (spec, weights) = saved::load(Kind::Patchtst, bytes, layout)?;
        Ok(PatchTst { spec, weights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nets::draws::Draws;
    use crate::nets::plain::Measure;

    fn spec() -> PatchTstSpec {
        PatchTstSpec { layers: 2, ..PatchTstSpec::product() }
    }

    /// Fresh weights, gains and shifts moved off one and zero so that they matter.
    fn weights(seed: u64) -> Vec<Array> {
        let mut weights = learn::fresh(&spec().layout(), seed);
        let mut draws = Draws::new(seed, 9);
        for value in weights.iter_mut().flat_map(|array| &mut array.values) {
            *value += 0.1 * draws.spread();
        }
        weights
    }

    #[test]
    fn our_arithmetic_agrees_with_the_network_librarys() {
        for seed in 0..5 {
            let model = PatchTst { spec: spec(), weights: weights(seed) };
            let mut draws = Draws::new(seed, 10);
            let windows: Vec<f32> =
                (0..7 * 96).map(|at| 50.0 + at as f32 * 0.1 + 8.0 * draws.spread()).collect();
            let measures: Vec<Measure> =
                windows.chunks(96).map(|window| Measure::of(window, Scale::Last)).collect();
            let scaled: Vec<f32> =
                windows.chunks(96).zip(&measures).flat_map(|(w, m)| m.apply(w)).collect();
            let theirs = learn::by_library(&spec(), &model.weights, &scaled, 96);
            let mut ours = vec![0.0; 24];
            for ((window, measure), theirs) in
                windows.chunks(96).zip(&measures).zip(theirs.chunks(24))
            {
                model.forecast(window, &mut ours);
                let mut theirs = theirs.to_vec();
                measure.undo(&mut theirs);
                let moved = theirs.iter().map(|x| (x - measure.centre).abs()).fold(0.0, f32::max);
                assert!(moved > 0.1, "a forecast that says nothing proves nothing");
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert!((ours - theirs).abs() <= 1e-4 * moved, "{ours} and {theirs}");
                }
            }
        }
    }

    #[test]
    fn whole_bytes_of_no_network_are_refused() {
        let good = PatchTst { spec: spec(), weights: weights(1) };
        assert_eq!(PatchTst::load(&good.save()).as_ref(), Ok(&good));
        let refused = |change: &dyn Fn(&mut PatchTst)| {
            let mut model = good.clone();
            change(&mut model);
            assert_eq!(PatchTst::load(&model.save()), Err(ModelError::Nonsense));
        };
        refused(&|model| model.weights[3].values[0] = f32::NAN);
        refused(&|model| model.weights[3].values[0] = f32::INFINITY);
        refused(&|model| model.weights[0].values.push(0.0));
        refused(&|model| model.weights[0].rows = 8);
        refused(&|model| model.weights.swap(0, 2));
        refused(&|model| model.weights.truncate(5));
        refused(&|model| model.spec.layers = 1);
        refused(&|model| model.spec.heads = 0);
        refused(&|model| model.spec.stride = 0);
        refused(&|model| model.spec.patch = usize::MAX);
        let other = saved::save(Kind::Nhits, &good.spec, &good.weights);
        assert_eq!(PatchTst::load(&other), Err(ModelError::OtherKind { found: 4, wanted: 5 }));
        let mut longer = postcard::to_stdvec(&(&good.spec, &good.weights)).unwrap();
        longer.push(0);
        let sealed = crate::sealed::seal(Kind::Patchtst, &longer);
        assert_eq!(PatchTst::load(&sealed), Err(ModelError::Nonsense));
    }
}
