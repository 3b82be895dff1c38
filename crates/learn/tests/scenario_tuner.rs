//! A12 on worlds whose truth is known: it finds the slice in which conviction is worth something, and where
//! nothing is worth anything it changes nothing, however many cells it tries.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeSet;
use std::ops::Range;

use domain::{
    Amendment, Change, Condition, Evidence, GatePolicy, Outcome, Policy, PolicyVersion, Reason,
    Regime, SliceRule, Threshold, Timestamp,
};
use learn::{Governor, House, LearnRules, Learner, Rule, ScenarioTuner, learners};
use scenarios::{BEGIN, Dice, HOUR_MS, Pattern, outcome};

/// Two gates that guard capital, the second by what was learned.
fn house() -> House {
    let gates = vec!["conviction", "cooldown", "killed"];
    House { gates, capital_gates: 0b110, ..House::default() }
}

/// In rising markets a conviction of .7 earns and a lower one loses; elsewhere nobody earns anything.
const PLANTED: Pattern =
    Pattern::Conviction { regime: Regime::TrendUp, conviction: 0.7, above: 0.55, below: 0.20 };

fn seed_rules() -> LearnRules {
    LearnRules { rule: Rule::Seed, ..LearnRules::default() }
}

fn at(hour: u64) -> Timestamp {
    BEGIN.plus_ms(hour as i64 * HOUR_MS)
}

/// The tuner and its governor at work.
struct School {
    policy: Policy,
    governor: Governor,
    tuner: ScenarioTuner,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new(rules: LearnRules) -> School {
        let policy = Policy::day_one(GatePolicy::default());
        School {
            governor: Governor::new(rules),
            tuner: ScenarioTuner::new(rules, &policy, &house()),
            policy,
            versions: Vec::new(),
        }
    }

    fn night(&mut self, at: Timestamp) {
        let wanted = self.tuner.propose(&self.policy, at);
        if let Some(version) = self.governor.publish(&self.policy, wanted, at).version {
            self.adopt(version);
        }
    }

    fn adopt(&mut self, version: PolicyVersion) {
        self.tuner.adopt(&version);
        self.policy = version.policy.clone();
        self.versions.push(version);
    }

    /// Hears a candidate an hour and is asked every `between` of them.
    fn live(&mut self, pattern: Pattern, dice: &mut Dice, hours: Range<u64>, between: u64) {
        for hour in hours {
            self.tuner.observe(&pattern.candidate(hour, dice));
            if hour % between == between - 1 {
                self.night(at(hour));
            }
        }
    }

    fn first_change(&self) -> Option<&Change> {
        Some(&self.versions.first()?.reason.amendments()[0].change)
    }
}

/// The same values again, as a person brings them back and as the policy's own trial does.
fn taken_back(school: &School, to: &Policy, at: Timestamp) -> [PolicyVersion; 2] {
    let reverted = school.governor.revert(&school.policy, to, at);
    let amendment = Amendment {
        learner: "profit_evolution".to_owned(),
        change: Change::TakeBack(Box::new(to.clone())),
        evidence: Evidence::of(100, 100.0),
    };
    let by_trial = PolicyVersion { reason: Reason::Learned(vec![amendment]), ..reverted.clone() };
    [reverted, by_trial]
}

#[test]
fn a_slice_in_which_only_high_conviction_earns_asks_for_more() {
    const SEEDS: u64 = 20;
    let mut found = 0;
    for seed in 0..SEEDS {
        let mut school = School::new(LearnRules::default());
        school.live(PLANTED, &mut Dice::new(seed), 0..16_000, 500);
        let Some(first) = school.versions.first() else { continue };
        let evidence = &first.reason.amendments()[0].evidence;
        assert!(evidence.e_value.unwrap() >= 20.0 && evidence.outcomes_effective >= 50.0);
        assert!(evidence.effect.unwrap().low > 0.0 && evidence.says.contains("against luck"));
        found += u64::from(match school.first_change().unwrap() {
            Change::Slices(slices) => {
                slices[0].when == Condition::Regime(Regime::TrendUp)
                    && slices[0].conviction_min > 0.60
            }
            Change::Threshold { threshold: Threshold::Conviction, to } => *to > 0.60,
            other => panic!("{other:?}"),
        });
    }
    eprintln!("found in {found} of {SEEDS}");
    // Measured: 20, of which 17 as the slice itself.
    assert!(found >= 17, "{found}");
}

