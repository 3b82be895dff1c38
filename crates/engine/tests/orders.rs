//! A18: what a person holds fast, switches off or strikes.

mod theatre;

use domain::{
    Command, Effects, Event, HeadName, Outcome, Pin, PinnedValue, Policy, Reason, Relearned, Side,
    Threshold, Timestamp,
};
use engine::{Engine, Lesson, Settings};
use theatre::lessons::lessons;
use theatre::{START, Theatre, events, instrument, run, two_symbols};

const BARS: usize = 3_000;

fn settings() -> Settings {
    Settings::default()
}

fn ordered(engine: &mut Engine, command: Command) -> Effects {
    let mut effects = Effects::default();
    engine.step(&Event::Command(command), &mut effects);
    effects
}

fn relearned(lessons: Vec<(Timestamp, Lesson)>) -> Relearned {
    Engine::relearn(settings(), vec![instrument("AAA"), instrument("BBB")], lessons)
}

#[test]
fn from_all_that_a_run_told_an_engine_learns_what_the_run_has_learned() {
    for seed in [10, 13] {
        let all = events(&two_symbols(seed, BARS));
        let played = Theatre::new(settings(), 2).play_all(&all);
        assert!(played.engine.policy().version > 3, "{}", played.engine.policy().version);
        let (relearned, lived) = (relearned(lessons(&all, &played.told)), played.engine.learned());
        assert_eq!(changed(&relearned, &lived), Vec::<String>::new());
        assert_eq!(relearned.policy, lived.policy);
    }
}

/// Who remembers something else in one than in the other.
fn changed(one: &Relearned, other: &Relearned) -> Vec<String> {
    let learners = one.learners.iter().zip(&other.learners).filter(|(one, other)| one != other);
    let mut changed: Vec<String> = learners.map(|((name, _), _)| name.clone()).collect();
    if one.records != other.records {
        changed.push("records".to_owned());
    }
    changed
}

/// Outcomes decided long before the run in which one head is always right, heard in its middle.
fn planted(
    lessons: &[(Timestamp, Lesson)],
    struck: (Timestamp, Timestamp),
) -> Vec<(Timestamp, Lesson)> {
    let mut planted = Vec::new();
    for (at, (moment, lesson)) in lessons.iter().enumerate() {
        planted.push((*moment, lesson.clone()));
        let Lesson::Outcome(outcome) = lesson else { continue };
        if let Some(vote) = outcome.votes.at(HeadName::Trend.at()).filter(|_| at % 3 == 0) {
            let r = if vote.side == outcome.side { 1.5 } else { -1.0 };
            let decided_at = struck.0.plus_ms(at as i64);
            let false_one = Outcome { r, decided_at, uniqueness: 1.0, ..**outcome };
            planted.push((*moment, Lesson::Outcome(Box::new(false_one))));
        }
    }
    planted
}

#[test]
fn what_was_learned_from_a_struck_stretch_is_unlearned() {
    let all = events(&two_symbols(10, BARS));
    let played = Theatre::new(settings(), 2).play_all(&all);
    let (mut engine, clean) = (played.engine, lessons(&all, &played.told));
    let honest = engine.learned();
    let stretch = (Timestamp::from_ms(0), START);
    let spoiled = planted(&clean, stretch);
    let strike = |relearned: Relearned| Command::Strike {
        from: stretch.0,
        to: stretch.1,
        relearned: Box::new(relearned),
        at: START.plus_ms(9_999 * 3_600_000),
    };
    let is_left = |lesson: &Lesson| match lesson {
        Lesson::Outcome(outcome) => outcome.decided_at >= stretch.1,
        Lesson::Horizon(lesson) => lesson.decided_at >= stretch.1,
        Lesson::WhatIf(what_if) => what_if.decided_at >= stretch.1,
        Lesson::Bars | Lesson::Order(_) | Lesson::Revert { .. } => true,
    };
    let left: Vec<_> = spoiled.iter().filter(|(_, lesson)| is_left(lesson)).cloned().collect();

    // An engine that has heard the planted ones too.
    let version = engine.policy().version;
    ordered(&mut engine, strike(relearned(spoiled)));
    let trend = |policy: &Policy| policy.head_weights[HeadName::Trend.at()];
    assert!(trend(engine.policy()) > trend(&honest.policy) + 0.02, "it believed the planted ones");
    let effects = ordered(&mut engine, strike(relearned(left)));
    assert_eq!(effects.versions[0].reason, Reason::Struck { from: stretch.0, to: stretch.1 });
    let now = engine.learned();
    assert_eq!(now.policy, Policy { version: version + 2, ..honest.policy.clone() });
    // What a person changed is not on trial: only that learner knows that something happened.
    assert_eq!(changed(&now, &honest), ["profit_evolution"]);
}

