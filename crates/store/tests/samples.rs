//! Learning sets: what was decided, with what it was decided on, and what it came to.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{Decision, ExitReason, Outcome, Strikes, SymbolIx, Timestamp, World};
use store::{
    Batch, CanonicalBytes, CloseColumns, CloseRecord, Cursor, DecisionColumns, OutcomeColumns,
    RunNo, SampleCounts, SampleRange, Store,
};
use support::{Dice, fresh, header, meddle};

const HOUR_MS: i64 = 3_600_000;
const FOREVER: Timestamp = Timestamp::from_ms(i64::MAX);

fn at(hour: i64) -> Timestamp {
    Timestamp::from_ms(hour * HOUR_MS)
}

/// One decision an hour; each is over after one to ten hours, so that they end in another order than they
/// began. Every seventh lies across missing bars.
struct Life {
    decisions: Vec<(Decision, Vec<f64>, u64)>,
    outcomes: Vec<Outcome>,
}

fn life(count: u64) -> Life {
    let mut dice = Dice(3);
    let (mut decisions, mut outcomes) = (Vec::new(), Vec::new());
    for no in 0..count {
        let decided_at = at(no as i64);
        let decision = Decision { decided_at, ..dice.decision(no) };
        decisions.push((decision, dice.row(4), dice.word() & 15));
        let hours = 1 + dice.below(10) as i64;
        let mut outcome = dice.outcome(no);
        (outcome.decided_at, outcome.closed_at) = (decided_at, decided_at.plus_ms(hours * HOUR_MS));
        outcome.reason = if no % 7 == 3 { ExitReason::Gap } else { ExitReason::Stop };
        outcomes.push(outcome);
    }
    outcomes.sort_by_key(|outcome| (outcome.closed_at, outcome.decision_no));
    Life { decisions, outcomes }
}

/// Stores what was decided and what was over at the end of every `hours`; what is not over stays out.
fn stored(life: &Life, hours: i64) -> (tempfile::TempDir, Store, RunNo) {
    let (folder, mut store) = fresh();
    let run = store.begin_run(&header(World::Replay, 1), "", at(0)).unwrap();
    let last = life.decisions.len() as i64 + 1;
    for (events, from) in (1..).zip((0..last).step_by(hours as usize)) {
        let within =
            |moment: Timestamp| at(from) <= moment && moment < at((from + hours).min(last));
        let mut decisions = DecisionColumns::of_features(4);
        for (decision, row, present) in &life.decisions {
            if within(decision.decided_at) {
                decisions.record(decision, row, *present);
            }
        }
        let mut outcomes = OutcomeColumns::new();
        life.outcomes.iter().filter(|over| within(over.closed_at)).for_each(|o| outcomes.push(o));
        let mut bytes: [CanonicalBytes; 2] = Default::default();
        decisions.to_bytes(&mut bytes[0]);
        outcomes.to_bytes(&mut bytes[1]);
        let [decisions, outcomes] = &bytes;
        let cursor = Cursor { events, at: at(from) };
        store.commit(run, &Batch { cursor, decisions, outcomes, ..Batch::default() }).unwrap();
    }
    (folder, store, run)
}

/// Numbers handed out, and the counts.
fn taken(
    store: &mut Store,
    run: RunNo,
    life: &Life,
    range: &SampleRange<'_>,
) -> (Vec<u64>, SampleCounts) {
    let mut numbers = Vec::new();
    let counts = store.samples(run, range, |sample| {
        let no = sample.outcome.decision_no;
        let (_, row, present) = &life.decisions[no as usize];
        assert_eq!((sample.row, sample.present), (&row[..], *present), "the row of decision {no}");
        let due = life.outcomes.iter().find(|outcome| outcome.decision_no == no);
        assert_eq!(Some(sample.outcome), due);
        numbers.push(no);
    });
    (numbers, counts.unwrap())
}

