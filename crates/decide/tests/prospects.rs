//! What similar candidates have come to, and what a candidate may therefore expect.

use decide::{History, Prospects, Question};
use domain::{
    Calibration, Climate, DecisionId, ExitReason, GatePolicy, Outcome, Regime, Side, Standing,
    StrategyIx, SymbolIx, Timestamp, Votes,
};
use proptest::prelude::*;

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
        near_target: false,
        climate: Climate::default(),
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness,
        basis: domain::Basis::default(),
        marks: domain::Marks::default(),
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

fn heard_in(regime: Regime, won: bool) -> Outcome {
    let r = if won { 1.4 } else { -1.1 };
    let climate = Climate { regime, ..Climate::default() };
    Outcome { climate, ..outcome(Side::Long, 0.5, r, 1.0) }
}

fn asked_in(history: &History, regime: Regime) -> Prospects {
    history.prospects(&Question { regime, ..question(Side::Long, 0.5) })
}

#[test]
fn other_regimes_count_for_fifty_outcomes_at_most_and_never_refuse_alone() {
    let mut history = History::new(1);
    for at in 0..200_000 {
        history.observe(&heard_in(Regime::Range, at % 5 == 0));
    }
    let (own, other) = (asked_in(&history, Regime::Range), asked_in(&history, Regime::TrendUp));
    assert!((own.win_probability - 0.20).abs() < 1e-3);
    assert!(other.outcomes_effective > 49.9 && other.outcomes_effective < 50.0);
    // Fifty of them at 20 %, and the starting belief of twenty at 40 %.
    assert!((other.win_probability - (10.0 + 8.0) / 70.0).abs() < 1e-3);
    assert!(own.win_probability_high() < own.break_even());
    assert!(other.outcomes_effective < GatePolicy::default().history_outcomes_min);
}

#[test]
fn a_regimes_own_record_outgrows_what_it_borrowed() {
    let mut history = History::new(1);
    for at in 0..1_000 {
        history.observe(&heard_in(Regime::Range, at % 5 == 0));
    }
    let mut off = 1.0;
    for round in 0..5 {
        for at in 0..10_u32.pow(round) {
            history.observe(&heard_in(Regime::TrendUp, at % 10 < 6));
        }
        let now_off = (asked_in(&history, Regime::TrendUp).win_probability - 0.6).abs();
        assert!(now_off < off, "round {round}: {now_off} after {off}");
        off = now_off;
    }
    assert!(off < 5e-3, "{off}");
}

/// Where regimes differ by seven points and there is an edge, so that the starting belief is wrong,
/// borrowing estimates better than looking at one regime alone or at all as one: over 300 worlds of
/// forty outcomes a regime.
#[test]
fn borrowing_estimates_better_than_splitting_or_pooling() {
    let (mut borrowed, mut split, mut pooled) = (0.0, 0.0, 0.0);
    for world in 0..300 {
        let truth =
            |regime: Regime| 0.50 + if regime.at().is_multiple_of(2) { 0.07 } else { -0.07 };
        let (mut all, mut as_one) = (History::new(1), History::new(1));
        let mut apart = vec![History::new(1); Regime::ALL.len()];
        for regime in Regime::ALL {
            for at in 0..40 {
                let chance = domain::draw(world, DecisionId(at), regime.at() as u64);
                let heard = heard_in(regime, chance < truth(regime));
                all.observe(&heard);
                apart[regime.at()].observe(&heard);
                as_one.observe(&Outcome { climate: Climate::default(), ..heard });
            }
        }
        let off = |history: &History, asked: Regime, regime| {
            let p = asked_in(history, asked).win_probability;
            (p - truth(regime)) * (p - truth(regime))
        };
        for regime in Regime::ALL {
            borrowed += off(&all, regime, regime);
            split += off(&apart[regime.at()], regime, regime);
            pooled += off(&as_one, Regime::Forming, regime);
        }
    }
    assert!(borrowed < 0.95 * split && borrowed < 0.95 * pooled, "{borrowed} {split} {pooled}");
}