#[test]
fn what_was_decided_in_a_struck_stretch_and_ends_later_teaches_nothing() {
    let all = events(&two_symbols(10, 600));
    let mut theatre = Theatre::new(settings(), 2).play_all(&all[..500]);
    let learned = theatre.engine.learned();
    let (from, to) = (START, START.plus_ms(10_000 * 3_600_000));
    ordered(
        &mut theatre.engine,
        Command::Strike { from, to, relearned: Box::new(learned), at: to },
    );
    let before = theatre.engine.learned();
    let outcomes = theatre.told.outcomes.len();
    for event in &all[500..] {
        theatre.play(event);
    }
    assert!(theatre.told.outcomes.len() > outcomes + 20, "outcomes are kept all the same");
    assert_eq!(theatre.engine.learned().learners, before.learners);
}

#[test]
fn a_strike_that_does_not_fit_changes_nothing() {
    let played = run(settings(), &two_symbols(9, 500));
    let mut engine = played.engine;
    let mut idle =
        Engine::restore(settings(), vec![instrument("AAA"), instrument("BBB")], &engine.snapshot())
            .expect("our own snapshot");
    idle.step(&Event::Readings(Vec::new()), &mut Effects::default());
    idle.step(&Event::Readings(Vec::new()), &mut Effects::default());
    let fits = engine.learned();
    for relearned in [
        Relearned { records: vec![1, 2, 3], ..fits.clone() },
        Relearned { learners: fits.learners[1..].to_vec(), ..fits.clone() },
    ] {
        let effects = ordered(
            &mut engine,
            Command::Strike { from: START, to: START, relearned: Box::new(relearned), at: START },
        );
        assert!(effects.versions.is_empty());
        assert_eq!(effects.declined.len(), 1, "and it is said");
    }
    assert_eq!(engine.digest(), idle.digest());
}

#[test]
fn what_a_person_pins_no_learner_moves_and_no_revert_lets_go() {
    let all = events(&two_symbols(9, BARS));
    let mut theatre = Theatre::new(settings(), 2).play_all(&all[..100]);
    let day_one = theatre.told.versions[0].policy.clone();
    let held = Pin { value: PinnedValue::HeadWeight(HeadName::Trend), at: 0.2 };
    let gate = Pin { value: PinnedValue::Threshold(Threshold::Conviction), at: 0.7 };
    for pin in [held, gate] {
        let effects = ordered(&mut theatre.engine, Command::Pin { pin, at: START });
        assert_eq!(effects.versions[0].reason, Reason::Pinned);
    }
    let pinned = theatre.engine.policy().version;
    let holds = |policy: &Policy| {
        let sum: f64 = policy.head_weights.iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        assert_eq!(policy.head_weights[HeadName::Trend.at()], 0.2);
        assert_eq!(policy.gates.conviction_min, 0.7);
    };
    for event in &all[100..] {
        theatre.play(event);
        holds(theatre.engine.policy());
    }
    assert!(theatre.engine.policy().version > pinned + 3, "the other weights are learned on");
    ordered(&mut theatre.engine, Command::Revert { to: Box::new(day_one), at: START });
    holds(theatre.engine.policy());
    for value in [held.value, gate.value] {
        let effects = ordered(&mut theatre.engine, Command::Unpin { value, at: START });
        assert_eq!(effects.versions.len(), 1);
    }
    assert!(theatre.engine.policy().pins.is_empty());
}

#[test]
fn a_learner_that_is_switched_off_moves_nothing_and_hears_on() {
    let all = events(&two_symbols(9, BARS));
    let mut theatre = Theatre::new(settings(), 2).play_all(&all[..100]);
    let switch = |is_on| Command::Switch { learner: "head_weights".to_owned(), is_on, at: START };
    let effects = ordered(&mut theatre.engine, switch(false));
    assert_eq!(effects.versions[0].reason, Reason::Silenced);
    let stood = theatre.engine.policy().head_weights;
    let remembered = |engine: &Engine| engine.learned().learners[0].clone();
    let before = remembered(&theatre.engine);
    for event in &all[100..] {
        theatre.play(event);
        assert_eq!(theatre.engine.policy().head_weights, stood);
    }
    assert_eq!(before.0, "head_weights");
    assert_ne!(remembered(&theatre.engine), before, "it hears on");
    let effects = ordered(&mut theatre.engine, switch(true));
    assert_eq!(effects.versions.len(), 1);
    for event in &events(&two_symbols(9, BARS + 400))[BARS..] {
        theatre.play(event);
    }
    assert_ne!(theatre.engine.policy().head_weights, stood, "listened to again, it is heard");
    let unknown = Command::Switch { learner: "nobody".to_owned(), is_on: false, at: START };
    assert!(ordered(&mut theatre.engine, unknown).versions.is_empty());
}

