//! Every sizer is tested by being on its list; limits and liquidation by what must hold for any
//! candidate beside anything held.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

#[allow(dead_code, reason = "every test of this room has the same stage, and none needs all of it")]
mod stage;

use std::collections::BTreeSet;

use decide::{
    Case, Holding, Limits, MathAi, SIZERS, SizeRules, cap, factors, liquidation, recorded_terms,
    size, terms, volatility_factor,
};
use domain::{
    Calibration, Combo, Condition, DailyRule, Margin, PilClass, SIZERS_MAX, Side, SizingLimit,
    StandingOrder, SymbolIx, Throttle, estimate,
};
use proptest::prelude::*;
use stage::{Scene, any_scene};

// Sizers.

/// What each sizer needs from a candidate besides the stage, in words of its own.
fn check_sizer(name: &str, set: fn(&mut Scene, &str), table: &str) {
    let sizer = SIZERS.iter().find(|sizer| sizer.name == name).unwrap();
    for line in table.lines().map(str::trim) {
        let (value, expected) = line.split_once(": ").unwrap();
        let mut scene = Scene::allowed();
        set(&mut scene, value);
        let factor = (sizer.factor)(&scene.case(), &SizeRules::default());
        assert_eq!(format!("{factor:.3}"), expected, "{name} at {value}");
    }
}

#[test]
fn conviction_counts_itself_until_it_is_known_what_it_is_worth() {
    check_sizer(
        "conviction",
        |scene, value| scene.signal.conviction = value.parse().unwrap(),
        "0: 0.500
         0.5: 0.500
         0.6: 0.500
         0.7: 0.688
         0.8: 0.875
         1: 1.250",
    );
}

/// Even pay, so that a Kelly fraction is twice what a probability is above a half.
#[test]
fn a_calibrated_conviction_counts_for_what_it_has_paid() {
    fn paid(scene: &mut Scene, probability: &str) {
        let probability: f64 = probability.parse().unwrap();
        (scene.prospects.win_r, scene.prospects.loss_r) = (1.0, 1.0);
        let offset = -libm::log(probability / (1.0 - probability));
        scene.policy.calibrations = vec![Calibration::Platt { slope: 0.0, offset }];
    }
    check_sizer(
        "conviction",
        paid,
        "0.2: 0.500
         0.5: 0.500
         0.51: 0.650
         0.525: 0.875
         0.55: 1.250
         0.9: 1.250",
    );
}

#[test]
fn volatility_shrinks_beyond_its_target_and_lifts_nothing() {
    let factor = |volatility_day: Option<f64>| {
        let scene = Scene::allowed();
        let case = Case { volatility_day, ..scene.case() };
        let sizer = SIZERS.iter().find(|sizer| sizer.name == "volatility").unwrap();
        (sizer.factor)(&case, &SizeRules::default())
    };
    for (volatility, expected) in
        [(None, 1.0), (Some(0.0), 1.0), (Some(0.03), 1.0), (Some(0.05), 1.0), (Some(0.10), 0.5)]
    {
        assert!((factor(volatility) - expected).abs() < 1e-12, "{volatility:?}");
    }
}

/// The reference vector's last line: 20 % a year from daily returns, at most threefold.
#[test]
fn volatility_targeting_matches_the_reference() {
    let daily = 0.000_122_052_618_906_f64.sqrt();
    let factor = volatility_factor(daily, 0.20 / 365.0_f64.sqrt(), 3.0);
    assert!((factor / 0.947_567_184_542 - 1.0).abs() < 1e-9, "{factor}");
    assert_eq!(volatility_factor(1e-9, 0.01, 3.0), 3.0);
}

/// Wins and losses of one R, and a lower bound one point below the estimate.
#[test]
fn the_throttle_leaves_all_at_even_odds_and_a_quarter_at_worst() {
    check_sizer(
        "throttle",
        |scene, value| {
            let probability: f64 = value.parse().unwrap();
            (scene.prospects.win_r, scene.prospects.loss_r) = (1.0, 1.0);
            scene.prospects.win_probability = probability;
            scene.prospects.win_probability_low = probability - 0.01645;
        },
        "0.60: 1.000
         0.50: 1.000
         0.495: 0.617
         0.49: 0.317
         0.45: 0.250",
    );
}