#[test]
fn what_a_conviction_has_been_worth_replaces_the_belief_in_no_edge() {
    let mut history = History::new(1);
    let known = Calibration::Isotonic { at: vec![0.4, 0.6], probability: vec![0.50, 0.60] };
    let asked = Question { calibration: Some(&known), ..question(Side::Long, 0.5) };
    assert!((history.prospects(&asked).win_probability - 0.55).abs() < 1e-12);
    let not_yet = Question { calibration: Some(&Calibration::None), ..asked };
    assert!((history.prospects(&not_yet).win_probability - 0.40).abs() < 1e-12);
    // At the same weight: after twenty losses half of it is left.
    (0..20).for_each(|_| history.observe(&outcome(Side::Long, 0.5, -1.0, 1.0)));
    assert!((history.prospects(&asked).win_probability - 0.275).abs() < 1e-12);
}

#[test]
fn no_calibration_is_certain() {
    for (probability, read) in [(0.0, 0.01), (1.0, 0.99)] {
        let sure = Calibration::Isotonic { at: vec![0.5], probability: vec![probability] };
        let asked = Question { calibration: Some(&sure), ..question(Side::Long, 0.5) };
        let prospects = History::new(1).prospects(&asked);
        assert!((prospects.win_probability - read).abs() < 1e-12);
        assert!(prospects.win_r.is_finite() && prospects.loss_r.is_finite());
    }
}

#[test]
fn a_candidate_breaks_even_where_it_earns_nothing() {
    let prospects = History::new(1).prospects(&question(Side::Long, 0.5));
    let p = prospects.break_even();
    assert!((p - 1.1 / 2.5).abs() < 1e-12, "stop, target and costs of its own: {p}");
    assert!((p * prospects.win_r - (1.0 - p) * prospects.loss_r).abs() < 1e-12);
}

proptest! {
    #[test]
    fn prospects_are_never_nonsense(
        heard in any_outcomes(), conviction in 0.0..=1.0_f64, reward_r in 1e-3..1e3_f64, cost_r in 0.0..10.0_f64,
        regime in 0..Regime::ALL.len(),
    ) {
        let mut history = History::new(1);
        for (at, (side, said, r, uniqueness)) in heard.into_iter().enumerate() {
            let climate = Climate { regime: Regime::ALL[at % 4], ..Climate::default() };
            history.observe(&Outcome { climate, ..outcome(side, said, r, uniqueness) });
        }
        let regime = Regime::ALL[regime];
        for side in [Side::Long, Side::Short] {
            let asked = Question { reward_r, cost_r, regime, ..question(side, conviction) };
            let prospects = history.prospects(&asked);
            prop_assert!((0.0..=1.0).contains(&prospects.win_probability_low));
            prop_assert!(prospects.win_probability_low <= prospects.win_probability);
            prop_assert!((prospects.win_probability..=1.0).contains(&prospects.win_probability_high()));
            prop_assert!((0.0..=1.0).contains(&prospects.break_even()));
            prop_assert!(prospects.win_rate.is_none_or(|rate| (-1e-9..=1.0 + 1e-9).contains(&rate)));
            prop_assert!(prospects.win_probability > 0.0 && prospects.win_probability < 1.0);
            prop_assert!(prospects.outcomes_effective >= 0.0);
            prop_assert!(prospects.win_r >= 0.0 && prospects.win_r.is_finite());
            prop_assert!(prospects.loss_r > 0.0 && prospects.loss_r.is_finite());
        }
    }
}

/// Sides, convictions, results in R and uniquenesses of what was heard.
fn any_outcomes() -> impl Strategy<Value = Vec<(Side, f64, f64, f64)>> {
    let any_side = any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short });
    let r = prop_oneof![1 => Just(0.0), 6 => -30.0..30.0_f64];
    prop::collection::vec((any_side, 0.0..=1.0_f64, r, 0.0..=1.0_f64), 0..300)
}
