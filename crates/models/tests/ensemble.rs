//! An ensemble comes back from its bytes to the bit or is refused, and says the same of a batch as row by row.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::sync::OnceLock;

use domain::{Model, ModelKind, Row, Side, View, WINDOW_BARS};
use models::{BaseRate, Ensemble, ModelError, Samples};

mod training_stage;
use training_stage::{TREES, World, small_rules, trained};

fn world() -> World {
    World::new(21, 900, 1.2)
}

/// All four, of which the trees count.
fn fitted() -> &'static (Samples, Ensemble) {
    static FITTED: OnceLock<(Samples, Ensemble)> = OnceLock::new();
    FITTED.get_or_init(|| {
        let samples = world().samples();
        let (ensemble, _) = trained(&samples, &ModelKind::ALL, None, &small_rules(21)).unwrap();
        assert!(ensemble.speaks());
        (samples, ensemble)
    })
}

#[test]
fn a_batch_is_the_row_path_to_the_bit() {
    let (samples, ensemble) = fitted();
    let batch = ensemble.predict_all(samples);
    for (at, batch) in batch.iter().enumerate() {
        let row = samples.with_view(at, |view| ensemble.predict(view)).unwrap();
        let batch = batch.unwrap();
        for side in [Side::Long, Side::Short] {
            let of = |opinion: &domain::Opinion| opinion.chances.unwrap().of(side);
            assert_eq!(of(&batch).to_bits(), of(&row).to_bits());
            assert!((0.0..=1.0).contains(&of(&row)));
        }
        assert_eq!(batch, row);
    }
    let loaded = Ensemble::load(&ensemble.save()).unwrap();
    assert_eq!(loaded.predict_all(samples), batch);
}

#[test]
fn a_short_window_silences_networks_and_a_strange_row_silences_trees() {
    let (samples, ensemble) = fitted();
    samples.with_view(500, |view| {
        assert_eq!(view.window.len(), WINDOW_BARS);
        let spoken =
            |view: &View<'_>| ModelKind::ALL.map(|kind| ensemble.alone(kind, view).is_some());
        assert_eq!(spoken(view), [true; 4]);
        let short = View { window: &view.window[1..], ..*view };
        assert_eq!(spoken(&short), [true, true, false, false]);
        assert!(ensemble.predict(&short).is_some());
        let narrow = View { row: Row { values: &view.row.values[1..], present: 1 }, ..*view };
        assert_eq!(spoken(&narrow), [false, false, true, true]);
        assert_eq!(
            ensemble.predict(&narrow).and_then(|said| said.chances),
            None,
            "who counts for nothing does not speak for all"
        );
        let prices = [vec![0.0; WINDOW_BARS], vec![-1.0; WINDOW_BARS], vec![f32::NAN; WINDOW_BARS]];
        for window in prices.iter().chain([&vec![5.0; WINDOW_BARS], &vec![f32::MAX; WINDOW_BARS]]) {
            let odd = View { window, ..*view };
            assert_eq!(spoken(&odd)[2..], [false, false], "{}", window[0]);
        }
    });
}

#[test]
fn absent_features_are_absent_and_not_zero() {
    let (samples, ensemble) = fitted();
    let differs = |at: usize| {
        samples.with_view(at, |view| {
            let all = Row { present: u64::MAX, ..view.row };
            let none = Row { present: 0, ..view.row };
            let zeros = vec![0.0; view.row.values.len()];
            let absent = ensemble.predict(&View { row: none, ..*view });
            let same = ensemble.predict(&View { row: Row { values: &zeros, present: 0 }, ..*view });
            assert_eq!(absent, same, "an absent number was looked at");
            absent != ensemble.predict(&View { row: all, ..*view })
        })
    };
    assert!((0..100).filter(|at| differs(*at)).count() > 90);
}

#[test]
fn both_sides_are_told_apart() {
    let (samples, ensemble) = fitted();
    let right = |at: usize| {
        let said = samples.with_view(at, |view| ensemble.predict(view)).unwrap().chances.unwrap();
        (said.long > said.short) == (samples.row(at)[0] > 0.0)
    };
    let clear: Vec<usize> = (0..900).filter(|at| samples.row(*at)[0].abs() > 0.7).collect();
    let share = clear.iter().filter(|at| right(**at)).count() as f64 / clear.len() as f64;
    assert!(share > 0.9, "{share}");
}

#[test]
fn flipped_and_cut_bytes_are_refused() {
    let saved = fitted().1.save();
    for at in (0..saved.len()).step_by(saved.len() / 400) {
        let mut bytes = saved.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(Ensemble::load(&bytes).is_err(), "byte {at}");
        assert!(Ensemble::load(&saved[..at]).is_err(), "cut to {at}");
    }
    let mut longer = saved;
    longer.push(0);
    assert_eq!(Ensemble::load(&longer), Err(ModelError::Damaged));
}

#[test]
fn another_kind_is_refused_and_so_is_an_ensemble_as_another_kind() {
    let saved = fitted().1.save();
    assert_eq!(BaseRate::load(&saved), Err(ModelError::OtherKind { found: 6, wanted: 1 }));
    let mut other = saved;
    other[10] = 1;
    assert_eq!(Ensemble::load(&other), Err(ModelError::OtherKind { found: 1, wanted: 6 }));
}

#[test]
fn a_whole_file_whose_numbers_make_no_sense_is_refused() {
    let saved = fitted().1.save();
    let sealed = |body: &[u8]| {
        let mut bytes = saved[..12].to_vec();
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.extend_from_slice(blake3::hash(body).as_bytes());
        bytes.extend_from_slice(body);
        Ensemble::load(&bytes)
    };
    let body = &saved[48..];
    assert!(sealed(body).is_ok());
    assert_eq!(sealed(&[]), Err(ModelError::Nonsense));
    assert_eq!(sealed(&body[..body.len() / 2]), Err(ModelError::Nonsense));
    let mut more = body.to_vec();
    more.push(0);
    assert_eq!(sealed(&more), Err(ModelError::Nonsense));
    // Whatever a faulty writer does: refused, or a model that still keeps its promises.
    let (samples, _) = fitted();
    for at in (0..body.len()).step_by(body.len() / 300) {
        let mut forged = body.to_vec();
        forged[at] ^= 0x40;
        if let Ok(ensemble) = sealed(&forged) {
            let said = samples.with_view(300, |view| ensemble.predict(view));
            let fine = |p: f64| (0.0..=1.0).contains(&p);
            let whole = said.and_then(|said| said.chances);
            assert!(whole.is_none_or(|chances| fine(chances.long) && fine(chances.short)));
        }
    }
}

#[test]
fn what_is_told_of_a_member_survives_with_it() {
    let samples = world().samples();
    let (ensemble, record) = trained(&samples, &TREES, None, &small_rules(22)).unwrap();
    let hash = blake3::hash(&ensemble.save()).to_hex().to_string();
    assert_eq!(record.hash, hash);
    let loaded = Ensemble::load(&ensemble.save()).unwrap();
    // One is fitted again to the same, the other is taken over with all that was told of it.
    let again = [ModelKind::Xgboost];
    let (again, told) = trained(&samples, &again, Some(&loaded), &small_rules(22)).unwrap();
    assert_eq!(told.members, record.members);
    assert_eq!(again.weight(ModelKind::Xgboost), ensemble.weight(ModelKind::Xgboost));
}
