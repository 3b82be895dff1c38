//! The same entries under other plans, in the whole engine: told once, in order, and as planned they come to
//! what the decision's own outcome came to.

mod theatre;

use std::collections::{BTreeMap, BTreeSet};

use decide::ExitRules;
use domain::{Interval, PilClass, WhatIf};
use engine::{Engine, Settings, Telling};
use scenarios::{Market, bars};
use stats::interval::{MeanInterval, Worth};
use theatre::{START, Theatre, eager, events, instrument, run, two_symbols};

#[test]
fn a_pair_is_told_once_and_as_planned_it_is_the_outcome() {
    let told = run(eager(), &two_symbols(3, 4_000)).told;
    let outcomes: BTreeMap<u64, _> = told.outcomes.iter().map(|o| (o.decision_no, o)).collect();
    let mut seen = BTreeSet::new();
    let (mut executed, mut declined) = (0, 0);
    for pair in &told.what_ifs {
        assert!(seen.insert((pair.decision_no, pair.what_if)), "told twice: {pair:?}");
        let outcome = outcomes[&pair.decision_no];
        assert!((pair.r - outcome.r).abs() < 1e-6, "{pair:?} {outcome:?}");
        assert_eq!((pair.symbol, pair.strategy), (outcome.symbol, outcome.strategy));
        assert!(pair.known_at >= outcome.closed_at);
        assert!((0.0..=1.0).contains(&pair.uniqueness));
        assert_eq!(pair.was_executed, outcome.standing.is_executed());
        let count = if pair.was_executed { &mut executed } else { &mut declined };
        *count += 1;
    }
    assert!(executed > 200 && declined > 200, "{executed} {declined}");
    for what_if in WhatIf::ALL {
        assert!(told.what_ifs.iter().any(|pair| pair.what_if == what_if), "{what_if:?}");
    }
    // One in sixteen of the declined is drawn, give or take what chance does.
    let drawn: BTreeSet<u64> =
        told.what_ifs.iter().filter(|p| !p.was_executed).map(|p| p.decision_no).collect();
    let all = told.outcomes.iter().filter(|o| !o.standing.is_executed()).count();
    let share = drawn.len() as f64 / all as f64;
    assert!((0.04..0.085).contains(&share), "{share}");
}

#[test]
fn nobody_is_told_where_nobody_learns_or_listens() {
    for settings in
        [Settings { learns: false, ..eager() }, Settings { telling: Telling::Results, ..eager() }]
    {
        assert!(run(settings, &two_symbols(3, 1_500)).told.what_ifs.is_empty());
    }
}

#[test]
fn what_is_told_changes_nothing_that_happens() {
    let everything = Settings { shadows_max: 2_000, ..eager() };
    let results = Settings { telling: Telling::Results, ..everything.clone() };
    let series = two_symbols(6, 2_500);
    let (everything, results) = (run(everything, &series).told, run(results, &series).told);
    assert!(!everything.what_ifs.is_empty() && !everything.horizons.is_empty());
    assert!(results.what_ifs.is_empty() && results.horizons.is_empty());
    assert_eq!(everything.trades, results.trades);
    assert_eq!(everything.versions, results.versions);
}

#[test]
fn a_restored_engine_goes_on_comparing() {
    let all = events(&two_symbols(9, 1_600));
    let (before, after) = all.split_at(800);
    let settings = eager();
    let mut lived = Theatre::new(settings.clone(), 2).play_all(before);
    let saved = lived.engine.snapshot();
    let mut again = Theatre::new(settings.clone(), 2).play_all(before);
    let instruments = vec![instrument("AAA"), instrument("BBB")];
    again.engine = Engine::restore(settings, instruments, &saved).unwrap();
    (lived, again) = (lived.play_all(after), again.play_all(after));
    assert!(lived.told.what_ifs.len() > 100);
    assert_eq!(lived.told.what_ifs, again.told.what_ifs);
    assert_eq!(lived.engine.digest(), again.engine.digest());
}

#[test]
fn closes_are_reviewed_and_open_positions_have_a_class_once_enough_is_known() {
    // Half a day at most, so that many positions live to see their marks.
    let exits = ExitRules { hold_hours_max: 12.0, ..ExitRules::default() };
    let mut stage = Theatre::new(Settings { exits, ..eager() }, 2);
    let (mut early, mut late) = (0, 0);
    let all = events(&two_symbols(4, 3_000));
    for (at, event) in all.iter().enumerate() {
        stage.play(event);
        let positions = stage.engine.positions().iter();
        let known = positions.filter_map(|p| stage.engine.open_class(p.decision)).count();
        *(if at < 100 { &mut early } else { &mut late }) += known;
    }
    let told = &stage.told;
    assert!(early == 0 && late > 100, "{early} {late}");
    let closed: Vec<_> =
        told.outcomes.iter().filter(|o| o.standing.is_executed() && o.teaches()).collect();
    for at in 0..2 {
        let symbol = domain::SymbolIx(at);
        for class in PilClass::ALL {
            let counted =
                closed.iter().filter(|o| o.symbol == symbol && PilClass::of_closed(o.r) == class);
            let known = stage.engine.closed_classes(symbol)[class as usize];
            assert_eq!(known as usize, counted.count(), "{symbol:?} {class:?}");
        }
    }
    let targets: u64 = stage.engine.targets().records().iter().map(|record| record.closes).sum();
    let with_target = closed.iter().filter(|o| o.basis.target_r.is_some()).count();
    assert!(targets > 0 && targets as usize == with_target);
    let pairs: u64 =
        stage.engine.pal().findings().iter().filter(|f| f.class.is_none()).map(|f| f.pairs).sum();
    assert_eq!(pairs as usize, told.what_ifs.iter().filter(|pair| pair.was_executed).count());
    // What closed is forgotten.
    for outcome in closed {
        assert_eq!(stage.engine.open_class(outcome.decision), None);
    }
}

/// A walk has nothing to gain by: what another plan gains is the difference of costs and no more.
#[test]
fn on_a_walk_another_plan_gains_only_the_difference_of_costs() {
    let mut gains: BTreeMap<WhatIf, Vec<Worth>> = BTreeMap::new();
    for seed in 0..6 {
        let market = Market::Walk { volatility: 0.008 };
        let walk = |seed| bars(seed, market, Interval::HOUR, START, 4_000);
        let told = run(eager(), &[walk(seed), walk(seed ^ 0xfee)]).told;
        let plans: BTreeMap<u64, f64> =
            told.decisions.iter().map(|d| (d.no, d.plan.stop_fraction)).collect();
        for pair in told.what_ifs {
            // What is added pays for half a round trip more, where it is added; at most that.
            let stop = plans[&pair.decision_no];
            let cost_r = if pair.what_if == WhatIf::ScaleIn { 0.5 * 0.0012 / stop } else { 0.0 };
            let worth = Worth { value: pair.gain_r() + 0.5 * cost_r, uniqueness: pair.uniqueness };
            gains.entry(pair.what_if).or_default().push(worth);
        }
    }
    for (what_if, gains) in gains {
        let mean = MeanInterval::of_overlapping(gains, 3.0).unwrap();
        assert!(mean.n > 100.0 && mean.low < 0.0 && mean.high > 0.0, "{what_if:?}: {mean:?}");
    }
}
