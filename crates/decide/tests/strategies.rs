//! Every strategy is tested by being on its list; plans by how they follow regime, calendar and
//! standing order, and keep within bounds whatever those are.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

#[allow(dead_code, reason = "every test of this room has the same stage, and none needs all of it")]
mod stage;

use std::collections::BTreeSet;

use decide::{DayEnd, ExitRules, Inputs, Occasion, STRATEGIES, strategy_named};
use domain::{
    Calendar, Climate, ExitFactors, ExitPlan, HeadName, InstrumentKind, Interval, Regime, Side,
    Signal, StrategyIx, Timestamp,
};
use proptest::prelude::*;
use stage::Scene;

/// A plan is asked for here.
fn occasion<'a>(scene: &'a Scene, inputs: Inputs<'a>) -> Occasion<'a> {
    Occasion {
        inputs,
        signal: &scene.signal,
        climate: Climate::default(),
        instrument: &scene.instrument,
        now: scene.now,
    }
}

#[test]
fn every_strategy_has_a_name_heads_and_inputs_that_exist() {
    let names: BTreeSet<&str> = STRATEGIES.iter().map(|strategy| strategy.name()).collect();
    assert_eq!(names.len(), STRATEGIES.len());
    for (at, strategy) in STRATEGIES.iter().enumerate() {
        let name = strategy.name();
        assert_eq!(strategy_named(name), Some(StrategyIx(at as u8)), "{name}");
        let heads: BTreeSet<HeadName> = strategy.heads().iter().copied().collect();
        assert!(!heads.is_empty() && heads.len() == strategy.heads().len(), "{name}");
        for input in strategy.inputs() {
            let listed = forecast::FEATURES.iter().any(|feature| feature.name == *input);
            assert!(listed, "{name} asks for {input}, which no feature is called");
        }
    }
    assert_eq!(strategy_named("no such strategy"), None);
}

#[test]
fn a_strategy_without_its_inputs_makes_no_plan_and_enters_only_what_it_can_see() {
    let signal = Scene::allowed().signal;
    for strategy in STRATEGIES {
        let absent = vec![None; strategy.inputs().len()];
        for inputs in [Inputs(&[]), Inputs(&absent)] {
            let scene = Scene::allowed();
            let plan = strategy.plan(&occasion(&scene, inputs), &ExitRules::default());
            assert_eq!(plan, None, "{}", strategy.name());
        }
    }
    let ema = STRATEGIES[usize::from(strategy_named("ema").unwrap().0)];
    let enters = |side, cross| ema.enters(&Signal { side, ..signal }, Inputs(&[Some(0.01), cross]));
    assert!(enters(Side::Long, Some(1.0)) && enters(Side::Short, Some(-1.0)));
    assert!(!enters(Side::Long, Some(-1.0)) && !enters(Side::Short, Some(1.0)));
    assert!(!enters(Side::Long, Some(0.0)) && !enters(Side::Long, None));
}

proptest! {
    #[test]
    fn every_plan_is_within_its_bounds(
        values in prop::collection::vec(prop_oneof![1 => Just(0.0), 6 => 1e-9..10.0_f64], 16),
        stop_atr in 0.01..100.0_f64, target_atr in 0.01..100.0_f64,
    ) {
        let inputs: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        let rules = ExitRules { stop_atr, target_atr, ..ExitRules::default() };
        for strategy in STRATEGIES {
            let scene = Scene::allowed();
            let inputs = Inputs(&inputs[..strategy.inputs().len()]);
            let plan = strategy.plan(&occasion(&scene, inputs), &rules).unwrap();
            prop_assert!((rules.stop_fraction_min..=rules.stop_fraction_max).contains(&plan.stop_fraction));
            prop_assert!(plan.stop_fraction > 0.0);
            prop_assert!(plan.target_fraction.is_none_or(|target| target > 0.0 && target.is_finite()));
            prop_assert!(plan.target_fraction.is_some() || plan.trail.is_some(), "nothing would take a profit");
            prop_assert!(plan.trail.is_none_or(|trail| trail.after_fraction >= 0.0 && trail.behind_fraction > 0.0));
            prop_assert!(plan.hold_ms_max > 0 && plan.hold_ms_max <= 72 * 3_600_000);
        }
    }
}

// Exits.

/// An average true range of 1 %, a cross to enter on.
const INPUTS: [Option<f64>; 2] = [Some(0.01), Some(1.0)];

