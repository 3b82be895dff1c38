//! D7: which strategy trades where several want to, with probabilities that are exact.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

#[allow(dead_code, reason = "of the stage only its scene is played here")]
mod stage;

use decide::{GATES, Limits, MetaStrategy, Selection, SelectionRule, SizeRules, choose};
use domain::{Basis, Climate, DecisionId, Outcome, Regime, Standing, StrategyIx, draw};
use scenarios::{Bets, Dice, outcome};
use stage::Scene;

const BOTH: [StrategyIx; 2] = [StrategyIx(0), StrategyIx(1)];

fn closed(no: u64, strategy: u8, regime: Regime, r: f64) -> Outcome {
    Outcome {
        strategy: StrategyIx(strategy),
        climate: Climate { regime, ..Climate::default() },
        ..outcome(no, r)
    }
}

fn probabilities(meta: &MetaStrategy, regime: Regime) -> [f64; 2] {
    let mut out = [Selection::SOLE; 2];
    meta.select(&BOTH, regime, 0.0, &mut out);
    out.map(|selection| selection.probability)
}

#[test]
fn before_anything_is_known_all_are_chosen_alike_and_one_alone_always() {
    let meta = MetaStrategy::new(2, SelectionRule::Evidence);
    let [one, other] = probabilities(&meta, Regime::Range);
    assert!((one - 0.5).abs() < 1e-9 && (one + other - 1.0).abs() < 1e-12);
    let mut out = [Selection { probability: 0.0, drawn: 0.0 }];
    meta.select(&BOTH[1..], Regime::Range, 0.999, &mut out);
    assert!(out[0].is_chosen() && out[0].probability == 1.0);
}

#[test]
fn the_one_that_pays_better_in_a_regime_is_chosen_there_and_only_there() {
    let mut meta = MetaStrategy::new(2, SelectionRule::Evidence);
    let mut dice = Dice::new(7);
    for no in 0..400 {
        meta.reward(&closed(no, 0, Regime::TrendUp, Bets::winning(0.35).draw(&mut dice)));
        meta.reward(&closed(no, 1, Regime::TrendUp, Bets::winning(0.60).draw(&mut dice)));
    }
    assert!(probabilities(&meta, Regime::TrendUp)[1] > 0.95);
    assert!((probabilities(&meta, Regime::Range)[1] - 0.5).abs() < 1e-9);
}

#[test]
fn it_follows_when_the_better_one_changes() {
    let mut meta = MetaStrategy::new(2, SelectionRule::Evidence);
    let mut dice = Dice::new(11);
    for no in 0..4_000 {
        let first = if no < 2_000 { 0.55 } else { 0.35 };
        meta.reward(&closed(no, 0, Regime::Range, Bets::winning(first).draw(&mut dice)));
        meta.reward(&closed(no, 1, Regime::Range, Bets::SEED.draw(&mut dice)));
        if no == 1_999 {
            assert!(probabilities(&meta, Regime::Range)[0] > 0.8);
        }
    }
    assert!(probabilities(&meta, Regime::Range)[0] < 0.3);
}

#[test]
fn what_its_own_gates_refused_and_struck_copies_teach_nothing_more() {
    let refused = |no: u64, r: f64| {
        let of = closed(no, 0, Regime::Range, r);
        Outcome { basis: Basis { stake: 0.0, ..of.basis }, ..of }
    };
    let mut meta = MetaStrategy::new(2, SelectionRule::Evidence);
    (0..500).for_each(|no| meta.reward(&refused(no, -1.0)));
    assert_eq!(meta.belief(BOTH[0], Regime::Range).1, 0.0);
    let mut copied = meta.clone();
    for no in 0..100 {
        meta.reward(&closed(no, 0, Regime::Range, 0.5));
        (0..10).for_each(|_| {
            let copy = Outcome { uniqueness: 0.1, ..closed(no, 0, Regime::Range, 0.5) };
            copied.reward(&copy);
        });
    }
    let count = |meta: &MetaStrategy| meta.belief(BOTH[0], Regime::Range).1;
    assert!((count(&meta) / count(&copied) - 1.0).abs() < 0.01);
}

#[test]
fn the_seed_always_chooses_the_highest_mean_reward() {
    let mut meta = MetaStrategy::new(2, SelectionRule::Seed);
    assert_eq!(probabilities(&meta, Regime::Range), [1.0, 0.0]);
    meta.reward(&closed(1, 1, Regime::Range, 0.1));
    assert_eq!(probabilities(&meta, Regime::Range), [0.0, 1.0]);
    // 5 % of −1 weighs more than 5 % of 0.1.
    meta.reward(&closed(2, 1, Regime::Range, -1.0));
    assert_eq!(probabilities(&meta, Regime::Range), [1.0, 0.0]);
}

