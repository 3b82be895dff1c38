//! The patch network learns, stops, comes back from its bytes, and says the same however it is asked.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::ControlFlow;

use models::{
    FitError, LearnRules, Learning, ModelError, PatchTst, PatchTstSpec, Progress, WindowSet,
};

/// A daily wave with a slower one on it, in the range of closes.
fn waves(count: usize) -> Vec<f32> {
    let wave = |at: f64, period: f64| libm::sin(std::f64::consts::TAU * at / period);
    let close = |at: usize| 100.0 + 3.0 * wave(at as f64, 24.0) + 2.0 * wave(at as f64, 61.0);
    (0..count).map(|at| close(at) as f32).collect()
}

fn small() -> PatchTstSpec {
    let product = PatchTstSpec::product();
    let learn = LearnRules { passes: 3, windows_per_pass: 192, batch: 32, ..product.learn };
    PatchTstSpec { window: 48, horizon: 12, width: 8, heads: 2, ff: 16, learn, ..product }
}

fn windows<'a>(spec: &PatchTstSpec, series: &'a [f32]) -> (WindowSet<'a>, WindowSet<'a>) {
    let mut train = WindowSet::new(spec.window, spec.horizon);
    let mut watch = train.clone();
    let border = series.len() * 4 / 5;
    train.add(series, 0..border, 1);
    watch.add(series, border..series.len(), 1);
    (train, watch)
}

fn fitted(spec: &PatchTstSpec, series: &[f32]) -> (PatchTst, Learning) {
    let (train, watch) = windows(spec, series);
    PatchTst::fit(spec, None, &train, &watch, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Mean square of what forecasts missed by.
fn miss<'a>(forecasts: impl Iterator<Item = (f32, &'a f32)>) -> f64 {
    let squares: Vec<f64> =
        forecasts.map(|(said, came)| f64::from(said - came) * f64::from(said - came)).collect();
    squares.iter().sum::<f64>() / squares.len() as f64
}

#[test]
fn a_wave_is_forecast_better_than_by_repeating_its_last_value() {
    let series = waves(900);
    let mut spec = small();
    spec.learn.passes = 30;
    let (model, _) = fitted(&spec, &series[..700]);
    let mut unseen = WindowSet::new(spec.window, spec.horizon);
    unseen.add(&series, 700..900, 1);
    let said = model.forecast_all(&unseen);
    let came = || (0..unseen.len()).flat_map(|at| unseen.target(at));
    let last = |at: usize| *unseen.window(at).last().unwrap();
    let repeated = (0..unseen.len()).flat_map(|at| std::iter::repeat_n(last(at), spec.horizon));
    let (model, repeat) = (miss(said.into_iter().zip(came())), miss(repeated.zip(came())));
    assert!(model < 0.1 * repeat, "{model} against {repeat}");
}

#[test]
fn what_is_learned_does_not_depend_on_the_number_of_threads() {
    let series = waves(500);
    let bytes = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fitted(&small(), &series).0.save())
    };
    assert_eq!(bytes(1), bytes(2));
    let mut other = small();
    other.learn.seed += 1;
    assert_ne!(fitted(&other, &series).0.save(), bytes(1), "another seed is another network");
}

#[test]
fn windows_together_and_one_by_one_are_forecast_the_same_to_the_bit() {
    let series = waves(400);
    let spec = small();
    let (model, _) = fitted(&spec, &series);
    let (train, _) = windows(&spec, &series);
    let one_by_one: Vec<f32> = (0..train.len())
        .flat_map(|at| {
            let mut out = vec![0.0; spec.horizon];
            model.forecast(train.window(at), &mut out);
            out
        })
        .collect();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let together = pool.install(|| model.forecast_all(&train));
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&together), bits(&one_by_one));
    }
}

#[test]
fn a_window_that_never_moves_is_repeated() {
    let (model, _) = fitted(&small(), &waves(400));
    let mut out = [0.0; 12];
    model.forecast(&[26_512.3; 48], &mut out);
    assert_eq!(out, [26_512.3; 12]);
}

#[test]
fn a_fit_interrupted_at_any_batch_leaves_nothing_behind() {
    let series = waves(500);
    let spec = small();
    let (model, learning) = fitted(&spec, &series);
    let before = model.save();
    let (train, watch) = windows(&spec, &series);
    let batches = learning.passes.len() * 6;
    for stop in [0, 1, 5, 6, batches - 1] {
        let mut heard = Vec::new();
        let mut listener = |progress: Progress<'_>| {
            heard.push(progress.done);
            if progress.done == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = PatchTst::fit(&spec, Some(&model), &train, &watch, &mut listener);
        assert_eq!(stopped.map(|_| ()), Err(FitError::Interrupted));
        assert_eq!(heard, (0..=stop).collect::<Vec<_>>(), "asked before every batch, not after");
    }
    assert_eq!(model.save(), before);
    assert_eq!(fitted(&spec, &series).0.save(), before, "nor does it touch the next fit");
}

#[test]
fn a_fit_that_starts_from_a_trained_network_starts_lower() {
    let series = waves(600);
    let spec = small();
    let (model, cold) = fitted(&spec, &series);
    let (train, watch) = windows(&spec, &series);
    let go_on = &mut |_: Progress<'_>| ControlFlow::Continue(());
    let (_, warm) = PatchTst::fit(&spec, Some(&model), &train, &watch, go_on).unwrap();
    assert!(warm.first < 0.8 * cold.first, "{} against {}", warm.first, cold.first);
}