fn plan(name: &str, rules: &ExitRules, change: impl Fn(&mut Scene, &mut Climate)) -> ExitPlan {
    let strategy = STRATEGIES[usize::from(strategy_named(name).unwrap().0)];
    let (mut scene, mut climate) = (Scene::allowed(), Climate::default());
    change(&mut scene, &mut climate);
    let inputs = Inputs(&INPUTS[..strategy.inputs().len()]);
    strategy.plan(&Occasion { climate, ..occasion(&scene, inputs) }, rules).unwrap()
}

#[test]
fn stop_and_target_follow_the_regime() {
    use Regime::*;
    let table = [
        (Forming, Side::Long, 0.02, 0.030),
        (LowVolatility, Side::Short, 0.02, 0.030),
        (HighVolatility, Side::Long, 0.025, 0.0375),
        (Range, Side::Long, 0.02, 0.0225),
        (TrendUp, Side::Long, 0.02, 0.0375),
        (TrendUp, Side::Short, 0.02, 0.0225),
        (TrendDown, Side::Short, 0.02, 0.0375),
        (TrendDown, Side::Long, 0.02, 0.0225),
    ];
    for (regime, side, stop, target) in table {
        let plan = plan("alpha", &ExitRules::default(), |scene, climate| {
            scene.signal.side = side;
            climate.regime = regime;
        });
        assert!((plan.stop_fraction - stop).abs() < 1e-12, "{regime:?} {side:?}: {plan:?}");
        let planned = plan.target_fraction.unwrap();
        assert!((planned - target).abs() < 1e-12, "{regime:?} {side:?}: {plan:?}");
    }
}

/// An average true range of 1 % gives the seeds' +3 % and −2 %.
#[test]
fn the_typical_plan_is_the_seeds() {
    let plan = plan("alpha", &ExitRules::default(), |_, _| {});
    assert!((plan.target_fraction.unwrap() - 0.03).abs() < 1e-12);
    assert!((plan.stop_fraction - 0.02).abs() < 1e-12);
    assert_eq!((plan.partial, plan.leave_by, plan.liquidation_fraction), (None, None, None));
}

#[test]
fn a_part_is_taken_early_only_where_it_is_asked_for_and_before_the_target() {
    let partial = |share: f64, at_r: f64| {
        let rules = ExitRules { partial_share: share, partial_at_r: at_r, ..ExitRules::default() };
        plan("alpha", &rules, |_, _| {}).partial.map(|partial| partial.at_fraction)
    };
    assert_eq!(partial(0.0, 1.0), None);
    assert_eq!(partial(1.0, 1.0), None, "all of it is a target");
    assert!((partial(0.5, 1.0).unwrap() - 0.02).abs() < 1e-12);
    assert_eq!(partial(0.5, 1.5), None, "at the target");
}

#[test]
fn shares_are_held_a_day_and_signals_three() {
    let hours = |kind: InstrumentKind| {
        let plan = plan("ema", &ExitRules::default(), |scene, _| scene.instrument.kind = kind);
        plan.hold_ms_max / 3_600_000
    };
    assert_eq!(hours(InstrumentKind::Equity), 24);
    for kind in [InstrumentKind::Spot, InstrumentKind::Perpetual, InstrumentKind::Fx] {
        assert_eq!(hours(kind), 72);
    }
}

#[test]
fn a_policy_moves_the_plan_by_its_factors_and_within_the_bounds() {
    let rules = ExitRules::default();
    let scene = Scene::allowed();
    let adjusted = |name: &str, factors: ExitFactors| {
        let planned = plan(name, &rules, |_, _| {});
        (planned, rules.adjusted(&planned, factors, &scene.instrument))
    };
    let as_configured = ExitFactors::default();
    let (planned, same) = adjusted("alpha", as_configured);
    assert_eq!(planned, same);
    let moved = ExitFactors { stop: 1.5, target: 0.8, hold: 0.5, partial_share: 0.05 };
    let (planned, plan) = adjusted("alpha", moved);
    assert!((plan.stop_fraction - 0.03).abs() < 1e-12);
    assert!((plan.target_fraction.unwrap() - 0.024).abs() < 1e-12);
    assert_eq!(plan.hold_ms_max, planned.hold_ms_max / 2);
    let trail = plan.trail.unwrap();
    assert!((trail.behind_fraction - 0.03).abs() < 1e-12, "it follows in stop distances");
    assert_eq!(plan.partial, None, "one risk away lies beyond the target");
    let (_, plan) = adjusted("alpha", ExitFactors { stop: 1.0, ..moved });
    let partial = plan.partial.unwrap();
    assert_eq!((partial.at_fraction, partial.share_fraction), (plan.stop_fraction, 0.05));
    // Bounds hold, and nothing is left before one bar.
    let (_, wide) = adjusted("ema", ExitFactors { stop: 100.0, hold: 1e-9, ..as_configured });
    assert_eq!(wide.stop_fraction, rules.stop_fraction_max);
    assert_eq!(wide.hold_ms_max, scene.instrument.interval.ms());
    assert_eq!(wide.target_fraction, None);
}

