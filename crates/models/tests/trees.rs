//! Boosted trees learn what can be learned, predict the same on every way, and come back as they were saved.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::ControlFlow;

use models::bench::{LabelledTable, area_under_curve, boost};
use models::trees::{Algorithm, Matrix, Sampling, TreeSpec, Trees, fit_trees};
use models::{FitError, ModelError, Progress};
use proptest::prelude::*;
use scenarios::Dice;

const FEATURES: usize = 6;

/// A step, an interaction, a feature whose absence tells, a constant, and noise.
fn world(rows: usize, seed: u64) -> LabelledTable {
    let mut dice = Dice::new(seed);
    let mut table = LabelledTable { features: FEATURES, ..LabelledTable::default() };
    for _ in 0..rows {
        let mut row: Vec<f64> = (0..FEATURES).map(|_| dice.normal()).collect();
        row[4] = 7.0;
        let absent = dice.happens(0.2);
        let signal = f64::from(u8::from(row[0] > 0.3)) + 0.9 * row[1] * row[2];
        let log_odds = 1.5 * signal - 0.6 + if absent { 1.0 } else { 0.0 };
        if absent {
            row[3] = f64::NAN;
        }
        table.labels.push(dice.happens(1.0 / (1.0 + (-log_odds).exp())));
        table.values.extend(row.iter().map(|value| *value as f32));
    }
    table
}

fn small(algorithm: Algorithm) -> TreeSpec {
    TreeSpec { trees: 20, rows_min: 10.0, ..TreeSpec::published(algorithm) }
}

fn fit(table: &LabelledTable, spec: &TreeSpec) -> Result<Trees, FitError> {
    let weights = vec![1.0; table.labels.len()];
    fit_weighted(table, &weights, spec)
}

fn fit_weighted(
    table: &LabelledTable,
    weights: &[f32],
    spec: &TreeSpec,
) -> Result<Trees, FitError> {
    let listener = &mut |_: Progress<'_>| ControlFlow::Continue(());
    fit_trees(table.matrix(), &table.labels, weights, spec, listener)
}

fn row(table: &LabelledTable, at: usize) -> Vec<f64> {
    let row = &table.values[at * table.features..(at + 1) * table.features];
    row.iter().map(|value| f64::from(*value)).collect()
}

fn specs() -> Vec<TreeSpec> {
    let goss = Sampling::Goss { top: 0.2, other: 0.2 };
    let mut specs = Vec::new();
    for algorithm in Algorithm::ALL {
        specs.push(small(algorithm));
        specs.push(TreeSpec { sampling: Sampling::Share(0.7), ..small(algorithm) });
        specs.push(TreeSpec { sampling: goss, rate: 0.2, ..small(algorithm) });
        specs.push(TreeSpec::product(algorithm));
    }
    specs
}

#[test]
fn the_two_of_the_product_are_not_one_model_twice() {
    let (train, test) = (world(2_000, 3), world(2_000, 4));
    let [one, two] = Algorithm::ALL.map(|kind| fit(&train, &TreeSpec::product(kind)).unwrap());
    let says = |trees: &Trees| -> Vec<f64> {
        (0..2_000).map(|at| trees.log_odds(&row(&test, at))).collect()
    };
    let spread = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
    };
    let (one, two) = (says(&one), says(&two));
    let apart: Vec<f64> = one.iter().zip(&two).map(|(one, two)| one - two).collect();
    let share = spread(&apart) / spread(&one);
    eprintln!("{share:.3} of what one says is not what the other says");
    assert!(share > 0.05, "{share}");
}

#[test]
fn every_way_of_growing_learns_steps_interactions_and_absence() {
    let (train, test) = (world(4_000, 1), world(2_000, 2));
    for spec in specs() {
        let silent = &mut |_: Progress<'_>| ControlFlow::Continue(());
        let figures = boost(&train, &test, &spec, silent).unwrap();
        assert!(figures.auc > 0.75, "{spec:?}: {figures:?}");
        assert!(figures.logloss < 0.62, "{spec:?}: {figures:?}");
        let trees = fit(&train, &spec).unwrap();
        let gains = trees.gains();
        assert!(gains[0].min(gains[1]).min(gains[2]) > gains[5], "{spec:?}: {gains:?}");
        assert_eq!(gains[4], 0.0, "a constant cannot gain");
        let present = trees.log_odds(&[0.0, 0.0, 0.0, 0.0, 7.0, 0.0]);
        let absent = trees.log_odds(&[0.0, 0.0, 0.0, f64::NAN, 7.0, 0.0]);
        assert!(absent > present + 0.1, "{spec:?}: {absent} {present}");
    }
}

