//! Choosing and sizing, by what must hold for any candidate.

mod stage;

use decide::{Choice, GATES, GateSpec, Limits, SizeRules, choose};
use domain::{Combo, DecisionId, Side, Standing, estimate};
use proptest::prelude::*;
use stage::{SYMBOL, Scene, any_scene};

/// How often the opposite was done, of so many draws, and the propensities that were recorded.
fn explored(scene: &Scene, explore_fraction: f64, opposite: Standing, draws: u64) -> u64 {
    let mut times = 0;
    for id in 0..draws {
        let choice = scene.choose(id, explore_fraction);
        let expected = if choice.standing == opposite {
            times += 1;
            explore_fraction
        } else {
            1.0 - explore_fraction
        };
        assert_eq!(choice.propensity, expected, "{:?}", choice.standing);
    }
    times
}

#[test]
fn the_recorded_propensity_is_the_share_that_was_explored() {
    const DRAWS: u64 = 200_000;
    let near_miss = {
        let mut scene = Scene::allowed();
        scene.signal.conviction = 0.5;
        scene
    };
    for explore_fraction in [0.01, 0.2] {
        for (scene, opposite) in
            [(Scene::allowed(), Standing::Withheld), (near_miss.clone(), Standing::Explored)]
        {
            let share = explored(&scene, explore_fraction, opposite, DRAWS) as f64 / DRAWS as f64;
            let error = (explore_fraction * (1.0 - explore_fraction) / DRAWS as f64).sqrt();
            assert!((share - explore_fraction).abs() < 4.0 * error, "{opposite:?}: {share}");
        }
    }
}

#[test]
fn weighed_by_their_propensities_the_tried_stand_for_all() {
    const DRAWS: u64 = 200_000;
    let mut near_miss = Scene::allowed();
    near_miss.signal.conviction = 0.5;
    for scene in [Scene::allowed(), near_miss] {
        let (mut traded, mut declined) = (0.0, 0.0);
        for id in 0..DRAWS {
            let choice = scene.choose(id, 0.05);
            let side = if choice.standing.is_executed() { &mut traded } else { &mut declined };
            *side += 1.0 / choice.propensity / DRAWS as f64;
        }
        // Of the rarer side one in twenty is tried: sd of its weight √19.
        let error = (19.0 / DRAWS as f64).sqrt();
        for share in [traded, declined] {
            assert!((share - 1.0_f64).abs() < 4.0 * error, "{traded} {declined}");
        }
    }
}

#[test]
fn only_a_near_miss_is_explored() {
    let with_conviction = |conviction: f64| {
        let mut scene = Scene::allowed();
        scene.signal.conviction = conviction;
        (0..20_000).filter(|&id| scene.choose(id, 0.5).standing == Standing::Explored).count()
    };
    // The gate asks for 0.60, and a fifth less is near.
    assert!(with_conviction(0.50) > 9_000);
    assert_eq!(with_conviction(0.47), 0);
}

#[test]
fn neither_a_standing_order_nor_a_kill_is_ever_explored() {
    let mut nothing_enters = Scene::allowed();
    nothing_enters.order.may_enter = false;
    let mut asks_for_a_little_more = Scene::allowed();
    asks_for_a_little_more.order.conviction_min = 0.81;
    let mut killed = Scene::allowed();
    killed.policy.killed = vec![Combo { symbol: SYMBOL, side: Side::Long }];
    for scene in [nothing_enters, asks_for_a_little_more, killed] {
        let mut near_miss = scene.clone();
        near_miss.signal.conviction = 0.59;
        for id in 0..1_000 {
            for choice in [scene.choose(id, 1.0), near_miss.choose(id, 1.0)] {
                assert_eq!((choice.standing, choice.propensity), (Standing::Refused, 1.0));
            }
        }
    }
}

#[test]
fn without_exploring_every_choice_is_certain() {
    for id in 0..1_000 {
        let choice = Scene::allowed().choose(id, 0.0);
        assert!(choice.standing.is_executed() && choice.propensity == 1.0);
    }
}

#[test]
fn what_is_too_small_to_trade_is_declined_for_certain() {
    let mut allowed = Scene::allowed();
    allowed.instrument.notional_min = domain::decimal(1e9);
    let mut near_miss = allowed.clone();
    near_miss.signal.conviction = 0.5;
    for id in 0..1_000 {
        for (scene, standing) in [(&allowed, Standing::TooSmall), (&near_miss, Standing::Refused)] {
            let choice = scene.choose(id, 0.5);
            assert_eq!((choice.standing, choice.propensity), (standing, 1.0));
        }
    }
}

