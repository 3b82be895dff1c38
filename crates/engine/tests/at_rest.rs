//! The engine at rest is the engine: stopped anywhere and restored, it goes on as if it never stopped.

mod theatre;

use domain::{Command, Effects, Event};
use engine::{Engine, Settings, SnapshotError};
use scenarios::Dice;
use theatre::{Theatre, events, instrument, run, two_symbols};

#[test]
fn stopping_anywhere_and_going_on_equals_never_stopping() {
    for seed in 0..30 {
        let all = events(&two_symbols(seed, 500));
        let settings = Settings { seed, ..Settings::default() };
        let lived = Theatre::new(settings.clone(), 2).play_all(&all);
        let cut = 1 + Dice::new(seed).below(all.len() as u64 - 1) as usize;
        let mut resumed = Theatre::new(settings.clone(), 2).play_all(&all[..cut]);
        let saved = resumed.engine.snapshot();
        let instruments = vec![instrument("AAA"), instrument("BBB")];
        resumed.engine = Engine::restore(settings, instruments, &saved).expect("our own snapshot");
        assert_eq!(resumed.engine.snapshot(), saved, "seed {seed}: reading changed it");
        for event in &all[cut..] {
            resumed.play(event);
        }
        assert_eq!(resumed.engine.digest(), lived.engine.digest(), "seed {seed}, cut {cut}");
        assert_eq!(resumed.told, lived.told, "seed {seed}, cut {cut}");
    }
}

#[test]
fn a_damaged_snapshot_is_refused_and_never_a_panic() {
    let played = run(Settings::default(), &two_symbols(1, 200));
    let saved = played.engine.snapshot();
    let restore = |bytes: &[u8]| {
        Engine::restore(Settings::default(), vec![instrument("AAA"), instrument("BBB")], bytes)
            .map(|_| ())
    };
    for length in (0..saved.len()).step_by(97) {
        assert!(restore(&saved[..length]).is_err(), "cut to {length} bytes");
    }
    let other = Engine::restore(Settings::default(), vec![instrument("AAA")], &saved).map(|_| ());
    assert_eq!(other, Err(SnapshotError::OtherRun));
}

#[test]
fn another_seed_is_another_history_and_the_same_seed_the_same() {
    let series = two_symbols(8, 1_500);
    let with = |seed| run(Settings { seed, ..Settings::default() }, &series).told;
    assert_eq!(with(7), with(7));
    assert_ne!(with(7).outcomes, with(8).outcomes);
}

#[test]
fn one_changed_bar_changes_the_history() {
    let series = two_symbols(8, 600);
    let mut changed = series.clone();
    let raw = *changed[0][300].raw();
    let close = raw.low + 0.37 * (raw.high - raw.low);
    let other = domain::RawBar { close, ..raw };
    changed[0][300] =
        domain::Bar::admit(other, domain::Interval::HOUR).expect("a close inside the bar");
    assert_ne!(run(Settings::default(), &series).told, run(Settings::default(), &changed).told);
}

#[test]
fn a_person_can_take_the_policy_back() {
    let played = run(Settings::default(), &two_symbols(9, 2_500));
    let mut engine = played.engine;
    assert!(engine.policy().version > 3, "it must have learned something to take back");
    let before = engine.policy().version;
    let day_one = played.told.versions[0].policy.clone();
    let mut effects = Effects::default();
    let at = played.told.decisions.last().expect("decisions").decided_at;
    engine
        .step(&Event::Command(Command::Revert { to: Box::new(day_one.clone()), at }), &mut effects);
    assert_eq!(engine.policy().head_weights, day_one.head_weights);
    assert_eq!(engine.policy().version, before + 1);
    assert_eq!(effects.versions.len(), 1);
}

#[test]
fn versions_count_up_by_one_and_keep_their_bounds() {
    let played = run(Settings::default(), &two_symbols(10, 3_000));
    let versions = &played.told.versions;
    assert!(versions.len() > 3, "{}", versions.len());
    for pair in versions.windows(2) {
        assert_eq!(pair[1].policy.version, pair[0].policy.version + 1);
        assert!(pair[1].at > pair[0].at, "two versions of one moment");
        for (from, to) in pair[0].policy.head_weights.iter().zip(&pair[1].policy.head_weights) {
            assert!((to / from - 1.0).abs() <= 0.20 + 1e-9);
        }
    }
}
