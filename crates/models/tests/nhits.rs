//! N-HiTS learns what can be learned, the same for any number of threads, and what was saved comes back or
//! is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::ControlFlow;

use models::{
    FitError, LearnRules, ModelError, Nhits, NhitsSpec, Progress, Scale, Stack, WindowSet,
};
use proptest::prelude::*;
use scenarios::Dice;

fn heard(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A wave of a day on prices that wander a little.
fn days(seed: u64, len: usize) -> Vec<f32> {
    let mut dice = Dice::new(seed);
    let hour = |at: usize| (at as f64 * std::f64::consts::TAU / 24.0).sin();
    (0..len).map(|at| (100.0 + hour(at) + 0.1 * dice.normal()) as f32).collect()
}

fn small() -> NhitsSpec {
    let stack = |(pool, per_point)| Stack { pool, per_point };
    let product = NhitsSpec::product();
    NhitsSpec {
        window: 24,
        horizon: 6,
        stacks: [(5, 4), (1, 1)].map(stack).to_vec(),
        width: 8,
        learn: LearnRules { passes: 3, batch: 32, ..product.learn },
        ..product
    }
}

fn windows<'a>(spec: &NhitsSpec, series: &'a [f32]) -> WindowSet<'a> {
    let mut set = WindowSet::new(spec.window, spec.horizon);
    set.add(series, 0..series.len(), 1);
    set
}

fn fitted(spec: &NhitsSpec, series: &[f32]) -> Nhits {
    let none = WindowSet::new(spec.window, spec.horizon);
    Nhits::fit(spec, None, &windows(spec, series), &none, &mut heard).unwrap().0
}

/// Mean square errors of the network and of repeating the last value.
fn errors(model: &Nhits, set: &WindowSet<'_>) -> (f64, f64) {
    let all = model.forecast_all(set);
    let (mut own, mut repeat) = (0.0, 0.0);
    for (at, forecast) in all.chunks_exact(set.horizon()).enumerate() {
        let last = set.window(at)[set.window_len() - 1];
        for (forecast, came) in forecast.iter().zip(set.target(at)) {
            own += f64::from(forecast - came).powi(2);
            repeat += f64::from(last - came).powi(2);
        }
    }
    (own / all.len() as f64, repeat / all.len() as f64)
}

#[test]
fn it_beats_repeating_the_last_value_where_days_are_alike() {
    let spec = NhitsSpec::product();
    let model = fitted(&spec, &days(1, 1_440 + 119));
    let unseen = days(2, 600);
    let (own, repeat) = errors(&model, &windows(&spec, &unseen));
    assert!(own < 0.1 * repeat, "{own} against {repeat}");
}

#[test]
fn any_number_of_threads_learns_the_same_to_the_bit() {
    let series = days(3, 400);
    let spec = small();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fitted(&spec, &series).save())
    };
    let alone = with(1);
    assert_eq!(alone, with(2));
    let otherwise = NhitsSpec { learn: LearnRules { seed: 8, ..spec.learn }, ..spec.clone() };
    assert_ne!(alone, fitted(&otherwise, &series).save(), "another seed is another network");
}

#[test]
fn many_windows_at_once_are_windows_one_by_one_to_the_bit() {
    let series = days(4, 500);
    for spec in [small(), NhitsSpec { window: 25, ..small() }] {
        let model = fitted(&spec, &series);
        let set = windows(&spec, &series);
        let together = model.forecast_all(&set);
        let mut alone = vec![0.0; spec.horizon];
        for (at, forecast) in together.chunks_exact(spec.horizon).enumerate() {
            model.forecast(set.window(at), &mut alone);
            let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<u32>>();
            assert_eq!(bits(forecast), bits(&alone), "window {at}");
        }
    }
}

