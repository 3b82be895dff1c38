//! A training finds what is there to be found, says nothing where nothing is, and can be stopped anywhere.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::ControlFlow;

use domain::{ModelKind, ModelRecord};
use models::{Ensemble, FitError, Progress, TrainOrder, train};

mod training_stage;
use training_stage::{NAMES, TREES, World, hour, order, set, small_rules, trained};

fn figure(record: &ModelRecord, name: &str) -> f64 {
    record.figure(name).unwrap_or_else(|| panic!("no {name} in {:?}", record.figures))
}

#[test]
fn an_edge_that_is_there_is_found_and_told_as_large_as_it_is() {
    let mut above = 0;
    for seed in 0..10 {
        let samples = World::new(seed, 2_000, 1.0).samples();
        let (ensemble, record) = trained(&samples, &TREES, None, &small_rules(seed)).unwrap();
        assert!(ensemble.speaks(), "seed {seed}: {:?}", record.members);
        assert!(figure(&record, "log_loss") < figure(&record, "base_log_loss"), "seed {seed}");
        assert!(figure(&record, "auc") > 0.65, "seed {seed}: {:?}", record.figures);
        above += u32::from(figure(&record, "ece") > figure(&record, "ece_floor"));
        for member in record.members.iter().filter(|member| member.weight > 0.0) {
            assert_eq!(member.contributions[0].0, "side x f0", "{:?}", member.contributions);
        }
        let mut points = record.calibration.iter();
        assert!(points.all(|(expected, _, count)| (0.0..=1.0).contains(expected) && *count > 0));
    }
    // Of perfect probabilities one set in twenty lies above.
    assert!(above <= 2, "{above} of 10 calibration errors lie above the floor");
}

#[test]
fn labels_that_depend_on_nothing_lead_to_silence() {
    let speaks = |seed: &u64| {
        let samples = World::new(1_000 + seed, 600, 0.0).samples();
        trained(&samples, &TREES, None, &small_rules(*seed)).unwrap().0.speaks()
    };
    let spoken = (0..40).filter(speaks).count();
    assert!(spoken <= 2, "{spoken} of 40 spoke");
}

#[test]
fn whoever_says_nothing_has_no_opinion_and_says_why() {
    let samples = World::new(3, 600, 0.0).samples();
    let (ensemble, record) = trained(&samples, &TREES, None, &small_rules(3)).unwrap();
    assert!(!ensemble.speaks());
    assert_eq!(figure(&record, "speaks"), 0.0);
    let said = ensemble.predict_all(&samples);
    assert!(said.iter().flatten().all(|opinion| opinion.chances.is_none()));
    assert!(said.iter().flatten().any(|opinion| opinion.members.iter().any(Option::is_some)));
    for member in &record.members {
        assert_eq!(member.weight, 0.0);
        let verdict = &member.parameters.iter().find(|(name, _)| name == "verdict").unwrap().1;
        assert!(
            verdict.contains("better than the base rate") || verdict.contains("adds nothing"),
            "{verdict}"
        );
    }
}

#[test]
fn what_had_not_turned_out_waits_and_is_not_learned_from() {
    let world = World { held: 5, ..World::new(4, 700, 1.0) };
    let samples = world.samples();
    let asked_at = hour(400);
    let order = TrainOrder { asked_at, ..order(&TREES) };
    let mut silent = |_: Progress<'_>| ControlFlow::Continue(());
    let (ensemble, record) =
        train(&set(&samples, &NAMES), &order, None, &small_rules(4), &mut silent).unwrap();
    // Decisions 0..=395 had been closed by hour 400.
    assert_eq!((record.rows.count, record.rows.waiting, record.rows.left_out), (396, 11 + 304, 2));
    assert_eq!((record.rows.decided_from, record.rows.decided_to), (hour(0), hour(395)));
    let earlier = World { count: 396, ..world };
    let (same, alone) =
        train(&set(&earlier.samples(), &NAMES), &order, None, &small_rules(4), &mut silent)
            .unwrap();
    assert_eq!(alone.rows.hash, record.rows.hash);
    assert_eq!(ensemble.save(), same.save(), "later rows changed it");
}