#[test]
fn exactly_one_is_chosen_whatever_is_drawn() {
    let mut meta = MetaStrategy::new(4, SelectionRule::Evidence);
    (0..20).for_each(|no| meta.reward(&closed(no, 2, Regime::Range, 1.0)));
    let four = [StrategyIx(0), StrategyIx(1), StrategyIx(2), StrategyIx(3)];
    let mut times = [0_u32; 4];
    const DRAWS: u32 = 2_000;
    for step in 0..DRAWS {
        let mut out = [Selection::SOLE; 4];
        meta.select(&four, Regime::Range, f64::from(step) / f64::from(DRAWS), &mut out);
        assert_eq!(out.iter().filter(|one| one.is_chosen()).count(), 1, "{out:?}");
        assert!((out.iter().map(|one| one.probability).sum::<f64>() - 1.0).abs() < 1e-9);
        times[out.iter().position(Selection::is_chosen).unwrap()] += 1;
    }
    let mut out = [Selection::SOLE; 4];
    meta.select(&four, Regime::Range, 0.0, &mut out);
    for (times, one) in times.into_iter().zip(out) {
        assert!((f64::from(times) / f64::from(DRAWS) - one.probability).abs() < 2e-3);
    }
}

#[test]
fn the_gate_says_what_was_drawn_and_what_was_needed() {
    let selected = GATES.iter().find(|gate| gate.name == "selected").unwrap();
    for (probability, drawn, expected) in [
        (
            1.0,
            0.999,
            "passed, chosen among strategies with probability 1.000, the draw needs more than 0.999",
        ),
        (
            0.25,
            0.24,
            "passed, chosen among strategies with probability 0.250, the draw needs more than 0.240",
        ),
        (
            0.25,
            0.25,
            "refused, chosen among strategies with probability 0.250, the draw needs more than 0.250",
        ),
        (
            0.0,
            0.0,
            "refused, chosen among strategies with probability 0.000, the draw needs more than 0.000",
        ),
    ] {
        let mut scene = Scene::allowed();
        scene.selection = Selection { probability, drawn };
        let verdict = (selected.check)(&scene.case());
        let answer = if verdict.passed { "passed" } else { "refused" };
        assert_eq!(format!("{answer}, {}", (selected.says)(&verdict)), expected);
    }
}

/// Both draws together: of many decisions as often as it is recorded.
#[test]
fn the_recorded_propensity_is_the_share_of_both_draws() {
    const DRAWS: u64 = 40_000;
    const STREAM: u64 = 4;
    let mut meta = MetaStrategy::new(2, SelectionRule::Evidence);
    (0..6).for_each(|no| meta.reward(&closed(no, 1, Regime::Range, 0.7)));
    let (rules, limits) = (SizeRules::default(), Limits::default());
    let near_miss = |mut scene: Scene| {
        scene.signal.conviction = 0.5;
        scene
    };
    for (scene, explored) in
        [(Scene::allowed(), 0.2), (near_miss(Scene::allowed()), 0.2), (Scene::allowed(), 0.0)]
    {
        for which in [0, 1] {
            let (mut scene, mut traded, mut claimed) = (scene.clone(), 0_u64, 0.0);
            for no in 0..DRAWS {
                let id = DecisionId(no);
                let mut out = [Selection::SOLE; 2];
                meta.select(&BOTH, Regime::Range, draw(7, id, STREAM), &mut out);
                scene.selection = out[which];
                let choice = choose(&scene.case(), &rules, &limits, id, 7, explored);
                let is_traded = choice.standing.is_executed();
                traded += u64::from(is_traded);
                let trades = if is_traded { choice.propensity } else { 1.0 - choice.propensity };
                assert!(claimed == 0.0 || (claimed - trades).abs() < 1e-12, "{choice:?}");
                claimed = trades;
            }
            let share = traded as f64 / DRAWS as f64;
            let error = (claimed * (1.0 - claimed) / DRAWS as f64).sqrt();
            assert!((share - claimed).abs() < 4.0 * error, "{share} not {claimed}");
        }
    }
}

#[test]
fn a_rival_that_could_not_have_been_traded_is_declined_for_certain() {
    let mut scene = Scene::allowed();
    scene.selection = Selection { probability: 0.3, drawn: 0.5 };
    scene.instrument.notional_min = domain::decimal(1e9);
    let choice = scene.choose(1, 0.01);
    assert_eq!((choice.standing, choice.propensity), (Standing::Refused, 1.0));
}

#[test]
fn what_it_knows_survives_being_written_down() {
    let mut meta = MetaStrategy::new(2, SelectionRule::Evidence);
    (0..20).for_each(|no| meta.reward(&closed(no, 1, Regime::Range, 0.3)));
    let bytes = postcard::to_stdvec(&meta).unwrap();
    assert_eq!(postcard::from_bytes::<MetaStrategy>(&bytes).unwrap(), meta);
}
