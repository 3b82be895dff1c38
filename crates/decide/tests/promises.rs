//! Every gate is tested by being on its list.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod stage;

use std::collections::BTreeSet;

use decide::{GATES, GateSpec, HistoryRule, Holding, Portfolio, Prospects, Selection, ask_all};
use domain::{Combo, Condition, DailyRule, Regime, Route, Side, SliceRule, SymbolIx, Verdict};
use proptest::prelude::*;
use stage::{SYMBOL, Scene, any_scene};

/// Which way a gate's two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asks {
    AtLeast,
    AtMost,
}

/// A new gate says here which way it compares.
fn asks(gate: &GateSpec) -> Asks {
    match gate.name {
        "conviction" | "confluence" | "fee" | "cooldown" | "history" | "standing_order"
        | "selected" => Asks::AtLeast,
        "free_symbol" | "open_positions" | "regime_entries" | "correlation" | "killed"
        | "paused" | "direction" => Asks::AtMost,
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
fn history_passes_until_there_is_evidence_against() {
    // Wins of 1.4 R and losses of 1.1 R break even at 44 %.
    check_gate(
        "history",
        |scene, value| {
            let (outcomes, p) = value.split_once(" outcomes, ").unwrap();
            scene.prospects.outcomes_effective = outcomes.parse().unwrap();
            scene.prospects.win_probability = p.parse().unwrap();
        },
        "0 outcomes, 0.40: passed, too few similar ones to say, needs 44 %
         49 outcomes, 0.01: passed, too few similar ones to say, needs 44 %
         50 outcomes, 0.30: refused, similar ones may win up to 39 % of the time, needs 44 %
         50 outcomes, 0.36: passed, similar ones may win up to 45 % of the time, needs 44 %
         500 outcomes, 0.36: refused, similar ones may win up to 39 % of the time, needs 44 %
         500 outcomes, 0.42: passed, similar ones may win up to 46 % of the time, needs 44 %",
    );
}

#[test]
fn history_to_the_letter_of_the_seed_asks_for_sixty_per_cent() {
    check_gate(
        "history",
        |scene, value| {
            scene.rule = HistoryRule::Seed;
            let (outcomes, wins) = value.split_once(" outcomes, ").unwrap();
            scene.prospects.outcomes_effective = outcomes.parse().unwrap();
            scene.prospects.win_rate = wins.parse().ok();
        },
        "0 outcomes, none: passed, too few similar ones to say, needs 60 %
         49 outcomes, 0.10: passed, too few similar ones to say, needs 60 %
         50 outcomes, 0.59: refused, similar ones may win up to 59 % of the time, needs 60 %
         50 outcomes, 0.60: passed, similar ones may win up to 60 % of the time, needs 60 %",
    );
}

#[test]
fn regime_entries_takes_three_in_a_regime() {
    check_gate(
        "regime_entries",
        |scene, value| scene.portfolio.regime_entries = value.parse().unwrap(),
        "0: passed, would be entry 1 in this regime, of at most 3
         2: passed, would be entry 3 in this regime, of at most 3
         3: refused, would be entry 4 in this regime, of at most 3",
    );
}

/// Holdings as `side value at correlation`, with commas between.
fn holdings(said: &str) -> Vec<Holding> {
    let holding = |said: &str| {
        let words: Vec<&str> = said.split_whitespace().collect();
        Holding {
            symbol: SymbolIx(1),
            side: if words[0] == "long" { Side::Long } else { Side::Short },
            notional: words[1].parse().unwrap(),
            correlation: words[3].parse().unwrap(),
            class: None,
        }
    };
    said.split(", ").filter(|said| *said != "nothing").map(holding).collect()
}

#[test]
fn correlation_counts_what_gains_together_with_a_long_candidate() {
    check_gate(
        "correlation",
        |scene, value| scene.portfolio.holdings = holdings(value).leak(),
        "nothing: passed, correlation 0.00 with what is held on its side, at most 0.80
         long 100 at 0.9: refused, correlation 0.90 with what is held on its side, at most 0.80
         short 100 at -0.9: refused, correlation 0.90 with what is held on its side, at most 0.80
         short 100 at 0.9: passed, correlation 0.00 with what is held on its side, at most 0.80
         long 100 at -0.9: passed, correlation 0.00 with what is held on its side, at most 0.80
         long 300 at 0.9, long 100 at 0.3: passed, correlation 0.75 with what is held on its side, at most 0.80
         long 100 at 0.9, short 900 at 0.9: refused, correlation 0.90 with what is held on its side, at most 0.80
         long 0 at 0.9: passed, correlation 0.00 with what is held on its side, at most 0.80",
    );
}

#[test]
fn killed_refuses_a_symbol_on_one_side_only() {
    check_gate(
        "killed",
        |scene, value| {
            let (symbol, side) = value.split_once(' ').unwrap();
            let side = if side == "long" { Side::Long } else { Side::Short };
            let here = Combo { symbol: SymbolIx(symbol.parse().unwrap()), side };
            let elsewhere = Combo { symbol: SymbolIx(7), side: Side::Long };
            scene.policy.killed = vec![here, elsewhere];
        },
        "0 long: refused, standing kills of this symbol and side: 1, at most 0
         0 short: passed, standing kills of this symbol and side: 0, at most 0
         1 long: passed, standing kills of this symbol and side: 0, at most 0",
    );
}

/// Slices as `symbol or hours: conviction`, with commas between; the candidate is on symbol 0 at noon.
#[test]
fn a_slice_asks_for_another_conviction_and_the_strictest_of_several_holds() {
    fn slice(said: &str) -> SliceRule {
        let words: Vec<&str> = said.split_whitespace().collect();
        let which: u8 = words[1].parse().unwrap();
        let when = match words[0] {
            "symbol" => Condition::Symbol(SymbolIx(u16::from(which))),
            _ => Condition::HoursFrom(which),
        };
        SliceRule { when, conviction_min: words[2].parse().unwrap() }
    }
    check_gate(
        "conviction",
        |scene, value| scene.policy.slices = value.split(", ").map(slice).collect(),
        "symbol 1 0.90: passed, conviction 0.80, needs 0.60
         symbol 0 0.90: refused, conviction 0.80, needs 0.90
         symbol 0 0.40: passed, conviction 0.80, needs 0.40
         hours 9 0.70, symbol 0 0.85, hours 13 0.90: refused, conviction 0.80, needs 0.85
         hours 8 0.90: passed, conviction 0.80, needs 0.60",
    );
}

#[test]
fn paused_counts_the_symbol_and_the_rules_that_decline() {
    fn rule(symbol: u16, factor: f64, expires_in_ms: i64, scene: &Scene) -> DailyRule {
        DailyRule {
            when: vec![Condition::Symbol(SymbolIx(symbol))],
            factor,
            support: 60.0,
            mean_r: -0.3,
            low_r: -0.5,
            high_r: -0.1,
            found_at: scene.now,
            expires_at: scene.now.plus_ms(expires_in_ms),
        }
    }
    check_gate(
        "paused",
        |scene, value| {
            let (factor, rules) = value.split_once(' ').unwrap();
            scene.policy.symbol_factors = vec![factor.parse().unwrap(), 0.0];
            scene.policy.rules = match rules {
                "declined" => vec![rule(0, 0.0, 1, scene), rule(0, 0.5, 1, scene)],
                "elsewhere" => vec![rule(1, 0.0, 1, scene), rule(0, 0.0, 0, scene)],
                _ => Vec::new(),
            };
        },
        "1 free: passed, standing pauses of its symbol or by a rule: 0, at most 0
         0.25 free: passed, standing pauses of its symbol or by a rule: 0, at most 0
         0 free: refused, standing pauses of its symbol or by a rule: 1, at most 0
         1 elsewhere: passed, standing pauses of its symbol or by a rule: 0, at most 0
         0 declined: refused, standing pauses of its symbol or by a rule: 2, at most 0",
    );
}

/// A route in the regime that scenes are in.
fn route(symbol: SymbolIx, side: Side) -> Route {
    Route { symbol, side, regime: Scene::allowed().case().climate.regime }
}

#[test]
fn direction_refuses_a_side_in_one_regime_only() {
    check_gate(
        "direction",
        |scene, value| {
            let here = route(SYMBOL, Side::Long);
            scene.policy.closed_routes = match value {
                "here" => vec![here, Route { symbol: SymbolIx(7), ..here }],
                "other side" => vec![Route { side: Side::Short, ..here }],
                "other regime" => vec![Route { regime: Regime::HighVolatility, ..here }],
                _ => vec![],
            };
        },
        "here: refused, closed routes of this symbol, side and regime: 1, at most 0
         other side: passed, closed routes of this symbol, side and regime: 0, at most 0
         other regime: passed, closed routes of this symbol, side and regime: 0, at most 0
         none: passed, closed routes of this symbol, side and regime: 0, at most 0",
    );
}

#[test]
fn the_standing_order_lets_nothing_in_or_asks_for_more_conviction() {
    check_gate(
        "standing_order",
        |scene, value| {
            scene.order.may_enter = value != "stop";
            scene.order.conviction_min = value.parse().unwrap_or(0.0);
        },
        "0: passed, conviction 0.80, the standing order needs 0.00
         0.7: passed, conviction 0.80, the standing order needs 0.70
         0.9: refused, conviction 0.80, the standing order needs 0.90
         stop: refused, conviction 0.80, the standing order needs 2.00: nothing may enter",
    );
}

/// A scene that this gate alone refuses.
fn planted(gate: &GateSpec) -> Scene {
    let mut scene = Scene::allowed();
    match gate.name {
        "conviction" => scene.signal.conviction = 0.5,
        "confluence" => scene.signal.confluence = 0.5,
        "fee" => scene.plan.target_fraction = Some(0.001),
        "cooldown" => scene.portfolio.symbol_traded_at = Some(scene.now),
        "free_symbol" => scene.portfolio.positions_on_symbol = 1,
        "open_positions" => scene.portfolio.positions = 8,
        "history" => scene.prospects.win_probability = 0.2,
        "regime_entries" => scene.portfolio.regime_entries = 3,
        "correlation" => scene.portfolio.holdings = holdings("long 100 at 0.9").leak(),
        "killed" => scene.policy.killed = vec![Combo { symbol: SYMBOL, side: Side::Long }],
        "direction" => scene.policy.closed_routes = vec![route(SYMBOL, Side::Long)],
        "standing_order" => scene.order.may_enter = false,
        "selected" => scene.selection = Selection { probability: 0.25, drawn: 0.5 },
        "paused" => scene.policy.symbol_factors = vec![0.0],
        unknown => panic!("what would the gate {unknown} refuse?"),
    }
    scene
}

#[test]
fn every_gate_passes_what_is_allowed_and_refuses_what_is_planted_for_it() {
    assert!(ask_all(&Scene::allowed().case()).all_passed());
    for (at, gate) in GATES.iter().enumerate() {
        let verdicts = ask_all(&planted(gate).case());
        assert_eq!(verdicts.refused(), 1 << at, "{}", gate.name);
    }
}

/// What a gate measures, as a reader finds it beside the number.
fn unit(gate: &GateSpec) -> &'static str {
    match gate.name {
        "conviction" | "standing_order" => "conviction ",
        "confluence" | "history" => " %",
        "fee" => " bp",
        "cooldown" => " min",
        "free_symbol" | "open_positions" => "position ",
        "regime_entries" => "entry ",
        "correlation" => "correlation ",
        "killed" => "kills ",
        "selected" => "probability ",
        "paused" => "pauses ",
        "direction" => "routes ",
        unknown => panic!("in which unit does the gate {unknown} measure?"),
    }
}

#[test]
fn every_gate_says_its_unit_whether_it_passes_or_refuses() {
    for gate in GATES {
        for scene in [Scene::allowed(), planted(gate)] {
            let said = (gate.says)(&(gate.check)(&scene.case()));
            assert!(said.contains(unit(gate)), "{}: {said}", gate.name);
        }
    }
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
        "direction",
        "standing_order",
        "paused",
        "selected",
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
            // Of too few nothing was measured.
            let due = if said.starts_with("too few") { 1 } else { 2 };
            prop_assert_eq!(numbers_in(&said), due, "{}: {}", gate.name, said);
        }
    }

    #[test]
    fn every_answer_follows_from_its_two_numbers(scene in any_scene()) {
        const ROUNDING: f64 = 1e-12;
        for gate in GATES {
            let verdict = (gate.check)(&scene.case());
            let spare = match asks(gate) {
                Asks::AtLeast => verdict.measured - verdict.needed,
                Asks::AtMost => verdict.needed - verdict.measured,
            };
            prop_assert!(if verdict.passed { spare >= -ROUNDING } else { spare < 0.0 }, "{}: {:?}", gate.name, verdict);
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

#[test]
fn a_fall_is_measured_from_where_it_began() {
    let portfolio = |equity| Portfolio {
        equity,
        equity_day_began: 100.0,
        equity_high: 120.0,
        ..Scene::allowed().portfolio
    };
    for (equity, day, high) in [
        (120.0, 0.0, 0.0),
        (100.0, 0.0, 1.0 / 6.0),
        (90.0, 0.1, 0.25),
        (0.0, 1.0, 1.0),
        (-5.0, 1.0, 1.0),
    ] {
        let portfolio = portfolio(equity);
        assert!((portfolio.day_loss_fraction() - day).abs() < 1e-12, "{equity}");
        assert!((portfolio.drawdown_fraction() - high).abs() < 1e-12, "{equity}");
    }
}
