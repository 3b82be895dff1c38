//! A7 where it is known what was missed.

use domain::{GatePolicy, HorizonLesson, Leans, Policy, Side, StrategyIx, SymbolIx};
use learn::{House, LearnRules, Learner, MissedOpportunities};
use scenarios::{BEGIN, Dice, outcome};

fn record() -> MissedOpportunities {
    let house = House { gates: vec!["conviction", "fee"], ..House::default() };
    MissedOpportunities::new(LearnRules::default(), &house)
}

fn lesson(symbol: u16, side: Side, up_bps: f64, refused: u16) -> HorizonLesson {
    HorizonLesson {
        decision_no: 0,
        symbol: SymbolIx(symbol),
        strategy: StrategyIx(0),
        side,
        decided_at: scenarios::BEGIN,
        climate: outcome(0, 0.0).climate,
        horizon: 4,
        leans: Leans::SILENT,
        up_bps,
        cost_bps: 10.0,
        refused,
        uniqueness: 1.0,
    }
}

fn policy() -> Policy {
    Policy::day_one(GatePolicy::default())
}

#[test]
fn a_short_that_fell_was_missed_and_its_cost_is_taken_off() {
    let mut record = record();
    for at in 0..100 {
        // Two in five fall by 30, the others rise by 20.
        let up_bps = if at % 5 < 2 { -30.0 } else { 20.0 };
        record.observe_horizon(&lesson(0, Side::Short, up_bps, 0b01));
    }
    let refused = record.refused();
    assert_eq!(refused.candidates, 100);
    assert!((refused.gained_fraction().expect("some") - 0.4).abs() < 1e-12);
    let value = refused.value_bps().expect("enough");
    assert!((value.mean - (0.4 * 20.0 - 0.6 * 30.0)).abs() < 1e-9, "{value:?}");
    assert!(value.low < value.mean && value.mean < value.high);
    assert!((refused.regret_bps().expect("some") - 8.0).abs() < 1e-9);
    assert!((refused.spared_bps().expect("some") - 18.0).abs() < 1e-9);
}

#[test]
fn each_gate_answers_for_what_it_refused_and_other_horizons_are_left_alone() {
    let mut record = record();
    record.observe_horizon(&lesson(0, Side::Long, 30.0, 0b01));
    record.observe_horizon(&lesson(0, Side::Long, 30.0, 0b11));
    record.observe_horizon(&lesson(0, Side::Long, 30.0, 0b00));
    record.observe_horizon(&HorizonLesson { horizon: 3, ..lesson(0, Side::Long, 30.0, 0b11) });
    record.observe_horizon(&HorizonLesson { horizon: 99, ..lesson(0, Side::Long, 30.0, 0b11) });
    let by = |gate| record.refused_by(gate).map(|of| of.candidates);
    assert_eq!((by(0), by(1), record.refused().candidates), (Some(2), Some(1), 2));
}

#[test]
fn what_was_planted_is_named_first_and_nothing_below_fifty() {
    let (mut record, mut dice) = (record(), Dice::new(7));
    for _ in 0..400 {
        for symbol in 0..5 {
            let planted = if symbol == 3 { 30.0 } else { 10.0 };
            let up_bps = planted + 40.0 * dice.normal();
            record.observe_horizon(&lesson(symbol, Side::Long, up_bps, 0b10));
        }
    }
    (0..49).for_each(|_| record.observe_horizon(&lesson(9, Side::Short, -900.0, 0b10)));
    let report = record.report(&policy());
    let named = report.beliefs.iter().find(|line| line.starts_with("symbol"));
    assert!(named.is_some_and(|line| line.starts_with("symbol 3 long: +")), "{named:?}");
    assert!(!report.beliefs.iter().any(|line| line.starts_with("symbol 9")));
    let nothing = "0 of 50 effective hours after refused by conviction";
    assert!(report.starved.iter().any(|line| line == nothing), "{:?}", report.starved);
}

#[test]
fn copies_that_share_their_hour_count_as_one() {
    let mut record = record();
    for at in 0..49 {
        for _ in 0..10 {
            let up_bps = if at % 2 == 0 { 30.0 } else { -20.0 };
            let copy = HorizonLesson { uniqueness: 0.1, ..lesson(0, Side::Long, up_bps, 0b01) };
            record.observe_horizon(&copy);
        }
    }
    assert!((record.refused().effective() - 49.0).abs() < 1e-9);
    let report = record.report(&policy());
    assert!(report.beliefs.is_empty(), "{:?}", report.beliefs);
}

#[test]
fn it_proposes_nothing_and_survives_being_written_down() {
    let mut record = record();
    (0..99).for_each(|_| record.observe_horizon(&lesson(2, Side::Long, 30.0, 0b01)));
    assert!(record.propose(&policy(), BEGIN).is_empty());
    let mut again = self::record();
    assert!(again.load(&record.save()));
    assert_eq!(again, record);
    assert!(!again.load(&[9]));
}
