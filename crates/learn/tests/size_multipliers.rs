//! A5 on levels whose truth is known: sizes rise with what levels earn, and only when it is shown.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

#[allow(dead_code, reason = "every test of learners has the same class, and none needs all of it")]
mod class;

use class::{Class, worlds};
use domain::{Basis, Outcome, Standing, Timestamp};
use learn::Rule;
use scenarios::{BEGIN, Bets, Dice, HOUR_MS, outcome};

/// A market in which win rates rise by this much from the lowest level of conviction to the highest.
struct World {
    class: Class,
    dice: Dice,
    hours: u64,
    rise: f64,
    uniqueness: f64,
    copies: u32,
}

impl World {
    fn new(rule: Rule, rise: f64, seed: u64) -> World {
        let class = Class::new("size_multipliers", rule);
        World { class, dice: Dice::new(seed), hours: 0, rise, uniqueness: 1.0, copies: 1 }
    }

    fn now(&self) -> Timestamp {
        BEGIN.plus_ms(self.hours as i64 * HOUR_MS)
    }

    fn outcome(&mut self) -> Outcome {
        self.hours += 1;
        let conviction = self.dice.uniform();
        let bets = Bets::winning(Bets::SEED.win_rate + self.rise * (conviction - 0.5));
        let made = outcome(self.hours, bets.draw(&mut self.dice));
        let edge_ratio = (8.0 * self.dice.uniform()) as f32;
        Outcome {
            conviction,
            standing: Standing::Probe,
            uniqueness: self.uniqueness,
            basis: Basis { edge_ratio, ..made.basis },
            ..made
        }
    }

    /// So many outcomes, asked twice a day.
    fn hear(&mut self, outcomes: u32) {
        for _ in 0..outcomes {
            let made = self.outcome();
            (0..self.copies).for_each(|_| self.class.hear(&made));
            if self.hours.is_multiple_of(12) {
                self.class.ask(self.now());
            }
        }
    }

    fn sizes(&self) -> &[f64] {
        &self.class.policy.conviction_sizes
    }
}

#[test]
fn stakes_rise_with_what_levels_earn() {
    let (worlds, mut found, mut rising) = (worlds(50), 0, 0);
    for seed in 0..worlds {
        let mut world = World::new(Rule::Evidence, 0.30, seed);
        world.hear(2_000);
        found += u64::from(!world.sizes().is_empty());
        if let [least, .., most] = world.sizes() {
            assert!(world.sizes().windows(2).all(|pair| pair[0] <= pair[1]));
            rising += u64::from(*least < 0.9 && *most > 1.1);
        }
        assert!(world.class.policy.edge_sizes.is_empty() || seed > 0, "the edge says nothing");
    }
    eprintln!(
        "win rates rising by 30 %: found in {found} of {worlds} worlds, {rising} by 10 % each way"
    );
    assert!(found * 10 >= worlds * 9 && rising * 10 >= worlds * 8);
}

#[test]
fn where_levels_are_alike_sizes_stay_neutral_in_nineteen_of_twenty_worlds() {
    let (worlds, mut moved) = (worlds(200), 0);
    for seed in 0..worlds {
        let mut world = World::new(Rule::Evidence, 0.0, 1_000 + seed);
        world.hear(3_000);
        moved += u64::from(world.class.accepted > 0);
    }
    eprintln!("no difference: {moved} of {worlds} worlds with a change of sizes");
    assert!(moved * 20 <= worlds);
}

/// Labels of ten hours, one begun every hour: each shares nine tenths of its luck with the next.
#[test]
fn labels_that_slide_over_one_another_are_not_independent() {
    let (worlds, mut moved) = (worlds(200), 0);
    for seed in 0..worlds {
        let mut world = World::new(Rule::Evidence, 0.0, 5_000 + seed);
        let (mut luck, mut conviction) = ([0.0_f64; 10], 0.5);
        for hours in 0..10_000_u64 {
            luck.rotate_left(1);
            luck[9] = 0.4 * world.dice.normal();
            // Convictions last longer than labels, else their noise would hide the overlap.
            if hours % 40 == 0 {
                conviction = world.dice.uniform();
            }
            let made = outcome(hours, luck.iter().sum());
            world.class.hear(&Outcome { conviction, uniqueness: 0.1, ..made });
            if hours % 12 == 0 {
                world.class.ask(world.now());
            }
        }
        moved += u64::from(world.class.accepted > 0);
    }
    eprintln!("sliding labels: {moved} of {worlds} worlds with a change of sizes");
    assert!(moved * 20 <= worlds);
}

#[test]
fn a_size_moves_by_at_most_a_fifth_a_cycle_and_ends_with_a_mean_of_one() {
    let mut world = World::new(Rule::Evidence, 0.80, 3);
    let mut steepest: f64 = 0.0;
    for _ in 0..400 {
        let before = world.sizes().to_vec();
        world.hear(12);
        for (at, after) in world.sizes().iter().enumerate() {
            steepest = steepest.max((after / before.get(at).unwrap_or(&1.0) - 1.0).abs());
        }
    }
    assert!(steepest <= 0.20 + 1e-9, "{steepest}");
    let mean = world.sizes().iter().sum::<f64>() / 5.0;
    assert!((mean - 1.0).abs() < 0.06, "{:?}", world.sizes());
    assert!(world.sizes()[0] < 0.6 && world.sizes()[4] > 1.3, "{:?}", world.sizes());
}

