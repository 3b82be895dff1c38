//! Damage is found, and named.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::World;
use store::{Store, StoreError};
use support::{file, finished, fresh, header, made, meddle};

/// Damages a finished run of three checkpoints and returns what a check says of it.
fn check_found(statement: &'static str) -> String {
    let (folder, mut store) = fresh();
    let mut header = header(World::Replay, 1);
    header.id.0 = "r1".to_owned();
    finished(&mut store, &header, 3, 8);
    let well = store.check().unwrap();
    assert!(well.damages.is_empty(), "{:?}", well.damages);
    assert_eq!((well.runs, well.sealed, well.links), (1, 3 * 6 + 6 + 2 + 3, 24));
    meddle(&file(&folder), statement);
    store.check().unwrap().damages.join("; ")
}

#[test]
fn a_check_names_what_is_damaged() {
    let found = check_found("UPDATE decisions SET data = substr(data, 1, 100) WHERE chunk_no = 1");
    assert_eq!(
        found,
        "chunk 1 of the decisions of run r1 is damaged: it does not decompress: literal is out of \
         bounds of the input; run r1 has 16 decisions, not 24"
    );
    let found = check_found("UPDATE signal_outcomes SET row_count = 9 WHERE chunk_no = 2");
    assert_eq!(found, "chunk 2 of the outcomes of run r1 is damaged: it holds 8 rows, not 9");
    let found = check_found("UPDATE equity SET data = zeroblob(50) WHERE chunk_no = 0");
    assert_eq!(found, "chunk 0 of the equity of run r1 is damaged: its format 0 is unknown");
    let found = check_found("UPDATE what_if_outcomes SET data = zeroblob(50) WHERE chunk_no = 2");
    let wrong = "chunk 2 of the what-ifs of run r1 is damaged: its format 0 is unknown; \
        run r1 has 16 what-ifs, not 24";
    assert_eq!(found, wrong);
    let found = check_found("UPDATE closes SET row_count = 9 WHERE chunk_no = 2");
    assert_eq!(found, "chunk 2 of the closes of run r1 is damaged: it holds 16 rows, not 9");
    let found = check_found("DELETE FROM closes WHERE chunk_no = 2");
    assert_eq!(found, "run r1 has 32 closes, not 48");
    let found = check_found("DELETE FROM rulings WHERE seq = 3");
    assert_eq!(found, "run r1 has 5 rulings, not 6");
    let found = check_found("DELETE FROM trainings WHERE training_no = 3");
    assert!(found.starts_with("run r1 has 5 trainings, not 6"), "{found}");
    let found = check_found("DELETE FROM model_versions WHERE seq = 0");
    assert!(found.starts_with("run r1 has 2 model versions, not 3"), "{found}");
    let found = check_found("DELETE FROM trials WHERE seq = 3");
    assert_eq!(found, "run r1 has 5 trials, not 6");
    let found = check_found("DELETE FROM jobs");
    assert_eq!(found, "run r1 has 0 jobs, not 3");
    let found = check_found("DELETE FROM journal WHERE seq = 2");
    assert_eq!(found, "run r1 has 5 journal entries, not 6");
    let found = check_found("UPDATE journal SET body = x'01' WHERE seq = 2");
    assert_eq!(found, "journal entry 2 of run r1 is damaged: it is cut off");
}

#[test]
fn a_change_anywhere_in_the_audit_breaks_the_chain() {
    let body = check_found("UPDATE learning_events SET body = '{}' WHERE seq = 4");
    let broken = "the audit of run r1 is damaged: link 4 does not follow from those before it";
    assert_eq!(body, broken);
    let gone = check_found("DELETE FROM learning_events WHERE seq = 4");
    assert_eq!(gone, broken);
    let flipped = check_found(
        "UPDATE learning_events SET body = replace(body, '\"times\":', '\"Times\":') WHERE seq = 4",
    );
    assert_eq!(flipped, broken);
    let tail = check_found("DELETE FROM learning_events WHERE seq = 23");
    assert_eq!(tail, "the audit of run r1 is damaged: it ends after 23 links, not 24");
}

#[test]
fn reading_damaged_rows_is_an_error_with_a_name() {
    let (folder, mut store) = fresh();
    let run = finished(&mut store, &header(World::Replay, 1), 2, 8);
    let id = store.newest_run().unwrap().id;
    meddle(&file(&folder), "UPDATE decisions SET data = 'text' WHERE chunk_no = 1");
    meddle(&file(&folder), "UPDATE fills SET side = 'up' WHERE seq = 3");
    meddle(&file(&folder), "UPDATE trades SET net = 'much' WHERE seq = 3");
    meddle(&file(&folder), "UPDATE orders SET symbol_ix = 70000");
    meddle(&file(&folder), "UPDATE learning_state SET state_data = '{' WHERE version = 2");
    let sentences = [
        store.decisions(run, |_| ()).unwrap_err().to_string(),
        store.fills(run).unwrap_err().to_string(),
        store.trades(run).unwrap_err().to_string(),
        store.orders(run).unwrap_err().to_string(),
        store.policy_versions(run).unwrap_err().to_string(),
    ];
    let begins = [
        format!("chunk 1 of the decisions of run {id} is damaged: it is cut off"),
        format!("a fill of run {id} is damaged: its side `up` is unknown"),
        format!("a trade of run {id} is damaged: its net `much` is no exact number"),
        format!("an order of run {id} is damaged: its symbol_ix 70000 is out of range"),
        format!("a policy version of run {id} is damaged: its text cannot be read"),
    ];
    for (said, begin) in sentences.iter().zip(begins) {
        assert!(said.starts_with(&begin), "{said}");
    }
}

#[test]
fn a_damaged_snapshot_falls_back_to_the_one_before() {
    let (folder, mut store) = fresh();
    let run = finished(&mut store, &header(World::Replay, 1), 3, 2);
    let newest = "UPDATE snapshots SET data = x'0102' WHERE cursor_events = 3000";
    meddle(&file(&folder), newest);
    assert_eq!(store.snapshot(run).unwrap(), made(1, 1, 2).snapshot);
    meddle(&file(&folder), "UPDATE snapshots SET data = x'0102'");
    assert!(matches!(store.snapshot(run), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_file_with_torn_pages_is_an_error_and_never_a_panic() {
    let (folder, mut store) = fresh();
    finished(&mut store, &header(World::Replay, 1), 3, 40);
    // An empty page has nothing in it that could be torn.
    let rows = [store::HistoryRow::default()];
    let import =
        store::Import { source: "a", kind: "trades", content_hash: "b", rows: &rows, refused: 0 };
    store.import(&import, domain::Timestamp::from_ms(1)).unwrap();
    drop(store);
    let whole = std::fs::read(file(&folder)).unwrap();
    let url = support::url(&folder);
    for page in 0..whole.len() / 16_384 {
        let mut torn = whole.clone();
        torn[page * 16_384 + 100..(page + 1) * 16_384].fill(0xa5);
        std::fs::write(file(&folder), torn).unwrap();
        let said = Store::open_existing(&url).and_then(|mut store| store.check());
        let well = said.is_ok_and(|checkup| checkup.damages.is_empty());
        assert!(!well, "page {page} was torn and nobody noticed");
    }
}