/// Classes of what is held on the candidate's side, and after a bar on the other: W, L, S, or - for unknown.
#[test]
fn half_of_a_side_losing_halves_what_is_added_to_it() {
    check_sizer(
        "open_class",
        |scene, said| {
            let (same, other) = said.split_once('|').unwrap();
            let class = |letter: char| match letter {
                'W' => Some(PilClass::Winner),
                'L' => Some(PilClass::Loser),
                'S' => Some(PilClass::Struggling),
                _ => None,
            };
            let held = |side: Side, letter: char| Holding {
                class: class(letter),
                ..holding(1, side, 100.0, 0.5)
            };
            let side = scene.signal.side;
            let ours = same.chars().map(|letter| held(side, letter));
            let theirs = other.chars().map(|letter| held(side.opposite(), letter));
            scene.portfolio.holdings = ours.chain(theirs).collect::<Vec<_>>().leak();
        },
        "|: 1.000
         L|: 0.500
         LW|: 0.500
         L-S|: 1.000
         LLS|WWW: 0.500
         W|LLL: 1.000
         --|: 1.000",
    );
}

#[test]
fn a_standing_order_scales_and_never_lifts() {
    check_sizer(
        "standing_order",
        |scene, value| scene.order.risk_scale = value.parse().unwrap(),
        "0: 0.000
         0.4: 0.400
         1: 1.000
         7: 1.000",
    );
}

#[test]
fn on_day_one_nothing_learned_changes_a_stake() {
    for sizer in &SIZERS[4..] {
        let factor = (sizer.factor)(&Scene::allowed().case(), &SizeRules::default());
        assert_eq!(factor, 1.0, "{}", sizer.name);
    }
}

/// Conviction 0.8 is of the fifth level; a target of 3 % at 12 bp a round trip makes 20 times the costs.
#[test]
fn levels_of_conviction_and_edge_count_what_they_have_earned() {
    check_sizer(
        "learned_size",
        |scene, value| {
            scene.signal.conviction = value.parse().unwrap();
            scene.policy.conviction_sizes = vec![0.5, 0.8, 1.0, 1.2, 1.5];
            scene.policy.edge_sizes = vec![0.25, 0.5, 1.0, 1.0, 1.1];
        },
        "0: 0.125
         0.3: 0.880
         0.79: 1.320
         0.8: 1.650",
    );
}

#[test]
fn a_throttle_holds_for_its_symbol_and_side_alone() {
    check_sizer(
        "combo",
        |scene, value| {
            let side = if value == "long" { Side::Long } else { Side::Short };
            let throttle = |symbol, side, factor| Throttle {
                combo: Combo { symbol: SymbolIx(symbol), side },
                factor,
            };
            scene.policy.throttles = vec![throttle(0, side, 0.5), throttle(1, Side::Long, 0.25)];
        },
        "long: 0.500
         short: 1.000",
    );
}

#[test]
fn shares_of_capital_multiply() {
    check_sizer(
        "allocation",
        |scene, value| {
            scene.policy.strategy_shares = vec![1.2];
            scene.policy.symbol_shares = vec![0.5, 1.5];
            scene.policy.venue_shares = value.parse().into_iter().collect();
        },
        "none: 0.600
         0.9: 0.540",
    );
}

#[test]
fn a_symbol_and_an_hour_have_factors_of_their_own() {
    check_sizer(
        "symbol",
        |scene, value| scene.policy.symbol_factors = value.parse().into_iter().collect(),
        "none: 1.000
         0.8: 0.800
         0: 0.000",
    );
    check_sizer(
        "hour",
        |scene, value| {
            scene.policy.hour_factors = vec![1.0; 24];
            scene.policy.hour_factors[value.parse::<usize>().unwrap()] = 0.7;
        },
        "11: 1.000
         12: 0.700",
    );
}

#[test]
fn rules_multiply_within_bounds_and_one_of_them_may_decline() {
    check_sizer(
        "rules",
        |scene, value| {
            let rule = |(symbol, factor)| DailyRule {
                when: vec![Condition::Symbol(SymbolIx(symbol))],
                factor,
                support: 60.0,
                mean_r: 0.3,
                low_r: 0.1,
                high_r: 0.5,
                found_at: scene.now,
                expires_at: scene.now.plus_ms(1),
            };
            let factors = value.split(' ').map(|factor| (0, factor.parse().unwrap()));
            scene.policy.rules = factors.chain([(1, 0.0)]).map(rule).collect();
        },
        "1.2: 1.200
         0.8 0.5: 0.400
         1.5 1.5: 1.500
         0.3 0.3: 0.250
         0.9 0: 0.000",
    );
}

