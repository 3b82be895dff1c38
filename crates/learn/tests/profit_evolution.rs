//! A10 on streams whose truth is known: a change that hurts is taken back, one that does not stands.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    Amendment, Basis, Change, Evidence, GatePolicy, Outcome, Policy, PolicyVersion, Reason,
};
use learn::{Governor, LearnRules, Learner, ProfitEvolution, Rule};
use scenarios::{BEGIN, Bets, Dice, HOUR_MS, outcome};

const PROBE: f32 = 0.001;

/// The learner, its governor and what stands.
struct School {
    policy: Policy,
    governor: Governor,
    learner: ProfitEvolution,
    heard: u64,
    taken_back: u32,
}

impl School {
    fn new(rule: Rule) -> School {
        let rules = LearnRules { rule, ..LearnRules::default() };
        let policy = Policy::day_one(GatePolicy::default());
        let learner = ProfitEvolution::new(rules, &policy);
        School { policy, governor: Governor::new(rules), learner, heard: 0, taken_back: 0 }
    }

    fn stand(&mut self, version: &PolicyVersion) {
        self.learner.adopt(version);
        self.policy = version.policy.clone();
    }

    /// Somebody else learns something: the first head weighs more, or less.
    fn learn(&mut self, weight: f64) {
        let mut weights = [(1.0 - weight) / 8.0; 9];
        weights[0] = weight;
        let amendment = Amendment {
            learner: "head_weights".to_owned(),
            change: Change::HeadWeights(weights),
            evidence: Evidence::of(100, 100.0),
        };
        let at = BEGIN.plus_ms(self.heard as i64 * HOUR_MS);
        let version = self.governor.publish(&self.policy, vec![amendment], at).version.unwrap();
        self.stand(&version);
    }

    /// A night: what is proposed is published.
    fn sleep(&mut self) {
        let at = BEGIN.plus_ms(self.heard as i64 * HOUR_MS);
        let amendments = self.learner.propose(&self.policy, at);
        if let Some(version) = self.governor.publish(&self.policy, amendments, at).version {
            self.taken_back += 1;
            self.stand(&version);
        }
    }

    fn hear(&mut self, r: f64, stakes: (f32, f32), uniqueness: f64) {
        // A decision every 6 minutes: a month holds seven thousand.
        let of = outcome(self.heard / 10, r);
        let basis = Basis {
            stake: stakes.0,
            stake_before: stakes.1,
            policy_version: self.policy.version,
            ..of.basis
        };
        self.learner.observe(&Outcome { basis, uniqueness, ..of });
        self.heard += 1;
    }
}

/// Bets that gain so many standard deviations on average.
fn bets_of(d: f64) -> Bets {
    const SPREAD: f64 = 1.24;
    Bets::winning((d * SPREAD + 1.05) / 2.50)
}

fn median(mut delays: Vec<u64>) -> u64 {
    delays.sort_unstable();
    delays[delays.len() / 2]
}

/// Decisions until the first step back, of at most `most`.
fn delay(seed: u64, d: f64, most: u64) -> u64 {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(seed));
    school.learn(0.13);
    while school.heard < most {
        // Taken now, declined before.
        school.hear(bets_of(d).draw(&mut dice), (PROBE, 0.0), 1.0);
        if school.heard % 10 == 0 {
            school.sleep();
        }
        if school.taken_back > 0 {
            return school.heard;
        }
    }
    most
}

#[test]
fn a_change_that_hurts_is_taken_back_within_the_bench_row_b2() {
    let delays: Vec<u64> = (0..200).map(|seed| delay(seed, -0.16, 3_000)).collect();
    let late = delays.iter().filter(|delay| **delay > 1_500).count();
    let median = median(delays);
    eprintln!("b2: median delay {median}, later than 1,500: {late} of 200");
    assert!(median <= 600, "{median}");
    assert!(late <= 10, "{late}");
}

#[test]
fn changes_that_are_worth_nothing_are_seldom_taken_back() {
    let mut wrongly = 0;
    for seed in 1_000..1_200 {
        let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(seed));
        for no in 0..2_000_u64 {
            if no % 240 == 0 {
                // A night later something else is learned, worth as little.
                school.learn(0.113 + 0.01 * (no / 240 % 5) as f64);
            }
            let stakes = if dice.happens(0.5) { (PROBE, 0.0) } else { (0.0, PROBE) };
            school.hear(Bets::SEED.draw(&mut dice), stakes, 1.0);
            if no % 24 == 0 {
                school.sleep();
            }
        }
        wrongly += u32::from(school.taken_back > 0);
    }
    eprintln!("taken back without harm: {wrongly} of 200");
    assert!(wrongly <= 10, "{wrongly} of 200");
}

