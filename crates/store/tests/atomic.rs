//! All of a checkpoint, or nothing.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{DecisionId, Timestamp, World};
use store::{
    Batch, CHUNK_ROWS_MAX, CanonicalBytes, Checkup, EquityColumns, RunNo, Store, StoreError,
    StoredModel, TakenOrder,
};
use support::{build, entry, file, fresh, header, made, meddle};

/// Everything a reader can see of a run, as text.
fn seen(store: &mut Store, run: RunNo) -> String {
    let mut decisions = 0;
    store.decisions(run, |_| decisions += 1).unwrap();
    let mut outcomes = 0;
    let models = store.models(run).unwrap();
    store.outcomes(run, |_| outcomes += 1).unwrap();
    let whole = |model: &StoredModel| store.model_bytes(&model.record.hash).unwrap();
    let bytes: Vec<_> = models.iter().map(whole).collect();
    let life = (models, bytes, store.rulings(run).unwrap(), store.trainings(run).unwrap());
    let (first, last) = (Timestamp::from_ms(0), Timestamp::from_ms(i64::MAX));
    let life = (life, store.seats(run).unwrap(), store.closes(run, first, last).unwrap());
    format!(
        "{life:?} {:?} {decisions} {outcomes} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.runs().unwrap(),
        store.horizons_of(run, 3).unwrap(),
        store.equity(run).unwrap(),
        store.orders(run).unwrap(),
        store.fills(run).unwrap(),
        store.trades(run).unwrap(),
        store.positions(run).unwrap(),
        store.policy_versions(run).unwrap(),
        store.active_policy(run).unwrap(),
        store.journal(run).unwrap(),
        store.gaps(run).unwrap(),
        (store.learning_events(run).unwrap(), store.jobs(run).unwrap(), store.trials(run).unwrap()),
        store.snapshot(run).unwrap(),
    )
}

#[test]
fn an_error_anywhere_in_a_checkpoint_leaves_nothing_of_it() {
    let points = [
        "INSERT ON decisions",
        "INSERT ON signal_outcomes",
        "INSERT ON horizon_outcomes",
        "INSERT ON what_if_outcomes",
        "INSERT ON jobs",
        "INSERT ON job_counts",
        "INSERT ON trials",
        "INSERT ON equity",
        "INSERT ON closes",
        "INSERT ON model_versions",
        "INSERT ON model_blobs",
        "INSERT ON trainings",
        "UPDATE ON trainings",
        "INSERT ON rulings",
        "UPDATE ON active_models",
        "INSERT ON orders",
        "INSERT ON fills",
        "INSERT ON trades",
        "DELETE ON positions",
        "INSERT ON positions",
        "INSERT ON journal",
        "INSERT ON gaps",
        "INSERT ON quarantine",
        "INSERT ON learning_state",
        "UPDATE ON active_learning_state",
        "INSERT ON learning_events",
        "INSERT ON snapshots",
        "UPDATE ON runs",
    ];
    let (folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Replay, 1), 1, 5);
    let before = seen(&mut store, run);
    let mut next = made(1, 1, 5);
    for point in points {
        let trap =
            format!("CREATE TRIGGER trap BEFORE {point} BEGIN SELECT RAISE(ABORT, 'sprung'); END");
        meddle(&file(&folder), &trap);
        let said = store.commit(run, &next.batch()).unwrap_err().to_string();
        assert!(said.contains("sprung"), "{point}: {said}");
        meddle(&file(&folder), "DROP TRIGGER trap");
        assert_eq!(seen(&mut store, run), before, "{point}");
    }
    store.commit(run, &next.batch()).unwrap();
    assert_ne!(seen(&mut store, run), before);
}

#[test]
fn when_it_is_in_doubt_what_is_stored_the_store_closes_and_a_new_one_knows() {
    let (folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Live, 1), 1, 5);
    let before = seen(&mut store, run);
    // This rolls back behind our back, so our own rollback fails.
    meddle(
        &file(&folder),
        "CREATE TRIGGER trap BEFORE INSERT ON gaps BEGIN SELECT RAISE(ROLLBACK, 'sprung'); END",
    );
    let said = store.commit(run, &made(1, 1, 5).batch()).unwrap_err().to_string();
    assert_eq!(said, "what was handed in cannot be stored: sprung");
    meddle(&file(&folder), "DROP TRIGGER trap");
    let said = store.commit(run, &made(1, 1, 5).batch()).unwrap_err().to_string();
    assert_eq!(said, "the store failed to commit a checkpoint: it is closed");
    let mut store = Store::open(&support::url(&folder)).unwrap();
    assert_eq!(seen(&mut store, run), before);
    store.commit(run, &made(1, 1, 5).batch()).unwrap();
}

