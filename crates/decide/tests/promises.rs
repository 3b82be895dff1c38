//! Every gate and every strategy is tested by being on its list; choosing, sizing and prospects by
//! what must hold for any candidate.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod stage;

use std::collections::BTreeSet;

use decide::{
    Choice, ExitRules, GATES, GateSpec, History, Inputs, Limits, Prospects, Question, STRATEGIES,
    SizeRules, ask_all, choose, strategy_named,
};
use domain::{
    DecisionId, ExitReason, HeadName, Outcome, Regime, Side, Signal, Standing, StrategyIx,
    SymbolIx, Timestamp, Verdict, Votes, estimate,
};
use proptest::prelude::*;
use stage::{Scene, any_outcomes, any_scene};

// Gates.

/// Which way a gate's two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asks {
    AtLeast,
    AtMost,
}

/// A new gate says here which way it compares.
fn asks(gate: &GateSpec) -> Asks {
    match gate.name {
        "conviction" | "confluence" | "fee" | "cooldown" | "history" | "standing_order" => {
            Asks::AtLeast
        }
        "free_symbol" | "open_positions" | "regime_entries" | "correlation" | "killed" => {
            Asks::AtMost
        }
        unknown => panic!("which way does the gate {unknown} compare?"),
    }
}

fn gate_named(name: &str) -> &'static GateSpec {
    GATES.iter().find(|gate| gate.name == name).unwrap()
}

/// Lines of `what is set: refused or passed, and what the gate says`.
fn check_gate(name: &str, set: fn(&mut Scene, &str), table: &str) {
    let gate = gate_named(name);
    for line in table.lines().map(str::trim) {
        let (value, expected) = line.split_once(": ").unwrap();
        let mut scene = Scene::allowed();
        set(&mut scene, value);
        let verdict = (gate.check)(&scene.case());
        let answer = if verdict.passed { "passed" } else { "refused" };
        assert_eq!(format!("{answer}, {}", (gate.says)(&verdict)), expected, "{name} at {value}");
    }
}

#[test]
fn conviction_asks_how_strongly_the_heads_lean() {
    check_gate(
        "conviction",
        |scene, value| scene.signal.conviction = value.parse().unwrap(),
        "0: refused, conviction 0.00, needs 0.60
         0.59: refused, conviction 0.59, needs 0.60
         0.6: passed, conviction 0.60, needs 0.60
         1: passed, conviction 1.00, needs 0.60",
    );
}

#[test]
fn confluence_asks_how_many_agree_and_forgives_rounding() {
    check_gate(
        "confluence",
        |scene, value| scene.signal.confluence = value.parse().unwrap(),
        "0: refused, 0 % of voting weight agrees, needs 70 %
         0.69: refused, 69 % of voting weight agrees, needs 70 %
         0.6999999999999: passed, 70 % of voting weight agrees, needs 70 %
         1: passed, 100 % of voting weight agrees, needs 70 %",
    );
}

#[test]
fn fee_asks_that_the_claim_covers_the_costs() {
    check_gate(
        "fee",
        |scene, value| {
            scene.signal.conviction = 0.8;
            scene.plan.target_fraction = value.parse().ok();
        },
        "0.0022: refused, claimed edge 17.6 bp, needs 18.0 bp
         0.0023: passed, claimed edge 18.4 bp, needs 18.0 bp
         0.03: passed, claimed edge 240.0 bp, needs 18.0 bp
         none: passed, claimed edge 320.0 bp, needs 18.0 bp",
    );
}

#[test]
fn cooldown_waits_out_its_minutes() {
    check_gate(
        "cooldown",
        |scene, value| {
            let ago = value.parse::<i64>().ok().map(|minutes| -60_000 * minutes);
            scene.portfolio.symbol_traded_at = ago.map(|ms| scene.now.plus_ms(ms));
        },
        "0: refused, rested 0 min, needs 60
         59: refused, rested 59 min, needs 60
         60: passed, rested 60 min, needs 60
         1440: passed, rested 1440 min, needs 60
         -5: refused, rested -5 min, needs 60
         never: passed, rested 60 min, needs 60",
    );
}

#[test]
fn open_positions_asks_for_a_free_place() {
    check_gate(
        "open_positions",
        |scene, value| scene.portfolio.positions = value.parse().unwrap(),
        "0: passed, would be position 1 of at most 8
         7: passed, would be position 8 of at most 8
         8: refused, would be position 9 of at most 8",
    );
}