#[test]
fn who_listens_can_stop_it_at_every_step() {
    let series = days(5, 200);
    let spec = small();
    let none = WindowSet::new(spec.window, spec.horizon);
    let set = windows(&spec, &series);
    let mut steps = Vec::new();
    Nhits::fit(&spec, None, &set, &none, &mut |progress| {
        steps.push((progress.of.to_owned(), progress.done, progress.all));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(steps[0], ("nhits".into(), 0, steps.len()));
    for stop_at in 0..steps.len() {
        let stopped = Nhits::fit(&spec, None, &set, &none, &mut |progress| {
            if progress.done == stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(stopped.err(), Some(FitError::Interrupted), "at step {stop_at}");
    }
}

#[test]
fn learning_goes_on_from_what_was_learned() {
    let series = days(6, 600);
    let spec = small();
    let (set, none) = (windows(&spec, &series), WindowSet::new(spec.window, spec.horizon));
    let first = fitted(&spec, &series);
    let before = first.clone();
    let (second, learning) = Nhits::fit(&spec, Some(&first), &set, &none, &mut heard).unwrap();
    let (_, fresh) = Nhits::fit(&spec, None, &set, &none, &mut heard).unwrap();
    assert!(learning.first < fresh.first, "{learning:?} {fresh:?}");
    assert!(second != first && first == before, "what it began with stays as it was");
    let wider = NhitsSpec { width: 9, ..spec };
    let refused = Nhits::fit(&wider, Some(&first), &set, &none, &mut heard).unwrap_err();
    assert_eq!(refused.to_string(), "the weights to start from are another network's");
}

#[test]
fn a_window_that_never_moves_is_expected_to_stay() {
    let spec = small();
    let model = fitted(&spec, &days(7, 300));
    for value in [0.0, 100.0, 0.1, 3.0e7] {
        let mut out = vec![1.0; spec.horizon];
        model.forecast(&vec![value; spec.window], &mut out);
        assert_eq!(out, vec![value; spec.horizon]);
    }
}

#[test]
fn shapes_that_no_network_has_are_refused_in_a_sentence() {
    let series = days(8, 300);
    let spec = small();
    let with = |pool, per_point| NhitsSpec { stacks: vec![Stack { pool, per_point }], ..small() };
    let cases = [
        (NhitsSpec { window: 0, ..small() }, "every size"),
        (NhitsSpec { horizon: 4_097, ..small() }, "every size"),
        (NhitsSpec { width: 0, ..small() }, "every size"),
        (NhitsSpec { stacks: vec![], ..small() }, "a network of several rates has"),
        (
            NhitsSpec { stacks: vec![spec.stacks[0]; 7], ..small() },
            "a network of several rates has",
        ),
        (NhitsSpec { layers: 0, ..small() }, "a block has"),
        (NhitsSpec { layers: 5, ..small() }, "a block has"),
        (NhitsSpec { width: 4_096, ..small() }, "a network of several rates has at most"),
        (with(0, 1), "a pool fits"),
        (with(25, 1), "a pool fits"),
        (with(1, 0), "a pool fits"),
        (with(1, 7), "a pool fits"),
        (NhitsSpec { window: 23, ..small() }, "the windows are of another length"),
    ];
    let (set, none) = (windows(&spec, &series), WindowSet::new(spec.window, spec.horizon));
    for (spec, says) in cases {
        let refused = Nhits::fit(&spec, None, &set, &none, &mut heard).unwrap_err();
        assert!(refused.to_string().starts_with(says), "{refused}");
    }
    let few = windows(&spec, &series[..50]);
    let refused = Nhits::fit(&spec, None, &few, &none, &mut heard).unwrap_err();
    assert_eq!(refused, FitError::TooFew { what: "nhits", has: 21, needed: 32 });
}

fn tiny() -> Nhits {
    let spec = NhitsSpec {
        window: 4,
        horizon: 2,
        stacks: vec![Stack { pool: 3, per_point: 2 }, Stack { pool: 1, per_point: 1 }],
        layers: 1,
        width: 2,
        ..small()
    };
    fitted(&spec, &days(9, 80))
}

#[test]
fn what_was_saved_comes_back_to_the_bit() {
    for model in [tiny(), fitted(&small(), &days(10, 300))] {
        assert_eq!(Nhits::load(&model.save()), Ok(model));
    }
}

#[test]
fn every_flipped_byte_and_every_cut_is_refused() {
    let saved = tiny().save();
    for at in 0..saved.len() {
        for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut bytes = saved.clone();
            bytes[at] ^= flip;
            assert!(Nhits::load(&bytes).is_err(), "byte {at} flipped by {flip}");
        }
        assert!(Nhits::load(&saved[..at]).is_err(), "cut to {at} bytes");
    }
    assert!(Nhits::load(&[saved.as_slice(), &[0]].concat()).is_err(), "one byte more");
}

/// Rows, columns and values of every weight: how they are written.
type Weights = Vec<(usize, usize, Vec<f32>)>;

/// A whole file of what is no network: only a faulty writer makes such a one.
fn forged(change: impl FnOnce(&mut NhitsSpec, &mut Weights)) -> Result<Nhits, ModelError> {
    let saved = tiny().save();
    let (mut spec, mut weights): (NhitsSpec, Weights) = postcard::from_bytes(&saved[48..]).unwrap();
    change(&mut spec, &mut weights);
    let body = postcard::to_stdvec(&(spec, weights)).unwrap();
    let mut bytes = saved[..12].to_vec();
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(blake3::hash(&body).as_bytes());
    bytes.extend_from_slice(&body);
    Nhits::load(&bytes)
}

#[test]
fn whole_bytes_that_make_no_sense_are_refused() {
    assert_eq!(forged(|_, _| ()), Ok(tiny()));
    let nonsense: [fn(&mut NhitsSpec, &mut Weights); 12] = [
        |_, weights| weights[0].2[0] = f32::NAN,
        |_, weights| weights[3].2[1] = f32::INFINITY,
        |_, weights| {
            weights.pop();
        },
        |_, weights| weights.push((1, 1, vec![0.0])),
        |_, weights| {
            weights[0].2.pop();
        },
        |_, weights| (weights[0].0, weights[0].1) = (1, 4),
        |_, weights| weights[0].0 = usize::MAX,
        |spec, _| spec.width = 3,
        |spec, _| spec.horizon = 0,
        |spec, _| spec.stacks[0].pool = 0,
        |spec, _| spec.stacks.clear(),
        |spec, _| spec.window = usize::MAX,
    ];
    for (at, change) in nonsense.into_iter().enumerate() {
        assert_eq!(forged(change), Err(ModelError::Nonsense), "case {at}");
    }
}

#[test]
fn another_models_file_is_refused() {
    let mut bytes = tiny().save();
    bytes[10] = 5;
    assert_eq!(Nhits::load(&bytes), Err(ModelError::OtherKind { found: 5, wanted: 4 }));
}

proptest! {
    #[test]
    fn junk_is_refused(junk in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Nhits::load(&junk).is_err());
    }
}

#[test]
fn what_is_measured_in_the_windows_own_unit_moves_with_it() {
    let spec = small();
    assert_eq!(spec.learn.scale, Scale::Last);
    let model = fitted(&spec, &days(11, 200));
    let (mut out, mut twice) = (vec![0.0; 6], vec![0.0; 6]);
    for seed in 0..50 {
        let window = days(seed, 24);
        let doubled: Vec<f32> = window.iter().map(|x| x * 2.0).collect();
        model.forecast(&window, &mut out);
        model.forecast(&doubled, &mut twice);
        assert!(out.iter().all(|x| x.is_finite()), "{out:?}");
        // Twice is exact in binary.
        assert_eq!(out.iter().map(|x| x * 2.0).collect::<Vec<f32>>(), twice);
    }
}
