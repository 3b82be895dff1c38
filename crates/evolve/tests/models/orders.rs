//! What a person orders and strikes, and how rulings are worded.

use domain::{RulingRecord, Seat};
use evolve::{DeployRule, ModelRules};
use scenarios::{Bets, Dice};

use crate::worlds::{CHALLENGER_ALONE, Line, record, win_rate};

fn seats(line: &Line) -> [u64; 3] {
    Seat::ALL.map(|seat| line.lineage.seated(seat))
}

fn ruled(rulings: &[RulingRecord]) -> Vec<String> {
    rulings.iter().map(|record| format!("{} {}", record.ruling, record.version)).collect()
}

#[test]
fn any_version_that_was_ever_there_is_put_in_charge_by_entering_and_promoting_it() {
    let mut line = Line::by_evidence();
    (0..3).for_each(|_| {
        line.train();
    });
    let now = line.now();
    line.lineage.promote(3, now, &line.rules).unwrap();
    line.train();
    assert_eq!(seats(&line), [3, 4, 0]);
    assert!(line.lineage.promote(1, now, &line.rules).is_err(), "it sits nowhere");
    let mut records = line.lineage.enter(&record(1, now), now, &line.rules);
    assert!(records[0].says.contains("Version 1 comes back"), "{}", records[0].says);
    records.extend(line.lineage.promote(1, now, &line.rules).unwrap());
    assert_eq!(ruled(&records), ["supersede 4", "enter 1", "promote 1", "supersede 3"]);
    assert_eq!((seats(&line), line.lineage.trials()), ([1, 0, 3], 4), "no other trial");
    // One that sits is not seated twice.
    for version in [1, 3] {
        assert!(line.lineage.enter(&record(version, now), now, &line.rules).is_empty());
    }
    assert_eq!((seats(&line), line.train()), ([1, 0, 3], 4 + 1));
    assert_eq!((seats(&line), line.lineage.trials()), ([1, 5, 3], 5));
}

#[test]
fn a_version_that_waits_for_a_ramp_is_put_in_charge_by_a_person() {
    let mut line = Line::by_evidence();
    line.train();
    for at in 0..600 {
        line.decide(if at % 3 == 0 { -1.0 } else { 1.4 }, CHALLENGER_ALONE);
        if line.lineage.is_on_ramp() {
            break;
        }
    }
    line.train();
    let now = line.now();
    let records = line.lineage.promote(2, now, &line.rules).unwrap();
    assert_eq!(ruled(&records), ["drop 1", "enter 2", "promote 2"]);
    assert_eq!((seats(&line), line.lineage.share()), ([2, 0, 0], 0.0));
}

#[test]
fn a_strike_takes_a_canarys_share_at_once_and_tells_it_at_the_next_ruling() {
    let mut line = Line::by_evidence();
    line.train();
    (0..60).for_each(|_| line.decide(0.5, [0.97, 1.0, 0.0]));
    assert_eq!((line.lineage.share(), line.lineage.hypothesis()), (0.1, 1));
    line.lineage.forget();
    assert_eq!((line.lineage.share(), line.lineage.hypothesis()), (0.0, 2));
    line.rulings.clear();
    line.decide(0.5, [0.97, 1.0, 0.0]);
    assert_eq!(ruled(&line.rulings), ["keep 1"]);
    assert!(line.rulings[0].says.contains("was struck"));
    let grounds = line.lineage.grounds(&line.rules, DeployRule::Evidence).unwrap();
    assert_eq!((grounds.decisions, grounds.hypothesis), (1, 2));
    // What is shown of the next claim is what the next claim has seen, and the word is said anew.
    (0..60).for_each(|_| line.decide(0.5, [0.97, 1.0, 0.0]));
    assert_eq!(ruled(&line.rulings), ["keep 1", "canary 1"]);
}

#[test]
fn strikes_do_not_promote_luck_under_one_number() {
    // Struck every hundred decisions, each claim without an edge is another one and says so.
    let (mut line, mut dice) = (Line::by_evidence(), Dice::new(8));
    line.train();
    for decision in 1..=1_000 {
        line.decide(Bets::winning(win_rate(0.0)).draw(&mut dice), CHALLENGER_ALONE);
        if decision % 100 == 0 {
            line.lineage.forget();
        }
    }
    let counted = line.lineage.hypothesis() - line.count("promote") as u64;
    assert!(counted >= 11, "{counted}");
}

#[test]
fn a_version_that_never_changed_a_stake_is_told_so() {
    let mut line = Line::by_evidence();
    line.train();
    (0..60).for_each(|_| line.decide(-1.0, [1.0, 1.0, 0.0]));
    let says = &line.last("keep").expect("told").says;
    assert_eq!(
        says,
        "It has said nothing that would have changed a stake in 50 decisions: no model is in charge."
    );
    let mut line = Line::by_evidence();
    line.train();
    let now = line.now();
    line.lineage.promote(1, now, &line.rules).unwrap();
    line.train();
    (0..60).for_each(|_| line.decide(-1.0, [1.0, 1.0, 1.0]));
    let says = &line.last("keep").expect("told").says;
    assert!(says.ends_with(": version 1 stays in charge."), "{says}");
}

#[test]
fn a_canary_by_the_slots_record_says_whose_decisions_these_are() {
    let rules = ModelRules { decisions_min: 102, ..ModelRules::default() };
    let mut line = Line::new(rules, DeployRule::Evidence);
    line.train();
    (0..95).for_each(|_| line.decide(0.5, [0.97, 1.0, 0.0]));
    line.train();
    (0..7).for_each(|_| line.decide(0.5, [0.97, 1.0, 0.0]));
    let says = &line.last("canary").expect("told").says;
    assert!(says.contains("over 102 decisions, of which 7 under this version"), "{says}");
    assert!(says.contains("no model's or the floor"), "{says}");
}
