//! A9 on worlds whose truth is known: exits move where another plan gains, and stay where none does.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    Change, ExitFactors, GatePolicy, Marks, Outcome, Policy, PolicyVersion, Reason, Timestamp,
    WhatIf, WhatIfOutcome,
};
use learn::{ExitTimes, Governor, LearnRules, Learner, Rule};
use scenarios::{BEGIN, Dice, ExitPaths, HOUR_MS, outcome};

/// The learner and its governor at work, asked once a night.
struct School {
    policy: Policy,
    governor: Governor,
    learner: ExitTimes,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new(rules: LearnRules) -> School {
        let policy = Policy::day_one(GatePolicy::default());
        let learner = ExitTimes::new(rules, &policy);
        School { policy, governor: Governor::new(rules), learner, versions: Vec::new() }
    }

    fn night(&mut self, at: Timestamp) {
        let amendments = self.learner.propose(&self.policy, at);
        if let Some(version) = self.governor.publish(&self.policy, amendments, at).version {
            self.stand(version);
        }
    }

    fn stand(&mut self, version: PolicyVersion) {
        self.learner.adopt(&version);
        self.policy = version.policy.clone();
        self.versions.push(version);
    }

    /// So many decisions, an hour apart, each `copies` times.
    fn live(&mut self, paths: ExitPaths, seed: u64, decisions: u64, copies: u32) {
        let mut dice = Dice::new(seed);
        for hours in 0..decisions {
            for pair in paths.pairs(&mut dice, hours, 1.0 / f64::from(copies)) {
                (0..copies).for_each(|_| self.learner.observe_what_if(&pair));
            }
            if hours % 24 == 23 {
                self.night(BEGIN.plus_ms(hours as i64 * HOUR_MS));
            }
        }
    }
}

fn live(paths: ExitPaths, seed: u64, decisions: u64, copies: u32) -> School {
    let mut school = School::new(LearnRules::default());
    school.live(paths, seed, decisions, copies);
    school
}

#[test]
fn a_market_that_turns_at_the_near_target_brings_the_target_nearer() {
    let found = (0..40).filter(|&seed| {
        let school = live(ExitPaths::TURNS, seed, 2_500, 1);
        let Some(first) = school.versions.first() else { return false };
        let factors = first.policy.exits_of(domain::StrategyIx(0));
        let Reason::Learned(amendments) = &first.reason else { panic!("{first:?}") };
        assert!(amendments[0].evidence.e_value.unwrap() >= 20.0);
        assert!(amendments[0].evidence.outcomes_effective >= 50.0);
        factors.target < 1.0 && factors.target >= 0.8 - 1e-9
    });
    let found = found.count();
    assert!(found >= 34, "{found} of 40");
}

#[test]
fn every_other_plan_is_a_trial_of_the_night_on_which_one_is_taken() {
    let mut school = School::new(LearnRules::default());
    let mut dice = Dice::new(3);
    for hours in 0..2_500 {
        for pair in ExitPaths::TURNS.pairs(&mut dice, hours, 1.0) {
            school.learner.observe_what_if(&pair);
        }
        let trials = school.learner.trials(&school.policy, BEGIN);
        let proposed = school.learner.propose(&school.policy, BEGIN).len();
        assert_eq!(trials.iter().filter(|trial| trial.was_taken).count(), proposed);
        if proposed > 0 {
            assert!(trials.iter().any(|trial| !trial.was_taken), "{trials:?}");
            let taken = trials.iter().find(|trial| trial.was_taken).unwrap();
            assert_eq!(taken.cell, "strategy 0: target_near");
            assert!(taken.mean_r > 0.0 && taken.sharpe > 0.0 && taken.learner == "exits");
            return;
        }
        assert!(trials.is_empty());
    }
    panic!("nothing was taken");
}

#[test]
fn where_no_plan_gains_exits_stay_in_nearly_every_world() {
    let moved = |copies: u32| {
        let moves = |seed: &u64| !live(ExitPaths::NULL, *seed, 1_500, copies).versions.is_empty();
        (0..200).filter(moves).count()
    };
    let (alone, copied) = (moved(1), moved(10));
    assert!(alone <= 10 && copied <= 10, "{alone} and {copied} of 200");
}

/// Groups that lie across the blocks in which pairs are bet on, so that neighbouring bets are half the same.
#[test]
fn pairs_that_overlap_across_bets_move_nothing_either() {
    let moves = |seed: &u64| {
        let mut school = School::new(LearnRules::default());
        let mut dice = Dice::new(*seed);
        let half = ExitPaths::NULL.pairs(&mut dice, 0, 0.5);
        half.iter().for_each(|pair| school.learner.observe_what_if(pair));
        for group in 0..1_000 {
            let pairs = ExitPaths::NULL.pairs(&mut dice, group, 0.125);
            (0..8).for_each(|_| pairs.iter().for_each(|p| school.learner.observe_what_if(p)));
            if group % 3 == 2 {
                school.night(BEGIN.plus_ms(group as i64 * HOUR_MS));
            }
        }
        !school.versions.is_empty()
    };
    let moved = (0..200).filter(moves).count();
    assert!(moved <= 10, "{moved} of 200");
}