#[test]
fn any_number_of_threads_fits_the_same_bytes() {
    // Large enough for the grower to share its work among threads.
    let table = wide(world(40_000, 3), 27);
    for algorithm in Algorithm::ALL {
        let sampling = Sampling::Goss { top: 0.2, other: 0.1 };
        for sampling in [Sampling::All, sampling] {
            let spec = TreeSpec { trees: 8, rate: 0.5, sampling, ..TreeSpec::published(algorithm) };
            let saved = [1, 2, 3].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| fit(&table, &spec).unwrap().save())
            });
            assert_eq!(saved[0], saved[1], "{spec:?}");
            assert_eq!(saved[0], saved[2], "{spec:?}");
        }
    }
}

/// The same rows with columns of noise beside them.
fn wide(table: LabelledTable, features: usize) -> LabelledTable {
    let mut dice = Dice::new(11);
    let mut values = Vec::with_capacity(table.labels.len() * features);
    for row in table.values.chunks(table.features) {
        values.extend_from_slice(row);
        values.extend((table.features..features).map(|_| dice.uniform() as f32));
    }
    LabelledTable { features, values, labels: table.labels }
}

#[test]
fn a_batch_says_what_each_row_is_told_to_the_bit() {
    let table = world(3_000, 4);
    for spec in specs() {
        let trees = fit(&table, &spec).unwrap();
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let batch = pool.install(|| trees.probabilities(table.matrix()));
            assert_eq!(batch.len(), table.labels.len());
            for (at, probability) in batch.iter().enumerate() {
                let alone = trees.probability(&row(&table, at));
                assert_eq!(probability.to_bits(), alone.to_bits(), "row {at}");
            }
        }
    }
}

#[test]
fn a_row_is_told_the_same_in_double_precision_as_when_it_is_kept() {
    let table = world(3_000, 5);
    let trees = fit(&table, &small(Algorithm::Lightgbm)).unwrap();
    let mut dice = Dice::new(6);
    for _ in 0..2_000 {
        let live: Vec<f64> = (0..FEATURES).map(|_| dice.normal()).collect();
        let kept: Vec<f64> = live.iter().map(|value| f64::from(*value as f32)).collect();
        assert_eq!(trees.log_odds(&live), trees.log_odds(&kept));
    }
}

#[test]
fn contributions_and_what_nothing_known_gets_sum_up_to_the_log_odds() {
    let table = world(3_000, 7);
    for spec in specs() {
        let trees = fit(&table, &spec).unwrap();
        for at in 0..60 {
            let row = row(&table, at);
            let contributions = trees.contributions(&row);
            let sum = trees.base_log_odds() + contributions.iter().sum::<f64>();
            assert!((sum - trees.log_odds(&row)).abs() < 1e-9, "{sum}, row {at}");
            assert_eq!(contributions[4], 0.0, "a constant adds nothing");
        }
    }
}

#[test]
fn a_feature_that_acts_alone_is_given_all_it_does() {
    let mut table = world(3_000, 8);
    table.labels = table.values.chunks(FEATURES).map(|row| row[0] > 0.3).collect();
    let trees = fit(&table, &small(Algorithm::Xgboost)).unwrap();
    let contributions = trees.contributions(&[2.0, 0.0, 0.0, 0.0, 7.0, 0.0]);
    let others: f64 = contributions[1..].iter().map(|added| added.abs()).sum();
    assert!(contributions[0] > 1.0 && others < 0.05 * contributions[0], "{contributions:?}");
}

