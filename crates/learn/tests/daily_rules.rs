//! A13 on worlds whose truth is known: a symbol that loses at some hours becomes a rule a person can read, and
//! where there is nothing to find hardly ever anything is found among thousands of patterns.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::Range;

use domain::{
    Amendment, Change, Condition, DailyRule, Evidence, GatePolicy, Outcome, Policy, PolicyVersion,
    Reason, SymbolIx, Timestamp,
};
use learn::{DailyRules, Governor, House, LearnRules, Learner, Rule, learners, rule_words};
use scenarios::{BEGIN, Dice, HOUR_MS, Pattern, outcome};

/// A gate that refuses by what was learned, behind two that do not.
fn house() -> House {
    House { gates: vec!["conviction", "cooldown", "selected"], ..House::default() }
}

const SYMBOL: SymbolIx = SymbolIx(3);
const LOSES: Pattern = Pattern::SymbolHours { symbol: SYMBOL, hour: 8, win_rate: 0.20 };
const WINS: Pattern = Pattern::SymbolHours { symbol: SYMBOL, hour: 8, win_rate: 0.64 };
const DAY_MS: i64 = 24 * HOUR_MS;

fn seed_rules() -> LearnRules {
    LearnRules { rule: Rule::Seed, ..LearnRules::default() }
}

fn at(hour: u64) -> Timestamp {
    BEGIN.plus_ms(hour as i64 * HOUR_MS)
}

fn planted() -> Vec<Condition> {
    vec![Condition::Symbol(SYMBOL), Condition::HoursFrom(8)]
}

/// The learner and its governor at work, asked every night.
struct School {
    policy: Policy,
    governor: Governor,
    learner: DailyRules,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new(rules: LearnRules) -> School {
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            learner: DailyRules::new(rules, &house()),
            versions: Vec::new(),
        }
    }

    fn night(&mut self, at: Timestamp) {
        let wanted = self.learner.propose(&self.policy, at);
        if let Some(version) = self.governor.publish(&self.policy, wanted, at).version {
            self.adopt(version);
        }
    }

    fn adopt(&mut self, version: PolicyVersion) {
        self.learner.adopt(&version);
        self.policy = version.policy.clone();
        self.versions.push(version);
    }

    fn live(&mut self, pattern: Pattern, dice: &mut Dice, hours: Range<u64>) {
        for hour in hours {
            self.learner.observe(&pattern.candidate(hour, dice));
            if hour % 24 == 7 {
                self.night(at(hour));
            }
        }
    }

    /// Lives until a rule stands; the hour after.
    fn live_until_a_rule(&mut self, pattern: Pattern, dice: &mut Dice) -> u64 {
        let mut hour = 0;
        while self.policy.rules.is_empty() {
            assert!(hour < 30_000, "nothing was found");
            self.live(pattern, dice, hour..hour + 24);
            hour += 24;
        }
        hour
    }

    fn first_rule(&self) -> Option<&DailyRule> {
        self.versions.first()?.policy.rules.first()
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
fn a_symbol_that_loses_at_some_hours_becomes_a_rule() {
    const SEEDS: u64 = 20;
    let mut found = 0;
    for seed in 0..SEEDS {
        let mut school = School::new(LearnRules::default());
        school.live(LOSES, &mut Dice::new(seed), 0..12_000);
        let Some(rule) = school.first_rule() else { continue };
        assert!(rule.support >= 50.0 && rule.factor <= 0.5 && rule.high_r < 0.0, "{rule:?}");
        assert_eq!(rule.expires_at.ms_since(rule.found_at), 14 * DAY_MS);
        found += u64::from(rule.when == planted());
    }
    eprintln!("found in {found} of {SEEDS}");
    assert!(found >= 16, "{found}");
}

#[test]
fn what_wins_is_raised_by_a_quarter_at_most() {
    let mut school = School::new(LearnRules::default());
    school.live_until_a_rule(WINS, &mut Dice::new(4));
    let rule = school.first_rule().unwrap();
    assert!((rule.when == planted(), rule.factor) == (true, 1.25) && rule.low_r > 0.0, "{rule:?}");
}

#[test]
fn among_thousands_of_patterns_that_mean_nothing_hardly_ever_one_becomes_a_rule() {
    const SEEDS: u64 = 200;
    let changed = (0..SEEDS).filter(|seed| {
        let mut school = School::new(LearnRules::default());
        school.live(Pattern::None, &mut Dice::new(1_000 + seed), 0..10_000);
        !school.versions.is_empty()
    });
    let changed = changed.count();
    eprintln!("{changed} of {SEEDS} null worlds found a rule");
    assert!(changed <= 10, "{changed}");
}

/// How many of 200 worlds find a rule where all candidates come to what `draw` says, whatever they are.
fn null_worlds_with_a_rule(first_seed: u64, draw: impl Fn(&mut Dice) -> f64) -> usize {
    let changed = (0..200).filter(|seed| {
        let (mut school, mut dice) =
            (School::new(LearnRules::default()), Dice::new(first_seed + seed));
        for hour in 0..10_000 {
            let candidate = Pattern::None.candidate(hour, &mut dice);
            school.learner.observe(&Outcome { r: draw(&mut dice), ..candidate });
            if hour % 24 == 7 {
                school.night(at(hour));
            }
        }
        !school.versions.is_empty()
    });
    changed.count()
}

#[test]
fn where_all_lose_their_costs_no_pattern_is_said_to() {
    let changed =
        null_worlds_with_a_rule(5_000, |dice| if dice.happens(0.36) { 1.45 } else { -1.05 });
    eprintln!("{changed} of 200 worlds that lose their costs found a rule");
    assert!(changed <= 10, "{changed}");
}

#[test]
fn a_far_winner_counts_whole_against_who_says_it_loses() {
    let changed =
        null_worlds_with_a_rule(6_000, |dice| if dice.happens(0.2) { 5.0 } else { -1.25 });
    eprintln!("{changed} of 200 null worlds with far winners found a rule");
    assert!(changed <= 10, "{changed}");
}

#[test]
fn ten_copies_of_one_result_do_not_make_luck_into_a_rule() {
    const SEEDS: u64 = 60;
    let changed = (0..SEEDS).filter(|&seed| {
        let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(seed));
        for hour in 0..3_000_u64 {
            let once = Pattern::None.candidate(hour, &mut dice);
            (0..10).for_each(|_| school.learner.observe(&Outcome { uniqueness: 0.1, ..once }));
            if hour % 24 == 7 {
                school.night(at(hour));
            }
        }
        !school.versions.is_empty()
    });
    let changed = changed.count();
    assert!(changed <= 3, "{changed}");
}

