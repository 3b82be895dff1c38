//! A15 and A16 on models whose worth is known.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

#[allow(dead_code, reason = "every test of learners has the same class, and none needs all of it")]
mod class;

use class::{Class, worlds};
use domain::{Basis, FastLayer, MODEL_COUNT, Modelled, Outcome, Standing, Timestamp};
use learn::Rule;
use scenarios::{BEGIN, Dice, HOUR_MS, outcome};

/// A market, and models that say something of it.
struct World {
    class: Class,
    dice: Dice,
    hour: u64,
    /// What the first member's log-odds are of the truth's: 0 knows nothing.
    knows: f64,
    /// Positions of one stretch of the market, decided at once; they close an hour apart.
    copies: u32,
    /// Spread of a win's size, in logs.
    spread: f64,
}

const BASE: f64 = 0.42;

impl World {
    fn new(rule: Rule, knows: f64, seed: u64) -> World {
        let class = Class::new("online_learning", rule);
        World { class, dice: Dice::new(seed), hour: 0, knows, copies: 1, spread: 0.0 }
    }

    fn now(&self) -> Timestamp {
        BEGIN.plus_ms(self.hour as i64 * HOUR_MS)
    }

    /// One outcome an hour, asked every hour; the ensemble says the base rate, one member more.
    fn hours(&mut self, hours: u32) {
        for _ in 0..hours / self.copies {
            let hint = self.dice.normal();
            let odds = FastLayer::log_odds(BASE) + self.knows * hint;
            let chance = 1.0 / (1.0 + libm::exp(-odds));
            let size = libm::exp(self.spread * self.dice.normal());
            let r = if self.dice.uniform() < chance { 1.45 * size } else { -1.05 };
            let said = 1.0 / (1.0 + libm::exp(-0.8 * hint));
            let mut members = [Modelled::UNSAID; MODEL_COUNT];
            members[0] = said as f32;
            let modelled = Modelled { ensemble: BASE as f32, members, ..Modelled::NONE };
            let made = outcome(self.hour, r);
            let basis = Basis { modelled, ..made.basis };
            let uniqueness = 1.0 / f64::from(self.copies);
            let made = Outcome { standing: Standing::Probe, uniqueness, basis, ..made };
            for _ in 0..self.copies {
                self.hour += 1;
                self.class.hear(&Outcome { closed_at: self.now(), ..made });
                self.class.ask(self.now());
            }
        }
    }
}

/// Of so many worlds whose models know nothing, how many changed anything within so many hours.
fn fooled(count: u64, hours: u32, world: impl Fn(World) -> World) -> u64 {
    let worlds = (0..count).map(|seed| world(World::new(Rule::Evidence, 0.0, seed)));
    worlds
        .map(|mut world| {
            world.hours(hours);
            u64::from(world.class.accepted > 0)
        })
        .sum()
}

#[test]
fn a_member_that_knows_is_listened_to_and_noise_is_not() {
    let count = worlds(200);
    let (mut accepted, mut literal) = (0, 0);
    for seed in 0..count {
        let mut world = World::new(Rule::Evidence, 0.0, seed);
        world.hours(2_000);
        accepted += u64::from(world.class.accepted > 0);
        let mut world = World::new(Rule::Seed, 0.0, seed);
        world.hours(200);
        literal += u64::from(world.class.accepted > 0);
    }
    eprintln!(
        "models that know nothing: {accepted} of {count} worlds changed anything; by the seed's rule {literal}"
    );
    assert!(accepted * 20 <= count, "{accepted}");
    assert!(literal * 2 > count, "the seed's rule takes luck for skill: {literal}");
    let (count, mut found) = (worlds(40), 0);
    for seed in 0..count {
        let mut world = World::new(Rule::Evidence, 0.8, seed);
        world.hours(2_000);
        found += u64::from(world.class.policy.fast_layer.slopes[0] > 0.0);
    }
    eprintln!("a member that knows: found in {found} of {count} worlds within 2,000 outcomes");
    assert!(found * 10 >= count * 8, "{found}");
}

/// Ten positions of one stretch close one after the other. Who has heard the first knows how the others end,
/// and would be scored on that.
#[test]
fn positions_that_overlap_lend_no_skill_to_who_knows_nothing() {
    let count = worlds(60);
    let alone = fooled(count, 1_000, |world| world);
    let ten = fooled(count, 10_000, |world| World { copies: 10, ..world });
    eprintln!("of {count} worlds that know nothing changed: {alone} alone, {ten} in tens");
    assert!(ten * 20 <= count, "{ten} in tens, {alone} alone");
    let found = (0..worlds(20)).filter(|seed| {
        let world = World::new(Rule::Evidence, 0.8, *seed);
        let mut world = World { copies: 5, ..world };
        world.hours(10_000);
        world.class.policy.fast_layer.slopes[0] > 0.0
    });
    let found = found.count() as u64;
    eprintln!("who knows is found in {found} of {} worlds of 2,000 fives", worlds(20));
    assert!(found * 10 >= worlds(20) * 7, "{found}");
}

/// Wins of all sizes beside losses of one: weighed by their size they would look like more wins.
#[test]
fn wins_that_vary_in_size_buy_no_evidence() {
    let count = worlds(60);
    let fooled = fooled(count, 3_000, |world| World { spread: 1.2, ..world });
    eprintln!("with wins of all sizes {fooled} of {count} worlds that know nothing changed");
    assert!(fooled * 20 <= count, "{fooled}");
}

#[test]
fn it_remembers_and_goes_on_from_what_a_person_reverts_to() {
    let mut world = World::new(Rule::Evidence, 1.2, 3);
    let day_one = world.class.policy.clone();
    world.hours(3_000);
    assert!(world.class.accepted > 0);
    world.class.assert_remembers();
    world.class.revert(&day_one, world.now());
    assert_eq!(world.class.policy.fast_layer, FastLayer::default());
    let accepted = world.class.accepted;
    world.hours(30);
    assert_eq!(world.class.accepted, accepted, "what was taken back is not undone at once");
}

#[test]
fn the_letter_asks_for_twenty_trades_of_a_day_and_more_than_48_per_cent() {
    let mut world = World::new(Rule::Seed, 0.0, 1);
    world.hours(19);
    assert_eq!(world.class.accepted, 0, "19 trades are not 20 (seed 002)");
    world.hours(181);
    assert!(world.class.accepted > 0, "within a week luck is above .48 at some hour");
    world.class.assert_remembers();
}
