//! Closes by symbol, as windows are made of them.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{SymbolIx, Timestamp, World};
use store::{Batch, CanonicalBytes, CloseColumns, CloseRecord, Cursor, RunNo, Store};
use support::{fresh, header};

const HOUR_MS: i64 = 3_600_000;
const FOREVER: Timestamp = Timestamp::from_ms(i64::MAX);

fn at(hour: i64) -> Timestamp {
    Timestamp::from_ms(hour * HOUR_MS)
}

fn close(symbol: u16, hour: i64, close: f32, in_a_row: u32) -> CloseRecord {
    CloseRecord { symbol: SymbolIx(symbol), closed_at: at(hour), close, in_a_row }
}

fn with_closes(all: &[&[CloseRecord]]) -> (tempfile::TempDir, Store, RunNo) {
    let (folder, mut store) = fresh();
    let run = store.begin_run(&header(World::Paper, 1), "", at(0)).unwrap();
    for (events, some) in (1..).zip(all) {
        let (mut columns, mut closes) = (CloseColumns::new(), CanonicalBytes::default());
        some.iter().for_each(|close| columns.push(close));
        columns.to_bytes(&mut closes);
        let cursor = Cursor { events, at: at(0) };
        store.commit(run, &Batch { cursor, closes: &closes, ..Batch::default() }).unwrap();
    }
    (folder, store, run)
}

#[test]
fn closes_come_back_by_symbol_with_how_many_lie_in_a_row() {
    let first = [close(0, 1, 10.1, 1), close(2, 1, 0.3, 1), close(0, 2, 10.2, 2)];
    let later = [close(0, 5, 10.5, 1), close(2, 5, f32::MIN_POSITIVE, 1), close(0, 6, 10.6, 2)];
    let (_folder, mut store, run) = with_closes(&[&first, &later]);
    let all = store.closes(run, at(0), FOREVER).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].values, [10.1, 10.2, 10.5, 10.6]);
    assert_eq!(all[0].in_a_row, [1, 2, 1, 2]);
    assert_eq!(all[0].closed_at, [at(1), at(2), at(5), at(6)]);
    assert!(all[1].values.is_empty());
    assert_eq!(all[2].values, [0.3, f32::MIN_POSITIVE]);
    let some = store.closes(run, at(2), at(5)).unwrap();
    assert_eq!(some[0].values, [10.2, 10.5]);
    assert!(store.closes(run, at(7), at(9)).unwrap().is_empty());
    assert!(store.check().unwrap().damages.is_empty());
}

#[test]
fn closes_out_of_their_order_are_no_windows() {
    let (_folder, mut store, run) = with_closes(&[&[close(1, 5, 1.0, 1)], &[close(1, 4, 1.0, 1)]]);
    let said = store.closes(run, at(0), FOREVER).unwrap_err().to_string();
    assert!(said.ends_with("is damaged: a bar of it closed before the one before it"), "{said}");
}