#[test]
fn free_symbol_asks_that_nobody_holds_it() {
    check_gate(
        "free_symbol",
        |scene, value| scene.portfolio.positions_on_symbol = value.parse().unwrap(),
        "0: passed, would be position 1 on the symbol, of at most 1
         1: refused, would be position 2 on the symbol, of at most 1",
    );
}

#[test]
fn every_gate_has_a_name_of_its_own_and_a_question() {
    let names: BTreeSet<&str> = GATES.iter().map(|gate| gate.name).collect();
    assert_eq!(names.len(), GATES.len());
    for gate in GATES {
        assert!(!gate.asks.is_empty() && !gate.asks.contains('\n'), "{}", gate.name);
    }
    let guarding: Vec<&str> =
        GATES.iter().filter(|gate| !gate.may_be_explored).map(|gate| gate.name).collect();
    let capital = [
        "cooldown",
        "free_symbol",
        "open_positions",
        "regime_entries",
        "correlation",
        "killed",
        "standing_order",
    ];
    assert_eq!(guarding, capital);
}

/// How many numbers a line of text holds.
fn numbers_in(line: &str) -> usize {
    let part_of_number = |c: char| c.is_ascii_digit() || c == '.';
    line.split(|c| !part_of_number(c)).filter(|part| part.parse::<f64>().is_ok()).count()
}

proptest! {
    #[test]
    fn every_verdict_has_finite_numbers_and_says_them_on_one_line(scene in any_scene()) {
        for gate in GATES {
            let verdict = (gate.check)(&scene.case());
            prop_assert!(verdict.measured.is_finite() && verdict.needed.is_finite(), "{}: {:?}", gate.name, verdict);
            let said = (gate.says)(&verdict);
            prop_assert_eq!(said.lines().count(), 1);
            prop_assert_eq!(numbers_in(&said), 2, "{}: {}", gate.name, said);
        }
    }

    #[test]
    fn passing_is_monotone_in_what_a_gate_measures(one in any_scene(), other in any_scene()) {
        // What is needed follows from these.
        let Prospects { win_r, loss_r, .. } = one.prospects;
        let other = Scene {
            policy: one.policy.clone(),
            costs: one.costs,
            order: one.order,
            rule: one.rule,
            prospects: Prospects { win_r, loss_r, ..other.prospects },
            ..other
        };
        for gate in GATES {
            let (one, other) = ((gate.check)(&one.case()), (gate.check)(&other.case()));
            prop_assert_eq!(one.needed, other.needed, "{}", gate.name);
            let better = |better: &Verdict, worse: &Verdict| match asks(gate) {
                Asks::AtLeast => better.measured >= worse.measured,
                Asks::AtMost => better.measured <= worse.measured,
            };
            if better(&one, &other) {
                prop_assert!(one.passed || !other.passed, "{}: {:?} {:?}", gate.name, one, other);
            }
            if better(&other, &one) {
                prop_assert!(other.passed || !one.passed, "{}: {:?} {:?}", gate.name, one, other);
            }
        }
    }

    #[test]
    fn every_gate_is_asked_also_after_one_refused(scene in any_scene()) {
        let alone: Vec<Verdict> = GATES.iter().map(|gate| (gate.check)(&scene.case())).collect();
        prop_assert_eq!(ask_all(&scene.case()).iter().collect::<Vec<_>>(), alone.clone());
        prop_assert_eq!(scene.choose(1, 0.5).verdicts.iter().collect::<Vec<_>>(), alone);
    }
}

// Strategies.

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
            let plan = strategy.plan(&scene.occasion(inputs), &ExitRules::default());
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
            let plan = strategy.plan(&scene.occasion(inputs), &rules).unwrap();
            prop_assert!((rules.stop_fraction_min..=rules.stop_fraction_max).contains(&plan.stop_fraction));
            prop_assert!(plan.stop_fraction > 0.0);
            prop_assert!(plan.target_fraction.is_none_or(|target| target > 0.0 && target.is_finite()));
            prop_assert!(plan.target_fraction.is_some() || plan.trail.is_some(), "nothing would take a profit");
            prop_assert!(plan.trail.is_none_or(|trail| trail.after_fraction >= 0.0 && trail.behind_fraction > 0.0));
            prop_assert!(plan.hold_ms_max > 0 && plan.hold_ms_max <= 72 * 3_600_000);
        }
    }
}