#[test]
fn every_sizer_has_a_name_of_its_own_and_says_what_it_does() {
    let names: BTreeSet<&str> = SIZERS.iter().map(|sizer| sizer.name).collect();
    assert_eq!(names.len(), SIZERS.len());
    for sizer in SIZERS {
        assert!(!sizer.what.is_empty() && !sizer.what.contains('\n'), "{}", sizer.name);
    }
}

#[test]
fn an_edge_that_is_not_proven_stakes_a_probe_times_factors() {
    let rules = SizeRules::default();
    let staked = |conviction: f64| {
        let mut scene = Scene::allowed();
        scene.signal.conviction = conviction;
        scene.prospects.win_probability_low = 0.40;
        size(&scene.case(), &rules, &Limits::default(), false)
    };
    assert!(staked(1.0).kelly_fraction < 0.0);
    assert_eq!(staked(1.0).risk_fraction, rules.probe, "loud, and a probe all the same");
    assert!((staked(0.6).risk_fraction - 0.5 * rules.probe).abs() < 1e-6);
    assert!(!rules.is_earned(&staked(1.0)));
}

fn any_calibration() -> impl Strategy<Value = Calibration> {
    prop_oneof![
        Just(Calibration::None),
        (-20.0..0.0_f64, -5.0..5.0_f64)
            .prop_map(|(slope, offset)| Calibration::Platt { slope, offset }),
        (0.0..0.5_f64, 0.0..0.5_f64).prop_map(|(low, more)| Calibration::Isotonic {
            at: vec![0.3, 0.9],
            probability: vec![low, low + more],
        }),
    ]
}

proptest! {
    #[test]
    fn every_factor_is_recorded_and_none_lifts_a_stake_above_its_caps(
        mut scene in any_scene(), calibration in any_calibration(), volatility_day in prop::option::of(0.0..1.0_f64),
        risk_scale in 0.0..=1.0_f64, learned in 0.0..=1.5_f64, as_probe in any::<bool>(), kelly_multiplier in 0.0..=1.0_f64, risk_fraction_max in 0.0..=1.0_f64,
    ) {
        scene.policy.calibrations = vec![calibration];
        scene.order = StandingOrder { risk_scale, ..StandingOrder::FREE };
        scene.policy.symbol_factors = vec![learned];
        let case = Case { volatility_day, ..scene.case() };
        let rules = SizeRules { kelly_multiplier, risk_fraction_max, ..SizeRules::default() };
        let sizing = size(&case, &rules, &Limits::default(), as_probe);
        prop_assert_eq!(sizing.factors, factors(&case, &rules));
        let again = recorded_terms(&sizing, &scene.plan, scene.instrument.margin, &rules);
        prop_assert_eq!(again, terms(&case, &rules));
        prop_assert!(sizing.factors.iter().all(|factor| (0.0..=1.5).contains(factor)));
        prop_assert_eq!(&sizing.factors[SIZERS.len()..], &[1.0; SIZERS_MAX][SIZERS.len()..]);
        let math = MathAi::solve(&terms(&case, &rules));
        let most = if as_probe { rules.probe } else { math.drawdown_fraction.max(rules.probe) };
        prop_assert!(sizing.risk_fraction <= most.min(rules.risk_fraction_max));
        prop_assert!(!rules.is_earned(&sizing) || sizing.kelly_fraction > 0.0);
    }

    #[test]
    fn a_stronger_conviction_never_stakes_less(
        mut scene in any_scene(), calibration in any_calibration(), one in 0.0..=1.0_f64, other in 0.0..=1.0_f64,
    ) {
        scene.policy.calibrations = vec![calibration];
        let mut at = |conviction| {
            scene.signal.conviction = conviction;
            factors(&scene.case(), &SizeRules::default())[0]
        };
        let (weaker, stronger) = (at(one.min(other)), at(one.max(other)));
        prop_assert!(weaker <= stronger);
    }
}

// Limits.

fn holding(symbol: u16, side: Side, notional: f64, correlation: f64) -> Holding {
    Holding { symbol: SymbolIx(symbol), side, notional, correlation, class: None }
}