#[test]
fn a_rule_says_where_how_much_from_how_many_and_until_when() {
    let rule = DailyRule {
        when: vec![
            Condition::Symbol(SYMBOL),
            Condition::Side(domain::Side::Short),
            Condition::HoursFrom(8),
        ],
        factor: 0.5,
        support: 214.3,
        mean_r: -0.21,
        low_r: -0.33,
        high_r: -0.09,
        found_at: at(0),
        expires_at: Timestamp::from_ms(1_714_716_000_000),
    };
    assert_eq!(
        rule_words(&rule, |_| "BTCUSDT".to_owned()),
        "on BTCUSDT, short, 08–12: −0.21 R per decision [−0.33, −0.09], 214 effective; expires 2024-05-03"
    );
}

#[test]
fn a_rule_expires_unless_it_is_confirmed() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(2));
    let hour = school.live_until_a_rule(LOSES, &mut dice);
    let until = school.policy.rules[0].expires_at;
    let mut confirmed = School { policy: school.policy.clone(), versions: Vec::new(), ..school };
    // What it speaks of goes on losing: it is confirmed before its time is over.
    let mut on = Dice::new(3);
    confirmed.live(LOSES, &mut on, hour..hour + 13 * 24);
    let rule = &confirmed.policy.rules[0];
    assert!(rule.expires_at > until && rule.found_at < until, "{rule:?}");
    // What was heard since confirms it once more; after that nothing is heard, and it is gone the night its
    // time is over, and not found again by the old.
    confirmed.night(rule.expires_at.plus_ms(-1));
    let until = confirmed.policy.rules[0].expires_at;
    confirmed.night(until.plus_ms(-1));
    assert_eq!(confirmed.policy.rules[0].expires_at, until);
    confirmed.night(until);
    assert!(confirmed.policy.rules.is_empty());
    confirmed.night(until.plus_ms(DAY_MS));
    assert!(confirmed.policy.rules.is_empty());
}

#[test]
fn nothing_is_found_on_fewer_outcomes_than_the_rule_asks_for() {
    let mut school = School::new(LearnRules::default());
    school.live(LOSES, &mut Dice::new(1), 0..199);
    assert!(school.versions.is_empty());
    let report = school.learner.report(&school.policy);
    assert_eq!(report.starved, ["199 of 200 effective outcomes for a look"]);
}