#[test]
fn a_person_who_had_the_last_word_is_part_of_what_is_relearned() {
    let all = events(&two_symbols(10, BARS));
    let pin = Command::Pin {
        pin: Pin { value: PinnedValue::HeadWeight(HeadName::Trend), at: 0.2 },
        at: START,
    };
    let mut theatre = Theatre::new(settings(), 2).play_all(&all[..1_000]);
    ordered(&mut theatre.engine, pin.clone());
    for event in &all[1_000..] {
        theatre.play(event);
    }
    let mut lessons = lessons(&all, &theatre.told);
    let after = lessons.iter().rposition(|(at, _)| *at <= closed_at(&all[999])).expect("lessons");
    lessons.insert(after + 1, (closed_at(&all[999]), Lesson::Order(Box::new(pin))));
    assert_eq!(relearned(lessons), theatre.engine.learned());
    assert!(theatre.told.outcomes.iter().any(|outcome| outcome.side == Side::Short));
}

#[test]
fn a_strike_that_is_taken_back_leaves_nothing_behind() {
    let all = events(&two_symbols(10, 900));
    let mut theatre = Theatre::new(settings(), 2).play_all(&all[..800]);
    let lived = theatre.engine.learned();
    let (from, to) = (START, START.plus_ms(10_000 * 3_600_000));
    let bars: Vec<_> = all[..800].iter().map(|bar| (closed_at(bar), Lesson::Bars)).collect();
    let none = Box::new(relearned(bars));
    ordered(&mut theatre.engine, Command::Strike { from, to, relearned: none, at: to });
    assert_ne!(theatre.engine.learned().learners, lived.learners);
    let back = Command::Unstrike { from, to, relearned: Box::new(lived.clone()), at: to };
    let effects = ordered(&mut theatre.engine, back);
    assert_eq!(effects.versions[0].reason, Reason::Unstruck { from, to });
    let now = theatre.engine.learned();
    assert_eq!(now.policy, Policy { version: now.policy.version, ..lived.policy.clone() });
    // What a person changed is not on trial: only that learner knows that something happened.
    assert_eq!(changed(&now, &lived), ["profit_evolution"]);
    for event in &all[800..] {
        theatre.play(event);
    }
    assert_ne!(theatre.engine.learned().learners, now.learners, "the stretch teaches again");
}

#[test]
fn who_went_back_to_a_version_goes_back_to_what_is_known_of_it_now() {
    let all = events(&two_symbols(10, BARS));
    let mut theatre = Theatre::new(settings(), 2).play_all(&all[..2_000]);
    let to = theatre.told.versions[theatre.told.versions.len() / 2].clone();
    let at = closed_at(&all[1_999]);
    ordered(&mut theatre.engine, Command::Revert { to: Box::new(to.policy.clone()), at });
    for event in &all[2_000..] {
        theatre.play(event);
    }
    let mut lessons = lessons(&all, &theatre.told);
    let after = lessons.iter().rposition(|(moment, _)| *moment <= at).expect("lessons");
    let back = Lesson::Revert { version: to.policy.version, published_at: to.at };
    lessons.insert(after + 1, (at, back));
    assert_eq!(relearned(lessons.clone()), theatre.engine.learned(), "nothing was struck");

    // With nothing left but the bars, nothing of what was learned comes back with the revert.
    lessons.truncate(after + 2);
    lessons.retain(|(_, lesson)| matches!(lesson, Lesson::Bars | Lesson::Revert { .. }));
    let struck = relearned(lessons).policy;
    let day_one = &theatre.told.versions[0].policy;
    assert_ne!(to.policy.head_weights, day_one.head_weights, "something had been learned");
    assert_eq!(struck, Policy { version: struck.version, ..day_one.clone() });
}

fn closed_at(event: &Event) -> Timestamp {
    match event {
        Event::Bars { closed_at, .. } => *closed_at,
        _ => panic!("these events are bars"),
    }
}
