//! Runs that an earlier version wrote: listed, and called by what they are.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{DecisionId, InstrumentKind, Margin, Timestamp, World};
use store::{RunNo, Store, StoreError};
use support::{build, file, finished, fresh, header, made, meddle, url};

/// A finished run as version 0.1 left it, whose headers knew no kinds of markets.
fn aged() -> (tempfile::TempDir, Store, RunNo) {
    let (folder, mut store) = fresh();
    let mut header = header(World::Replay, 1);
    header.id.0 = "r1".to_owned();
    let run = finished(&mut store, &header, 2, 4);
    drop(store);
    let path = file(&folder);
    let plain = "json_remove(header, '$.instruments[0].kind', '$.instruments[0].margin')";
    meddle(&path, &format!("UPDATE runs SET header = {plain}"));
    // What the newest migrations brought goes, and it is asked for again.
    for column in
        ["format", "jobs", "trials", "what_ifs", "models", "rulings", "trainings", "closes"]
    {
        meddle(&path, &format!("ALTER TABLE runs DROP COLUMN {column}"));
    }
    let tables = [
        "jobs",
        "job_counts",
        "trials",
        "what_if_outcomes",
        "imports",
        "imported_history",
        "row_seals",
        "model_versions",
        "model_blobs",
        "rulings",
        "trainings",
        "active_models",
        "closes",
    ];
    for table in tables {
        meddle(&path, &format!("DROP TABLE {table}"));
    }
    meddle(&path, "DELETE FROM _sqlx_migrations WHERE version >= 3");
    let store = Store::open_existing(&url(&folder)).unwrap();
    (folder, store, run)
}

#[test]
fn an_earlier_run_is_listed_with_its_header_and_summary() {
    let (_folder, mut store, run) = aged();
    let listed = store.newest_run().unwrap();
    assert_eq!((listed.no, listed.decisions), (run, 8));
    let instrument = store.header(run).unwrap().instruments.remove(0);
    assert_eq!((instrument.kind, instrument.margin), (InstrumentKind::Spot, Margin::NONE));
    assert_eq!(store.summary(run).unwrap().as_deref(), Some("{\"trades\":3}"));
}

#[test]
fn whatever_is_asked_of_an_earlier_run_gets_one_sentence_with_the_mend() {
    let (_folder, mut store, run) = aged();
    let told = [
        store.decisions(run, |_| ()).unwrap_err(),
        store.decision(run, DecisionId(1)).unwrap_err(),
        store.trades(run).unwrap_err(),
        store.positions(run).unwrap_err(),
        store.policy_versions(run).unwrap_err(),
        store.journal(run).unwrap_err(),
        store.snapshot(run).unwrap_err(),
        store.learning_events(run).unwrap_err(),
        store.models(run).unwrap_err(),
        store.rulings(run).unwrap_err(),
        store.trainings(run).unwrap_err(),
        store.seats(run).unwrap_err(),
        store.closes(run, Timestamp::from_ms(0), Timestamp::from_ms(i64::MAX)).unwrap_err(),
    ];
    for said in told {
        assert_eq!(
            said.to_string(),
            "run r1 was written by an earlier version of this program; replay it again to read it"
        );
    }
    let said = store.commit(run, &made(1, 3, 1).batch()).unwrap_err();
    assert!(matches!(said, StoreError::Earlier { .. }), "{said}");
}

#[test]
fn an_earlier_run_is_no_damage_and_gives_way_to_its_repetition() {
    let (_folder, mut store, _) = aged();
    let checkup = store.check().unwrap();
    assert_eq!((checkup.runs, checkup.earlier, checkup.sealed), (1, 1, 0));
    assert!(checkup.damages.is_empty(), "{:?}", checkup.damages);
    let mut header = header(World::Replay, 1);
    header.id.0 = "r1".to_owned();
    finished(&mut store, &header, 2, 4);
    build(&mut store, &header, 1, 4);
    assert_eq!(store.runs().unwrap().len(), 2);
    assert_eq!(store.check().unwrap().earlier, 0);
}