#[test]
fn of_what_may_still_be_held_quick_losers_are_not_learned_from() {
    // Losers are stopped after an hour, winners are held for two days: of the last two days only losers are known.
    let world = World { held: 48, ..World::new(14, 1_000, 0.0) };
    let samples = world.samples();
    let mut told = models::Samples::new(5, samples.closes().to_vec());
    for (at, sample) in samples.samples().iter().enumerate() {
        let closed_at = if sample.won { sample.closed_at } else { hour(at + 1) };
        let row: Vec<f64> = samples.row(at).iter().map(|value| f64::from(*value)).collect();
        told.push(models::Sample { closed_at, ..sample.clone() }, row);
    }
    let order = TrainOrder { asked_at: hour(500), ..order(&TREES) };
    let mut silent = |_: Progress<'_>| ControlFlow::Continue(());
    let (_, record) =
        train(&set(&told, &NAMES), &order, None, &small_rules(14), &mut silent).unwrap();
    // Decisions 0..=452 would have been closed by then, however they ended.
    assert_eq!((record.rows.count, record.rows.decided_to), (453, hour(452)));
    assert_eq!(record.rows.waiting, 11 + 547);
}

#[test]
fn a_version_of_nothing_but_former_members_is_none() {
    let samples = World::new(15, 600, 1.0).samples();
    let (former, _) = trained(&samples, &TREES, None, &small_rules(15)).unwrap();
    let mut rules = small_rules(15);
    rules.lightgbm.trees = 0;
    let made = trained(&samples, &[ModelKind::Lightgbm], Some(&former), &rules);
    assert!(matches!(made, Err(FitError::BadParameter { .. })), "{made:?}");
}

#[test]
fn the_newest_rows_are_kept_where_there_are_too_many() {
    let samples = World::new(5, 900, 1.0).samples();
    let mut rules = small_rules(5);
    rules.samples_max = 500;
    let (_, record) = trained(&samples, &TREES, None, &rules).unwrap();
    assert_eq!((record.rows.count, record.rows.decided_from), (500, hour(400)));
    assert_eq!(record.rows.waiting, 11);
}

#[test]
fn too_few_rows_and_rows_of_one_kind_are_refused() {
    let few = trained(&World::new(6, 49, 1.0).samples(), &TREES, None, &small_rules(6));
    assert_eq!(few.err(), Some(FitError::TooFew { what: "an ensemble", has: 49, needed: 50 }));
    let won = World::new(6, 400, 0.0);
    let samples = training_stage::World::samples(&won);
    let mut all_won = models::Samples::new(5, samples.closes().to_vec());
    for (at, sample) in samples.samples().iter().enumerate() {
        let row: Vec<f64> = samples.row(at).iter().map(|value| f64::from(*value)).collect();
        all_won.push(models::Sample { won: true, ..sample.clone() }, row);
    }
    assert_eq!(trained(&all_won, &TREES, None, &small_rules(6)).err(), Some(FitError::OneLabel));
    let nobody = trained(&samples, &[], None, &small_rules(6));
    assert!(matches!(nobody, Err(FitError::BadParameter { .. })), "{nobody:?}");
}

#[test]
fn a_member_that_cannot_be_fitted_is_left_out_with_its_reason() {
    let samples = World::new(7, 800, 1.0).samples();
    let mut rules = small_rules(7);
    rules.lightgbm.trees = 0;
    let (ensemble, record) = trained(&samples, &TREES, None, &rules).unwrap();
    assert!(ensemble.member(ModelKind::Lightgbm).is_none() && ensemble.speaks());
    let left_out = &record.members[1];
    assert_eq!(
        (left_out.kind, left_out.parameters[0].0.as_str()),
        (ModelKind::Lightgbm, "left_out")
    );
    assert!(left_out.parameters[0].1.contains("trees"), "{left_out:?}");
}

#[test]
fn a_training_can_be_stopped_at_every_step_and_changes_nothing() {
    let samples = World::new(8, 300, 1.0).samples();
    let mut rules = small_rules(8);
    (rules.xgboost.trees, rules.lightgbm.trees) = (2, 2);
    let (former, _) = trained(&samples, &TREES, None, &rules).unwrap();
    let before = former.save();
    let mut steps = 0;
    loop {
        let mut heard = 0;
        let mut stop = |_: Progress<'_>| {
            heard += 1;
            if heard > steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let order = order(&ModelKind::ALL);
        let made = train(&set(&samples, &NAMES), &order, Some(&former), &rules, &mut stop);
        assert_eq!(former.save(), before);
        match made {
            Err(why) => assert_eq!(why, FitError::Interrupted, "after {steps} steps"),
            Ok(_) => break,
        }
        steps += 1;
    }
    assert!(steps > 20, "only {steps} steps were heard");
}