#[test]
fn where_nothing_is_worth_anything_the_best_of_all_cells_is_hardly_ever_taken() {
    const SEEDS: u64 = 200;
    let changed = (0..SEEDS).filter(|seed| {
        let mut school = School::new(LearnRules::default());
        school.live(Pattern::None, &mut Dice::new(1_000 + seed), 0..6_000, 300);
        !school.versions.is_empty()
    });
    let changed = changed.count();
    eprintln!("{changed} of {SEEDS} null worlds changed");
    assert!(changed <= 10, "{changed}");
}

/// Who counts a far winner only in part where it was refused finds that refusing pays: on this market four of
/// five lose one and a quarter, and the fifth brings five, so that nobody earns anything.
#[test]
fn a_far_winner_counts_whole_against_who_would_refuse_it() {
    const SEEDS: u64 = 200;
    let changed = (0..SEEDS).filter(|seed| {
        let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(3_000 + seed));
        for hour in 0..6_000 {
            let candidate = Pattern::None.candidate(hour, &mut dice);
            let r = if dice.happens(0.2) { 5.0 } else { -1.25 };
            school.tuner.observe(&Outcome { r, ..candidate });
            if hour % 300 == 299 {
                school.night(at(hour));
            }
        }
        !school.versions.is_empty()
    });
    let changed = changed.count();
    eprintln!("{changed} of {SEEDS} null worlds with far winners changed");
    assert!(changed <= 10, "{changed}");
}

/// The same luck again and again: each result comes ten times, and each copy is worth a tenth.
#[test]
fn ten_copies_of_one_result_do_not_make_luck_into_evidence() {
    const SEEDS: u64 = 60;
    let changed = (0..SEEDS).filter(|&seed| {
        let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(seed));
        for hour in 0..1_500_u64 {
            let once = Pattern::None.candidate(hour, &mut dice);
            for _ in 0..10 {
                school.tuner.observe(&Outcome { uniqueness: 0.1, ..once });
            }
            if hour % 150 == 149 {
                school.night(at(hour));
            }
        }
        !school.versions.is_empty()
    });
    let changed = changed.count();
    assert!(changed <= 3, "{changed}");
}

#[test]
fn nothing_moves_on_fewer_outcomes_than_the_rule_asks_for() {
    let mut school = School::new(LearnRules::default());
    school.live(PLANTED, &mut Dice::new(3), 0..199, 1);
    assert!(school.versions.is_empty());
    let report = school.tuner.report(&school.policy);
    assert_eq!(report.starved, ["199 of 200 effective outcomes for a search"]);
    assert_eq!((report.heard, report.beliefs.len()), (199, 0));
}

#[test]
fn what_gates_refused_to_guard_capital_is_not_heard_but_for_those_that_learned_to() {
    let heard = |refused| {
        let mut tuner = School::new(LearnRules::default()).tuner;
        tuner.observe(&Outcome { refused, ..outcome(0, 1.0) });
        tuner.report(&Policy::day_one(GatePolicy::default())).heard
    };
    assert_eq!([0b001, 0b010, 0b011, 0b100, 0b101].map(heard), [1, 0, 0, 1, 1]);
}

#[test]
fn every_cell_that_was_searched_is_a_trial_and_cells_have_names_of_their_own() {
    let mut school = School::new(LearnRules::default());
    school.live(PLANTED, &mut Dice::new(5), 0..2_040, 4_000);
    let trials = school.tuner.trials(&school.policy, at(2_040));
    // Everywhere 5 × 5 × 5 without the one that stands; and 4 in each of 2 strategies, 5 regimes, 6 stretches
    // of the day and 4 symbols.
    assert_eq!(trials.len(), 124 + 4 * (2 + 5 + 6 + 4));
    let names: BTreeSet<&str> = trials.iter().map(|trial| trial.cell.as_str()).collect();
    assert_eq!(names.len(), trials.len());
    assert!(names.contains("trend_up: conviction ≥ 0.720"));
    assert!(names.contains("conviction ≥ 0.720, confluence ≥ 0.700, fee margin ≥ 1.350"));
    assert!(trials.iter().all(|trial| trial.learner == "scenario_tuner" && !trial.was_taken));
    let of = |cell: &str| trials.iter().find(|trial| trial.cell == cell).unwrap();
    assert!(of("trend_up: conviction ≥ 0.720").mean_r > of("trend_up: conviction ≥ 0.540").mean_r);
}

