//! A11 on symbols whose truth is known: capital goes where money was made, and not to luck.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{Basis, GatePolicy, Outcome, Policy, Reason, Standing, SymbolIx};
use learn::{Capital, Governor, House, LearnRules, Learner, Rule};
use scenarios::{BEGIN, Bets, Dice, outcome};

/// The learner, its governor and what stands.
struct School {
    policy: Policy,
    governor: Governor,
    learner: Capital,
    versions: u32,
}

impl School {
    fn new(rule: Rule) -> School {
        let rules = LearnRules { rule, ..LearnRules::default() };
        let policy = Policy::day_one(GatePolicy::default());
        let learner = Capital::new(rules, &House { venues: 1, ..House::default() });
        School { policy, governor: Governor::new(rules), learner, versions: 0 }
    }

    fn hear(&mut self, no: u64, symbol: u16, r: f64, uniqueness: f64) {
        let of = outcome(no, r);
        let basis = Basis { stake: 0.001, ..of.basis };
        let standing = Standing::Probe;
        let symbol = SymbolIx(symbol);
        self.learner.observe(&Outcome { symbol, standing, basis, uniqueness, ..of });
    }

    /// A night: what is proposed is published.
    fn sleep(&mut self) {
        let amendments = self.learner.propose(&self.policy, BEGIN);
        if let Some(version) = self.governor.publish(&self.policy, amendments, BEGIN).version {
            self.versions += 1;
            self.learner.adopt(&version);
            self.policy = version.policy;
        }
    }

    /// So many rounds in which each has one result, and a night after every tenth.
    fn live(&mut self, win_rates: &[f64], rounds: u64, seed: u64) {
        let mut dice = Dice::new(seed);
        for no in 0..rounds {
            for (symbol, win_rate) in win_rates.iter().enumerate() {
                let r = Bets::winning(*win_rate).draw(&mut dice);
                self.hear(no, symbol as u16, r, 1.0);
            }
            if no % 10 == 9 {
                self.sleep();
            }
        }
    }
}

#[test]
fn what_earned_is_promoted_what_lost_is_demoted_and_the_sum_stays() {
    let mut school = School::new(Rule::Evidence);
    school.live(&[0.55, 0.30, 0.42, 0.42], 1_500, 7);
    let shares = &school.policy.symbol_shares;
    assert!((shares.iter().sum::<f64>() - 4.0).abs() < 1e-9, "{shares:?}");
    assert!(shares[0] > 1.3 && shares[1] < 0.5, "{shares:?}");
    assert!(shares[1] >= 0.25 && shares[0] <= 2.0, "{shares:?}");
}

#[test]
fn one_bad_symbol_of_eight_is_demoted() {
    let mut found = 0;
    for seed in 0..50 {
        let mut school = School::new(Rule::Evidence);
        school.live(&[0.42, 0.42, 0.42, 0.42, 0.42, 0.42, 0.42, 0.30], 600, 700 + seed);
        found += u32::from(school.policy.symbol_shares.last().is_some_and(|share| *share < 0.9));
    }
    eprintln!("one of eight at -.3 R after 600 trades each: demoted in {found} of 50");
    assert!(found >= 40, "{found}");
}

#[test]
fn a_symbol_that_was_not_traded_keeps_its_share() {
    let mut school = School::new(Rule::Evidence);
    for no in 0..2_000 {
        let r = if no % 2 == 0 { 1.45 } else { -1.05 };
        school.hear(no, 0, r, 1.0);
        school.hear(no, 1, -r, 1.0);
        if no < 40 {
            school.hear(no, 2, -1.05, 1.0);
        }
        let shadow = Outcome { symbol: SymbolIx(3), ..outcome(no, -1.0) };
        school.learner.observe(&shadow);
        school.sleep();
    }
    let shares = &school.policy.symbol_shares;
    assert!(shares[0] > 1.1 && (shares[2] - 1.0).abs() < 1e-9 && shares.len() == 3, "{shares:?}");
}

#[test]
fn a_replay_has_one_venue_and_says_so() {
    let report =
        School::new(Rule::Evidence).learner.report(&Policy::day_one(GatePolicy::default()));
    assert_eq!(report.starved, ["1 of 2 venues: shares of venues stay 1"]);
}

#[test]
fn where_all_earn_the_same_shares_seldom_move() {
    let mut moved = 0;
    for seed in 1_000..1_200 {
        let mut school = School::new(Rule::Evidence);
        school.live(&[0.42, 0.42, 0.42, 0.42, 0.42, 0.42, 0.42, 0.42], 600, seed);
        moved += u32::from(school.versions > 0);
    }
    eprintln!("null: shares moved in {moved} of 200");
    assert!(moved <= 10, "{moved} of 200");
}

#[test]
fn below_fifty_effective_outcomes_nothing_moves_and_copies_are_no_more_than_one() {
    for (copies, uniqueness) in [(1, 1.0), (20, 0.05)] {
        let mut school = School::new(Rule::Evidence);
        for no in 0..49 {
            for symbol in 0..2 {
                let r = if symbol == 0 { 1.0 } else { -1.0 } + 0.1 * (no % 3) as f64;
                (0..copies).for_each(|_| school.hear(no, symbol, r, uniqueness));
            }
            school.sleep();
        }
        assert_eq!(school.versions, 0, "{copies} copies");
        let report = school.learner.report(&school.policy);
        assert_eq!(report.starved[0], "49 of 50 effective outcomes of symbol 0");
        for no in 49..51 {
            for symbol in 0..2 {
                let r = if symbol == 0 { 1.0 } else { -1.0 } + 0.1 * (no % 3) as f64;
                (0..copies).for_each(|_| school.hear(no, symbol, r, uniqueness));
            }
        }
        school.sleep();
        assert_eq!(school.versions, 1, "{copies} copies");
    }
}

#[test]
fn to_the_letter_of_the_seed_winners_gain_a_fifth_and_losers_lose_one() {
    let mut school = School::new(Rule::Seed);
    for no in 0..50 {
        assert_eq!(school.versions, 0);
        school.hear(no, 0, 0.01, 1.0);
        school.hear(no, 1, -0.01, 1.0);
        school.sleep();
    }
    assert_eq!(school.policy.symbol_shares, [1.2, 0.8]);
}

#[test]
fn after_a_person_took_it_back_it_is_quiet_for_fifty_effective_outcomes() {
    let mut school = School::new(Rule::Evidence);
    let day_one = school.policy.clone();
    school.live(&[0.55, 0.35, 0.42, 0.42], 600, 3);
    assert!(school.versions > 0);
    let version = school.governor.revert(&school.policy, &day_one, BEGIN);
    assert!(matches!(version.reason, Reason::Revert { .. }));
    school.learner.adopt(&version);
    (school.policy, school.versions) = (version.policy, 0);
    for no in 0..24 {
        school.hear(no, 0, 1.0, 1.0);
        school.hear(no, 1, -1.0, 1.0);
        school.sleep();
    }
    assert_eq!(school.versions, 0);
    school.live(&[0.55, 0.35, 0.42, 0.42], 100, 4);
    assert!(school.versions > 0);
}

#[test]
fn what_it_knows_survives_being_written_down() {
    let mut school = School::new(Rule::Evidence);
    school.live(&[0.55, 0.35, 0.42, 0.42], 200, 5);
    let saved = school.learner.save();
    let mut read = School::new(Rule::Evidence).learner;
    assert!(read.load(&saved));
    assert_eq!(read, school.learner);
    assert!(!read.load(&saved[..saved.len() / 2]));
}