#[test]
fn a_weight_of_two_counts_like_a_row_that_is_there_twice() {
    let table = world(1_500, 9);
    let mut twice = table.clone();
    let mut weights = vec![1.0; table.labels.len()];
    for at in (0..table.labels.len()).filter(|at| at % 3 == 0) {
        weights[at] = 2.0;
        let again = table.values[at * FEATURES..(at + 1) * FEATURES].to_vec();
        twice.values.extend(again);
        twice.labels.push(table.labels[at]);
    }
    for algorithm in Algorithm::ALL {
        // Every value a class of its own: where classes begin depends on how often a value is there.
        let spec = TreeSpec { bins: 255, trees: 5, ..small(algorithm) };
        let coarse = |table: &LabelledTable| {
            let values = table.values.iter().map(|value| (value * 8.0).round() / 8.0).collect();
            LabelledTable { values, ..table.clone() }
        };
        let weighted = fit_weighted(&coarse(&table), &weights, &spec).unwrap();
        let doubled = fit(&coarse(&twice), &spec).unwrap();
        let plain = fit(&coarse(&table), &spec).unwrap();
        let coarse = coarse(&table);
        let off = |other: &Trees| -> f64 {
            let rows = (0..coarse.labels.len()).map(|at| row(&coarse, at));
            rows.map(|row| (weighted.log_odds(&row) - other.log_odds(&row)).abs()).sum()
        };
        assert!(off(&doubled) < 0.02 * off(&plain), "{} {}", off(&doubled), off(&plain));
    }
}

#[test]
fn rows_of_weight_zero_teach_nothing() {
    let table = world(1_500, 10);
    let mut lied_to = world(1_500, 10);
    let mut weights = vec![1.0; table.labels.len()];
    for at in (0..table.labels.len()).filter(|at| at % 4 == 0) {
        weights[at] = 0.0;
        lied_to.labels[at] = !lied_to.labels[at];
    }
    for algorithm in Algorithm::ALL {
        let honest = fit_weighted(&table, &weights, &small(algorithm)).unwrap();
        assert_eq!(honest, fit_weighted(&lied_to, &weights, &small(algorithm)).unwrap());
    }
}

#[test]
fn what_cannot_be_learned_from_is_refused_with_the_reason() {
    let spec = small(Algorithm::Xgboost);
    let table = world(200, 12);
    let won = LabelledTable { labels: vec![true; 200], ..table.clone() };
    assert_eq!(fit(&won, &spec), Err(FitError::OneLabel));
    let none = fit_weighted(&table, &[0.0; 200], &spec);
    assert_eq!(none, Err(FitError::OneLabel), "nothing counts");
    let few = world(19, 12);
    let refused = FitError::TooFew { what: "boosted trees", has: 19, needed: 20 };
    assert_eq!(fit(&few, &spec), Err(refused));
    assert!(matches!(fit(&LabelledTable::default(), &spec), Err(FitError::BadParameter { .. })));
    let empty = LabelledTable { features: 3, ..LabelledTable::default() };
    assert!(matches!(fit(&empty, &spec), Err(FitError::TooFew { has: 0, .. })));
    let cut = LabelledTable { labels: table.labels[1..].to_vec(), ..table.clone() };
    assert!(matches!(fit(&cut, &spec), Err(FitError::BadParameter { .. })));
    for weight in [f32::NAN, -1.0, f32::INFINITY] {
        let refused = fit_weighted(&table, &vec![weight; 200], &spec);
        assert!(matches!(refused, Err(FitError::BadParameter { .. })), "{weight}");
    }
    let bad = [
        TreeSpec { trees: 0, ..spec },
        TreeSpec { rate: 0.0, ..spec },
        TreeSpec { rate: f64::NAN, ..spec },
        TreeSpec { depth: 65, ..spec },
        TreeSpec { leaves: 1, ..spec },
        TreeSpec { leaves: 60_000, trees: 10_000, ..spec },
        TreeSpec { rows_min: -1.0, ..spec },
        TreeSpec { l2: f64::INFINITY, ..spec },
        TreeSpec { bins: 1, ..spec },
        TreeSpec { sampling: Sampling::Share(0.0), ..spec },
        TreeSpec { sampling: Sampling::Goss { top: 0.9, other: 0.2 }, ..spec },
    ];
    for spec in bad {
        let Err(FitError::BadParameter { what }) = fit(&table, &spec) else { panic!("{spec:?}") };
        assert!(!what.contains('\n'));
    }
}

