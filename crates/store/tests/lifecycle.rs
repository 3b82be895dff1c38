//! Runs begin, grow, finish and replace one another.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{Timestamp, World};
use store::{RunState, Store, StoreError};
use support::{build, file, finished, fresh, header, made, url};

#[test]
fn repeating_a_replay_replaces_it_when_it_finishes_and_not_before() {
    let (_folder, mut store) = fresh();
    let header = header(World::Replay, 1);
    let first = finished(&mut store, &header, 2, 4);
    let second = build(&mut store, &header, 1, 4);
    assert_eq!(store.newest_run().unwrap().no, first);
    assert_eq!(store.run(&header.id.0).unwrap().no, first);
    assert_eq!(store.trades(first).unwrap().len(), 8);
    store.finish_run(second, "{}", "new", Timestamp::from_ms(9)).unwrap();
    assert_eq!(store.newest_run().unwrap().no, second);
    assert_eq!(store.runs().unwrap().len(), 1);
    let gone = store.trades(first).unwrap_err().to_string();
    assert_eq!(gone, "the store has no run number 1");
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn leftovers_of_an_interrupted_replay_go_when_it_is_begun_again() {
    let (_folder, mut store) = fresh();
    let header = header(World::Replay, 1);
    let left = build(&mut store, &header, 2, 4);
    let again = build(&mut store, &header, 1, 4);
    assert!(again > left, "no number is given twice");
    assert_eq!(store.runs().unwrap().len(), 1);
    // Whoever was still writing the old one is told so.
    let late = store.commit(left, &made(1, 5, 1).batch());
    assert!(matches!(late, Err(StoreError::NoRun { .. })), "{late:?}");
    let late = store.finish_run(left, "{}", "", Timestamp::from_ms(0));
    assert!(matches!(late, Err(StoreError::NoRun { .. })), "{late:?}");
}

#[test]
fn a_replay_never_touches_other_runs() {
    let (_folder, mut store) = fresh();
    let paper = header(World::Paper, 1);
    // The same name in another world cannot be; should it be, it is still left alone.
    let mut replay = header(World::Replay, 1);
    replay.id = paper.id.clone();
    let kept = [
        finished(&mut store, &paper, 1, 2),
        build(&mut store, &paper, 1, 2),
        finished(&mut store, &header(World::Replay, 2), 1, 2),
    ];
    finished(&mut store, &replay, 1, 2);
    finished(&mut store, &replay, 1, 2);
    for run in kept {
        assert_eq!(store.trades(run).unwrap().len(), 2);
    }
    assert_eq!(store.runs().unwrap().len(), 4);
}

#[test]
fn an_unfinished_run_can_be_read_but_is_not_the_newest() {
    let (folder, mut store) = fresh();
    let header = header(World::Replay, 1);
    let run = build(&mut store, &header, 2, 4);
    let mut reader = Store::open_existing(&url(&folder)).unwrap();
    let said = reader.newest_run().unwrap_err().to_string();
    assert_eq!(said, "the store has no finished run");
    let found = reader.run(&header.id.0).unwrap();
    assert_eq!((found.no, found.state), (run, RunState::Building));
    assert_eq!(reader.trades(run).unwrap().len(), 8);
    assert_eq!(reader.summary(run).unwrap(), None);
    store.commit(run, &made(1, 2, 4).batch()).unwrap();
    assert_eq!(reader.trades(run).unwrap().len(), 12);
}

#[test]
fn a_run_is_found_by_the_start_of_its_name() {
    let (_folder, mut store) = fresh();
    let mut one = header(World::Replay, 1);
    one.id.0 = "ab12".to_owned();
    let mut two = one.clone();
    two.id.0 = "ab34".to_owned();
    let first = finished(&mut store, &one, 1, 1);
    finished(&mut store, &two, 1, 1);
    assert_eq!(store.run("ab1").unwrap().no, first);
    assert_eq!(store.run("ab12").unwrap().no, first);
    let said = store.run("ab").unwrap_err().to_string();
    assert_eq!(said, "`ab` begins the names of several runs: ab12, ab34");
    assert_eq!(store.run("").unwrap_err().to_string(), "the store has no run ``");
    assert_eq!(store.run("x").unwrap_err().to_string(), "the store has no run `x`");
}

#[test]
fn repeating_a_replay_does_not_make_the_file_grow() {
    let (folder, mut store) = fresh();
    let header = header(World::Replay, 1);
    let size = || std::fs::metadata(file(&folder)).unwrap().len();
    finished(&mut store, &header, 4, 500);
    drop(store);
    let once = size();
    for _ in 0..3 {
        let mut store = Store::open(&url(&folder)).unwrap();
        finished(&mut store, &header, 4, 500);
        assert!(store.check().unwrap().damages.is_empty());
        drop(store);
        assert!(size() * 10 <= once * 12, "{} bytes became {}", once, size());
    }
}