/// A scene beside these holdings, long on symbol 0 with 10,000 quote units of its own.
fn beside(holdings: &'static [Holding]) -> Scene {
    let mut scene = Scene::allowed();
    scene.instrument.margin = Margin { leverage_max: 10, maintenance_bps: 50 };
    scene.portfolio.holdings = holdings;
    scene.portfolio.exposure = holdings.iter().map(|holding| holding.notional).sum();
    scene
}

fn capped(scene: &Scene, asked: f64) -> (f64, SizingLimit) {
    const LEVERAGE_MAX: f64 = 10.0;
    let (notional, limit) = cap(&scene.case(), &Limits::default(), LEVERAGE_MAX, asked);
    (notional.round(), limit)
}

#[test]
fn each_limit_has_its_case() {
    use Side::{Long, Short};
    static NOTHING: [Holding; 0] = [];
    let same: &'static [Holding] = Box::leak(Box::new([holding(0, Long, 4_000.0, 1.0)]));
    let strangers: &'static [Holding] =
        Box::leak(Box::new([holding(1, Long, 7_000.0, 0.1), holding(2, Long, 7_000.0, 0.1)]));
    let twins: &'static [Holding] = Box::leak(Box::new([holding(1, Long, 9_000.0, 0.9)]));
    let hedge: &'static [Holding] =
        Box::leak(Box::new([holding(1, Long, 9_000.0, 0.9), holding(2, Short, 5_000.0, 0.9)]));
    let full: &'static [Holding] =
        Box::leak(Box::new([holding(1, Long, 9_500.0, 0.0), holding(2, Short, 9_500.0, 0.0)]));
    let mut losing = beside(&NOTHING);
    losing.portfolio.equity = 9_400.0;
    let mut fallen = beside(&NOTHING);
    fallen.portfolio.equity_high = 12_500.0;
    let mut ruined = beside(&NOTHING);
    ruined.portfolio.equity_high = 20_000.0;
    let mut paused = beside(&NOTHING);
    paused.order.may_enter = false;
    let cases = [
        (4_000.0, beside(&NOTHING), (4_000.0, SizingLimit::None)),
        (9_000.0, beside(&NOTHING), (5_000.0, SizingLimit::PositionNotional)),
        (4_000.0, beside(full), (1_000.0, SizingLimit::GrossExposure)),
        (4_000.0, losing, (0.0, SizingLimit::DailyLoss)),
        (4.0, beside(&NOTHING), (0.0, SizingLimit::NotionalMin)),
        (4_000.0, beside(same), (1_000.0, SizingLimit::Concentration)),
        (4_000.0, beside(strangers), (1_000.0, SizingLimit::Concentration)),
        (4_000.0, beside(twins), (1_900.0, SizingLimit::Correlation)),
        (4_000.0, beside(hedge), (4_000.0, SizingLimit::None)),
        // A fifth has been lost: half the way from 10 to 30 %.
        (4_000.0, fallen, (2_500.0, SizingLimit::Drawdown)),
        (4_000.0, ruined, (0.0, SizingLimit::Drawdown)),
        (4_000.0, paused, (0.0, SizingLimit::StandingOrder)),
    ];
    for (at, (asked, scene, expected)) in cases.into_iter().enumerate() {
        assert_eq!(capped(&scene, asked), expected, "case {at}");
    }
}

#[test]
fn what_is_not_lent_is_not_spent() {
    let held: &'static [Holding] = Box::leak(Box::new([holding(1, Side::Short, 8_000.0, 0.0)]));
    let mut scene = beside(held);
    scene.instrument.margin = Margin::NONE;
    let rules = SizeRules { risk_fraction_max: 0.5, ..SizeRules::default() };
    let sizing = size(&scene.case(), &rules, &Limits::default(), false);
    assert_eq!((sizing.limit, sizing.leverage_max), (SizingLimit::Leverage, 1.0));
    assert!((sizing.notional - 2_000.0).abs() < 1e-6, "{}", sizing.notional);
}

fn any_holdings() -> impl Strategy<Value = Vec<Holding>> {
    let one = (0_u16..4, any::<bool>(), 0.0..3e4_f64, -1.0..=1.0_f64);
    let holding = one.prop_map(|(symbol, long, notional, correlation)| {
        holding(symbol, if long { Side::Long } else { Side::Short }, notional, correlation)
    });
    prop::collection::vec(holding, 0..8)
}