#[test]
fn nothing_to_see_gives_the_share_that_won() {
    let blind = [f32::NAN, 3.0, f32::INFINITY].map(|value| LabelledTable {
        features: 2,
        values: vec![value; 400],
        labels: (0..200).map(|at| at % 4 == 0).collect(),
    });
    for table in blind {
        for algorithm in Algorithm::ALL {
            let trees = fit(&table, &small(algorithm)).unwrap();
            let probability = trees.probability(&row(&table, 0));
            assert!((probability - 0.25).abs() < 1e-6, "{probability}");
            assert_eq!(trees.gains(), [0.0, 0.0]);
            assert_eq!(trees.contributions(&[1.0, 1.0]), [0.0, 0.0]);
        }
    }
}

#[test]
fn the_listener_hears_every_tree_and_may_end_the_fit_at_any() {
    let table = world(600, 13);
    for algorithm in Algorithm::ALL {
        let spec = small(algorithm);
        let weights = vec![1.0; table.labels.len()];
        let mut heard = Vec::new();
        let mut losses = Vec::new();
        let listener = &mut |progress: Progress<'_>| {
            assert_eq!((progress.of, progress.all), (algorithm.name(), spec.trees));
            heard.push(progress.done);
            losses.extend(progress.loss);
            ControlFlow::Continue(())
        };
        fit_trees(table.matrix(), &table.labels, &weights, &spec, listener).unwrap();
        assert_eq!(heard, (0..=spec.trees).collect::<Vec<_>>());
        assert!(losses.len() >= 2 && losses.is_sorted_by(|a, b| a > b), "{losses:?}");
        for stop in 0..=spec.trees {
            let mut asked = 0;
            let listener = &mut |progress: Progress<'_>| {
                asked += 1;
                if progress.done == stop {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let ended = fit_trees(table.matrix(), &table.labels, &weights, &spec, listener);
            assert_eq!(ended, Err(FitError::Interrupted));
            assert_eq!(asked, stop + 1, "nothing was done after the word stop");
        }
    }
}

#[test]
fn what_was_saved_comes_back_to_the_bit() {
    let table = world(1_000, 14);
    for spec in specs() {
        let trees = fit(&table, &spec).unwrap();
        let loaded = Trees::load(&trees.save(), spec.algorithm).unwrap();
        assert_eq!(loaded, trees);
        assert_eq!(loaded.save(), trees.save());
    }
}

#[test]
fn every_flipped_byte_and_every_cut_is_refused() {
    let spec = TreeSpec { trees: 2, leaves: 4, depth: 2, ..small(Algorithm::Xgboost) };
    let saved = fit(&world(500, 15), &spec).unwrap().save();
    for at in 0..saved.len() {
        for flip in [1, 2, 16, 128, 255] {
            let mut bytes = saved.clone();
            bytes[at] ^= flip;
            assert!(Trees::load(&bytes, spec.algorithm).is_err(), "byte {at} flipped by {flip}");
        }
        assert!(Trees::load(&saved[..at], spec.algorithm).is_err(), "cut to {at} bytes");
    }
}

#[test]
fn a_model_of_another_kind_is_refused() {
    let table = world(500, 16);
    let saved = Algorithm::ALL.map(|algorithm| fit(&table, &small(algorithm)).unwrap().save());
    let refused = Trees::load(&saved[0], Algorithm::Lightgbm);
    assert_eq!(refused, Err(ModelError::OtherKind { found: 2, wanted: 3 }));
    let refused = Trees::load(&saved[1], Algorithm::Xgboost);
    assert_eq!(refused, Err(ModelError::OtherKind { found: 3, wanted: 2 }));
    assert!(models::BaseRate::load(&saved[0]).is_err());
}

