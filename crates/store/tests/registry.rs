//! The registry: every version with its bytes, its rulings and its seat, whole or not at all.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{ModelRecord, Stage, Timestamp, World};
use sqlx::{Connection, SqliteConnection};
use store::{
    Batch, Cursor, RegisteredModel, RunNo, Seats, Store, StoreError, TakenOrder, TrainingEnd,
};
use support::{Dice, build, file, finished, fresh, header, made, meddle, url};

const ROWS: u64 = 6;

/// A finished run with three versions.
fn three() -> (tempfile::TempDir, Store, RunNo) {
    let (folder, mut store) = fresh();
    let mut header = header(World::Replay, 1);
    header.id.0 = "r1".to_owned();
    let run = finished(&mut store, &header, 3, ROWS);
    (folder, store, run)
}

fn hash_of(no: u64) -> String {
    made(1, no, ROWS).of_models.models[0].0.hash.clone()
}

/// How many models' bytes lie in the file, counted behind the store's back.
fn blobs(folder: &tempfile::TempDir) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut other = SqliteConnection::connect(&url(folder)).await.unwrap();
        let count = "SELECT COUNT(*) FROM model_blobs";
        let count = sqlx::query_scalar(count).fetch_one(&mut other).await.unwrap();
        other.close().await.unwrap();
        count
    })
}

/// A batch that registers one version and nothing else.
fn registering<'a>(no: u64, model: &'a [RegisteredModel<'a>]) -> Batch<'a> {
    let cursor = Cursor { events: no, at: Timestamp::from_ms(no as i64) };
    Batch { cursor, models: model, ..Batch::default() }
}

fn registered<'a>(record: &'a ModelRecord, bytes: &'a [u8]) -> RegisteredModel<'a> {
    RegisteredModel { record, bytes, at: Timestamp::from_ms(5) }
}

#[test]
fn a_version_stands_where_the_last_ruling_on_it_put_it() {
    let (_folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Paper, 1), 1, ROWS);
    let mut dice = Dice(4);
    let (second, third) = (dice.record(2, 9, b"b"), dice.record(3, 9, b"c"));
    let models = [registered(&second, b"b"), registered(&third, b"c")];
    let rulings = [
        dice.ruling(1, Stage::Shadow, Stage::Champion),
        dice.ruling(2, Stage::Candidate, Stage::Shadow),
        dice.ruling(1, Stage::Champion, Stage::Retired),
    ];
    store.commit(run, &Batch { rulings: &rulings, ..registering(9_000, &models) }).unwrap();
    let told = store.models(run).unwrap();
    let stages: Vec<_> = told.iter().map(|model| (model.record.version, model.stage)).collect();
    assert_eq!(stages, [(1, Stage::Retired), (2, Stage::Shadow), (3, Stage::Candidate)]);
    assert_eq!(told[2].entered_at, Timestamp::from_ms(5));
    assert_eq!(told[2].record, third);
}

#[test]
fn a_damaged_model_is_refused_with_the_mend_and_the_others_load() {
    let (folder, mut store, run) = three();
    let hash = hash_of(1);
    let mend = "; restore a copy of the store, or go back to another version";
    let damages = [
        ("bytes = x'0102'", "it is cut off"),
        (
            "bytes = (SELECT bytes FROM model_blobs b WHERE b.hash <> model_blobs.hash LIMIT 1)",
            "its bytes are another's",
        ),
        ("bytes = zeroblob(90000000)", "90000000 bytes are too many for a model"),
    ];
    let refused = |store: &mut Store, why: &str| {
        let said = store.model_bytes(&hash).unwrap_err().to_string();
        assert_eq!(said, format!("model {} is damaged: {why}{mend}", &hash[..12]));
        assert_eq!(store.models(run).unwrap().len(), 3);
        assert_eq!(store.model_bytes(&hash_of(0)).unwrap(), made(1, 0, ROWS).of_models.models[0].1);
        let found = store.check().unwrap().damages;
        assert!(found.concat().contains(&format!("is damaged: {why}")), "{found:?}");
    };
    for (damage, why) in damages {
        meddle(&file(&folder), &format!("UPDATE model_blobs SET {damage} WHERE hash = '{hash}'"));
        refused(&mut store, why);
    }
    meddle(&file(&folder), &format!("DELETE FROM model_blobs WHERE hash = '{hash}'"));
    refused(&mut store, "its bytes are gone");
    let found = store.check().unwrap().damages;
    assert_eq!(found, ["model version 2 of run r1 is damaged: its bytes are gone"]);
}