/// UTC date of November 2018 and time, as a moment.
fn november(day: i64, hour: i64, minute: i64) -> Timestamp {
    const FIRST: i64 = 1_541_030_400_000;
    Timestamp::from_ms(FIRST + ((day - 1) * 1_440 + hour * 60 + minute) * 60_000)
}

/// New York is five hours behind; the day after Thanksgiving closes at one.
#[test]
fn positions_leave_before_the_close_and_before_the_early_one_too() {
    let leaves = |now: Timestamp| {
        let rules = ExitRules { day_end: DayEnd::Leave, ..ExitRules::default() };
        let mut scene = Scene::allowed();
        scene.instrument.calendar = Calendar::UsEquity;
        scene.instrument.interval = Interval::parse("5m").unwrap();
        scene.now = now;
        let plan = STRATEGIES[0].plan(&occasion(&scene, Inputs(&INPUTS[..1])), &rules);
        plan.map(|plan| plan.leave_by.unwrap())
    };
    assert_eq!(leaves(november(21, 15, 0)), Some(november(21, 20, 45)));
    assert_eq!(leaves(november(21, 20, 40)), Some(november(21, 20, 45)));
    // It would leave at the open at which it came in, or before.
    assert_eq!(leaves(november(21, 20, 45)), None);
    assert_eq!(leaves(november(21, 20, 55)), None);
    // Decided at the close it enters at the next open, on the half day.
    assert_eq!(leaves(november(21, 21, 0)), Some(november(23, 17, 45)));
    assert_eq!(leaves(november(23, 17, 0)), Some(november(23, 17, 45)));
}

#[test]
fn what_never_closes_is_left_by_nobody() {
    let rules = ExitRules { day_end: DayEnd::Leave, ..ExitRules::default() };
    assert_eq!(plan("alpha", &rules, |_, _| {}).leave_by, None);
    let held = plan("alpha", &ExitRules::default(), |scene, _| {
        scene.instrument.calendar = Calendar::UsEquity;
    });
    assert_eq!(held.leave_by, None, "off by default");
}

proptest! {
    #[test]
    fn every_plan_keeps_its_bounds_in_every_regime(
        atr in 1e-6..1.0_f64, regime in 0_usize..6, long in any::<bool>(),
        gain in 0.1..4.0_f64, share in 0.0..=1.0_f64,
    ) {
        let rules = ExitRules {
            high_volatility_stop: gain, range_target: gain, trend_target: gain, partial_share: share, ..ExitRules::default()
        };
        let mut scene = Scene::allowed();
        scene.signal.side = if long { Side::Long } else { Side::Short };
        let inputs = [Some(atr), Some(1.0)];
        for strategy in STRATEGIES {
            let occasion = Occasion {
                climate: Climate { regime: Regime::ALL[regime], ..Climate::default() },
                ..occasion(&scene, Inputs(&inputs[..strategy.inputs().len()]))
            };
            let plan = strategy.plan(&occasion, &rules).unwrap();
            prop_assert!((rules.stop_fraction_min..=rules.stop_fraction_max).contains(&plan.stop_fraction));
            prop_assert!(plan.target_fraction.is_none_or(|target| target > 0.0));
            prop_assert!(plan.trail.is_some_and(|trail| trail.behind_fraction > 0.0 && trail.after_fraction >= 0.0));
            if let Some(partial) = plan.partial {
                prop_assert!(partial.share_fraction > 0.0 && partial.share_fraction < 1.0);
                prop_assert!(plan.target_fraction.is_none_or(|target| partial.at_fraction < target));
            }
        }
    }
}