#[test]
fn nothing_moves_below_fifty_effective_pairs_however_many_copies_there_are() {
    let mut school = School::new(LearnRules::default());
    let sure = |what_if, hours| WhatIfOutcome {
        r: -1.0,
        r_instead: 1.5,
        what_if,
        ..ExitPaths::NULL.pairs(&mut Dice::new(1), hours, 0.1)[0]
    };
    for hours in 0..499 {
        school.learner.observe_what_if(&sure(WhatIf::HoldDouble, hours));
        school.night(BEGIN);
    }
    assert!(school.versions.is_empty());
    (499..520).for_each(|hours| school.learner.observe_what_if(&sure(WhatIf::HoldDouble, hours)));
    school.night(BEGIN);
    assert_eq!(school.versions.len(), 1);
    assert!((school.policy.exits[0].hold - 1.2).abs() < 1e-9);
}

#[test]
fn copies_of_one_pair_are_one_bet() {
    let e_value = |copies: u32| {
        let mut learner =
            ExitTimes::new(LearnRules::default(), &Policy::day_one(GatePolicy::default()));
        let mut dice = Dice::new(4);
        for hours in 0..300 {
            for pair in ExitPaths::TURNS.pairs(&mut dice, hours, 1.0 / f64::from(copies)) {
                (0..copies).for_each(|_| learner.observe_what_if(&pair));
            }
        }
        let report = learner.report(&Policy::day_one(GatePolicy::default()));
        report.beliefs.iter().find(|line| line.contains("target_near")).unwrap().clone()
    };
    let of = |line: &str| line.split("e = ").nth(1).unwrap().to_owned();
    assert_eq!(of(&e_value(1)), of(&e_value(10)));
}

#[test]
fn a_part_is_taken_early_only_where_it_makes_results_steadier() {
    let moved = |r: [f64; 2], instead: [f64; 2]| {
        let mut school = School::new(LearnRules::default());
        for hours in 0..400 {
            let at = hours as usize % 2;
            school.learner.observe_what_if(&WhatIfOutcome {
                r: r[at],
                r_instead: instead[at],
                what_if: WhatIf::PartialHalf,
                ..ExitPaths::NULL.pairs(&mut Dice::new(1), hours, 1.0)[0]
            });
        }
        school.night(BEGIN);
        school.policy.exits.first().copied().unwrap_or_default().partial_share
    };
    assert_eq!(moved([-1.0, 1.0], [-1.0, 1.5]), 0.0, "it gains, and is wilder");
    assert!((moved([-1.0, 1.0], [-0.2, 0.8]) - 0.05).abs() < 1e-9);
}

#[test]
fn evidence_begins_anew_once_the_plan_has_moved_and_once_it_was_taken_back() {
    let mut school = School::new(LearnRules::default());
    let day_one = school.policy.clone();
    let mut dice = Dice::new(6);
    let mut hours = 0;
    let teach = |school: &mut School, dice: &mut Dice, hours: &mut u64, count: u64| {
        for _ in 0..count {
            for pair in (ExitPaths { up: 0.5, up_after_near: 0.1 }).pairs(dice, *hours, 1.0) {
                school.learner.observe_what_if(&pair);
            }
            *hours += 1;
        }
        school.night(BEGIN.plus_ms(*hours as i64 * HOUR_MS));
    };
    teach(&mut school, &mut dice, &mut hours, 800);
    assert_eq!(school.versions.len(), 1);
    school.night(BEGIN);
    assert_eq!(school.versions.len(), 1, "the same evidence twice");
    let version = school.governor.revert(&school.policy, &day_one, BEGIN);
    school.stand(version);
    teach(&mut school, &mut dice, &mut hours, 49);
    assert_eq!(school.versions.len(), 2, "a revert is not undone at once");
    assert_eq!(school.policy.exits, day_one.exits);
    teach(&mut school, &mut dice, &mut hours, 1_500);
    assert_eq!(school.versions.len(), 3);
}

/// An outcome that stood at 1 R half way and ended at nothing.
fn faded(hours: u64) -> Outcome {
    let mut marks = Marks::default();
    [0.2, 1.0, 0.5].into_iter().for_each(|r| marks.reach(r));
    Outcome { marks, ..outcome(hours, 0.0) }
}

#[test]
fn the_seeds_rule_moves_the_hold_to_what_came_to_most_once_fifty_are_in() {
    let mut school = School::new(LearnRules { rule: Rule::Seed, ..LearnRules::default() });
    (0..49).for_each(|hours| school.learner.observe(&faded(hours)));
    school.night(BEGIN);
    assert!(school.versions.is_empty());
    school.learner.observe(&faded(49));
    let proposed = school.learner.propose(&school.policy, BEGIN);
    let Change::Exits { factors, .. } = proposed[0].change else { panic!("{proposed:?}") };
    assert_eq!(factors, ExitFactors { hold: 0.5, ..ExitFactors::default() });
    school.night(BEGIN);
    assert!((school.policy.exits[0].hold - 0.8).abs() < 1e-9, "bounded");
    // What was held under the plan before is marked at its times, and no longer heard.
    (50..200).for_each(|hours| school.learner.observe(&faded(hours)));
    assert!(school.learner.propose(&school.policy, BEGIN).is_empty());
}

#[test]
fn what_it_remembers_survives_being_written_down() {
    let mut school = live(ExitPaths::TURNS, 3, 700, 2);
    (0..60).for_each(|hours| school.learner.observe(&faded(hours)));
    let mut again = ExitTimes::new(LearnRules::default(), &Policy::day_one(GatePolicy::default()));
    assert!(again.load(&school.learner.save()));
    assert_eq!(again, school.learner);
    assert!(!again.load(b"?"));
}
