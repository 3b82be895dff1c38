//! Opening what is there, what is not, and what is not ours.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use domain::World;
use sqlx::{Connection, SqliteConnection};
use store::{Durability, Store, StoreError};
use support::{build, file, finished, fresh, header, made, meddle, url};

fn at(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

#[test]
fn folders_and_file_are_made_where_they_are_missing() {
    let (folder, store) = fresh();
    assert!(file(&folder).is_file());
    assert_eq!(store.path(), file(&folder));
}

#[test]
fn a_reader_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let said = Store::open_existing(&url(&folder)).err().unwrap();
    assert!(matches!(said, StoreError::Missing { .. }), "{said}");
    assert!(!folder.path().join("deep").exists());
    let empty = folder.path().join("empty.db");
    fs::write(&empty, "").unwrap();
    let said = Store::open_existing(&at(&empty)).err().unwrap();
    assert!(matches!(said, StoreError::Missing { .. }), "{said}");
    assert_eq!(fs::read(&empty).unwrap(), b"");
}

#[test]
fn what_was_stored_is_there_after_reopening_and_growth_goes_on() {
    let (folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Live, 1), 1, 3);
    drop(store);
    let mut store = Store::open(&url(&folder)).unwrap();
    store.set_durability(Durability::PowerCut).unwrap();
    store.commit(run, &made(1, 1, 3).batch()).unwrap();
    assert_eq!(store.trades(run).unwrap().len(), 6);
    assert!(store.check().unwrap().damages.is_empty());
    let left = fs::read_dir(file(&folder).parent().unwrap()).unwrap().count();
    assert!(left >= 1);
    drop(store);
    let left = fs::read_dir(file(&folder).parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "a closed store is one file");
}

#[test]
fn a_store_interrupted_at_its_birth_is_born_on_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("young.db");
    meddle(&path, "PRAGMA application_id = 0x48534447");
    let said = Store::open_existing(&at(&path)).err().unwrap();
    assert!(matches!(said, StoreError::Missing { .. }), "{said}");
    let mut store = Store::open(&at(&path)).unwrap();
    finished(&mut store, &header(World::Replay, 1), 1, 1);
}

#[test]
fn two_may_open_the_same_store_even_at_its_birth() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(&folder);
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let url = &url;
            scope.spawn(move || {
                let mut store = Store::open(url).unwrap();
                finished(&mut store, &header(World::Replay, seed), 3, 2);
            });
        }
    });
    let mut store = Store::open_existing(&url).unwrap();
    assert_eq!(store.runs().unwrap().len(), 4);
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn junk_is_refused_and_left_as_it_was_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junk.db");
    let mut almost = b"SQLite format 3\0".to_vec();
    almost.extend_from_slice(&[0xa5; 5_000]);
    for junk in [b"time,open,high,low,close\n".to_vec(), vec![0; 4_096], b"S".to_vec(), almost] {
        fs::write(&path, &junk).unwrap();
        for opened in [Store::open(&at(&path)), Store::open_existing(&at(&path))] {
            let said = opened.err().unwrap();
            assert!(matches!(said, StoreError::Foreign { .. }), "{said}");
        }
        assert_eq!(fs::read(&path).unwrap(), junk);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
    let said = Store::open(&at(folder.path())).err().unwrap().to_string();
    assert!(said.contains("it is a folder"), "{said}");
}

#[test]
fn the_database_of_another_program_is_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    meddle(&path, "CREATE TABLE cats (name TEXT); INSERT INTO cats VALUES ('Mina')");
    let before = fs::read(&path).unwrap();
    for opened in [Store::open(&at(&path)), Store::open_existing(&at(&path))] {
        let said = opened.err().unwrap().to_string();
        assert!(said.contains("it is the database of another program"), "{said}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let (folder, store) = fresh();
    drop(store);
    let path = file(&folder);
    meddle(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', TRUE, x'00', 0)",
    );
    for opened in [Store::open(&url(&folder)), Store::open_existing(&url(&folder))] {
        let said = opened.err().unwrap();
        assert!(matches!(said, StoreError::Newer { found: 99, known: 6, .. }), "{said}");
    }
}

#[test]
fn a_place_that_cannot_be_written_gets_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let blocker = folder.path().join("a file");
    fs::write(&blocker, "x").unwrap();
    let said = Store::open(&at(&blocker.join("store.db"))).err().unwrap();
    assert!(matches!(said, StoreError::Unwritable { .. }), "{said}");
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let (folder, mut store) = fresh();
    let run = build(&mut store, &header(World::Replay, 1), 1, 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut other = runtime.block_on(async {
        let mut other = SqliteConnection::connect(&url(&folder)).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        other
    });
    store.set_patience(std::time::Duration::from_millis(1)).unwrap();
    let said = store.commit(run, &made(1, 1, 1).batch()).unwrap_err();
    assert!(matches!(said, StoreError::Busy { .. }), "{said}");
    runtime.block_on(async {
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
    });
    store.commit(run, &made(1, 1, 1).batch()).unwrap();
}

#[test]
fn a_store_beside_which_nothing_can_be_written_is_read_all_the_same() {
    let (folder, mut store) = fresh();
    let run = finished(&mut store, &header(World::Replay, 1), 2, 3);
    drop(store);
    // Not even root can make a file where a folder lies, and without its memory map SQLite shares no log.
    let path = file(&folder);
    fs::create_dir(path.with_extension("db-shm")).unwrap();
    let mut store = Store::open_existing(&url(&folder)).unwrap();
    assert_eq!(store.newest_run().unwrap().no, run);
    assert_eq!(store.trades(run).unwrap().len(), 6);
    assert!(store.check().unwrap().damages.is_empty());
    let said = store.begin_run(&header(World::Replay, 2), "", domain::Timestamp::from_ms(1));
    assert!(matches!(said, Err(StoreError::Unwritable { .. })), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_store_that_may_only_be_read_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, mut store) = fresh();
    let run = finished(&mut store, &header(World::Replay, 1), 2, 3);
    drop(store);
    let path = file(&folder);
    let allow =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&path, 0o444);
    for folder_mode in [0o755, 0o555] {
        allow(path.parent().unwrap(), folder_mode);
        let mut store = Store::open_existing(&url(&folder)).unwrap();
        assert_eq!(store.trades(run).unwrap().len(), 6);
    }
    allow(path.parent().unwrap(), 0o755);
}
