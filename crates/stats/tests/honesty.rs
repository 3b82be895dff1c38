//! What the theorems promise, seen to hold: miscoverage, false alarms and weights without a reason.

use stats::experts::{CentredCappedHedge, CentredGains, Record, shrink_factor};
use stats::moments::Moments;
use stats::sequential::{
    BettingTest, EmpiricalBernstein, GAIN_GRID, GridEProcess, HARM_GRID, NormalMixture,
};
use stats::simplex::Bounds;

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

    fn happens(&mut self, probability: f64) -> bool {
        self.roll() < probability
    }

    /// Mean zero, variance one, nearly normal.
    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }
}

const RUNS: u64 = 400;
/// alpha = .05 of the runs and three standard errors more.
const FALSE_MOST: usize = 33;

#[test]
fn the_normal_mixture_has_the_published_radii_and_covers() {
    let mut mixture = NormalMixture::new(1.0, 10.0);
    for n in 1..=2_000 {
        mixture.observe(0.0);
        // Methods, section 2.
        for (at, radius) in [(100, 0.3038), (1_000, 0.1035), (2_000, 0.0753)] {
            if n == at {
                assert!((mixture.radius(0.05).unwrap() - radius).abs() < 5e-5, "{n}");
            }
        }
    }
    let missed = (0..RUNS).filter(|&seed| {
        let mut dice = Dice::new(seed);
        let mut mixture = NormalMixture::new(1.0, 10.0);
        (0..1_000).any(|_| {
            mixture.observe(dice.noise());
            mixture.mean().unwrap().abs() > mixture.radius(0.05).unwrap()
        })
    });
    let missed = missed.count();
    assert!(missed <= FALSE_MOST, "{missed} of {RUNS}");
}

#[test]
fn the_empirical_bernstein_sequence_covers_at_every_look() {
    let missed = (0..RUNS).filter(|&seed| {
        let mut dice = Dice::new(seed);
        let mut sequence = EmpiricalBernstein::new(0.05, 0.5);
        (0..1_000).any(|_| {
            sequence.observe(if dice.happens(0.5) { 1.0 } else { 0.0 });
            !sequence.interval().contains(0.5)
        })
    });
    let missed = missed.count();
    assert!(missed <= FALSE_MOST, "{missed} of {RUNS}");
}

#[test]
fn bets_against_the_truth_seldom_win() {
    let fooled = (0..RUNS).filter(|&seed| {
        let mut dice = Dice::new(seed);
        let mut test = BettingTest::new(0.5, 0.5, 0.5, 0.25);
        (0..1_000).for_each(|_| test.observe(dice.roll()));
        test.p_value() <= 0.05
    });
    let fooled = fooled.count();
    assert!(fooled <= FALSE_MOST, "{fooled} of {RUNS}");
}

#[test]
fn a_skewed_fair_game_does_not_fool_the_grid() {
    // Many small wins and rare losses at the floor: the game every stop-loss strategy plays.
    for grid in [GAIN_GRID.as_slice(), HARM_GRID.as_slice()] {
        let fooled = (0..RUNS).filter(|&seed| {
            let mut dice = Dice::new(seed);
            let mut process = GridEProcess::new(1.0, grid);
            (0..2_000).any(|_| {
                process.observe(if dice.happens(0.9) { 1.0 / 9.0 } else { -1.0 });
                process.rejects(0.05)
            })
        });
        let fooled = fooled.count();
        assert!(fooled <= FALSE_MOST, "{fooled} of {RUNS}");
    }
}

const SEED_BOUNDS: Bounds = Bounds { least: 0.05, most: 0.30, step_fraction: 0.20 };
const PRIOR: Record = Record { count: 10.0, agreed: 5.0, won: 5.0 };

/// Nine heads in a world that wins 60 % of the time: head 0 always agrees, head 1 knows
/// something, the others toss a coin.
fn signal(dice: &mut Dice) -> ([bool; 9], bool) {
    let won = dice.happens(0.6);
    let mut agreed = [0.0; 9].map(|_| dice.happens(0.5));
    agreed[0] = true;
    agreed[1] = dice.happens(if won { 0.6 } else { 0.4 });
    (agreed, won)
}

#[test]
fn a_head_that_only_agrees_earns_no_weight() {
    let (mut yes, mut skilled) = (0.0, 0.0);
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let mut learner = CentredCappedHedge::new(9, 0.1, SEED_BOUNDS, PRIOR);
        for _ in 0..2_000 {
            let (agreed, won) = signal(&mut dice);
            learner.observe(&agreed, won);
        }
        yes += learner.weights()[0] / 40.0;
        skilled += learner.weights()[1] / 40.0;
    }
    assert!(yes < 0.10 && skilled > 0.25, "yes-head {yes}, skilled {skilled}");
}

#[test]
fn the_default_rule_for_heads_can_be_built_from_these_parts() {
    // Methods, decision 1: James-Stein over forgotten centred gains, then the projection.
    let (mut yes, mut skilled) = (0.0, 0.0);
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let mut gains = CentredGains::new(9, PRIOR);
        let mut skills = [Moments::default(); 9];
        let mut weights = [1.0 / 9.0; 9];
        for _ in 0..2_000 {
            let (agreed, won) = signal(&mut dice);
            for (skill, gain) in skills.iter_mut().zip(gains.observe(&agreed, won)) {
                skill.forget(0.9975);
                skill.observe(gain);
            }
            if skills[0].effective_count() < 50.0 {
                continue;
            }
            let means = skills.map(|skill| skill.mean().unwrap());
            let noise = skills.iter().filter_map(Moments::variance_of_mean).sum::<f64>() / 9.0;
            let shrink = shrink_factor(&means, noise).unwrap();
            let target = means.map(|mean| libm::exp(70.0 * shrink * mean));
            weights = SEED_BOUNDS.step(&weights, &target);
        }
        yes += weights[0] / 40.0;
        skilled += weights[1] / 40.0;
    }
    assert!(yes < 0.10 && skilled > 0.25, "yes-head {yes}, skilled {skilled}");
}