#[test]
fn a_change_that_helps_stands_and_is_told_of() {
    let (mut school, mut dice) = (School::new(Rule::Evidence), Dice::new(3));
    school.learn(0.13);
    for _ in 0..600 {
        school.hear(bets_of(0.3).draw(&mut dice), (PROBE, 0.0), 1.0);
        school.sleep();
    }
    assert_eq!(school.taken_back, 0);
    let report = school.learner.report(&school.policy);
    assert!(report.past[0].starts_with("version 2: head weights: +"), "{report:?}");
    assert!(report.past[0].ends_with("not the worse, and stands"), "{report:?}");
    assert!(school.learner.reference().is_none(), "nothing is on trial any more");
}

#[test]
fn where_both_say_the_same_nothing_is_heard() {
    let mut school = School::new(Rule::Evidence);
    school.learn(0.13);
    (0..5_000).for_each(|_| school.hear(-1.05, (PROBE, PROBE), 1.0));
    school.sleep();
    assert_eq!((school.taken_back, school.learner.report(&school.policy).heard), (0, 0));
}

#[test]
fn fifty_losses_are_not_enough_and_overlapping_copies_are_no_more_than_one() {
    for (copies, uniqueness) in [(1, 1.0), (20, 0.05)] {
        let mut school = School::new(Rule::Evidence);
        school.learn(0.13);
        for _ in 0..25 {
            (0..copies).for_each(|_| school.hear(-1.05, (PROBE, 0.0), uniqueness));
        }
        school.sleep();
        assert_eq!(school.taken_back, 0, "{copies} copies");
        let told = school.learner.report(&school.policy);
        assert!((told.heard_effective - 25.0).abs() < 1e-6);
        assert_eq!(told.starved, ["25 of 200 effective outcomes that differ from version 1"]);
    }
}

/// What is learned is far; the way back takes nights, and ends where it began.
#[test]
fn the_way_back_goes_on_until_the_values_are_equal() {
    let mut school = School::new(Rule::Evidence);
    let before = school.policy.clone();
    (0..5).for_each(|_| school.learn(0.25));
    assert!(school.policy.head_weights[0] > 0.20);
    (0..700).for_each(|no| school.hear(if no % 3 == 0 { 1.45 } else { -1.05 }, (PROBE, 0.0), 1.0));
    (0..10).for_each(|_| school.sleep());
    assert!(school.taken_back > 2, "{}", school.taken_back);
    for (now, then) in school.policy.head_weights.iter().zip(before.head_weights) {
        assert!((now / then - 1.0).abs() < 0.01, "{now} {then}");
    }
    assert!(school.learner.reference().is_none());
    let told = school.learner.report(&school.policy).past;
    assert!(told[0].starts_with("version 2–6: head weights: -0."), "{told:?}");
    assert!(told[0].ends_with("taken back"), "{told:?}");
}

#[test]
fn the_evidence_says_what_is_taken_back_and_why() {
    let mut school = School::new(Rule::Evidence);
    school.learn(0.13);
    (0..600).for_each(|no| school.hear(if no % 3 == 0 { 1.45 } else { -1.05 }, (PROBE, 0.0), 1.0));
    let proposed = school.learner.propose(&school.policy, BEGIN);
    let [amendment] = proposed.as_slice() else { panic!("{proposed:?}") };
    assert!(amendment.evidence.e_value.unwrap() >= 20.0);
    assert!(amendment.evidence.effect.unwrap().high < 0.0);
    assert!(amendment.evidence.outcomes_effective >= 50.0, "{:?}", amendment.evidence);
}

#[test]
fn after_a_person_took_the_policy_back_the_old_evidence_says_nothing() {
    let mut school = School::new(Rule::Evidence);
    let day_one = school.policy.clone();
    school.learn(0.13);
    (0..2_000).for_each(|_| school.hear(-1.05, (PROBE, 0.0), 1.0));
    let version = school.governor.revert(&school.policy, &day_one, BEGIN);
    assert!(matches!(version.reason, Reason::Revert { .. }));
    school.stand(&version);
    school.sleep();
    school.learn(0.13);
    school.sleep();
    assert_eq!(school.taken_back, 0);
}

#[test]
fn to_the_letter_of_the_seed_fifty_losing_outcomes_take_it_back() {
    let mut school = School::new(Rule::Seed);
    school.learn(0.13);
    (0..49).for_each(|_| school.hear(-0.01, (PROBE, 0.0), 1.0));
    school.sleep();
    assert_eq!(school.taken_back, 0);
    school.hear(-0.01, (PROBE, 0.0), 1.0);
    school.sleep();
    assert_eq!(school.taken_back, 1);
}

#[test]
fn what_it_knows_survives_being_written_down() {
    let mut school = School::new(Rule::Evidence);
    school.learn(0.13);
    (0..70).for_each(|no| school.hear(if no % 2 == 0 { 1.45 } else { -1.05 }, (PROBE, 0.0), 0.7));
    let saved = school.learner.save();
    let mut read = ProfitEvolution::new(LearnRules::default(), &school.policy);
    assert!(read.load(&saved));
    assert_eq!(read, school.learner);
    assert!(!read.load(&saved[..saved.len() / 2]));
}