#[test]
fn a_size_cut_to_whole_steps_is_not_sent_below_the_smallest_order() {
    let mut scene = Scene::allowed();
    // No sizer takes anything away.
    scene.signal.conviction = 1.0;
    scene.price = 3.0;
    scene.instrument.step = domain::decimal(1.0);
    // Asked for are 5.45 quote units, one step of 3 and a rest; the venue takes nothing below 5.
    scene.portfolio.equity = 12.0;
    scene.portfolio.equity_day_began = 12.0;
    scene.portfolio.equity_high = 12.0;
    let choice = scene.choose(1, 0.0);
    assert_eq!(choice.standing, Standing::TooSmall);
    assert!(choice.sizing.notional_asked > 5.0);
    assert_eq!(choice.sizing.limit, domain::SizingLimit::NotionalMin);
}

fn refused_by(choice: &Choice) -> Vec<&'static GateSpec> {
    let refused = choice.verdicts.refused();
    GATES
        .iter()
        .enumerate()
        .filter(|(at, _)| refused & (1 << at) != 0)
        .map(|(_, gate)| gate)
        .collect()
}

proptest! {
    #[test]
    fn a_guarding_gate_is_never_overruled_and_never_two_gates(scene in any_scene(), id in any::<u64>(), explore in 0.0..1.0_f64) {
        let choice = scene.choose(id, explore);
        let refused = refused_by(&choice);
        if refused.len() > 1 || refused.iter().any(|gate| !gate.may_be_explored) {
            prop_assert_eq!((choice.standing, choice.propensity), (Standing::Refused, 1.0));
        }
        prop_assert_eq!(choice.standing == Standing::Explored, choice.standing.is_executed() && refused.len() == 1);
    }

    /// Trading and declining are the two actions; whatever draw comes, each has one probability.
    #[test]
    fn the_probabilities_of_trading_and_declining_sum_to_one(scene in any_scene(), explore in 0.1..0.9_f64) {
        let (mut trading, mut declining) = (None, None);
        for id in 0..60 {
            let choice = scene.choose(id, explore);
            let said = if choice.standing.is_executed() { &mut trading } else { &mut declining };
            prop_assert_eq!(*said.get_or_insert(choice.propensity), choice.propensity);
        }
        match (trading, declining) {
            (Some(trading), Some(declining)) => {
                prop_assert!((trading + declining - 1.0_f64).abs() < 1e-12);
                // What a draw does is what the gates would not have done.
                let allowed = scene.choose(0, 0.0).standing.is_executed();
                prop_assert_eq!(if allowed { declining } else { trading }, explore);
            }
            (only, other) => prop_assert_eq!(only.or(other), Some(1.0)),
        }
    }

    #[test]
    fn a_size_keeps_every_limit_and_lies_on_the_grid(scene in any_scene(), id in any::<u64>(), explore in 0.0..1.0_f64) {
        const ROUNDING: f64 = 1.0 + 1e-9;
        let choice = scene.choose(id, explore);
        let (sizing, limits) = (choice.sizing, Limits::default());
        prop_assert_eq!(sizing.quantity.is_zero(), !choice.standing.is_executed());
        if sizing.quantity.is_zero() {
            return Ok(());
        }
        prop_assert!(!sizing.quantity.is_sign_negative());
        prop_assert!((sizing.quantity % scene.instrument.step).is_zero());
        let notional = estimate(sizing.quantity) * scene.price;
        let portfolio = &scene.portfolio;
        prop_assert!(notional <= sizing.notional_asked * ROUNDING);
        prop_assert!(notional <= limits.position_fraction_max * portfolio.equity * ROUNDING);
        prop_assert!(portfolio.exposure + notional <= limits.exposure_fraction_max * portfolio.equity * ROUNDING);
        prop_assert!(notional >= estimate(scene.instrument.notional_min));
        prop_assert!(portfolio.equity_day_began - portfolio.equity < limits.daily_loss_fraction * portfolio.equity_day_began);
        for figure in [sizing.kelly_fraction, sizing.expected_fraction, sizing.leverage, sizing.notional] {
            prop_assert!(figure.is_finite());
        }
    }

    #[test]
    fn a_probe_never_stakes_more_than_math_ai_may_at_its_cap(
        scene in any_scene(), id in any::<u64>(), probe in 0.0..0.05_f64, most in 0.0..0.05_f64,
    ) {
        let rules = SizeRules { probe, risk_fraction_max: most, ..SizeRules::default() };
        let choice = choose(&scene.case(), &rules, &Limits::default(), DecisionId(id), 7, 0.3);
        let sizing = choice.sizing;
        if choice.standing.is_executed() {
            let loss_fraction = scene.prospects.loss_r * scene.plan.stop_fraction;
            let at_the_cap = most * scene.portfolio.equity / loss_fraction;
            prop_assert!(sizing.notional_asked <= at_the_cap * (1.0 + 1e-12));
            prop_assert!(sizing.risk_fraction <= most);
        }
        if matches!(choice.standing, Standing::Probe | Standing::Explored) {
            prop_assert!(sizing.risk_fraction <= probe);
        }
        if choice.standing == Standing::Conviction {
            prop_assert!(sizing.risk_fraction > probe && sizing.kelly_fraction > 0.0);
        }
    }
}
