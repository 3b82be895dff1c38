//! Models that are trained within a replay: the same on any number of threads, after a crash, and folded
//! again from the journal; and a training that is ended leaves everything as it was.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod bars;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bars::{NOW, dataset};
use domain::ModelKind;
use hindsight::config::Config;
use hindsight::world::{Dataset, Recorder, Replay, refold, resume};
use store::{Cursor, RunNo, Store};

/// Trees alone, trained every ten days: seconds and not minutes.
fn config() -> Config {
    let mut config = Config::default();
    config.run.seed = 7;
    config.models.kinds = vec![ModelKind::Xgboost, ModelKind::Lightgbm];
    config.models.interval_hours = 240;
    config.models.outcomes_new = 0;
    config.models.outcomes_min = 100;
    config.models.lookback_days = 30;
    // Longer than a bar, so that a training may be under way when a replay is cut.
    config.models.delay_min = 180;
    config
}

const BARS: usize = 900;

struct Home {
    folder: tempfile::TempDir,
    config: Config,
    dataset: Dataset,
}

impl Home {
    fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("bars");
        std::fs::create_dir(&inside).unwrap();
        bars::write(&inside, 3, BARS);
        let config = config();
        let dataset = dataset(&inside, &config);
        Home { folder, config, dataset }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self, name: &str) -> Store {
        open(&self.path(name))
    }

    fn begun(&self, name: &str) -> (RunNo, Replay<'_>) {
        let mut store = self.store(name);
        let run = store.begin_run(&self.dataset.header(&self.config), "", NOW).unwrap();
        let recorder = Recorder::new(store, run, &self.dataset.hash());
        (run, Replay::new(&self.dataset, self.config.settings(), recorder))
    }

    fn resumed(&self, name: &str, run: RunNo) -> anyhow::Result<Replay<'_>> {
        resume(self.store(name), run, &self.dataset, self.config.settings())
    }
}

fn open(path: &Path) -> Store {
    Store::open(&format!("sqlite://{}", path.display())).unwrap()
}

fn to_the_end(mut replay: Replay<'_>) -> (String, String, Store, RunNo) {
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let state = replay.engine().digest();
    let recorder = replay.end().1;
    let digest = recorder.digest();
    let (store, run) = recorder.into_store();
    (digest, state, store, run)
}

#[test]
fn trained_models_are_the_same_on_any_number_of_threads() {
    let home = Home::new();
    let ended = |name: &str, threads: u16| {
        let (_, replay) = home.begun(name);
        to_the_end(replay.with_threads(Some(threads)).unwrap())
    };
    let (one, _, mut store, run) = ended("one.db", 1);
    let (two, _, mut other, other_run) = ended("two.db", 2);
    assert_eq!(one, two);
    let (models, others) = (store.models(run).unwrap(), other.models(other_run).unwrap());
    assert!(models.len() >= 2, "{} versions are too few to tell apart", models.len());
    assert_eq!(models, others);
    assert!(store.check().unwrap().damages.is_empty());
    for model in &models {
        assert!(model.record.rows.count >= 50 && !model.record.members.is_empty());
        assert!(model.record.rows.known_to <= model.record.asked_at);
        assert!(model.entered_at > model.record.asked_at);
        assert!(!store.model_bytes(&model.record.hash).unwrap().is_empty());
    }
    let trainings = store.trainings(run).unwrap();
    assert!(trainings.len() >= models.len());
    assert!(!store.rulings(run).unwrap().is_empty());
    assert_ne!(store.seats(run).unwrap(), None);
}

#[test]
fn a_replay_without_models_has_another_digest_and_no_registry() {
    let mut home = Home::new();
    let with = to_the_end(home.begun("with.db").1).0;
    home.config.models.kinds.clear();
    let (without, _, mut store, run) = to_the_end(home.begun("without.db").1);
    assert_ne!(with, without);
    assert_eq!(store.models(run).unwrap(), []);
    assert_eq!(store.seats(run).unwrap(), None);
}

