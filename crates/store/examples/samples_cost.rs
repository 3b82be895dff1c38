//! What it costs to read the learning set of seed 004: 316,767 decisions with their rows and outcomes, stored
//! as a replay stores them and as a live run does.
//!
//! `cargo run --release -p store --example samples_cost`
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use domain::{ExitReason, Outcome, Strikes, Timestamp, World};
use store::{
    Batch, CanonicalBytes, CloseColumns, CloseRecord, Cursor, DecisionColumns, OutcomeColumns,
    RunNo, SampleRange, Store,
};
use support::{Dice, FEATURES, fresh, header};

const SAMPLES: u64 = 316_767;
const HOUR_MS: i64 = 3_600_000;
/// Candidates at the close of each hour's bars.
const AN_HOUR: u64 = 20;
/// The longest an outcome takes.
const HOURS_MAX: u64 = 48;

fn main() {
    println!("an outcome is {} bytes", size_of::<Outcome>());
    for decisions in [14_000, AN_HOUR] {
        let (_folder, mut store) = fresh();
        let run = build(&mut store, decisions);
        println!("checkpoints of {decisions} decisions, {} MB in memory at most", peak_mb());
        let known_to = Timestamp::from_ms(i64::MAX);
        let range =
            SampleRange { since: Timestamp::from_ms(0), known_to, struck: &Strikes::default() };
        let (started, mut sum) = (Instant::now(), 0.0);
        let counts = store.samples(run, &range, |sample| sum += sample.row[0] * sample.outcome.r);
        let took = started.elapsed().as_secs_f64();
        println!("samples: {:?} in {took:.2} s ({sum:.1})", counts.unwrap());
        let (started, from) = (Instant::now(), range.since);
        let closes = store.closes(run, from, known_to).unwrap();
        let bars: usize = closes.iter().map(|own| own.values.len()).sum();
        println!("closes: {bars} in {:.2} s", started.elapsed().as_secs_f64());
        println!("{} MB in memory at most", peak_mb());
    }
}

/// The most that was ever held, as the system counts it.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_000
}

fn build(store: &mut Store, decisions_each: u64) -> RunNo {
    let run = store.begin_run(&header(World::Replay, 1), "", Timestamp::from_ms(0)).unwrap();
    let mut dice = Dice(7);
    let (mut decisions, mut outcomes) =
        (DecisionColumns::of_features(FEATURES), OutcomeColumns::new());
    let mut closes = CloseColumns::new();
    let mut bytes: [CanonicalBytes; 3] = Default::default();
    let mut open: Vec<Outcome> = Vec::new();
    for no in 0..SAMPLES {
        let hour = (no / AN_HOUR) as i64;
        let now = Timestamp::from_ms(hour * HOUR_MS);
        let decision = domain::Decision { decided_at: now, ..dice.decision(no) };
        decisions.record(&decision, &dice.row(FEATURES), 7);
        let hours = 1 + dice.below(HOURS_MAX) as i64;
        let reason = if no % 50 == 0 { ExitReason::Gap } else { ExitReason::Stop };
        let closed_at = now.plus_ms(hours * HOUR_MS);
        open.push(Outcome { decided_at: now, closed_at, reason, ..dice.outcome(no) });
        let symbol = domain::SymbolIx((no % AN_HOUR) as u16);
        let in_a_row = hour as u32 + 1;
        closes.push(&CloseRecord { symbol, closed_at: now, close: dice.unit() as f32, in_a_row });
        if (no + 1) % decisions_each == 0 || no + 1 == SAMPLES {
            open.retain(|outcome| {
                let is_over = outcome.closed_at <= now;
                if is_over {
                    outcomes.push(outcome);
                }
                !is_over
            });
            decisions.to_bytes(&mut bytes[0]);
            outcomes.to_bytes(&mut bytes[1]);
            closes.to_bytes(&mut bytes[2]);
            let [decided, over, closed] = &bytes;
            let cursor = Cursor { events: no + 1, at: now };
            let batch = Batch {
                cursor,
                decisions: decided,
                outcomes: over,
                closes: closed,
                ..Batch::default()
            };
            store.commit(run, &batch).unwrap();
            decisions.clear();
            outcomes.clear();
            closes.clear();
        }
    }
    run
}