#[test]
fn a_model_that_comes_again_makes_its_damaged_bytes_whole() {
    let (folder, mut store, _) = three();
    meddle(&file(&folder), "UPDATE model_blobs SET bytes = x'00'");
    assert!(store.model_bytes(&hash_of(0)).is_err());
    let mut header = header(World::Replay, 1);
    header.id.0 = "r1".to_owned();
    finished(&mut store, &header, 3, ROWS);
    assert_eq!(store.model_bytes(&hash_of(0)).unwrap(), made(1, 0, ROWS).of_models.models[0].1);
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn every_byte_that_changes_in_a_model_is_found_and_none_is_a_panic() {
    let (folder, mut store, _) = three();
    let hash = hash_of(0);
    let whole = store.model_bytes(&hash).unwrap();
    for at in 1..40 {
        let flipped = format!(
            "UPDATE model_blobs SET bytes = CAST(substr(bytes, 1, {at} - 1) || x'5a' || \
             substr(bytes, {at} + 1) AS BLOB) WHERE hash = '{hash}'"
        );
        meddle(&file(&folder), &flipped);
        match store.model_bytes(&hash) {
            Ok(bytes) => assert_eq!(bytes, whole, "byte {at}"),
            Err(said) => assert!(
                matches!(said, StoreError::Damaged { .. } | StoreError::Earlier { .. }),
                "{said}"
            ),
        }
    }
    assert!(store.model_bytes(&hash).is_err());
}

#[test]
fn a_version_that_is_there_or_is_not_what_it_says_takes_the_checkpoint_with_it() {
    let (folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Paper, 1), 1, ROWS);
    let record = Dice(4).record(1, 9, b"b");
    let said = store.commit(run, &registering(9_000, &[registered(&record, b"b")])).unwrap_err();
    assert_eq!(said.to_string(), "model version 1 is there already: someone else wrote first");
    let record = Dice(4).record(2, 9, b"b");
    let said = store.commit(run, &registering(9_000, &[registered(&record, b"c")])).unwrap_err();
    let other = "the bytes of model version 2 cannot be stored: they have another hash than the record says";
    assert_eq!(said.to_string(), other);
    let torn = ModelRecord { figures: vec![("auc".to_owned(), f64::NAN)], ..record };
    let said = store.commit(run, &registering(9_000, &[registered(&torn, b"b")])).unwrap_err();
    assert!(said.to_string().starts_with("model version 2 cannot be stored: "), "{said}");
    let huge = vec![0; store::MODEL_BYTES_MAX + 1];
    let record = Dice(4).record(2, 9, &huge);
    let said = store.commit(run, &registering(9_000, &[registered(&record, &huge)])).unwrap_err();
    assert!(said.to_string().ends_with("67108865 are more than the 67108864 of a model"), "{said}");
    assert_eq!((store.models(run).unwrap().len(), blobs(&folder)), (1, 1));
}

