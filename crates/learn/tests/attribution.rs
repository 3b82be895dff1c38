//! A8 on markets whose truth is known: the horizon on which a lean tells something counts more, and where
//! none does they count alike.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{GatePolicy, HORIZON_COUNT, HorizonLesson, Policy, PolicyVersion, Timestamp};
use learn::{Attribution, Governor, LearnRules, Learner};
use scenarios::{Dice, LeanWorld, overlapping_hours};

const NOW: Timestamp = Timestamp::from_ms(1_700_000_000_000);
const HOUR: usize = 4;
const SKILLED: LeanWorld = LeanWorld { skill: 0.15, skilled_at: HOUR as u8, ..LeanWorld::NULL };

/// A learner and its governor at work, asked every twenty-four decisions.
struct School {
    policy: Policy,
    governor: Governor,
    learner: Attribution,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new() -> School {
        let rules = LearnRules::default();
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            learner: Attribution::new(rules),
            versions: Vec::new(),
        }
    }

    fn ask(&mut self) {
        let amendments = self.learner.propose(&self.policy, NOW);
        let Some(version) = self.governor.publish(&self.policy, amendments, NOW).version else {
            return;
        };
        self.stand(version);
    }

    fn stand(&mut self, version: PolicyVersion) {
        self.learner.adopt(&version);
        self.policy = version.policy.clone();
        self.versions.push(version);
    }

    fn live(&mut self, world: LeanWorld, dice: &mut Dice, decisions: u64) {
        for no in 0..decisions {
            for lesson in world.draw(no, dice) {
                self.learner.observe_horizon(&lesson);
            }
            if no % 24 == 23 {
                self.ask();
            }
        }
    }
}

#[test]
fn the_horizon_on_which_a_lean_tells_something_counts_more() {
    const SEEDS: u64 = 20;
    let mut found = 0;
    for seed in 0..SEEDS {
        let mut school = School::new();
        school.live(SKILLED, &mut Dice::new(seed), 2_500);
        let weights = school.policy.horizon_weights;
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let rest = weights.iter().enumerate().filter(|(at, _)| *at != HOUR);
        found += u32::from(rest.into_iter().all(|(_, weight)| weights[HOUR] > 1.5 * weight));
    }
    eprintln!("found in {found} of {SEEDS}");
    assert!(found >= 18, "{found}");
}

#[test]
fn where_no_lean_tells_anything_at_most_one_world_in_twenty_moves() {
    for drift in [0.0, 0.1] {
        let world = LeanWorld { drift, ..LeanWorld::NULL };
        let moved = (0..200).filter(|&seed| {
            let mut school = School::new();
            school.live(world, &mut Dice::new(seed), 1_200);
            !school.versions.is_empty()
        });
        let moved = moved.count();
        eprintln!("drift {drift}: {moved} of 200 null worlds moved");
        assert!(moved <= 10, "{moved}");
    }
}

#[test]
fn minutes_measured_over_hours_count_for_what_they_are_worth_together() {
    let moved = |counted: fn(HorizonLesson) -> HorizonLesson| {
        let moves = |seed: &u64| {
            let mut school = School::new();
            for lesson in overlapping_hours(6, 8_000, &mut Dice::new(*seed)) {
                school.learner.observe_horizon(&counted(lesson));
                if lesson.decision_no % 1_440 == 1_439 {
                    school.ask();
                }
            }
            !school.versions.is_empty()
        };
        (0..100).filter(moves).count()
    };
    let honest = moved(|lesson| lesson);
    let naive = moved(|lesson| HorizonLesson { uniqueness: 1.0, ..lesson });
    eprintln!(
        "{honest} of 100 overlapping null worlds moved, {naive} if each minute counted whole"
    );
    assert!(honest <= 5 && naive >= 50, "{honest}, {naive}");
}

#[test]
fn nothing_moves_on_fewer_than_fifty_effective_outcomes() {
    for uniqueness in [1.0, 0.1] {
        let (mut school, mut dice) = (School::new(), Dice::new(4));
        let world = LeanWorld { skill: 5.0, ..SKILLED };
        let mut decisions = 0;
        while school.versions.is_empty() {
            for lesson in world.draw(decisions, &mut dice) {
                school.learner.observe_horizon(&HorizonLesson { uniqueness, ..lesson });
            }
            decisions += 1;
            school.ask();
        }
        let effective = decisions as f64 * uniqueness;
        assert!((50.0..=120.0).contains(&(effective + 1e-9)), "{decisions} at {uniqueness}");
        let evidence = &school.versions[0].reason.amendments()[0].evidence;
        assert!(evidence.outcomes_effective >= 50.0 - 1e-9 && evidence.e_value.unwrap() > 20.0);
    }
}

#[test]
fn after_a_revert_the_same_evidence_does_not_undo_it_at_once() {
    let (mut school, mut dice) = (School::new(), Dice::new(5));
    let world = LeanWorld { skill: 0.4, ..SKILLED };
    school.live(world, &mut dice, 600);
    let day_one = Policy::day_one(GatePolicy::default());
    assert_ne!(school.policy.horizon_weights, day_one.horizon_weights);
    let version = school.governor.revert(&school.policy, &day_one, NOW);
    school.stand(version);
    school.live(world, &mut dice, 48);
    assert_eq!(school.policy.horizon_weights, [1.0 / HORIZON_COUNT as f64; HORIZON_COUNT]);
    school.live(world, &mut dice, 24);
    assert_ne!(school.policy.horizon_weights, day_one.horizon_weights, "new evidence counts");
}

#[test]
fn the_table_shows_what_the_data_resolve_and_names_what_is_starved() {
    let mut school = School::new();
    school.live(SKILLED, &mut Dice::new(2), 2_000);
    let report = school.learner.report(&school.policy);
    let ofi = report.beliefs.iter().find(|line| line.starts_with("ofi: ")).unwrap();
    for shown in ["5m ", "1h ", "1d ", "(n 2000, found)"] {
        assert!(ofi.contains(shown), "{ofi}");
    }
    assert!(!ofi.contains("1w"), "{ofi}");
    assert!(report.starved.contains(&"0 of 50 effective outcomes at 1w".to_owned()), "{report:?}");
}

#[test]
fn what_it_remembers_can_be_written_down() {
    let mut school = School::new();
    school.live(SKILLED, &mut Dice::new(9), 300);
    let mut read = Attribution::new(LearnRules::default());
    assert!(read.load(&school.learner.save()));
    assert_eq!(read, school.learner);
    assert!(!read.load(&[1, 2, 3]));
}