#[test]
fn nothing_is_learned_twice() {
    let (_folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Live, 1), 2, 5);
    let before = seen(&mut store, run);
    for no in [0, 1] {
        let again = store.commit(run, &made(1, no, 5).batch());
        assert!(matches!(again, Err(StoreError::Overtaken { .. })), "{again:?}");
        assert_eq!(seen(&mut store, run), before);
    }
    let later = made(1, 2, 5).cursor;
    let trades = made(1, 1, 5).trades;
    let batch = Batch { cursor: later, trades: &trades[..1], ..Batch::default() };
    let again = store.commit(run, &batch);
    assert!(matches!(again, Err(StoreError::Unfit { .. })), "{again:?}");
    assert_eq!(seen(&mut store, run), before);
}

#[test]
fn a_version_that_is_there_or_cannot_be_read_back_takes_the_checkpoint_with_it() {
    let (_folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Replay, 1), 1, 5);
    let before = seen(&mut store, run);
    let mut next = made(1, 1, 5);
    next.versions = made(1, 0, 1).versions;
    let said = store.commit(run, &next.batch()).unwrap_err().to_string();
    assert_eq!(said, "policy version 1 is there already: someone else wrote first");
    next.versions = made(1, 1, 1).versions;
    next.versions[0].policy.head_weights[4] = f64::NAN;
    let said = store.commit(run, &next.batch()).unwrap_err().to_string();
    assert!(said.starts_with("policy version 3 cannot be stored: "), "{said}");
    assert_eq!(seen(&mut store, run), before);
}

#[test]
fn chunks_in_the_wrong_place_and_closed_runs_are_refused() {
    let (_folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Replay, 1), 1, 5);
    let mut next = made(1, 1, 5);
    let batch = next.batch();
    let swapped = Batch { decisions: batch.outcomes, ..batch.clone() };
    let said = store.commit(run, &swapped).unwrap_err().to_string();
    let due = "a chunk of decisions cannot be stored: it holds records of kind 2, not 1";
    assert_eq!(said, due);
    let mut many = EquityColumns::new();
    let point = made(1, 1, 1).equity[0];
    (0..=CHUNK_ROWS_MAX).for_each(|_| many.push(&point));
    let mut swollen = CanonicalBytes::default();
    many.to_bytes(&mut swollen);
    let swollen = Batch { equity: &swollen, ..batch.clone() };
    let said = store.commit(run, &swollen).unwrap_err().to_string();
    assert!(said.ends_with("262145 rows are more than the 262144 of a chunk"), "{said}");
    store.finish_run(run, "{}", "", Timestamp::from_ms(1)).unwrap();
    let said = store.commit(run, &batch).unwrap_err().to_string();
    assert_eq!(said, "a checkpoint of run number 1 cannot be stored: the run is finished");
}

#[test]
fn a_policy_is_published_after_the_fact_whole_or_not_at_all() {
    let (folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Replay, 1), 1, 5);
    store.finish_run(run, "{}", "", Timestamp::from_ms(1)).unwrap();
    let before = seen(&mut store, run);
    let later = made(1, 1, 1);
    let (version, snapshot) = (&later.versions[0], later.snapshot.as_ref());
    meddle(
        &file(&folder),
        "CREATE TRIGGER trap BEFORE INSERT ON snapshots BEGIN SELECT RAISE(ABORT, 'sprung'); END",
    );
    let journal = [entry("command", b"revert")];
    let versions = std::slice::from_ref(version);
    let taken = TakenOrder { journal: &journal, versions, snapshot, ..TakenOrder::default() };
    assert!(store.keep_order(run, &taken).is_err());
    assert_eq!(seen(&mut store, run), before);
    meddle(&file(&folder), "DROP TRIGGER trap");
    store.keep_order(run, &taken).unwrap();
    assert_eq!(store.active_policy(run).unwrap().as_ref(), Some(version));
    assert_eq!(store.snapshot(run).unwrap(), later.snapshot);
    assert_eq!(store.journal(run).unwrap().last(), Some(&entry("command", b"revert")));
    let again = store.keep_order(run, &TakenOrder { snapshot: None, ..taken });
    assert!(matches!(again, Err(StoreError::Overtaken { .. })));
    let Checkup { damages, .. } = store.check().unwrap();
    assert!(damages.is_empty(), "{damages:?}");
    assert!(store.decision(run, DecisionId(0)).unwrap().is_none());
}
