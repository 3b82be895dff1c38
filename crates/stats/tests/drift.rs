//! Row f of the honesty bench: detectors keep quiet where nothing changes, and hear what does (methods §4.2).

#![allow(clippy::print_stdout, reason = "the rates are what is asked for")]

use stats::drift::{
    Adwin, AdwinRules, Bins, Direction, SHARE_LEAST, StandardPageHinkley, kolmogorov_smirnov, psi,
    psi_limit, wasserstein,
};

/// Dice with a seed: a linear congruential generator, its output mixed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e3779b97f4a7c15) ^ 0x5851f42d4c957f2d)
    }

    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51afd7ed558ccd);
        ((mixed ^ (mixed >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn coin(&mut self, probability: f64) -> f64 {
        if self.roll() < probability { 1.0 } else { 0.0 }
    }

    /// Mean zero, variance one, nearly normal.
    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }

    fn sample(&mut self, count: usize, mean: f64) -> Vec<f64> {
        (0..count).map(|_| self.noise() + mean).collect()
    }
}

const WORLDS: u64 = 200;
const QUIET: usize = 10_000;
/// Where the change comes in a world that has one.
const CHANGE_AT: usize = 2_000;

/// A detector, as far as a world asks.
type Detector = Box<dyn FnMut(f64) -> bool>;

fn adwin() -> Detector {
    let mut adwin = Adwin::new(AdwinRules::default());
    Box::new(move |value| adwin.observe(value))
}

fn page_hinkley() -> Detector {
    let mut test = StandardPageHinkley::new(Direction::Both);
    Box::new(move |value| test.observe(value))
}

/// False alarms in 10,000 quiet numbers, the mean of many worlds.
fn alarms(detector: fn() -> Detector, draw: fn(&mut Dice) -> f64) -> f64 {
    let of_one = |seed| {
        let (mut dice, mut hears) = (Dice::new(seed), detector());
        (0..QUIET).filter(|_| hears(draw(&mut dice))).count()
    };
    (0..WORLDS).map(of_one).sum::<usize>() as f64 / WORLDS as f64
}

/// The median number of numbers from a change to its alarm; worlds where none comes count as the longest.
fn delay(detector: fn() -> Detector, after: f64) -> usize {
    let mut delays: Vec<usize> = (0..WORLDS)
        .map(|seed| {
            let (mut dice, mut hears) = (Dice::new(1_000 + seed), detector());
            (0..CHANGE_AT).for_each(|_| {
                hears(dice.coin(0.45));
            });
            (1..4_000).find(|_| hears(dice.coin(after))).unwrap_or(4_000)
        })
        .collect();
    delays.sort_unstable();
    delays[delays.len() / 2]
}

#[test]
fn detectors_call_less_than_a_tenth_of_a_time_in_ten_thousand_quiet_numbers() {
    for (name, detector) in [("adwin", adwin as fn() -> Detector), ("page", page_hinkley)] {
        let coins = alarms(detector, |dice| dice.coin(0.45));
        let normals = alarms(detector, Dice::noise);
        println!("{name}: {coins} on coins, {normals} on normals");
        assert!(coins <= 0.1 && normals <= 0.1, "{name}: {coins} on coins, {normals} on normals");
    }
}

#[test]
fn detectors_hear_a_win_rate_that_changes() {
    for (name, detector) in [("adwin", adwin as fn() -> Detector), ("page", page_hinkley)] {
        let (small, large) = (delay(detector, 0.55), delay(detector, 0.65));
        println!("{name}: {small} for .55, {large} for .65");
        assert!(small <= 750, "{name}: .45 to .55 after {small}");
        assert!(large <= 250, "{name}: .45 to .65 after {large}");
    }
}

#[test]
fn the_standardised_test_has_no_unit() {
    // The plain test with its defaults calls several times in such a world (methods §1.10).
    let scaled = alarms(page_hinkley, |dice| 40.0 * dice.noise() + 7.0);
    assert!(scaled <= 0.1, "{scaled}");
}

#[test]
fn a_feature_that_moves_half_a_deviation_is_unlike_itself_and_one_that_stays_is_not() {
    let (mut false_psi, mut false_ks, mut missed) = (0, 0, 0);
    for seed in 0..WORLDS {
        let mut dice = Dice::new(5_000 + seed);
        let before = dice.sample(300, 0.0);
        let bins = Bins::of(&before, 10).unwrap();
        let limit = psi_limit(10, 0.01, 300.0, 300.0);
        let is_unlike = |after: &[f64]| psi(&bins, &before, after, SHARE_LEAST).unwrap() > limit;
        let (same, moved) = (dice.sample(300, 0.0), dice.sample(300, 0.5));
        let p_of = |after: &[f64]| kolmogorov_smirnov(&before, after).unwrap().p_asymptotic();
        false_psi += usize::from(is_unlike(&same));
        false_ks += usize::from(p_of(&same) < 0.01);
        missed += usize::from(p_of(&moved) >= 0.01 || !is_unlike(&moved));
        assert!(wasserstein(&before, &moved).unwrap() > 0.2);
    }
    println!("psi {false_psi}, ks {false_ks}, missed {missed} of {WORLDS}");
    // One in a hundred, and three standard errors.
    assert!(false_psi <= 6 && false_ks <= 6 && missed <= 10, "{false_psi} {false_ks} {missed}");
}

#[test]
fn the_exact_and_the_asymptotic_probability_agree_on_samples_of_some_size() {
    let mut dice = Dice::new(7);
    for shift in [0.0, 0.1, 0.2, 0.4] {
        let (one, other) = (dice.sample(150, 0.0), dice.sample(180, shift));
        let apart = kolmogorov_smirnov(&one, &other).unwrap();
        let (exact, limit) = (apart.p_exact(), apart.p_asymptotic());
        assert!((exact - limit).abs() < 0.03, "{shift}: {exact} {limit}");
    }
}
