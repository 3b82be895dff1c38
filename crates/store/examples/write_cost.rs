//! What it costs to remember: CPU time for decisions, for rows of money, for reading and for replacing.
//!
//! `cargo run --release -p store --example write_cost`
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::Instant;

use domain::{Decision, Sizing, StandingOrder, Timestamp, World};
use store::{Batch, CanonicalBytes, Cursor, DecisionColumns, RunNo, Store};
use support::{Dice, FEATURES, finished, fresh, header, made};

/// As many decisions as a checkpoint of a replay brings.
const CHUNK: usize = 14_000;
const CHUNKS: usize = 40;

/// User and system seconds of all threads so far, ended ones too, in steps of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn measured<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (started, before) = (Instant::now(), cpu());
    let value = work();
    let (spent, took) = (cpu() - before, started.elapsed().as_secs_f64());
    let each_us = spent * 1e6 / (CHUNK * CHUNKS) as f64;
    println!("{what}: {spent:.2} s CPU, {took:.3} s; {each_us:.2} µs a decision");
    value
}

/// Most candidates are refused before a size is thought of, and most plans are alike.
fn likely(mut decision: Decision) -> Decision {
    if !decision.no.is_multiple_of(8) {
        decision.sizing = Sizing::default();
    }
    decision.plan.trail = None;
    decision.plan.partial = None;
    decision.signal.confluence = (decision.signal.confluence * 8.0).round() / 8.0;
    decision.order = StandingOrder::default();
    decision
}

fn main() {
    let mut dice = Dice(7);
    let (folder, mut store) = fresh();
    let mut decisions = Vec::new();
    for no in 0..CHUNK as u64 {
        let row = dice.row(FEATURES);
        decisions.push((likely(dice.decision(no)), row));
    }
    println!("{} decisions in {CHUNKS} chunks", CHUNK * CHUNKS);
    let header = header(World::Replay, 1);
    let run = store.begin_run(&header, "", Timestamp::from_ms(0)).unwrap();
    let mut columns = DecisionColumns::of_features(FEATURES);
    let mut bytes = CanonicalBytes::default();
    measured("push", || {
        for _ in 0..CHUNKS {
            columns.clear();
            decisions.iter().for_each(|(decision, row)| columns.record(decision, row, 1));
        }
    });
    measured("to_bytes, which hashes", || {
        for _ in 0..CHUNKS {
            columns.to_bytes(&mut bytes);
        }
    });
    println!("{} bytes a decision before compression", bytes.bytes().len() / CHUNK);
    measured("of which hashing", || {
        for _ in 0..CHUNKS {
            black_box(blake3::hash(bytes.bytes()));
        }
    });
    measured("of the next, compressing", || {
        for _ in 0..CHUNKS {
            black_box(lz4_flex::block::compress(bytes.bytes()));
        }
    });
    measured("commit", || commit(&mut store, run, &bytes));
    measured("close, which folds the log in", || drop(store));
    let mut store = Store::open(&support::url(&folder)).unwrap();
    measured("finish", || store.finish_run(run, "{}", "", Timestamp::from_ms(0)).unwrap());
    let megabytes = || std::fs::metadata(support::file(&folder)).unwrap().len() / 1_000_000;
    println!("file: {} MB", megabytes());
    let mut read = 0;
    measured("read all", || store.decisions(run, |_| read += 1).unwrap());
    measured("find one", || store.decision(run, decisions[9].0.id).unwrap());
    let again = store.begin_run(&header, "", Timestamp::from_ms(0)).unwrap();
    commit(&mut store, again, &bytes);
    measured("replace, with its room given back", || {
        store.finish_run(again, "{}", "", Timestamp::from_ms(0)).unwrap()
    });
    measured("close, which folds the log in", || drop(store));
    println!("file: {} MB", megabytes());
    rows();
}

fn commit(store: &mut Store, run: RunNo, bytes: &CanonicalBytes) {
    for no in 0..CHUNKS {
        let cursor = Cursor { events: no as u64 + 1, at: Timestamp::from_ms(0) };
        let batch = Batch { cursor, decisions: bytes, ..Batch::default() };
        store.commit(run, &batch).unwrap();
    }
}

fn rows() {
    let (_folder, mut store) = fresh();
    let header = header(World::Replay, 2);
    let run = store.begin_run(&header, "", Timestamp::from_ms(0)).unwrap();
    let mut made = made(1, 0, 16_384);
    let batch = made.batch();
    let only = |batch: Batch<'_>| measured_commit(&mut store, run, batch);
    let mut only = only;
    let cursor = batch.cursor;
    only(Batch { cursor, orders: batch.orders, ..Batch::default() });
    only(Batch { cursor, fills: batch.fills, ..Batch::default() });
    only(Batch { cursor, trades: batch.trades, ..Batch::default() });
    let (_other, mut store) = fresh();
    measured("small commits, 1000", || finished(&mut store, &header, 1_000, 1));
}

fn measured_commit(store: &mut store::Store, run: store::RunNo, batch: Batch<'_>) {
    let (orders, fills, trades) = (batch.orders.len(), batch.fills.len(), batch.trades.len());
    let what = format!("rows: {orders} orders, {fills} fills, {trades} trades");
    measured(&what, || store.commit(run, &batch).unwrap());
}