#[test]
fn trials_of_a_search_are_told_on_the_night_after_it_and_not_again_before_the_next() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(5));
    let mut told_on = Vec::new();
    for day in 0..100_u64 {
        school.live(Pattern::None, &mut dice, day * 24..(day + 1) * 24, 4_000);
        if !school.tuner.trials(&school.policy, at((day + 1) * 24)).is_empty() {
            told_on.push(day);
        }
    }
    // Searches after 200, 400, 600, 900, 1,350 and 2,025 hours.
    assert_eq!(told_on, [8, 16, 24, 25, 37, 56, 84]);
}

#[test]
fn what_is_taken_is_marked_among_its_trials() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(5));
    let taken = (0..40_u64).find_map(|part| {
        for hour in part * 500..(part + 1) * 500 {
            school.tuner.observe(&PLANTED.candidate(hour, &mut dice));
        }
        let now = at((part + 1) * 500);
        let trials = school.tuner.trials(&school.policy, now);
        let wanted = school.tuner.propose(&school.policy, now);
        let taken: Vec<_> = trials.into_iter().filter(|trial| trial.was_taken).collect();
        assert_eq!(taken.is_empty(), wanted.is_empty());
        (!taken.is_empty()).then_some((taken, wanted))
    });
    let (taken, wanted) = taken.unwrap();
    assert_eq!(taken.len(), 1);
    assert!(wanted[0].evidence.says.starts_with(&taken[0].cell), "{:?}", wanted[0].evidence);
}

/// Seed 001: grid search with gates on win rate (40 %) and profit, and 50 outcomes; the best is taken.
#[test]
fn the_seeds_rule_takes_the_best_cell_of_the_grid_within_one_step() {
    let mut school = School::new(seed_rules());
    school.live(Pattern::None, &mut Dice::new(11), 0..3_000, 3_000);
    let amendments = school.versions[0].reason.amendments();
    assert!(amendments.iter().all(|one| one.evidence.e_value.is_none()));
    for amendment in amendments {
        assert!(amendment.evidence.outcomes_effective >= 50.0);
        match &amendment.change {
            Change::Threshold { threshold, to } => {
                let stood = threshold.of(&GatePolicy::default());
                assert!((to / stood - 1.0).abs() <= 0.2 + 1e-9, "{threshold:?} {to}");
            }
            Change::Slices(slices) => {
                assert!((1..=8).contains(&slices.len()));
                assert!(slices.iter().all(|one| (0.48..=0.72).contains(&one.conviction_min)));
            }
            other => panic!("{other:?}"),
        }
    }
    let mut few = School::new(seed_rules());
    few.live(PLANTED, &mut Dice::new(11), 0..49, 1);
    assert!(few.versions.is_empty(), "49 outcomes are not 50");
}

#[test]
fn the_seeds_rule_is_fooled_where_nothing_is_worth_anything() {
    let changed = (0..20).filter(|&seed| {
        let mut school = School::new(seed_rules());
        school.live(Pattern::None, &mut Dice::new(seed), 0..2_000, 500);
        !school.versions.is_empty()
    });
    assert!(changed.count() >= 15, "the bench must see what the seed's rule does");
}

#[test]
fn what_was_saved_goes_on_as_if_it_had_never_stopped() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(13));
    school.live(PLANTED, &mut dice, 0..2_500, 500);
    let day_one = Policy::day_one(GatePolicy::default());
    let mut restored = ScenarioTuner::new(LearnRules::default(), &day_one, &house());
    assert!(restored.load(&school.tuner.save()));
    assert!(!restored.load(b"no such thing"));
    for hour in 2_500..6_000 {
        let heard = PLANTED.candidate(hour, &mut dice);
        school.tuner.observe(&heard);
        restored.observe(&heard);
    }
    assert_eq!(school.tuner, restored);
    let propose = |tuner: &ScenarioTuner| tuner.propose(&day_one, at(6_000));
    assert_eq!(propose(&school.tuner), propose(&restored));
}

#[test]
fn what_was_taken_back_must_be_proven_by_what_comes_after() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(6));
    let mut hour = 0;
    while school.versions.is_empty() {
        school.live(PLANTED, &mut dice, hour..hour + 500, 500);
        hour += 500;
        assert!(hour < 20_000);
    }
    let day_one = Policy::day_one(GatePolicy::default());
    for version in taken_back(&school, &day_one, at(hour)) {
        let mut school = School {
            policy: school.policy.clone(),
            governor: Governor::new(LearnRules::default()),
            tuner: school.tuner.clone(),
            versions: Vec::new(),
        };
        school.adopt(version);
        // Fifty effective outcomes of those it decides otherwise take some hundreds of candidates.
        school.live(PLANTED, &mut dice, hour..hour + 500, 10);
        assert_eq!(school.versions.len(), 1);
    }
}