/// The envelope right, the body changed: only a faulty writer makes such a file.
fn forged(saved: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Result<Trees, ModelError> {
    let mut body = saved[48..].to_vec();
    change(&mut body);
    let mut bytes = saved[..12].to_vec();
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(blake3::hash(&body).as_bytes());
    bytes.extend_from_slice(&body);
    Trees::load(&bytes, Algorithm::Xgboost)
}

/// A stump: 16 bytes before its tree, 4 before its nodes, 27 a node.
fn stump() -> Vec<u8> {
    let spec = TreeSpec { trees: 1, leaves: 2, depth: 1, ..small(Algorithm::Xgboost) };
    fit(&world(500, 17), &spec).unwrap().save()
}

#[test]
fn whole_bytes_that_make_no_sense_are_refused() {
    let saved = stump();
    assert!(forged(&saved, |_| ()).is_ok());
    let put = |at: usize, bytes: &[u8]| {
        forged(&saved, |body| body[at..at + bytes.len()].copy_from_slice(bytes))
    };
    let (nan, root, left) = (f32::NAN.to_le_bytes(), 20, 47);
    let nonsense = [
        ("no features", put(0, &0_u32.to_le_bytes())),
        ("too few features for its splits", put(0, &1_u32.to_le_bytes()).and(put(root, &[9, 0]))),
        ("a start that is no number", put(4, &f64::NAN.to_le_bytes())),
        ("no trees", put(12, &0_u32.to_le_bytes())),
        ("more trees than there are", put(12, &2_u32.to_le_bytes())),
        ("a tree of no nodes", put(16, &0_u32.to_le_bytes())),
        ("more nodes than there are", put(16, &u32::MAX.to_le_bytes())),
        ("a direction that is neither", put(root + 2, &[2])),
        ("a threshold that is no number", put(root + 3, &nan)),
        ("a child that is its own parent", put(root + 7, &0_u32.to_le_bytes())),
        ("a child of two", put(root + 7, &2_u32.to_le_bytes())),
        ("a child that is not there", put(root + 7, &3_u32.to_le_bytes())),
        ("a child far away", put(root + 11, &u32::MAX.to_le_bytes())),
        ("a leaf with children", put(left + 7, &1_u32.to_le_bytes())),
        ("a leaf that says no number", put(left + 15, &nan)),
        ("a gain that is no number", put(root + 19, &nan)),
        ("a cover below zero", put(left + 23, &(-1.0_f32).to_le_bytes())),
        ("more than a model", forged(&saved, |body| body.push(0))),
        ("less than a model", forged(&saved, |body| body.truncate(30))),
    ];
    for (what, refused) in nonsense {
        assert_eq!(refused, Err(ModelError::Nonsense), "{what}");
    }
}

#[test]
fn a_path_longer_than_any_tree_grows_is_refused() {
    let chain = |splits: usize| {
        let saved = stump();
        let (root, leaf) = (saved[48 + 20..48 + 47].to_vec(), saved[48 + 47..48 + 74].to_vec());
        forged(&saved, |body| {
            body.truncate(16);
            body.extend((2 * splits as u32 + 1).to_le_bytes());
            for split in 0..splits as u32 {
                let mut node = root.clone();
                node[7..11].copy_from_slice(&(2 * split + 1).to_le_bytes());
                node[11..15].copy_from_slice(&(2 * split + 2).to_le_bytes());
                body.extend(if split == 0 { vec![] } else { leaf.clone() });
                body.extend(node);
            }
            body.extend([leaf.clone(), leaf].concat());
        })
    };
    assert!(chain(64).is_ok());
    assert_eq!(chain(65), Err(ModelError::Nonsense));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_body_is_refused_or_predicts(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let changed = forged(&stump(), |body| {
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
            }
        });
        if let Ok(trees) = changed {
            prop_assert!(trees.log_odds(&[0.0; FEATURES]).is_finite());
            prop_assert!(trees.probability(&[]).is_finite());
            prop_assert_eq!(trees.contributions(&[0.5; FEATURES]).len(), trees.features());
        }
    }

    #[test]
    fn junk_is_refused(junk in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Trees::load(&junk, Algorithm::Xgboost).is_err());
    }

    #[test]
    fn any_table_is_fitted_or_refused_and_every_row_gets_a_probability(
        seed in any::<u64>(),
        rows in 1_usize..300,
        coarse in 1_u32..40,
        leafwise in any::<bool>(),
        bins in 2_usize..300,
    ) {
        let mut table = world(rows, seed);
        let step = coarse as f32 / 10.0;
        table.values.iter_mut().for_each(|value| *value = (*value / step).round() * step);
        let algorithm = Algorithm::ALL[usize::from(leafwise)];
        let spec = TreeSpec { rows_min: 0.0, curvature_min: 0.0, trees: 6, bins, ..small(algorithm) };
        match fit(&table, &spec) {
            Ok(trees) => {
                let given = trees.probabilities(Matrix { values: &table.values, features: FEATURES });
                prop_assert!(given.iter().all(|p| *p > 0.0 && *p < 1.0));
                prop_assert!(area_under_curve(&given, &table.labels).is_some());
            }
            Err(why) => prop_assert!(why == FitError::OneLabel || rows < 2, "{why}"),
        }
    }
}