#[test]
fn members_not_ordered_are_taken_over_as_they_are() {
    let samples = World::new(9, 1_000, 1.0).samples();
    let rules = small_rules(9);
    let (former, old) = trained(&samples, &TREES, None, &rules).unwrap();
    let mut other = rules.clone();
    other.seed = 99;
    other.xgboost.trees = 30;
    let (ensemble, record) =
        trained(&samples, &[ModelKind::Xgboost], Some(&former), &other).unwrap();
    assert_eq!(ensemble.member(ModelKind::Lightgbm), former.member(ModelKind::Lightgbm));
    assert_ne!(ensemble.member(ModelKind::Xgboost), former.member(ModelKind::Xgboost));
    assert_eq!(record.members[1].hash, old.members[1].hash);
    // It is judged by the very rows it had been tested on.
    assert_eq!(record.members[1].figures, old.members[1].figures);
    let nothing_new = trained(&samples, &TREES, Some(&former), &rules).unwrap();
    assert_eq!(nothing_new.0, former);
}

#[test]
fn a_member_of_other_features_is_not_taken_over() {
    let (former, _) =
        trained(&World::new(10, 600, 1.0).samples(), &TREES, None, &small_rules(1)).unwrap();
    let wider = World { features: 6, ..World::new(10, 600, 1.0) };
    let (ensemble, record) =
        trained(&wider.samples(), &[ModelKind::Xgboost], Some(&former), &small_rules(1)).unwrap();
    assert!(ensemble.member(ModelKind::Lightgbm).is_none());
    assert!(record.members[1].parameters[0].1.contains("other features"));
}

#[test]
fn any_number_of_threads_makes_the_same_bytes() {
    let samples = World::new(11, 700, 1.0).samples();
    let made = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| trained(&samples, &ModelKind::ALL, None, &small_rules(11)).unwrap())
    };
    let (one, record) = made(1);
    for threads in [2, 5] {
        let (other, other_record) = made(threads);
        assert_eq!(one.save(), other.save(), "{threads} threads");
        assert_eq!(record, other_record);
    }
}

#[test]
fn all_four_are_trained_in_one_run() {
    let samples = World::new(12, 1_200, 1.0).samples();
    let (ensemble, record) = trained(&samples, &ModelKind::ALL, None, &small_rules(12)).unwrap();
    let kinds: Vec<ModelKind> = record.members.iter().map(|member| member.kind).collect();
    assert_eq!(kinds, ModelKind::ALL);
    assert!(record.members.iter().all(|member| member.hash.len() == 64), "{:?}", record.members);
    assert_eq!(Ensemble::load(&ensemble.save()), Ok(ensemble));
    // The closes wander by chance: whoever looks at nothing else knows nothing.
    for member in &record.members[2..] {
        let auc = member.figures.iter().find(|(name, _)| name == "auc").unwrap().1;
        assert!((auc - 0.5).abs() < 0.08, "{auc}");
    }
    assert_eq!(record.name.split('-').next_back(), Some("drift"));
}

#[test]
fn labels_that_look_ahead_and_overlap_do_not_make_a_walk_speak() {
    let speaks = |seed: &u64| {
        let samples = training_stage::walk(*seed, 1_000, 20);
        trained(&samples, &TREES, None, &small_rules(*seed)).unwrap().0.speaks()
    };
    let spoken = (0..40).filter(speaks).count();
    assert!(spoken <= 2, "{spoken} of 40 spoke");
}

#[test]
fn thousands_of_samples_train_all_four_in_one_run() {
    let samples = World::new(13, 6_000, 0.6).samples();
    let mut rules = small_rules(13);
    rules.samples_max = usize::MAX;
    let (ensemble, record) = trained(&samples, &ModelKind::ALL, None, &rules).unwrap();
    assert_eq!((record.rows.count, record.rows.waiting), (6_000, 11));
    assert!(ensemble.speaks());
    assert!(ModelKind::ALL.iter().all(|kind| ensemble.member(*kind).is_some()));
}
