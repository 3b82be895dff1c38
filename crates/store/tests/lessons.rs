//! What learners heard can be heard again, in its order, and without a part of it.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{Basis, Decision, ExitReason, Leans, Timestamp, World};
use store::{
    Batch, CanonicalBytes, DecisionColumns, HorizonColumns, JOURNAL_TOLD, JournalEntry, Lesson,
    OutcomeColumns, ToldCount, WhatIfColumns,
};
use support::{Dice, fresh, header};

const HOUR_MS: i64 = 3_600_000;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_ms(hour * HOUR_MS)
}

fn decided(dice: &mut Dice, no: u64, at: Timestamp, leans: Leans) -> Decision {
    let basis = Basis { leans, ..Basis::default() };
    Decision { decided_at: at, basis, ..dice.decision(no) }
}

/// Twenty outcomes, one an hour, each an hour long; every fifth across missing bars.
fn heard() -> store::Lessons {
    lessons(&[])
}

fn lessons(told: &[ToldCount]) -> store::Lessons {
    let (_folder, mut store) = fresh();
    let run = store.begin_run(&header(World::Replay, 1), "", at(0)).unwrap();
    let mut dice = Dice(5);
    let (mut outcomes, mut horizons, mut what_ifs) =
        (OutcomeColumns::new(), HorizonColumns::new(), WhatIfColumns::new());
    let mut decisions = DecisionColumns::of_features(1);
    for no in 0..20_u64 {
        let hour = no as i64;
        let mut leans = Leans::default();
        leans.set(2, Some(0.25));
        let mut outcome = dice.outcome(no);
        (outcome.decided_at, outcome.closed_at) = (at(hour), at(hour + 1));
        decisions.record(&decided(&mut dice, no, at(hour), leans), &[0.0], 1);
        outcome.reason = if no % 5 == 0 { ExitReason::Gap } else { ExitReason::Time };
        outcomes.push(&outcome);
        let mut horizon = dice.horizon(no);
        (horizon.known_at, horizon.uniqueness) = (at(hour + 1), 0.5);
        horizons.push(&horizon);
        let mut what_if = dice.what_if(no);
        what_if.known_at = at(hour + 2);
        what_ifs.push(&what_if);
    }
    let mut leans = Leans::default();
    leans.set(2, Some(0.25));
    decisions.record(&decided(&mut dice, 99, at(29), leans), &[0.0], 1);
    let mut open = dice.horizon(99);
    open.uniqueness = 0.5;
    open.known_at = at(30);
    horizons.push(&open);
    let mut bytes: [CanonicalBytes; 4] = Default::default();
    decisions.to_bytes(&mut bytes[3]);
    outcomes.to_bytes(&mut bytes[0]);
    horizons.to_bytes(&mut bytes[1]);
    what_ifs.to_bytes(&mut bytes[2]);
    let [outcomes, horizons, what_ifs, decisions] = &bytes;
    let cursor = store::Cursor { events: 1, at: at(30) };
    let body = postcard::to_stdvec(told).unwrap();
    let entry = JournalEntry { at: at(30), kind: JOURNAL_TOLD.to_owned(), body };
    let journal = if told.is_empty() { vec![] } else { vec![entry] };
    let journal = &journal;
    let batch =
        Batch { cursor, decisions, outcomes, horizons, what_ifs, journal, ..Batch::default() };
    store.commit(run, &batch).unwrap();
    store.lessons(run).unwrap()
}

#[test]
fn lessons_come_back_in_the_order_of_their_moments_with_what_the_decision_knew() {
    let lessons = heard();
    assert!(lessons.heard.is_sorted_by_key(|heard| heard.at));
    let count =
        |is: fn(&Lesson) -> bool| lessons.heard.iter().filter(|heard| is(&heard.lesson)).count();
    assert_eq!(count(|lesson| matches!(lesson, Lesson::Outcome(_))), 16, "a gap teaches nothing");
    assert_eq!(count(|lesson| matches!(lesson, Lesson::Horizon(_))), 21);
    assert_eq!(count(|lesson| matches!(lesson, Lesson::WhatIf(_))), 20);
    let mut horizons = lessons.heard.iter().filter_map(|heard| match heard.lesson {
        Lesson::Horizon(lesson) => Some((heard, lesson)),
        _ => None,
    });
    assert!(horizons.all(|(heard, lesson)| {
        heard.at == heard.decided_at.plus_ms(HOUR_MS)
            && lesson.leans.at(2) == Some(0.25)
            && lesson.uniqueness == 0.5
    }));
}

#[test]
fn a_strike_leaves_out_what_was_decided_within_and_its_end_stays() {
    let lessons = heard();
    let left: Vec<Timestamp> = lessons.struck(at(3), at(7)).map(|heard| heard.decided_at).collect();
    assert!(left.iter().all(|decided| *decided < at(3) || *decided >= at(7)));
    assert!(left.contains(&at(7)) && left.contains(&at(2)));
    assert_eq!(lessons.struck(at(5), at(5)).count(), lessons.heard.len());
}

#[test]
fn the_journal_says_at_which_moment_each_was_told() {
    let count = |hour, outcomes, horizons, what_ifs| ToldCount {
        at: at(hour),
        outcomes,
        horizons,
        what_ifs,
    };
    let told = [count(10, 4, 2, 0), count(11, 0, 0, 0), count(12, 16, 19, 20)];
    let lessons = lessons(&told);
    assert_eq!(lessons.moments, [at(10), at(11), at(12)]);
    let at_ten = lessons.heard.iter().filter(|heard| heard.at == at(10));
    let at_ten: Vec<bool> =
        at_ten.map(|heard| matches!(heard.lesson, Lesson::Horizon(_))).collect();
    // Of the four outcomes the first lay across missing bars.
    assert_eq!(at_ten, [true, true, false, false, false]);
    assert_eq!(lessons.heard.len(), 16 + 21 + 20);
}