/// Cuts a replay where a training is under way, and where a model is seated.
#[test]
fn a_run_that_was_cut_while_training_ends_as_if_it_had_not_been() {
    let home = Home::new();
    let (whole, state, ..) = to_the_end(home.begun("whole.db").1);
    for trainings in 1..=3 {
        let name = format!("cut{trainings}.db");
        let (run, mut lived) = home.begun(&name);
        let mut met = 0;
        let mut is_waiting = false;
        while met < trainings {
            assert!(lived.next_moment().unwrap(), "only {met} trainings were asked for");
            let waits = lived.engine().training().is_some();
            met += usize::from(waits && !is_waiting);
            is_waiting = waits;
        }
        lived.checkpoint().unwrap();
        let (at_cut, events) = (lived.engine().digest(), lived.engine().events());
        // What is heard after the checkpoint, the training's result among it, is lost.
        for _ in 0..5 {
            lived.next_moment().unwrap();
        }
        drop(lived);
        let mut store = home.store(&name);
        let cursor = Cursor { events, at: NOW };
        let folded =
            refold(&mut store, run, cursor, &home.dataset, home.config.settings()).unwrap();
        assert_eq!(folded.digest(), at_cut, "folding the journal");
        drop(store);
        let resumed = home.resumed(&name, run).unwrap();
        assert_eq!(resumed.engine().digest(), at_cut, "reading the snapshot");
        let (_, resumed_state, ..) = to_the_end(resumed);
        assert_eq!(resumed_state, state, "going on");
    }
    // The digest hangs together at checkpoints, so that only a run with the same ones has the same.
    assert_eq!(to_the_end(home.begun("again.db").1).0, whole);
}

#[test]
fn folding_the_journal_of_a_whole_run_brings_its_models_from_the_registry() {
    let home = Home::new();
    let (run, mut lived) = home.begun("h.db");
    while lived.next_moment().unwrap() {}
    lived.checkpoint().unwrap();
    let (digest, events) = (lived.engine().digest(), lived.engine().events());
    drop(lived);
    let cursor = Cursor { events, at: NOW };
    let mut store = home.store("h.db");
    let folded = refold(&mut store, run, cursor, &home.dataset, home.config.settings()).unwrap();
    assert_eq!(folded.digest(), digest);
    let plan = |engine: &engine::Engine| engine.models_in_use().count();
    assert_eq!(plan(&folded), plan(home.resumed("h.db", run).unwrap().engine()));
}

#[test]
fn who_ends_a_training_finds_store_and_registry_as_they_were() {
    let home = Home::new();
    let (whole_state, heard) = {
        let heard = Arc::new(AtomicUsize::new(0));
        let counter = heard.clone();
        let (_, replay) = home.begun("whole.db");
        let replay = replay.with_listener(Box::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            ControlFlow::Continue(())
        }));
        (to_the_end(replay).1, heard.load(Ordering::Relaxed))
    };
    assert!(heard > 20, "nobody asked whether to go on: {heard}");
    for share in [0, 3, 7, 9] {
        let name = format!("ended{share}.db");
        let (run, replay) = home.begun(&name);
        let (ends_at, mut asked) = (1 + heard * share / 10, 0);
        let mut replay = replay.with_listener(Box::new(move |_| {
            asked += 1;
            if asked >= ends_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }));
        let (mut before, mut is_trained) = (home.store(&name), false);
        let ended = loop {
            replay.checkpoint().unwrap();
            let known = (before.models(run).unwrap(), before.trainings(run).unwrap());
            match replay.next_moment() {
                Ok(true) => is_trained |= !known.0.is_empty(),
                Ok(false) => panic!("the listener was never heard"),
                Err(error) => break (known, error.to_string()),
            }
        };
        assert_eq!(ended.1, "the training was interrupted");
        drop(replay);
        let after = (before.models(run).unwrap(), before.trainings(run).unwrap());
        assert_eq!(after, ended.0, "at {share} tenths");
        assert!(before.check().unwrap().damages.is_empty());
        assert!(share < 9 || is_trained, "only the first training was ended");
        let resumed = home.resumed(&name, run).unwrap();
        assert_eq!(to_the_end(resumed).1, whole_state, "at {share} tenths");
    }
}
