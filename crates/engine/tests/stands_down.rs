//! What a person orders stands until the next order, however often the engine is put to rest and woken:
//! it is part of what the engine knows.

mod theatre;

use domain::{
    Command, Control, Event, ExitReason, Instruction, Leg, PositionStage, Restriction, Timestamp,
};
use engine::{Engine, Settings};
use scenarios::Dice;
use theatre::{Theatre, Told, eager, events, two_symbols};

const BARS: usize = 900;

fn settings(seed: u64) -> Settings {
    let mut settings = Settings { seed, ..eager() };
    settings.gates.regime_entries_max = 1_000;
    settings
}

/// The engine as a restart leaves it.
fn rest(theatre: &mut Theatre) {
    let instruments = theatre.engine.instruments().to_vec();
    let settings = theatre.engine.settings().clone();
    let woken = Engine::restore(settings, instruments, &theatre.engine.snapshot());
    theatre.engine = woken.expect("a snapshot of the same run is read");
}

/// A life with orders at some of its moments, put to rest every so often.
fn lived(seed: u64, orders: &[(usize, Control)], rests: bool) -> (Told, Theatre) {
    let mut theatre = Theatre::new(settings(seed), 2);
    let mut dice = Dice::new(seed);
    for (nth, event) in events(&two_symbols(seed, BARS)).iter().enumerate() {
        if rests && dice.happens(0.1) {
            rest(&mut theatre);
        }
        for (_, control) in orders.iter().filter(|(moment, _)| *moment == nth) {
            let at = moment_of(nth);
            theatre.play(&Event::Command(Command::Control { control: *control, at }));
        }
        theatre.play(event);
    }
    (theatre.told.clone(), theatre)
}

/// When the event of this number begins: the bar before it has closed.
fn moment_of(nth: usize) -> Timestamp {
    theatre::START.plus_ms(nth as i64 * 3_600_000)
}

fn entries_from(told: &Told, from: Timestamp) -> usize {
    let is_entry = |one: &&Instruction| matches!(one, Instruction::Place(asked) if asked.leg == Leg::Entry && asked.requested_at >= from);
    told.instructions.iter().filter(is_entry).count()
}

const ORDER: usize = 400;
const LIFTED: usize = 600;

/// Decided at the close of the bar before the order, and so before it.
fn after_order(nth: usize) -> Timestamp {
    moment_of(nth).plus_ms(1)
}

#[test]
fn under_every_order_nothing_enters_and_what_is_declined_says_why() {
    let orders = [
        (Control::Pause, Restriction::Paused),
        (Control::ReduceOnly, Restriction::ReduceOnly),
        (Control::Kill, Restriction::Killed),
    ];
    for seed in 0..8 {
        for (control, restriction) in orders {
            let (told, _) = lived(seed, &[(ORDER, control)], true);
            let what = format!("seed {seed}, {}", control.name());
            assert!(entries_from(&told, theatre::START) > 0, "{what}: it traded before");
            assert_eq!(entries_from(&told, after_order(ORDER)), 0, "{what}");
            let later = told.decisions.iter().filter(|one| one.decided_at > moment_of(ORDER));
            let mut count = 0;
            for decision in later {
                count += 1;
                assert!(!decision.order.may_enter, "{what}");
                assert!(decision.order.restrictions().any(|one| one == restriction), "{what}");
            }
            assert!(count > 100, "{what}: shadows go on, {count}");
        }
    }
}

#[test]
fn resting_changes_nothing_under_orders_and_after_them() {
    for seed in 0..8 {
        let orders = [(ORDER, Control::ReduceOnly), (450, Control::Kill), (LIFTED, Control::Run)];
        let (rested, one) = lived(seed, &orders, true);
        let (awake, other) = lived(seed, &orders, false);
        assert_eq!(rested, awake, "seed {seed}");
        assert_eq!(one.engine.digest(), other.engine.digest(), "seed {seed}");
        assert!(entries_from(&rested, after_order(LIFTED)) > 0, "seed {seed}: it trades again");
    }
}

#[test]
fn killed_everything_held_is_closed_at_the_next_open() {
    let mut held = 0;
    for seed in 0..12 {
        let (before, standing) = lived_until(seed, ORDER);
        let open = |position: &&domain::Position| position.stage == PositionStage::Open;
        let holding = standing.engine.positions().iter().filter(open).count();
        held += holding;
        let (told, theatre) = lived(seed, &[(ORDER, Control::Kill)], true);
        let ended = &told.trades[before.trades.len()..];
        assert!(ended.len() >= holding, "seed {seed}: {} of {holding}", ended.len());
        for trade in ended {
            let how = (trade.closed_at, trade.reason);
            assert_eq!(how, (moment_of(ORDER), ExitReason::Ordered), "seed {seed}");
        }
        assert!(theatre.engine.positions().is_empty(), "seed {seed}");
        assert_eq!(theatre.venue.load(), 0, "seed {seed}: the venue holds nothing");
    }
    assert!(held > 5, "only {held} positions were held");
}

fn lived_until(seed: u64, nth: usize) -> (Told, Theatre) {
    let mut theatre = Theatre::new(settings(seed), 2);
    for event in &events(&two_symbols(seed, BARS))[..nth] {
        theatre.play(event);
    }
    (theatre.told.clone(), theatre)
}