#[test]
fn a_change_of_what_stands_is_a_new_question() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(6));
    school.live(PLANTED, &mut dice, 0..5_000, 10_000);
    let named = |school: &School| {
        let report = school.tuner.report(&school.policy);
        report.beliefs.iter().filter(|line| line.contains("effective since")).cloned().collect()
    };
    let before: Vec<String> = named(&school);
    assert!(before.iter().any(|line| !line.contains(" 0 effective since")), "{before:?}");
    let mut policy = Policy { version: 2, ..school.policy.clone() };
    policy.gates.conviction_min = 0.58;
    policy.slices =
        vec![SliceRule { when: Condition::Regime(Regime::Range), conviction_min: 0.62 }];
    school.adopt(PolicyVersion { policy, at: at(5_000), reason: Reason::Pinned });
    let after: Vec<String> = named(&school);
    assert!(after.iter().all(|line| line.contains(" 0 effective since")), "{after:?}");
}

#[test]
fn a_step_elsewhere_leaves_a_question_as_it_was_and_every_name_asks_for_more() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(6));
    school.live(PLANTED, &mut dice, 0..5_000, 10_000);
    let of_slice = |school: &School| {
        let report = school.tuner.report(&school.policy);
        let lines = report.beliefs.into_iter().filter(|line| line.starts_with("named: trend_up"));
        lines.collect::<Vec<_>>()
    };
    let before = of_slice(&school);
    assert_eq!(before.len(), 1);
    let stepped = |school: &School, conviction_min, fee_margin| {
        let version = school.policy.version + 1;
        let mut policy = Policy { version, ..school.policy.clone() };
        (policy.gates.conviction_min, policy.gates.fee_margin) = (conviction_min, fee_margin);
        PolicyVersion { policy, at: at(5_000), reason: Reason::Pinned }
    };
    school.adopt(stepped(&school, 0.60, 1.6));
    assert_eq!(of_slice(&school), before, "its own place did not move");
    let needed = |line: &str| -> f64 { line.rsplit(' ').next().unwrap().parse().unwrap() };
    school.adopt(stepped(&school, 0.59, 1.6));
    let after = of_slice(&school);
    assert!(after.iter().all(|line| line.contains(" 0 effective since")), "{after:?}");
    assert!(after.iter().all(|line| needed(line) > needed(&before[0])), "{before:?} {after:?}");
}

#[test]
fn it_is_on_the_list_of_both_rules_and_what_it_keeps_is_bounded() {
    for rules in [LearnRules::default(), seed_rules()] {
        let listed =
            learners(&rules, &Policy::day_one(GatePolicy::default()), &learn::House::default());
        assert!(listed.iter().any(|learner| learner.name() == "scenario_tuner"));
    }
    let (mut tuner, mut dice) = (School::new(LearnRules::default()).tuner, Dice::new(17));
    let mut size_after = |hours: Range<u64>| {
        for hour in hours {
            let heard = Pattern::None.candidate(hour, &mut dice);
            tuner.observe(&Outcome { uniqueness: 0.05, ..heard });
        }
        tuner.save().len()
    };
    let sizes = [size_after(0..20_000), size_after(20_000..50_000)];
    assert!(sizes.iter().all(|size| *size < 800_000), "{sizes:?}");
}

#[test]
fn no_slice_moves_farther_than_one_step() {
    let (policy, governor) =
        (Policy::day_one(GatePolicy::default()), Governor::new(LearnRules::default()));
    let slice = |conviction_min| SliceRule { when: Condition::HoursFrom(4), conviction_min };
    let publish = |policy: &Policy, to| {
        let amendment = domain::Amendment {
            learner: "scenario_tuner".to_owned(),
            change: Change::Slices(vec![slice(to)]),
            evidence: domain::Evidence::of(50, 50.0),
        };
        governor.publish(policy, vec![amendment], at(0)).version.unwrap().policy
    };
    let first = publish(&policy, 0.90);
    assert_eq!(first.slices, [slice(0.60 + 0.2 * 0.60)]);
    assert_eq!(publish(&first, 0.40).slices[0].conviction_min, 0.72 - 0.2 * 0.72);
}