#[test]
fn what_a_rule_makes_a_gate_refuse_goes_on_being_heard() {
    let heard = |refused| {
        let mut learner = DailyRules::new(LearnRules::default(), &house());
        learner.observe(&Outcome { refused, ..outcome(0, -1.0) });
        learner.report(&Policy::day_one(GatePolicy::default())).heard
    };
    // What two other gates refused nobody would have traded.
    assert_eq!([0b000, 0b001, 0b100, 0b101, 0b011].map(heard), [1, 1, 1, 1, 0]);
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(2));
    let hour = school.live_until_a_rule(LOSES, &mut dice);
    let until = school.policy.rules[0].expires_at;
    for hour in hour..hour + 13 * 24 {
        let candidate = LOSES.candidate(hour, &mut dice);
        school.learner.observe(&Outcome { refused: 0b100, ..candidate });
        if hour % 24 == 7 {
            school.night(at(hour));
        }
    }
    assert!(school.policy.rules[0].expires_at > until, "what is not traded confirms it too");
}

#[test]
fn symbols_beyond_those_told_apart_are_said_to_be() {
    let mut school = School::new(LearnRules::default());
    school.learner.observe(&Outcome { symbol: SymbolIx(64), ..outcome(0, 1.0) });
    let report = school.learner.report(&school.policy);
    assert!(report.starved.iter().any(|line| line.contains("beyond the first 64")));
}

/// Seed 001 names discoveries: any pattern of 50 outcomes whose mean is beyond one standard error.
#[test]
fn the_seeds_rule_takes_anything_of_fifty_beyond_one_standard_error() {
    let mut school = School::new(seed_rules());
    let mut dice = Dice::new(5);
    for hour in 0..49 {
        school.learner.observe(&Outcome {
            side: domain::Side::Long,
            ..Pattern::None.candidate(hour, &mut dice)
        });
    }
    school.night(at(49));
    assert!(school.versions.is_empty(), "49 outcomes are not 50");
    school.live(Pattern::None, &mut dice, 49..2_000);
    let rules = &school.versions.last().unwrap().policy.rules;
    assert!((1..=12).contains(&rules.len()));
    for rule in rules {
        let error = (rule.high_r - rule.mean_r) / stats::interval::Z_95;
        assert!(rule.support >= 50.0 && rule.mean_r.abs() > error);
        assert_eq!(rule.factor, if rule.mean_r < 0.0 { 0.5 } else { 1.25 });
    }
}

#[test]
fn what_was_named_is_counted_as_a_trial() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(2));
    let hour = school.live_until_a_rule(LOSES, &mut dice);
    let trials = school.learner.trials(&school.policy, at(hour));
    let taken: Vec<&str> =
        trials.iter().filter(|trial| trial.was_taken).map(|trial| &*trial.cell).collect();
    assert_eq!(taken.len(), school.policy.rules.len());
    assert!(taken.contains(&"symbol 3, 08–12"), "{taken:?}");
    let Change::Rules(rules) = &school.versions[0].reason.amendments()[0].change else {
        panic!("another change");
    };
    let evidence = &school.versions[0].reason.amendments()[0].evidence;
    assert!(evidence.e_value.unwrap() > 10.0 && evidence.outcomes_effective >= rules[0].support);
}

#[test]
fn what_was_saved_goes_on_as_if_it_had_never_stopped() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(13));
    school.live(LOSES, &mut dice, 0..2_500);
    let mut restored = DailyRules::new(LearnRules::default(), &house());
    assert!(restored.load(&school.learner.save()));
    assert!(!restored.load(b"no such thing"));
    for hour in 2_500..6_000 {
        let heard = LOSES.candidate(hour, &mut dice);
        school.learner.observe(&heard);
        restored.observe(&heard);
    }
    assert_eq!(school.learner, restored);
    let propose = |learner: &DailyRules| learner.propose(&school.policy, at(6_000));
    assert_eq!(propose(&school.learner), propose(&restored));
    assert!(restored.save().len() < 200_000);
}

#[test]
fn what_was_taken_back_must_be_named_and_proven_again() {
    let (mut school, mut dice) = (School::new(LearnRules::default()), Dice::new(2));
    let hour = school.live_until_a_rule(LOSES, &mut dice);
    let day_one = Policy::day_one(GatePolicy::default());
    for version in taken_back(&school, &day_one, at(hour)) {
        let mut school = School {
            policy: school.policy.clone(),
            governor: Governor::new(LearnRules::default()),
            learner: school.learner.clone(),
            versions: Vec::new(),
        };
        school.adopt(version);
        // The planted pattern is heard once in 24 hours: fifty take 1,200.
        school.live(LOSES, &mut dice, hour..hour + 1_200);
        assert!(school.policy.rules.is_empty());
    }
}

#[test]
fn it_is_on_the_list_of_both_rules() {
    for rules in [LearnRules::default(), seed_rules()] {
        let listed =
            learners(&rules, &Policy::day_one(GatePolicy::default()), &learn::House::default());
        assert!(listed.iter().any(|learner| learner.name() == "daily_rules"));
    }
}
