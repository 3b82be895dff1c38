//! Copies out and back, and history from elsewhere.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::fs;

use domain::{Side, Timestamp, World};
use store::{HistoryRow, Import, Imported, Store, StoreError};
use support::{file, finished, fresh, header, meddle, url};

#[test]
fn a_backup_is_whole_and_comes_back() {
    let (folder, mut store) = fresh();
    let run = finished(&mut store, &header(World::Replay, 1), 2, 5);
    let copy = folder.path().join("copies/one.db");
    let checked = store.backup(&copy).unwrap();
    assert_eq!((checked.runs, checked.damages.len()), (1, 0));
    let said = store.backup(&copy).unwrap_err().to_string();
    assert!(said.contains("a backup overwrites nothing"), "{said}");
    finished(&mut store, &header(World::Replay, 2), 1, 5);
    drop(store);

    let said = Store::restore(&copy, &url(&folder), false).unwrap_err().to_string();
    assert!(said.contains("say --force to replace it"), "{said}");
    Store::restore(&copy, &url(&folder), true).unwrap();
    let mut store = Store::open_existing(&url(&folder)).unwrap();
    assert_eq!(store.runs().unwrap().len(), 1);
    assert_eq!(store.trades(run).unwrap().len(), 10);
    let elsewhere = format!("sqlite://{}", folder.path().join("new/place.db").display());
    Store::restore(&copy, &elsewhere, false).unwrap();
    assert_eq!(Store::open_existing(&elsewhere).unwrap().runs().unwrap().len(), 1);
}

#[test]
fn a_damaged_copy_is_refused_and_what_is_there_stays() {
    let (folder, mut store) = fresh();
    finished(&mut store, &header(World::Replay, 1), 2, 5);
    let copy = folder.path().join("copy.db");
    store.backup(&copy).unwrap();
    drop(store);
    meddle(&copy, "UPDATE learning_events SET body = '{}' WHERE seq = 3");
    let before = fs::read(file(&folder)).unwrap();
    let said = Store::restore(&copy, &url(&folder), true).unwrap_err();
    assert!(matches!(said, StoreError::Damaged { .. }), "{said}");
    assert!(said.to_string().contains("link 3 does not follow"), "{said}");
    let said = Store::restore(&folder.path().join("none.db"), &url(&folder), true).unwrap_err();
    assert!(matches!(said, StoreError::Missing { .. }), "{said}");
    assert_eq!(fs::read(file(&folder)).unwrap(), before);
}

#[test]
fn a_damaged_store_is_not_copied_as_if_it_were_whole() {
    let (folder, mut store) = fresh();
    finished(&mut store, &header(World::Replay, 1), 1, 5);
    meddle(&file(&folder), "UPDATE equity SET data = zeroblob(50)");
    let copy = folder.path().join("copy.db");
    assert!(matches!(store.backup(&copy), Err(StoreError::Damaged { .. })));
    assert!(!copy.exists());
}

#[test]
fn history_from_elsewhere_is_kept_once_and_belongs_to_no_run() {
    let (_folder, mut store) = fresh();
    let row = HistoryRow {
        symbol: Some("BTCUSDT".to_owned()),
        side: Some(Side::Short),
        opened_at: Some(Timestamp::from_ms(5)),
        net: Some(-1.5),
        body: "{}".to_owned(),
        ..HistoryRow::default()
    };
    let import = Import {
        source: "trades.csv",
        kind: "trades",
        content_hash: "abc",
        rows: &[row.clone(), HistoryRow::default()],
        refused: 3,
    };
    let at = Timestamp::from_ms(9);
    assert_eq!(store.import(&import, at).unwrap(), Imported::Stored);
    assert_eq!(store.import(&import, at).unwrap(), Imported::Before);
    let told = store.imports().unwrap();
    assert_eq!((told.len(), told[0].rows, told[0].refused), (1, 2, 3));
    let mut rows = Vec::new();
    store.imported_history("trades", |row| rows.push(row)).unwrap();
    assert_eq!(rows, [row, HistoryRow::default()]);
    store.imported_history("signals", |_| panic!("there are none")).unwrap();
    assert!(store.runs().unwrap().is_empty());
}

#[test]
fn the_trades_of_a_freqtrade_database_are_read_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tradesv3.sqlite");
    meddle(
        &path,
        "CREATE TABLE trades (id INTEGER, pair TEXT, is_open BOOLEAN, open_date DATETIME, \
         close_date DATETIME, open_rate FLOAT, close_rate FLOAT, close_profit FLOAT); \
         INSERT INTO trades VALUES (1, 'ETH/USDT', 0, '2024-01-01 00:00:00.000000', \
         '2024-01-01 06:00:00.000000', 10.0, 11.0, 0.098)",
    );
    let before = fs::read(&path).unwrap();
    let rows = Store::freqtrade_trades(&path).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("\"pair\":\"ETH/USDT\"") && rows[0].contains("0.098"), "{}", rows[0]);
    assert_eq!(fs::read(&path).unwrap(), before);
    let other = folder.path().join("other.db");
    meddle(&other, "CREATE TABLE cats (name TEXT)");
    let said = Store::freqtrade_trades(&other).unwrap_err().to_string();
    assert!(said.contains("no trades as freqtrade keeps them"), "{said}");
    fs::write(&other, "cats").unwrap();
    assert!(Store::freqtrade_trades(&other).is_err());
}
