//! A9, the fee gate: the margin rises with what trading costs and comes back, and stays where costs are as
//! expected.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::ops::Range;

use domain::{Basis, GatePolicy, Outcome, Policy, PolicyVersion, Reason, Standing, Timestamp};
use learn::{FeeMargin, Governor, LearnRules, Learner};
use scenarios::{BEGIN, Dice, HOUR_MS, outcome};

const EXPECTED_BPS: f64 = 12.0;

/// A trade whose round trip cost so many times what was expected.
fn traded(hours: u64, ratio: f64, uniqueness: f64) -> Outcome {
    let neutral = outcome(hours, 0.5);
    let edge_bps = neutral.conviction * 1.5 * 0.02 * 1e4;
    Outcome {
        standing: Standing::Probe,
        cost_bps: ratio * EXPECTED_BPS,
        uniqueness,
        basis: Basis { edge_ratio: (edge_bps / EXPECTED_BPS) as f32, ..neutral.basis },
        ..neutral
    }
}

struct School {
    policy: Policy,
    governor: Governor,
    learner: FeeMargin,
    published: Vec<Timestamp>,
}

impl School {
    fn new() -> School {
        let rules = LearnRules::default();
        let policy = Policy::day_one(GatePolicy::default());
        let learner = FeeMargin::new(rules, &policy);
        School { policy, governor: Governor::new(rules), learner, published: Vec::new() }
    }

    fn hear(&mut self, outcome: &Outcome) {
        self.learner.observe(outcome);
        let at = outcome.closed_at;
        let amendments = self.learner.propose(&self.policy, at);
        if let Some(version) = self.governor.publish(&self.policy, amendments, at).version {
            self.learner.adopt(&version);
            self.policy = version.policy;
            self.published.push(at);
        }
    }

    fn margin(&self) -> f64 {
        self.policy.gates.fee_margin
    }
}

impl School {
    /// Costs spread by a fifth of the expected around this middle.
    fn go_on(&mut self, middle: f64, seed: u64, hours: Range<u64>) {
        let mut dice = Dice::new(seed);
        for hours in hours {
            self.hear(&traded(hours, middle + 0.2 * dice.normal(), 1.0));
        }
    }
}

fn live(middle: f64, seed: u64, outcomes: u64) -> School {
    let mut school = School::new();
    school.go_on(middle, seed, 0..outcomes);
    school
}

#[test]
fn dearer_trades_ask_for_more_edge_and_give_it_back_when_they_cost_less_again() {
    for seed in 0..20 {
        // The upper quartile lies .675 standard deviations above the middle.
        let mut school = live(1.5, seed, 1_500);
        let dear = school.margin() / 1.5;
        assert!((dear / 1.635 - 1.0).abs() < 0.09, "{dear}");
        school.go_on(0.7, seed + 100, 1_500..6_000);
        assert!(
            (1.5..1.52).contains(&school.margin()),
            "no lower than before: {}",
            school.margin()
        );
        assert!(live(0.7, seed, 1_500).published.is_empty(), "the first margin is the least");
    }
}

#[test]
fn a_margin_that_others_moved_is_theirs_unless_costs_run_above_it() {
    let moved_to = |margin: f64, costs: f64| {
        let mut school = live(1.5, 1, 1_500);
        school.policy.version += 1;
        school.policy.gates.fee_margin = margin;
        let policy = school.policy.clone();
        let version = PolicyVersion { policy, at: BEGIN, reason: Reason::Pinned };
        school.learner.adopt(&version);
        school.go_on(costs, 7, 1_500..6_000);
        school.margin()
    };
    assert_eq!(moved_to(2.8, 0.7), 2.8, "above its floor it is theirs");
    assert_eq!(
        moved_to(1.2, 0.7),
        1.2,
        "and so it is below, as long as trades cost what was expected"
    );
    let raised = moved_to(1.2, 1.5) / 1.5;
    assert!((raised / 1.635 - 1.0).abs() < 0.09, "{raised}");
}

#[test]
fn where_three_of_four_cost_what_was_expected_the_margin_stays() {
    let moves = |seed: &u64| !live(1.0 - 0.1349, *seed, 800).published.is_empty();
    let moved = (0..200).filter(moves).count();
    assert!(moved <= 10, "{moved} of 200");
}

#[test]
fn nothing_moves_below_fifty_effective_trades_and_then_by_a_step_a_day() {
    let mut school = School::new();
    (0..499).for_each(|hours| school.hear(&traded(hours, 3.0, 0.1)));
    assert!(school.published.is_empty());
    (499..800).for_each(|hours| school.hear(&traded(hours, 3.0, 0.1)));
    assert!((school.published.len() as u64) <= 1 + 300 / 24);
    for pair in school.published.windows(2) {
        assert!(pair[1].ms_since(pair[0]) >= 24 * HOUR_MS);
    }
    assert!(school.margin() > 1.5);
    // Declined decisions cost nothing.
    let mut school = School::new();
    for hours in 0..500 {
        school.hear(&Outcome { standing: Standing::Refused, ..traded(hours, 3.0, 1.0) });
    }
    assert!(school.published.is_empty());
}

#[test]
fn a_revert_is_not_undone_at_once() {
    let mut school = live(1.5, 2, 300);
    assert!(school.margin() > 1.6);
    let day_one = Policy::day_one(GatePolicy::default());
    let version = school.governor.revert(&school.policy, &day_one, BEGIN);
    school.learner.adopt(&version);
    school.policy = version.policy;
    let published = school.published.len();
    (300..349).for_each(|hours| school.hear(&traded(hours, 1.6, 1.0)));
    assert_eq!(school.published.len(), published);
    (349..400).for_each(|hours| school.hear(&traded(hours, 1.6, 1.0)));
    assert!(school.published.len() > published);
}

#[test]
fn what_it_remembers_survives_being_written_down() {
    let school = live(1.3, 5, 120);
    let mut again = FeeMargin::new(LearnRules::default(), &Policy::day_one(GatePolicy::default()));
    assert!(again.load(&school.learner.save()));
    assert_eq!(again, school.learner);
    assert!(!again.load(b"?"));
}