#[test]
fn it_ends_when_the_watched_windows_no_longer_gain() {
    let mut series = waves(400);
    // What is watched has nothing to do with what is learned: it soon gets worse.
    let mut word = 1_u32;
    for close in &mut series[300..] {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *close = 100.0 + (word >> 24) as f32;
    }
    let mut spec = small();
    spec.learn = LearnRules { passes: 40, patience: 2, rate: 0.01, ..spec.learn };
    let (train, _) = windows(&spec, &series[..375]);
    let mut watch = WindowSet::new(spec.window, spec.horizon);
    watch.add(&series, 300..400, 1);
    let go_on = &mut |_: Progress<'_>| ControlFlow::Continue(());
    let (model, learning) = PatchTst::fit(&spec, None, &train, &watch, go_on).unwrap();
    let losses: Vec<f64> = learning.passes.iter().map(|pass| pass.watch.unwrap()).collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(losses.len() < 40, "{losses:?}");
    assert_eq!(losses.iter().position(|loss| *loss == best), Some(losses.len() - 3));
    // The best weights came back, not the last: they lose again what the best pass lost.
    let said = model.forecast_all(&watch);
    let lost = miss(said.into_iter().zip((0..watch.len()).flat_map(|at| watch.target(at))));
    let spread = |at: usize| {
        let window: Vec<f64> = train.window(at).iter().copied().map(f64::from).collect();
        let mean = window.iter().sum::<f64>() / window.len() as f64;
        window.iter().map(|close| (close - mean) * (close - mean)).sum::<f64>()
            / window.len() as f64
    };
    let unit = (0..train.len()).map(spread).sum::<f64>() / train.len() as f64;
    assert!((lost / unit / best - 1.0).abs() < 1e-3, "{} and {best}", lost / unit);
}

#[test]
fn a_saved_network_comes_back_to_the_bit_and_a_damaged_one_is_refused() {
    let (model, _) = fitted(&small(), &waves(400));
    let bytes = model.save();
    assert_eq!(PatchTst::load(&bytes).unwrap(), model);
    for at in (0..bytes.len()).step_by(7).chain(0..64) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(PatchTst::load(&damaged).is_err(), "byte {at} was flipped");
    }
    for len in (0..bytes.len()).step_by(61).chain([bytes.len() - 1]) {
        assert!(PatchTst::load(&bytes[..len]).is_err(), "cut to {len}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(PatchTst::load(&longer), Err(ModelError::Damaged));
    let mut other = bytes;
    other[10] = 1;
    assert_eq!(PatchTst::load(&other), Err(ModelError::OtherKind { found: 1, wanted: 5 }));
}

#[test]
fn what_cannot_be_learned_from_is_refused_in_a_sentence() {
    let series = waves(400);
    let refusal = |change: &dyn Fn(&mut PatchTstSpec)| {
        let mut spec = small();
        change(&mut spec);
        let mut train = WindowSet::new(spec.window, spec.horizon);
        train.add(&series, 0..300, 1);
        let watch = train.clone();
        let fit = PatchTst::fit(&spec, None, &train, &watch, &mut |_| ControlFlow::Break(()));
        fit.map(|_| ()).unwrap_err()
    };
    let bad = |what: &str| FitError::BadParameter { what: what.into() };
    assert_eq!(refusal(&|_| {}), FitError::Interrupted, "else it would have begun");
    assert_eq!(refusal(&|spec| spec.heads = 3), bad("heads share the width evenly"));
    for change in
        [|spec: &mut PatchTstSpec| spec.patch = 49, |spec: &mut PatchTstSpec| spec.stride = 17]
    {
        let what = "patches fit into the window and leave nothing out between them";
        assert_eq!(refusal(&change), bad(what));
    }
    let what = "every size of a patch network lies between 1 and 4096";
    assert_eq!(refusal(&|spec| spec.ff = 0), bad(what));
    assert_eq!(refusal(&|spec| spec.width = 1 << 40), bad(what));
    let what = "a patch network has at most eight million numbers";
    assert_eq!(refusal(&|spec| spec.ff = 4096), FitError::Interrupted, "large, but not too large");
    assert_eq!(refusal(&|spec| (spec.width, spec.ff) = (4096, 4096)), bad(what));
    assert_eq!(refusal(&|spec| spec.layers = 7), bad("a patch network has one to six layers"));
    let what = "a learning rate lies between 0 and 1, and so does a weight decay";
    assert_eq!(refusal(&|spec| spec.learn.rate = f32::NAN), bad(what));
    assert_eq!(refusal(&|spec| spec.learn.dropout = 1.0), bad("dropout hides at most nine tenths"));
    let what = "no pass, no window or no batch: nothing would be learned";
    assert_eq!(refusal(&|spec| spec.learn.batch = 0), bad(what));
    assert_eq!(
        refusal(&|spec| spec.learn.batch = 1000),
        FitError::TooFew { what: "patchtst", has: 241, needed: 1000 }
    );
}

#[test]
fn another_networks_weights_or_windows_are_refused() {
    let series = waves(400);
    let (model, _) = fitted(&small(), &series);
    let wider = PatchTstSpec { width: 16, ..small() };
    let (train, watch) = windows(&wider, &series);
    let go_on = &mut |_: Progress<'_>| ControlFlow::Continue(());
    let what = "the weights to start from are another network's".to_owned();
    let refused = PatchTst::fit(&wider, Some(&model), &train, &watch, go_on).map(|_| ());
    assert_eq!(refused, Err(FitError::BadParameter { what }));
    let what = "the windows are of another length than the network reads".to_owned();
    let refused = PatchTst::fit(&PatchTstSpec::product(), None, &train, &watch, go_on).map(|_| ());
    assert_eq!(refused, Err(FitError::BadParameter { what }));
}
