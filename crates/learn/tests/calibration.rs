//! A5 on worlds whose truth is known: it finds what a conviction is worth, and in a world where it is
//! worth nothing it says one probability for all.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    Calibration, Change, Climate, DecisionId, ExitReason, GatePolicy, Outcome, Policy, Reason,
    Side, Standing, StrategyIx, SymbolIx, Timestamp, Votes,
};
use learn::{ConvictionCalibration, Governor, House, LearnRules, Learner, learners};
use proptest::prelude::*;
use scenarios::Dice;
use stats::calibration::{brier, calibration_error};

const NOW: Timestamp = Timestamp::from_ms(1_600_000_000_000);

fn outcome(strategy: u8, conviction: f64, won: bool, uniqueness: f64) -> Outcome {
    Outcome {
        decision_no: 0,
        decision: DecisionId(0),
        symbol: SymbolIx(0),
        strategy: StrategyIx(strategy),
        side: Side::Long,
        standing: Standing::Probe,
        refused: 0,
        votes: Votes::default(),
        conviction,
        decided_at: NOW,
        opened_at: NOW,
        closed_at: NOW,
        entry: 100.0,
        exit: 100.0,
        reason: ExitReason::Time,
        r: if won { 1.0 } else { -1.0 },
        net_bps: 0.0,
        cost_bps: 0.0,
        funding_bps: 0.0,
        near_target: false,
        climate: Climate::default(),
        favourable_bps: 0.0,
        adverse_bps: 0.0,
        bars: 1,
        uniqueness,
        basis: domain::Basis::default(),
        marks: domain::Marks::default(),
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}

/// A world that says a conviction and then whether it won.
#[derive(Clone, Copy)]
enum World {
    /// Conviction is worth nothing.
    Null { wins: f64 },
    /// P9 of the bench: the conviction of z claims sigmoid(z), and sigmoid(0.6 z) is true.
    MisScaled,
}

impl World {
    /// A conviction, its true probability, and what came of it.
    fn say(self, dice: &mut Dice) -> (f64, f64, bool) {
        let z = dice.normal();
        let truth = match self {
            World::Null { wins } => wins,
            World::MisScaled => sigmoid(0.6 * z),
        };
        (sigmoid(z), truth, dice.happens(truth))
    }
}

/// The learner and its governor at work, asked after every outcome.
struct School {
    policy: Policy,
    governor: Governor,
    learner: ConvictionCalibration,
    versions: usize,
}

impl School {
    fn new() -> School {
        let rules = LearnRules::default();
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            learner: ConvictionCalibration::new(rules),
            versions: 0,
        }
    }

    fn hear(&mut self, outcome: &Outcome) {
        self.learner.observe(outcome);
        for amendment in self.learner.propose(&self.policy, NOW) {
            let version =
                self.governor.publish(&self.policy, vec![amendment], NOW).version.unwrap();
            self.learner.adopt(&version);
            self.policy = version.policy;
            self.versions += 1;
        }
    }

    fn live(world: World, seed: u64, outcomes: usize) -> (School, Dice) {
        let (mut school, mut dice) = (School::new(), Dice::new(seed));
        for _ in 0..outcomes {
            let (conviction, _, won) = world.say(&mut dice);
            school.hear(&outcome(0, conviction, won, 1.0));
        }
        (school, dice)
    }

    fn calibration(&self) -> &Calibration {
        self.policy.calibrations.first().unwrap_or(&Calibration::None)
    }

    /// Least and most probability it gives to any conviction.
    fn spread(&self) -> (f64, f64) {
        let all = (0..=100).filter_map(|at| self.calibration().probability(f64::from(at) / 100.0));
        all.fold((1.0, 0.0), |(low, high), p| (p.min(low), p.max(high)))
    }
}

/// Row d of the bench. Figures are of 2,000 outcomes that came after the 2,000 it heard.
#[test]
fn a_mis_scaled_conviction_is_calibrated_as_well_as_the_truth_allows() {
    const SEEDS: u64 = 20;
    let (mut error, mut gained, mut to_gain) = (0.0, 0.0, 0.0);
    for seed in 0..SEEDS {
        let (school, mut dice) = School::live(World::MisScaled, seed, 2_000);
        let (mut given, mut true_, mut wins) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..2_000 {
            let (conviction, truth, won) = World::MisScaled.say(&mut dice);
            given.push(school.calibration().probability(conviction).unwrap());
            true_.push(truth);
            wins.push(won);
        }
        let even = vec![1.0; wins.len()];
        let base = vec![0.5; wins.len()];
        let score = |said: &[f64]| brier(said, &wins, &even).unwrap();
        error += calibration_error(&given, &wins, &even).unwrap() / SEEDS as f64;
        gained += score(&base) - score(&given);
        to_gain += score(&base) - score(&true_);
    }
    eprintln!("calibration error {error:.4}, gain {:.3} of the oracle's", gained / to_gain);
    assert!(error <= 0.030, "{error}");
    assert!(gained >= 0.90 * to_gain, "{}", gained / to_gain);
}

#[test]
fn where_conviction_is_worth_nothing_every_conviction_is_worth_the_same() {
    const SEEDS: u64 = 200;
    let told_apart = (0..SEEDS).filter(|&seed| {
        let wins = if seed % 2 == 0 { 0.5 } else { 0.4 };
        let (school, _) = School::live(World::Null { wins }, seed, 2_000);
        let (low, high) = school.spread();
        assert!(
            (low - wins).abs() < 0.12 && (high - wins).abs() < 0.12,
            "seed {seed}: {low} {high}"
        );
        high > low
    });
    let told_apart = told_apart.count();
    eprintln!("{told_apart} of {SEEDS} null worlds told convictions apart");
    assert!(told_apart <= 10, "{told_apart}");
}