#[test]
fn nothing_moves_below_fifty_effective_outcomes_of_a_level() {
    for (uniqueness, outcomes) in [(1.0, 98), (0.1, 980)] {
        let mut class = Class::new("size_multipliers", Rule::Evidence);
        for hours in 0..outcomes {
            let (conviction, r) = if hours % 2 == 0 { (0.1, -1.05) } else { (0.9, 1.45) };
            let r = r + 0.01 * (hours % 7) as f64;
            class.hear(&Outcome { conviction, uniqueness, ..outcome(hours, r) });
            class.ask(BEGIN);
        }
        assert_eq!(class.accepted, 0, "uniqueness {uniqueness}");
        for hours in 0..outcomes / 10 {
            let (conviction, r) = if hours % 2 == 0 { (0.1, -1.05) } else { (0.9, 1.45) };
            class.hear(&Outcome { conviction, uniqueness, ..outcome(hours, r) });
            class.ask(BEGIN);
        }
        assert!(class.accepted > 0, "uniqueness {uniqueness}");
    }
}

#[test]
fn copies_are_no_evidence() {
    let mut alone = World::new(Rule::Evidence, 0.12, 7);
    let mut copied = World::new(Rule::Evidence, 0.12, 7);
    (copied.copies, copied.uniqueness) = (10, 0.1);
    alone.hear(600);
    copied.hear(600);
    let evidence = |world: &World| {
        let report = world.class.learner.report(&world.class.policy);
        let of = report.beliefs.iter().find(|line| line.contains("rise with conviction")).unwrap();
        let said = of.split(": ").nth(1).unwrap().split(' ').next().unwrap();
        said.parse::<f64>().unwrap()
    };
    let ratio = evidence(&copied) / evidence(&alone);
    assert!((0.8..1.25).contains(&ratio), "{ratio}: ten copies of a tenth say what one says");
}

#[test]
fn after_a_revert_the_same_evidence_does_not_undo_it() {
    let mut world = World::new(Rule::Evidence, 0.60, 9);
    let day_one = world.class.policy.clone();
    world.hear(1_000);
    assert!(!world.sizes().is_empty());
    let now = world.now();
    world.class.revert(&day_one, now);
    world.hear(49);
    assert!(world.sizes().is_empty());
    world.hear(100);
    assert!(!world.sizes().is_empty(), "new evidence counts");
}

/// Seed 001: from 50 outcomes on, realised edge per level, 20 % a cycle.
#[test]
fn to_the_letter_a_level_is_staked_by_what_it_earned() {
    let mut class = Class::new("size_multipliers", Rule::Seed);
    let hear = |class: &mut Class, hours: u64| {
        for (conviction, r) in [(0.1, -0.5), (0.5, 0.1), (0.9, 0.4)] {
            let standing = Standing::Probe;
            class.hear(&Outcome { conviction, standing, ..outcome(hours, r) });
        }
    };
    (0..49).for_each(|hours| hear(&mut class, hours));
    assert!(class.ask(BEGIN).is_none(), "49 outcomes are too few");
    hear(&mut class, 49);
    class.ask(BEGIN).unwrap();
    let close =
        |sizes: &[f64], to: [f64; 5]| sizes.iter().zip(to).all(|(a, b)| (a - b).abs() < 1e-9);
    // Within a fifth of 1, and never falling: an empty level stays at 1.
    assert!(
        close(&class.policy.conviction_sizes, [0.8, 1.0, 1.1, 1.1, 1.2]),
        "{:?}",
        class.policy.conviction_sizes
    );
    (0..3).for_each(|_| drop(class.ask(BEGIN)));
    assert!(
        close(&class.policy.conviction_sizes, [0.5, 1.0, 1.1, 1.1, 1.4]),
        "{:?}",
        class.policy.conviction_sizes
    );
}

#[test]
fn what_a_learner_saves_it_remembers() {
    for rule in [Rule::Evidence, Rule::Seed] {
        let mut world = World::new(rule, 0.4, 11);
        world.hear(700);
        world.class.assert_remembers();
    }
}

#[test]
fn a_report_says_what_is_believed_and_what_is_lacking() {
    let mut world = World::new(Rule::Evidence, 0.0, 13);
    world.hear(100);
    let report = world.class.learner.report(&world.class.policy);
    assert!(
        report.starved.iter().any(|line| line.contains("of 50 effective outcomes of conviction"))
    );
    world.hear(2_000);
    let report = world.class.learner.report(&world.class.policy);
    assert!(report.starved.is_empty() && report.beliefs.len() == 12, "{report:?}");
}
