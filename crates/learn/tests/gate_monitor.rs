//! A17 where it is known what each gate is worth.

use domain::{GatePolicy, Outcome, Policy, Threshold};
use learn::{GateMonitor, GateVerdict, House, LearnRules, Learner};
use scenarios::{BEGIN, Bets, Dice, GateWorld};

fn monitor() -> GateMonitor {
    let house = House { gates: GateWorld::GATES.to_vec(), ..House::default() };
    GateMonitor::new(LearnRules::default(), &house)
}

fn verdict_of(monitor: &GateMonitor, threshold: Threshold) -> GateVerdict {
    let at = GateWorld::bit(threshold).trailing_zeros() as usize;
    monitor.verdicts()[at]
}

fn watched(world: &GateWorld, seed: u64, hours: u64) -> GateMonitor {
    let (mut monitor, mut dice) = (monitor(), Dice::new(seed));
    let gates = GatePolicy::default();
    (0..hours).for_each(|hour| monitor.observe(&world.candidate(hour, &gates, &mut dice)));
    monitor
}

#[test]
fn a_gate_that_keeps_losers_out_earns_its_keep_and_one_that_keeps_earners_out_costs_money() {
    for (win_rate, verdict) in [(0.30, GateVerdict::EarnsItsKeep), (0.54, GateVerdict::CostsMoney)]
    {
        let world = GateWorld {
            refused: Bets::winning(win_rate),
            only: Some(Threshold::FeeMargin),
            ..GateWorld::NULL
        };
        for seed in 0..20 {
            let monitor = watched(&world, seed, 3_000);
            assert_eq!(verdict_of(&monitor, Threshold::FeeMargin), verdict, "seed {seed}");
            assert_eq!(verdict_of(&monitor, Threshold::Conviction), GateVerdict::NotKnownYet);
        }
    }
}

#[test]
fn where_nothing_earns_or_loses_hardly_a_gate_is_judged() {
    let judged = (0..200).filter(|&seed| {
        let verdicts = watched(&GateWorld::NULL, 1_000 + seed, 4_000).verdicts();
        verdicts.iter().any(|verdict| *verdict != GateVerdict::NotKnownYet)
    });
    let judged = judged.count();
    eprintln!("null: {judged} of 200 seeds judged any of {} gates", GateWorld::GATES.len());
    assert!(judged <= 10, "{judged} of 200");
}

#[test]
fn a_gate_that_never_refused_alone_is_named_once_it_has_refused_enough() {
    let (mut monitor, mut dice) = (monitor(), Dice::new(7));
    let (alone, twice) =
        (GateWorld::bit(Threshold::Conviction), GateWorld::bit(Threshold::Confluence));
    for hour in 0..400 {
        let made = GateWorld::NULL.candidate(hour, &GatePolicy::default(), &mut dice);
        let refused = if hour % 2 == 0 { alone } else { alone | twice };
        monitor.observe(&Outcome { refused, ..made });
        let named = verdict_of(&monitor, Threshold::Confluence) == GateVerdict::NeverAlone;
        assert_eq!(named, hour.div_ceil(2) >= 50, "hour {hour}");
    }
    let report = monitor.report(&Policy::day_one(GatePolicy::default()));
    let line = report.beliefs.iter().find(|line| line.starts_with("confluence"));
    assert_eq!(
        line.map(String::as_str),
        Some(
            "confluence never alone: consider retiring it: refused 200 (100 % with others), 0 alone"
        )
    );
    let line = report.beliefs.iter().find(|line| line.starts_with("conviction not known yet"));
    let line = line.expect("it has refused enough alone");
    assert!(line.contains("refused 400 (50 % with others), 200 alone; those came to"), "{line}");
}

#[test]
fn a_gate_that_guards_capital_is_never_to_be_retired() {
    let (mut dice, bets) = (Dice::new(7), Bets::winning(0.70));
    let verdict = |capital_gates, dice: &mut Dice| {
        let house =
            House { gates: vec!["open_positions", "fee"], capital_gates, ..House::default() };
        let mut monitor = GateMonitor::new(LearnRules::default(), &house);
        let first = monitor.report(&Policy::day_one(GatePolicy::default())).starved;
        assert!(first.iter().all(|line| line.ends_with("refused 0, 0 alone")), "{first:?}");
        for hour in 0..2_000 {
            monitor.observe(&Outcome { refused: 1, ..scenarios::outcome(hour, bets.draw(dice)) });
        }
        monitor.verdicts()[0]
    };
    assert_eq!(verdict(0, &mut dice), GateVerdict::CostsMoney);
    assert_eq!(verdict(1, &mut dice), GateVerdict::GuardsCapital);
}

#[test]
fn fifty_effective_refusals_are_the_fewest_that_judge() {
    let (mut monitor, mut dice) = (monitor(), Dice::new(7));
    let world = GateWorld {
        refused: Bets::winning(0.0),
        only: Some(Threshold::Conviction),
        ..GateWorld::NULL
    };
    let mut refused = 0;
    for hour in 0..1_200 {
        let made = world.candidate(hour, &GatePolicy::default(), &mut dice);
        refused += u32::from(made.refused != 0);
        monitor.observe(&Outcome { uniqueness: 0.125, ..made });
        let is_judged = verdict_of(&monitor, Threshold::Conviction) != GateVerdict::NotKnownYet;
        assert!(!is_judged || refused >= 400, "{refused}");
    }
    assert_eq!(verdict_of(&monitor, Threshold::Conviction), GateVerdict::EarnsItsKeep);
}

#[test]
fn copies_of_one_refusal_judge_no_gate() {
    let judged = (0..200).filter(|&seed| {
        let (mut monitor, mut dice) = (monitor(), Dice::new(3_000 + seed));
        for hour in 0..400 {
            let one = GateWorld::NULL.candidate(hour, &GatePolicy::default(), &mut dice);
            (0..10).for_each(|_| monitor.observe(&Outcome { uniqueness: 0.1, ..one }));
        }
        monitor.verdicts().iter().any(|verdict| *verdict != GateVerdict::NotKnownYet)
    });
    let judged = judged.count();
    assert!(judged <= 10, "{judged} of 200");
}

#[test]
fn it_reports_and_changes_nothing_and_survives_being_written_down() {
    let world = GateWorld { refused: Bets::winning(0.30), ..GateWorld::NULL };
    let watched = watched(&world, 7, 3_000);
    let policy = Policy::day_one(GatePolicy::default());
    assert!(watched.propose(&policy, BEGIN).is_empty());
    let mut again = monitor();
    assert!(again.load(&watched.save()));
    assert_eq!(again, watched);
    let mut of_another_house =
        GateMonitor::new(LearnRules::default(), &House { gates: vec!["fee"], ..House::default() });
    assert!(!of_another_house.load(&watched.save()));
}