/// The same without a store.
fn due(life: &Life, range: &SampleRange<'_>, stored_to: Timestamp) -> (Vec<u64>, SampleCounts) {
    let (mut numbers, mut counts) = (Vec::new(), SampleCounts::default());
    for (decision, ..) in &life.decisions {
        if decision.decided_at < range.since || decision.decided_at > range.known_to {
            continue;
        }
        let over = life.outcomes.iter().find(|outcome| outcome.decision_no == decision.no).unwrap();
        if over.closed_at > range.known_to || over.closed_at >= stored_to {
            counts.waiting += 1;
        } else if over.reason == ExitReason::Gap || range.struck.holds(decision.decided_at) {
            counts.left_out += 1;
        } else {
            counts.taken += 1;
            numbers.push(decision.no);
        }
    }
    (numbers, counts)
}

#[test]
fn every_decision_of_a_range_is_taken_or_waits_or_is_left_out() {
    let life = life(300);
    let mut struck = Strikes::default();
    struck.add(at(100), at(130));
    for hours in [1, 17, 300] {
        let (_folder, mut store, run) = stored(&life, hours);
        for (since, known_to) in
            [(0, 299), (0, 150), (40, 41), (120, 299), (299, 299), (120, 600), (500, 600)]
        {
            for struck in [&Strikes::default(), &struck] {
                let range = SampleRange { since: at(since), known_to: at(known_to), struck };
                let found = taken(&mut store, run, &life, &range);
                assert_eq!(found, due(&life, &range, at(301)), "{hours} {range:?}");
                assert!(found.0.is_sorted());
                let SampleCounts { taken, waiting, left_out } = found.1;
                let asked = (known_to.min(299) - since + 1).max(0) as u64;
                assert_eq!(taken + waiting + left_out, asked);
            }
        }
    }
}

#[test]
fn the_counts_are_these_and_no_others() {
    let mut life = life(28);
    // Each is over three hours later.
    for outcome in &mut life.outcomes {
        outcome.closed_at = outcome.decided_at.plus_ms(3 * HOUR_MS);
    }
    life.outcomes.sort_by_key(|outcome| outcome.closed_at);
    let (_folder, mut store, run) = stored(&life, 5);
    let mut struck = Strikes::default();
    struck.add(at(4), at(6));
    let range = SampleRange { since: at(0), known_to: at(9), struck: &struck };
    let (numbers, counts) = taken(&mut store, run, &life, &range);
    // The third lies across missing bars, and from the seventh on none is over.
    assert_eq!(numbers, [0, 1, 2, 6]);
    assert_eq!(counts, SampleCounts { taken: 4, waiting: 3, left_out: 3 });
}

#[test]
fn nothing_that_became_known_later_is_handed_out() {
    let life = life(120);
    let (_folder, mut store, run) = stored(&life, 9);
    for hour in [0, 1, 30, 77] {
        let range = SampleRange { since: at(0), known_to: at(hour), struck: &Strikes::default() };
        let seen = store.samples(run, &range, |sample| {
            assert!(sample.outcome.closed_at <= at(hour) && sample.outcome.decided_at <= at(hour));
        });
        // A store that ends there says the same: what is stored later changes nothing.
        let ended = Life {
            decisions: life.decisions[..=hour as usize].to_vec(),
            outcomes: life.outcomes.iter().copied().filter(|o| o.closed_at <= at(hour)).collect(),
        };
        let (_folder, mut early, its_run) = stored(&ended, 9);
        assert_eq!(early.samples(its_run, &range, |_| ()).unwrap(), seen.unwrap(), "{hour}");
    }
}

#[test]
fn a_damaged_chunk_of_a_learning_set_is_named() {
    let life = life(60);
    let (folder, mut store, run) = stored(&life, 20);
    let id = store.runs().unwrap()[0].id.clone();
    let range = SampleRange { since: at(0), known_to: at(60), struck: &Strikes::default() };
    meddle(&support::file(&folder), "UPDATE signal_outcomes SET data = x'00' WHERE chunk_no = 1");
    let said = store.samples(run, &range, |_| ()).unwrap_err().to_string();
    assert_eq!(said, format!("chunk 1 of the outcomes of run {id} is damaged: it is cut off"));
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
