//! In the steady state a bar allocates nothing: what a step needs is there from the one before.

mod theatre;

use domain::{Effects, Event};
use engine::{Engine, Settings};
use learn::LearnRules;
use theatre::{events, instrument, two_symbols};

/// Decisions, shadows and horizons run; policies that change and orders that are sent are rare and
/// may allocate, so learning is held still and every entry is refused.
#[test]
fn a_bar_allocates_nothing() {
    let learn = LearnRules { outcomes_min: 1e12, ..LearnRules::default() };
    let mut settings = Settings { learn, explore_fraction: 0.0, ..Settings::default() };
    settings.gates.positions_max = 0;
    let mut engine = Engine::new(settings, vec![instrument("AAA"), instrument("BBB")]);
    let all: Vec<Event> = events(&two_symbols(21, 6_000));
    let (warm_up, steady) = all.split_at(all.len() / 2);
    let mut effects = Effects::default();
    for event in warm_up {
        engine.step(event, &mut effects);
    }
    let mut decisions = 0;
    let spent = allocation_counter::measure(|| {
        for event in steady {
            engine.step(event, &mut effects);
            decisions += effects.decisions.len();
        }
    });
    assert!(decisions > 2_000, "{decisions}");
    // Lists of shadows may still find a new longest once in thousands of bars.
    assert!(
        spent.count_total <= 4,
        "{} allocations over {} events",
        spent.count_total,
        steady.len()
    );
}