#[test]
fn the_pointer_names_only_what_is_there_and_moves_with_its_checkpoint() {
    let (folder, mut store) = fresh();
    let run = store.begin_run(&header(World::Paper, 1), "", Timestamp::from_ms(1)).unwrap();
    assert_eq!(store.seats(run).unwrap(), None);
    let record = Dice(4).record(1, 0, b"b");
    let model = [registered(&record, b"b")];
    let seats = Seats { champion: 0, challenger: 1, former: 0, share: 0.25 };
    let early = Batch { seats: Some(seats), ..registering(1, &[]) };
    let said = store.commit(run, &early).unwrap_err().to_string();
    assert_eq!(said, "who sits where cannot be stored: there is no model version 1");
    let together = Batch { seats: Some(seats), ..registering(1, &model) };
    store.commit(run, &together).unwrap();
    assert_eq!(store.seats(run).unwrap(), Some(seats));
    store.commit(run, &registering(2, &[])).unwrap();
    assert_eq!(store.seats(run).unwrap(), Some(seats), "what did not move stays");
    let second = Dice(5).record(2, 0, b"c");
    let model = [registered(&second, b"c")];
    let moved = Seats { champion: 1, challenger: 2, former: 1, share: 0.5 };
    let next = Batch { seats: Some(moved), ..registering(3, &model) };
    // The pointer is written last but one: what follows fails.
    meddle(
        &file(&folder),
        "CREATE TRIGGER trap BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'sprung'); END",
    );
    assert!(store.commit(run, &next).is_err());
    meddle(&file(&folder), "DROP TRIGGER trap");
    assert_eq!(store.seats(run).unwrap(), Some(seats));
    assert_eq!((store.models(run).unwrap().len(), blobs(&folder)), (1, 1));
    store.commit(run, &next).unwrap();
    assert_eq!(store.seats(run).unwrap(), Some(moved));
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn a_pointer_to_a_version_that_is_gone_is_damage() {
    let (folder, mut store, _) = three();
    meddle(&file(&folder), "UPDATE active_models SET version = 9");
    let found = store.check().unwrap().damages;
    assert!(
        found.contains(
            &"who sits where of run r1 is damaged: there is no model version 9".to_owned()
        ),
        "{found:?}"
    );
    assert!(found.contains(&"run r1 has other seats of models than were stored".to_owned()));
}

#[test]
fn a_replaced_run_takes_its_models_with_it_and_leaves_those_that_others_name() {
    let (folder, mut store) = fresh();
    let (one, two) = (header(World::Replay, 1), header(World::Replay, 2));
    let shared = Dice(4).record(1, 0, b"shared");
    let own = Dice(5).record(2, 0, b"own");
    let both = [registered(&shared, b"shared"), registered(&own, b"own")];
    for (header, models) in [(&one, &both[..]), (&two, &both[..1])] {
        let run = store.begin_run(header, "", Timestamp::from_ms(1)).unwrap();
        store.commit(run, &registering(1, models)).unwrap();
        store.finish_run(run, "{}", "", Timestamp::from_ms(2)).unwrap();
    }
    assert_eq!(blobs(&folder), 2);
    // The same replay, in which nothing is trained.
    let again = store.begin_run(&one, "", Timestamp::from_ms(1)).unwrap();
    assert_eq!(blobs(&folder), 2, "nothing goes before the new one is finished");
    store.finish_run(again, "{}", "", Timestamp::from_ms(2)).unwrap();
    assert_eq!(blobs(&folder), 1);
    assert_eq!(store.model_bytes(&shared.hash).unwrap(), b"shared");
    assert!(store.model_bytes(&own.hash).is_err());
    let run = store.begin_run(&two, "", Timestamp::from_ms(1)).unwrap();
    store.finish_run(run, "{}", "", Timestamp::from_ms(2)).unwrap();
    assert_eq!(blobs(&folder), 0);
    // One that was interrupted gives way as soon as it is begun again.
    let left = store.begin_run(&one, "", Timestamp::from_ms(1)).unwrap();
    store.commit(left, &registering(1, &both)).unwrap();
    assert_eq!(blobs(&folder), 2);
    store.begin_run(&one, "", Timestamp::from_ms(1)).unwrap();
    assert_eq!(blobs(&folder), 0);
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn a_training_ends_once_and_only_if_it_was_asked_for() {
    let (_folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Paper, 1), 1, ROWS);
    let told = store.trainings(run).unwrap();
    let ended: Vec<_> = told.iter().map(|told| (told.training.no, told.end.is_some())).collect();
    assert_eq!(ended, [(1, true), (2, false)]);
    let end = |training, came_to| [TrainingEnd { training, at: Timestamp::from_ms(8), came_to }];
    for training in [1, 7] {
        let ends = end(training, Ok(1));
        let batch = Batch { training_ends: &ends, ..registering(9_000, &[]) };
        let said = store.commit(run, &batch).unwrap_err().to_string();
        let due =
            format!("training {training} does not wait for its end: someone else wrote first");
        assert_eq!(said, due);
    }
    let ends = end(2, Err("it was interrupted".to_owned()));
    let batch = Batch { training_ends: &ends, ..registering(9_000, &[]) };
    store.commit(run, &batch).unwrap();
    assert_eq!(store.trainings(run).unwrap()[1].end.as_ref(), Some(&ends[0]));
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn a_person_moves_seats_of_a_run_that_nobody_feeds() {
    let (folder, mut store, run) = three();
    let before = store.seats(run).unwrap();
    let ruling = [Dice(9).ruling(1, Stage::Retired, Stage::Champion)];
    let seats = Seats { champion: 1, challenger: 3, former: 2, share: 0.0 };
    let taken = TakenOrder { rulings: &ruling, seats: Some(seats), ..TakenOrder::default() };
    meddle(
        &file(&folder),
        "CREATE TRIGGER trap BEFORE UPDATE ON active_models BEGIN SELECT RAISE(ABORT, 'sprung'); END",
    );
    assert!(store.keep_order(run, &taken).is_err());
    assert_eq!((store.seats(run).unwrap(), store.rulings(run).unwrap().len()), (before, 6));
    meddle(&file(&folder), "DROP TRIGGER trap");
    store.keep_order(run, &taken).unwrap();
    assert_eq!(store.seats(run).unwrap(), Some(seats));
    assert_eq!(store.rulings(run).unwrap().last(), ruling.last());
    assert_eq!(store.models(run).unwrap()[0].stage, Stage::Champion);
    assert_eq!(store.learning_events(run).unwrap().last().unwrap().event_type, "model_ruling");
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn a_copy_of_the_store_has_the_models_in_it() {
    let (folder, mut store, run) = three();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).unwrap();
    let elsewhere = format!("sqlite://{}", folder.path().join("new/place.db").display());
    Store::restore(&copy, &elsewhere, false).unwrap();
    let mut back = Store::open_existing(&elsewhere).unwrap();
    assert_eq!(back.models(run).unwrap(), store.models(run).unwrap());
    for no in 0..3 {
        let bytes = back.model_bytes(&hash_of(no)).unwrap();
        assert_eq!(bytes, made(1, no, ROWS).of_models.models[0].1);
    }
    meddle(&file(&folder), "UPDATE model_blobs SET bytes = x'00'");
    assert!(matches!(store.backup(&folder.path().join("b.db")), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_run_of_the_version_before_is_refused_with_one_sentence() {
    let (folder, mut store, run) = three();
    meddle(&file(&folder), "UPDATE runs SET format = format - 1");
    let due =
        "run r1 was written by an earlier version of this program; replay it again to read it";
    assert_eq!(store.models(run).unwrap_err().to_string(), due);
    assert_eq!(store.outcomes(run, |_| ()).unwrap_err().to_string(), due);
    assert_eq!(store.newest_run().unwrap().no, run, "it is listed all the same");
    assert_eq!(store.check().unwrap().earlier, 1);
}