proptest! {
    #[test]
    fn limits_only_shrink_and_each_is_kept(
        scene in any_scene(), held in any_holdings(), asked in 0.0..1e6_f64, leverage_max in 0.1..100.0_f64, fallen in 0.0..0.5_f64,
    ) {
        const ROUNDING: f64 = 1e-6;
        let mut portfolio = scene.portfolio;
        portfolio.holdings = &held;
        portfolio.exposure = held.iter().map(|holding| holding.notional).sum();
        portfolio.equity_high = portfolio.equity.abs() / (1.0 - fallen);
        let case = Case { portfolio: &portfolio, ..scene.case() };
        let limits = Limits::default();
        let (notional, limit) = cap(&case, &limits, leverage_max, asked);
        prop_assert!(notional >= 0.0 && notional <= asked);
        prop_assert_eq!(limit == SizingLimit::None, notional == asked && notional >= estimate(scene.instrument.notional_min));
        if notional <= 0.0 {
            return Ok(());
        }
        let equity = portfolio.equity;
        let sum = |value: &dyn Fn(&Holding) -> f64| held.iter().map(value).sum::<f64>();
        let signed = |one: &Holding| one.notional * one.side.sign() * scene.signal.side.sign();
        let gross = notional + sum(&|one| one.notional);
        let on_symbol = notional + sum(&|one| if one.symbol == case.symbol { one.notional } else { 0.0 });
        let net = notional + sum(&signed);
        let correlated = notional + sum(&|one| one.correlation * signed(one));
        for (value, most) in [
            (gross, limits.exposure_fraction_max.min(leverage_max)),
            (on_symbol, limits.symbol_fraction_max),
            (net, limits.net_fraction_max),
            (correlated, limits.correlated_fraction_max),
            (notional, limits.position_fraction_max),
        ] {
            prop_assert!(value <= most * equity + ROUNDING * value.abs(), "{} above {} of {}", value, most, equity);
        }
        prop_assert!(fallen < limits.drawdown_hard_fraction + ROUNDING && case.order.may_enter);
    }

    #[test]
    fn holding_more_of_the_same_never_makes_room(scene in any_scene(), held in any_holdings(), asked in 0.0..1e5_f64, more in 0.0..1e4_f64) {
        let room = |held: &[Holding]| {
            let mut portfolio = scene.portfolio;
            portfolio.holdings = held;
            portfolio.exposure = held.iter().map(|holding| holding.notional).sum();
            let case = Case { portfolio: &portfolio, ..scene.case() };
            cap(&case, &Limits::default(), 10.0, asked).0
        };
        let mut with_more = held.clone();
        with_more.push(holding(0, scene.signal.side, more, 1.0));
        prop_assert!(room(&with_more) <= room(&held));
    }

    /// Beside anything held, and for any size that was ordered.
    #[test]
    fn liquidation_lies_beyond_the_stop(scene in any_scene(), held in any_holdings(), lent in 1_u32..126, maintenance_bps in 0_u32..300) {
        let mut scene = scene;
        scene.instrument.margin = Margin { leverage_max: lent, maintenance_bps };
        let mut portfolio = scene.portfolio;
        portfolio.holdings = &held;
        portfolio.exposure = held.iter().map(|holding| holding.notional).sum();
        let case = Case { portfolio: &portfolio, ..scene.case() };
        let rules = SizeRules::default();
        let sizing = size(&case, &rules, &Limits::default(), false);
        let at = liquidation(&case, &rules, sizing.notional);
        prop_assert_eq!(at.is_none(), lent == 1 && scene.signal.side == Side::Long);
        if let Some(at) = at && sizing.leverage_max >= 1.0 {
            prop_assert!(at >= rules.liquidation_stops * scene.plan.stop_fraction - 1e-9, "{} {:?}", at, sizing);
        }
    }
}

#[test]
fn a_paid_short_is_liquidated_when_the_price_doubles_and_a_paid_long_never() {
    let mut scene = Scene::allowed();
    let at = |scene: &Scene| {
        const DECLINED: f64 = 0.0;
        liquidation(&scene.case(), &SizeRules::default(), DECLINED)
    };
    assert_eq!(at(&scene), None);
    scene.signal.side = Side::Short;
    assert_eq!(at(&scene), Some(1.0));
    // What is held beside it is paid from the same margin: 2.5 times equity, less the half per cent kept.
    scene.instrument.margin = Margin { leverage_max: 20, maintenance_bps: 50 };
    scene.portfolio.exposure = 25_000.0;
    assert!((at(&scene).unwrap() - 0.395).abs() < 1e-9, "{:?}", at(&scene));
}
