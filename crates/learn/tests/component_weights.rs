//! A2 on markets whose truth is known: the component that knows something is found with its horizon, and
//! where nobody knows anything nothing moves.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{Change, GatePolicy, HorizonLesson, Leans, Policy, PolicyVersion, Reason, Timestamp};
use learn::{ComponentWeights, Governor, LearnRules, Learner, LiteralComponentWeights, Rule};
use scenarios::{Dice, LeanWorld, overlapping_hours};

const NOW: Timestamp = Timestamp::from_ms(1_700_000_000_000);
const HOUR: u8 = 4;
const SKILLED: LeanWorld = LeanWorld { skill: 0.15, skilled_at: HOUR, ..LeanWorld::NULL };

/// A learner and its governor at work, asked every twelve decisions.
struct School {
    policy: Policy,
    governor: Governor,
    learner: ComponentWeights,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new() -> School {
        let rules = LearnRules::default();
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            learner: ComponentWeights::new(rules),
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
            if no % 12 == 11 {
                self.ask();
            }
        }
    }
}

#[test]
fn the_component_that_knows_something_is_raised_and_its_horizon_found() {
    const SEEDS: u64 = 20;
    let (mut raised, mut right_horizon, mut others) = (0, 0, 0.0);
    for seed in 0..SEEDS {
        let mut school = School::new();
        school.live(SKILLED, &mut Dice::new(seed), 2_000);
        raised += u32::from(school.policy.component_weights[0] > 1.25);
        right_horizon += u32::from(school.policy.component_horizons[0] == HOUR);
        let rest = &school.policy.component_weights[1..12];
        others += rest.iter().map(|weight| (weight - 1.0).abs()).sum::<f64>() / 11.0;
    }
    eprintln!(
        "raised {raised} of {SEEDS}, horizon found {right_horizon}, others moved {:.4}",
        others / SEEDS as f64
    );
    assert!(raised >= 18 && right_horizon >= 18, "{raised}, {right_horizon}");
    assert!(others / (SEEDS as f64) < 0.02, "{others}");
}

#[test]
fn a_component_that_is_wrong_is_lowered_to_the_box_and_no_further() {
    let mut school = School::new();
    school.live(LeanWorld { skill: -0.3, ..SKILLED }, &mut Dice::new(3), 3_000);
    assert_eq!(school.policy.component_weights[0], 0.25);
}

#[test]
fn where_nobody_knows_anything_at_most_one_world_in_twenty_moves() {
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
                if lesson.decision_no % 720 == 719 {
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

/// A component that is always right.
fn right(no: u64, uniqueness: f64) -> HorizonLesson {
    let mut leans = Leans::SILENT;
    let up = if no.is_multiple_of(2) { 1.0 } else { -1.0 };
    leans.set(2, Some(up));
    leans.set(3, Some(if no % 4 < 2 { 1.0 } else { -1.0 }));
    let neutral = LeanWorld::NULL.draw(no, &mut Dice::new(no))[2];
    HorizonLesson { leans, up_bps: 10.0 * up, horizon: HOUR, uniqueness, ..neutral }
}

#[test]
fn nothing_moves_on_fewer_than_fifty_effective_outcomes() {
    for uniqueness in [1.0, 0.1] {
        let mut school = School::new();
        let mut no = 0;
        while school.versions.is_empty() {
            school.learner.observe_horizon(&right(no, uniqueness));
            school.ask();
            no += 1;
        }
        let effective = no as f64 * uniqueness;
        assert!((50.0..=60.0).contains(&(effective + 1e-9)), "{no} at {uniqueness}");
        let evidence = &school.versions[0].reason.amendments()[0].evidence;
        assert!(evidence.outcomes_effective >= 50.0 - 1e-9);
        assert!(
            evidence.e_value.unwrap() > 20.0 && evidence.says.contains("at 1h"),
            "{evidence:?}"
        );
    }
}

#[test]
fn no_weight_moves_by_more_than_a_fifth_between_versions() {
    let mut school = School::new();
    school.live(LeanWorld { skill: 0.4, ..SKILLED }, &mut Dice::new(1), 1_000);
    assert!(school.versions.len() > 3);
    let mut before = [1.0; 16];
    for version in &school.versions {
        for (from, to) in before.iter().zip(&version.policy.component_weights) {
            assert!((to / from - 1.0).abs() <= 0.20 + 1e-9, "{from} to {to}");
        }
        before = version.policy.component_weights;
    }
}

#[test]
fn after_a_revert_the_same_evidence_does_not_undo_it_at_once() {
    let mut school = School::new();
    let mut dice = Dice::new(5);
    school.live(LeanWorld { skill: 0.4, ..SKILLED }, &mut dice, 600);
    let moved = school.versions.len();
    assert!(moved > 0);
    let day_one = Policy::day_one(GatePolicy::default());
    let version = school.governor.revert(&school.policy, &day_one, NOW);
    assert_eq!(version.reason, Reason::Revert { to_version: 1 });
    school.stand(version);
    school.live(LeanWorld { skill: 0.4, ..SKILLED }, &mut dice, 48);
    assert_eq!(school.policy.component_weights, day_one.component_weights);
    school.live(LeanWorld { skill: 0.4, ..SKILLED }, &mut dice, 24);
    assert!(school.policy.component_weights[0] > 1.0, "new evidence counts");
}

#[test]
fn what_it_remembers_can_be_written_down() {
    let mut school = School::new();
    school.live(SKILLED, &mut Dice::new(9), 300);
    let mut read = ComponentWeights::new(LearnRules::default());
    assert!(read.load(&school.learner.save()));
    assert_eq!(read, school.learner);
    assert!(!read.load(&[1, 2, 3]));
}

#[test]
fn the_report_says_what_is_starved_and_claims_nothing_without_evidence() {
    let mut school = School::new();
    let starved = school.learner.report(&school.policy).starved;
    assert_eq!(starved[0], "0 of 50 effective outcomes of ofi");
    school.live(LeanWorld::NULL, &mut Dice::new(9), 100);
    let report = school.learner.report(&school.policy);
    assert!(report.beliefs.iter().all(|said| said.contains("no evidence yet")), "{report:?}");
    assert!(report.starved.iter().any(|said| said.ends_with("of ensemble")));
}

#[test]
fn the_seeds_rule_moves_by_a_fifth_once_fifty_outcomes_are_in() {
    let rules = LearnRules { rule: Rule::Seed, ..LearnRules::default() };
    let policy = Policy::day_one(GatePolicy::default());
    let mut learner = LiteralComponentWeights::new(rules);
    let hear = |learner: &mut LiteralComponentWeights, no: u64| {
        // To the letter ten copies are ten outcomes.
        learner.observe_horizon(&right(no, 0.1));
    };
    (0..49).for_each(|no| hear(&mut learner, no));
    assert!(learner.propose(&policy, NOW).is_empty(), "49 outcomes are too few");
    hear(&mut learner, 49);
    let amendments = learner.propose(&policy, NOW);
    let Change::Components { weights, horizons } = amendments[0].change else { panic!() };
    assert!((weights[2] - 1.2).abs() < 1e-12 && (weights[0] - 1.0).abs() < 1e-12, "{weights:?}");
    assert_eq!(horizons[2], HOUR);
    let version = Governor::new(rules).publish(&policy, amendments, NOW).version.unwrap();
    assert_eq!(version.policy.component_weights, weights, "the governor lets it pass");
}
