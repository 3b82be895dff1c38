//! D7 in the loop: of several strategies' candidates on one symbol one is chosen, the rest are shadows.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod theatre;

use std::collections::BTreeMap;

use domain::{Decision, GatePolicy, SymbolIx, Timestamp, Verdict};
use engine::Settings;
use learn::{LearnRules, Rule};
use theatre::{run, two_symbols};

/// Gates that let both strategies through often, so that they meet.
fn open_gates() -> Settings {
    let gates = GatePolicy {
        conviction_min: 0.05,
        confluence_min: 0.3,
        fee_margin: 0.0,
        cooldown_min: 0,
        regime_entries_max: 1_000,
        ..GatePolicy::default()
    };
    Settings { gates, ..Settings::default() }
}

fn selected(decision: &Decision) -> Verdict {
    let at = decide::GATES.iter().position(|gate| gate.name == "selected").unwrap();
    decision.verdicts.iter().nth(at).unwrap()
}

/// All candidates of one symbol at one moment that competed.
fn contests(decisions: &[Decision]) -> Vec<Vec<&Decision>> {
    let mut met: BTreeMap<(Timestamp, SymbolIx), Vec<&Decision>> = BTreeMap::new();
    for decision in decisions {
        let competed = selected(decision).measured < 1.0 || !selected(decision).passed;
        if competed {
            met.entry((decision.decided_at, decision.symbol)).or_default().push(decision);
        }
    }
    met.into_values().collect()
}

#[test]
fn of_rivals_exactly_one_is_chosen_and_at_most_one_is_traded() {
    let played = run(open_gates(), &two_symbols(6, 4_000));
    let contests = contests(&played.told.decisions);
    assert!(contests.len() > 20, "{} contests", contests.len());
    let mut traded = 0;
    for rivals in &contests {
        let chance: f64 = rivals.iter().map(|rival| selected(rival).measured).sum();
        assert!((chance - 1.0).abs() < 1e-9, "{rivals:?}");
        assert_eq!(rivals.iter().filter(|rival| selected(rival).passed).count(), 1);
        assert!(rivals.iter().filter(|rival| rival.standing.is_executed()).count() <= 1);
        assert!(rivals.iter().all(|rival| selected(rival).passed || !rival.standing.is_executed()));
        traded += rivals.iter().filter(|rival| rival.standing.is_executed()).count();
    }
    assert!(traded > 0, "rivals trade");
}

#[test]
fn over_many_contests_the_first_is_chosen_as_often_as_was_said() {
    let played = run(open_gates(), &two_symbols(8, 12_000));
    let (mut chosen, mut said, mut variance, mut count) = (0.0, 0.0, 0.0, 0);
    for rivals in contests(&played.told.decisions) {
        let verdict = selected(rivals.iter().min_by_key(|rival| rival.strategy).unwrap());
        chosen += f64::from(u8::from(verdict.passed));
        said += verdict.measured;
        variance += verdict.measured * (1.0 - verdict.measured);
        count += 1;
    }
    assert!(count > 60, "{count} contests");
    assert!(
        (chosen - said).abs() < 4.0 * f64::sqrt(variance),
        "{chosen} of {count}, said {said:.1}"
    );
}

#[test]
fn to_the_letter_of_the_seed_the_choice_is_certain() {
    let learn = LearnRules { rule: Rule::Seed, ..LearnRules::default() };
    let mut settings = Settings { learn, ..open_gates() };
    settings.gates.history_outcomes_min = 1e9;
    let played = run(settings, &two_symbols(6, 4_000));
    let contests = contests(&played.told.decisions);
    assert!(!contests.is_empty());
    for rival in contests.into_iter().flatten() {
        assert!([0.0, 1.0].contains(&selected(rival).measured));
    }
}