/// A conviction that wins the less the louder it is, is taken for the base rate and never turned round.
#[test]
fn a_conviction_that_ranks_backwards_is_worth_the_base_rate() {
    let (mut school, mut dice) = (School::new(), Dice::new(3));
    for _ in 0..2_000 {
        let (conviction, truth, _) = World::MisScaled.say(&mut dice);
        school.hear(&outcome(0, conviction, dice.happens(1.0 - truth), 1.0));
    }
    let (low, high) = school.spread();
    assert!(low == high && (low - 0.5).abs() < 0.05, "{low} {high}");
}

#[test]
fn nothing_is_said_before_two_hundred_and_little_after() {
    let (before, _) = School::live(World::MisScaled, 5, 199);
    assert_eq!((before.calibration(), before.versions), (&Calibration::None, 0));
    let (after, _) = School::live(World::MisScaled, 5, 200);
    assert!(matches!(after.calibration(), Calibration::Platt { slope, .. } if *slope < 0.0));
    let (later, _) = School::live(World::MisScaled, 5, 2_000);
    assert!(later.versions <= 8, "once in 250 outcomes: {}", later.versions);
}

#[test]
fn overlapping_outcomes_count_for_what_they_are_worth_together() {
    let (mut once, mut tenfold) = (School::new(), School::new());
    let mut dice = Dice::new(11);
    for _ in 0..200 {
        let (conviction, _, won) = World::MisScaled.say(&mut dice);
        once.hear(&outcome(0, conviction, won, 1.0));
        for _ in 0..10 {
            tenfold.hear(&outcome(0, conviction, won, 0.1 + 1e-12));
        }
    }
    for at in 0..=10 {
        let probability =
            |school: &School| school.calibration().probability(f64::from(at) / 10.0).unwrap();
        assert!((probability(&once) - probability(&tenfold)).abs() < 1e-4);
    }
}

#[test]
fn strategies_are_told_apart() {
    let (mut school, mut dice) = (School::new(), Dice::new(7));
    for _ in 0..450 {
        let (conviction, _, won) = World::MisScaled.say(&mut dice);
        school.hear(&outcome(1, conviction, won, 1.0));
    }
    assert_eq!(school.calibration(), &Calibration::None);
    assert!(matches!(school.policy.calibrations[1], Calibration::Platt { .. }));
}

#[test]
fn what_a_person_took_back_is_not_proposed_again_at_once() {
    let (mut school, mut dice) = School::live(World::MisScaled, 9, 450);
    let day_one = Policy::day_one(GatePolicy::default());
    let version = school.governor.revert(&school.policy, &day_one, NOW);
    assert!(matches!(version.reason, Reason::Revert { .. }));
    school.learner.adopt(&version);
    school.policy = version.policy;
    let heard_until_it_speaks = (1..=1_000).find(|_| {
        let (conviction, _, won) = World::MisScaled.say(&mut dice);
        school.hear(&outcome(0, conviction, won, 1.0));
        school.calibration() != &Calibration::None
    });
    assert_eq!(heard_until_it_speaks, Some(250));
}

#[test]
fn what_was_saved_goes_on_as_if_it_had_never_stopped() {
    let (school, mut dice) = School::live(World::MisScaled, 13, 700);
    let mut restored = ConvictionCalibration::new(LearnRules::default());
    assert!(restored.load(&school.learner.save()));
    assert!(!restored.load(b"no such thing"));
    let mut lived = school.learner.clone();
    for _ in 0..600 {
        let (conviction, _, won) = World::MisScaled.say(&mut dice);
        let heard = outcome(0, conviction, won, 0.7);
        lived.observe(&heard);
        restored.observe(&heard);
    }
    assert_eq!(lived, restored);
    assert_eq!(lived.propose(&school.policy, NOW), restored.propose(&school.policy, NOW));
}

#[test]
fn what_is_kept_is_bounded() {
    let mut learner = ConvictionCalibration::new(LearnRules::default());
    let mut dice = Dice::new(17);
    let mut size_after = |outcomes: usize| {
        for _ in 0..outcomes {
            let (conviction, _, won) = World::Null { wins: 0.5 }.say(&mut dice);
            learner.observe(&outcome(0, conviction, won, 0.05));
        }
        learner.save().len()
    };
    let full = size_after(20_000);
    let later = size_after(20_000);
    assert!(full < 150_000 && later.abs_diff(full) < 100, "{full} {later}");
}

#[test]
fn it_is_on_the_list() {
    let rules = LearnRules::default();
    let listed = learners(&rules, &Policy::day_one(GatePolicy::default()), &House::default());
    assert!(listed.iter().any(|learner| learner.name() == "conviction_calibration"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn whatever_it_heard_its_proposals_are_sane_and_never_fall(
        heard in prop::collection::vec((0.0..=1.0_f64, any::<bool>(), 0.0..=1.0_f64), 0..900),
    ) {
        let mut learner = ConvictionCalibration::new(LearnRules::default());
        heard.iter().for_each(|&(c, won, weight)| learner.observe(&outcome(0, c, won, weight)));
        let policy = Policy::day_one(GatePolicy::default());
        for amendment in learner.propose(&policy, NOW) {
            let Change::Calibration { strategy: 0, calibration } = &amendment.change else {
                return Err(TestCaseError::fail("another change"));
            };
            prop_assert!(calibration.is_sane());
            let said: Vec<f64> = (0..=50).filter_map(|at| calibration.probability(f64::from(at) / 50.0)).collect();
            prop_assert!(said.is_sorted() && said.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(amendment.evidence.outcomes_effective >= 200.0);
        }
    }
}