// Choosing.

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
    // No sizer takes anything from the probe.
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
    fn the_probabilities_of_trading_and_declining_sum_to_one(scene in any_scene()) {
        let (mut trading, mut declining) = (None, None);
        for id in 0..40 {
            let choice = scene.choose(id, 0.5);
            let said = if choice.standing.is_executed() { &mut trading } else { &mut declining };
            prop_assert_eq!(*said.get_or_insert(choice.propensity), choice.propensity);
        }
        match (trading, declining) {
            (Some(trading), Some(declining)) => prop_assert_eq!(trading + declining, 1.0),
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

// Prospects.

const ALPHA: StrategyIx = StrategyIx(0);

fn outcome(side: Side, conviction: f64, r: f64, uniqueness: f64) -> Outcome {
    let at = Timestamp::from_ms(1_600_000_000_000);
    Outcome {
        decision_no: 0,
        decision: DecisionId(0),
        symbol: SymbolIx(0),
        strategy: ALPHA,
        side,
        standing: Standing::Probe,
        refused: 0,
        votes: Votes::default(),
        conviction,
        decided_at: at,
        opened_at: at,
        closed_at: at,
        entry: 100.0,
        exit: 100.0,
        reason: ExitReason::Time,
        r,
        net_bps: 0.0,
        cost_bps: 0.0,
        funding_bps: 0.0,
        climate: domain::Climate::default(),
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness,
    }
}

fn question(side: Side, conviction: f64) -> Question<'static> {
    Question {
        strategy: ALPHA,
        side,
        conviction,
        regime: Regime::Forming,
        reward_r: 1.5,
        cost_r: 0.1,
        calibration: None,
    }
}

#[test]
fn without_a_record_a_candidate_gets_the_belief_of_a_market_without_edge() {
    let mut history = History::new(2);
    // What other kinds of candidates have come to is no record of this one.
    history.observe(&outcome(Side::Short, 0.5, 1.5, 1.0));
    history.observe(&outcome(Side::Long, 0.9, 1.5, 1.0));
    let prospects = history.prospects(&question(Side::Long, 0.5));
    assert_eq!(prospects.outcomes_effective, 0.0);
    assert!((prospects.win_probability - 0.4).abs() < 1e-12);
    assert!((prospects.win_r - 1.4).abs() < 1e-12);
    assert!((prospects.loss_r - 1.1).abs() < 1e-12);
    let expected = prospects.win_probability * prospects.win_r
        - (1.0 - prospects.win_probability) * prospects.loss_r;
    assert!((expected + 0.1).abs() < 1e-12, "what it costs, and nothing else: {expected}");
}

#[test]
fn the_lower_bound_tends_to_the_mean_as_outcomes_grow() {
    let mut history = History::new(1);
    let mut last = f64::INFINITY;
    for round in 0..6 {
        for at in 0..10_u32.pow(round) {
            let r = if at % 10 < 6 { 1.4 } else { -1.1 };
            history.observe(&outcome(Side::Long, 0.5, r, 1.0));
        }
        let prospects = history.prospects(&question(Side::Long, 0.5));
        let apart = prospects.win_probability - prospects.win_probability_low;
        assert!(apart > 0.0 && apart < last, "round {round}: {apart} after {last}");
        last = apart;
        if round == 5 {
            assert!((prospects.win_probability - 0.6).abs() < 1e-3);
            assert!((prospects.win_r - 1.4).abs() < 1e-3 && (prospects.loss_r - 1.1).abs() < 1e-3);
            assert!(apart < 0.003, "{apart}");
        }
    }
}

proptest! {
    #[test]
    fn prospects_are_never_nonsense(
        heard in any_outcomes(), conviction in 0.0..=1.0_f64, reward_r in 1e-3..1e3_f64, cost_r in 0.0..10.0_f64,
    ) {
        let mut history = History::new(1);
        for (side, said, r, uniqueness) in heard {
            history.observe(&outcome(side, said, r, uniqueness));
        }
        for side in [Side::Long, Side::Short] {
            let asked = Question { reward_r, cost_r, ..question(side, conviction) };
            let prospects = history.prospects(&asked);
            prop_assert!((0.0..=1.0).contains(&prospects.win_probability_low));
            prop_assert!(prospects.win_probability_low <= prospects.win_probability);
            prop_assert!(prospects.win_probability > 0.0 && prospects.win_probability < 1.0);
            prop_assert!(prospects.outcomes_effective >= 0.0);
            prop_assert!(prospects.win_r >= 0.0 && prospects.win_r.is_finite());
            prop_assert!(prospects.loss_r > 0.0 && prospects.loss_r.is_finite());
        }
    }
}
