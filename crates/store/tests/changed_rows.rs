//! A value changed by hand is found, whatever row it lies in.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{Timestamp, World};
use store::{HistoryRow, Import};
use support::{file, finished, fresh, header, meddle};

/// Changes a finished run of three checkpoints, with an import beside it, and returns what a check says.
fn check_found(statement: &'static str) -> String {
    let (folder, mut store) = fresh();
    let mut header = header(World::Replay, 1);
    header.id.0 = "r1".to_owned();
    finished(&mut store, &header, 3, 8);
    let rows = [HistoryRow { net: Some(1.5), ..HistoryRow::default() }];
    let import = Import { source: "a", kind: "trades", content_hash: "b", rows: &rows, refused: 0 };
    store.import(&import, Timestamp::from_ms(1)).unwrap();
    let well = store.check().unwrap();
    assert!(well.damages.is_empty(), "{:?}", well.damages);
    assert!(well.rows > 60 && well.unsealed == 0, "{well:?}");
    meddle(&file(&folder), statement);
    store.check().unwrap().damages.join("; ")
}

#[test]
fn a_number_that_was_changed_by_hand_is_named() {
    for (statement, what) in [
        ("UPDATE trades SET net = '99.5' WHERE seq = 3", "trades"),
        ("UPDATE trades SET r = r + 0.001 WHERE seq = 3", "trades"),
        ("UPDATE fills SET price = '99.5' WHERE seq = 3", "fills"),
        ("UPDATE gaps SET bars_missing = bars_missing + 1 WHERE seq = 0", "gaps"),
        ("UPDATE quarantine SET reason = 'no reason' WHERE seq = 0", "quarantined rows"),
        ("UPDATE jobs SET findings = '[]' WHERE seq = 1", "jobs"),
        ("UPDATE trials SET mean_r = 7.0 WHERE seq = 1", "trials"),
        ("UPDATE rulings SET says = 'no matter' WHERE seq = 1", "rulings"),
        ("UPDATE rulings SET grounds = NULL, share = 0.3", "rulings"),
        ("UPDATE model_versions SET entered_at = 5 WHERE seq = 1", "model versions"),
        ("UPDATE trainings SET why = 'no reason' WHERE training_no = 2", "trainings"),
        ("UPDATE active_models SET share = 0.9", "seats of models"),
        ("UPDATE job_counts SET times = times + 1", "counts of jobs"),
        ("UPDATE positions SET entry_value = '1'", "open positions"),
        ("UPDATE orders SET state = 'rejected'", "orders"),
        ("UPDATE active_learning_state SET version = 1", "pointers to policies"),
        ("UPDATE runs SET cursor_at = cursor_at + 1", "cursor and counts"),
        ("UPDATE runs SET summary = '{\"net\":7}'", "summary and digest"),
        ("UPDATE runs SET digest = 'another'", "summary and digest"),
        ("UPDATE runs SET config = 'seed = 2'", "header and configuration"),
        (
            "UPDATE runs SET state = 'building'; UPDATE runs SET seed = '9'",
            "header and configuration",
        ),
    ] {
        assert_eq!(check_found(statement), format!("run r1 has other {what} than were stored"));
    }
    let found = check_found("UPDATE imported_history SET net = 2.5");
    assert_eq!(found, "import 1 has other rows than were stored");
}

#[test]
fn rows_that_change_places_are_other_rows() {
    let swapped = check_found(
        "UPDATE trades SET seq = -1 WHERE seq = 3; UPDATE trades SET seq = 3 WHERE seq = 4; \
         UPDATE trades SET seq = 4 WHERE seq = -1",
    );
    assert_eq!(swapped, "run r1 has other trades than were stored");
}

#[test]
fn a_policy_version_is_what_the_audit_says_was_published() {
    let weight = check_found(
        "UPDATE learning_state SET state_data = \
         json_set(state_data, '$.head_weights[0]', 0.5) WHERE version = 2",
    );
    let changed = "policy version 2 of run r1 is damaged: it is not what was published";
    assert_eq!(weight, changed);
    let evidence =
        check_found("UPDATE learning_state SET performance_metrics = '[1]' WHERE version = 2");
    assert_eq!(evidence, changed);
    let moment = check_found("UPDATE learning_state SET created_at = 5 WHERE version = 2");
    assert_eq!(moment, changed);
    let gone = check_found("DELETE FROM learning_state WHERE version = 2");
    assert_eq!(gone, "policy version 2 of run r1 is damaged: it is gone");
    let torn = check_found("UPDATE learning_state SET state_data = '{' WHERE version = 2");
    assert!(
        torn.starts_with("policy version 2 of run r1 is damaged: its text cannot be read"),
        "{torn}"
    );
}

#[test]
fn a_row_that_cannot_be_read_is_named_by_its_number() {
    let found = check_found("UPDATE trades SET net = 'much' WHERE seq = 3");
    assert_eq!(found, "trade 3 of run r1 is damaged: its net `much` is no exact number");
    let found = check_found("UPDATE jobs SET findings = '{' WHERE seq = 1");
    assert!(
        found.starts_with("job 1 of run r1 is damaged: its findings cannot be read"),
        "{found}"
    );
    let found = check_found("UPDATE model_versions SET hash = 'another' WHERE seq = 1");
    assert!(
        found.starts_with("model version 1 of run r1 is damaged: its record is another's"),
        "{found}"
    );
    let found = check_found("UPDATE rulings SET stage_to = 'king' WHERE seq = 4");
    assert_eq!(found, "ruling 4 of run r1 is damaged: its stage_to `king` is unknown");
    let found = check_found("UPDATE trainings SET state = 'asleep' WHERE training_no = 4");
    assert!(
        found.starts_with("training 4 of run r1 is damaged: its state `asleep` is unknown"),
        "{found}"
    );
    let found = check_found("UPDATE runs SET header = '{'");
    assert!(found.starts_with("the header of run r1 is damaged: "), "{found}");
}

#[test]
fn seals_that_are_gone_are_missed_where_the_audit_knows_of_them() {
    let found = check_found("DELETE FROM row_seals");
    assert!(found.contains("run r1 has other trades than were stored"), "{found}");
    let found = check_found("DELETE FROM row_seals WHERE name = 'trades'");
    assert_eq!(found, "run r1 has other trades than were stored");
}
