//! In the steady state a bar allocates nothing: what a step needs is there from the one before.

mod theatre;

use domain::{Effects, Event};
use engine::{Engine, Settings};
use learn::LearnRules;
use theatre::{events, instrument, two_symbols};

/// Decisions, shadows and horizons run, and every hour jobs of which nothing is told; policies that change,
/// orders that are sent and jobs that tell something are rare and may allocate, so learning is held still,
/// every entry is refused, and bars at which a job has something to say are not counted.
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
    let (mut decisions, mut told, mut allocations) = (0, 0, 0);
    for event in steady {
        let spent = allocation_counter::measure(|| engine.step(event, &mut effects));
        decisions += effects.decisions.len();
        told += usize::from(!effects.jobs.is_empty());
        allocations += if effects.jobs.is_empty() { spent.count_total } else { 0 };
    }
    assert!(decisions > 2_000, "{decisions}");
    assert!(told > 0 && told < steady.len() / 4, "{told} of {} bars", steady.len());
    // Lists of shadows may still find a new longest once in thousands of bars.
    assert!(allocations <= 4, "{allocations} allocations over {} events", steady.len());
}
