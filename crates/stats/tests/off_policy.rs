//! Off-policy estimates on logs whose truth is known (row e of the honesty bench).

use stats::moments::Moments;
use stats::ope::{Estimate, Judged, OffPolicy};

/// Dice with a seed: a linear congruential generator, its output mixed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51afd7ed558ccd);
        ((mixed ^ (mixed >> 33)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Candidates of ten kinds, as many of each. A gate lets the upper five in, and by a draw the opposite is done.
struct World {
    explore_fraction: f64,
}

const KINDS: usize = 10;
/// The judged policy lets two kinds more in.
const JUDGED_FROM: usize = 3;
const N: usize = 2_000;
const REPEATS: u64 = 2_000;

impl World {
    /// What trading a kind earns on average; declining earns nothing.
    fn mean(kind: usize) -> f64 {
        0.02 * kind as f64 - 0.05
    }

    /// What a model that sees a quarter too little says.
    fn modelled(kind: usize) -> f64 {
        0.75 * World::mean(kind)
    }

    fn truth() -> f64 {
        (JUDGED_FROM..KINDS).map(World::mean).sum::<f64>() / KINDS as f64
    }

    fn log(&self, seed: u64) -> OffPolicy {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d);
        let mut log = OffPolicy::default();
        for _ in 0..N {
            let kind = (dice.roll() * KINDS as f64) as usize;
            let trades_by_rule = kind >= KINDS / 2;
            let explores = dice.roll() < self.explore_fraction;
            let trades = trades_by_rule != explores;
            let p =
                if trades_by_rule { 1.0 - self.explore_fraction } else { self.explore_fraction };
            let won = dice.roll() < 0.5 + 0.5 * World::mean(kind);
            let result = if won { 1.0 } else { -1.0 };
            let reward = if trades { result } else { 0.0 };
            let would = if kind >= JUDGED_FROM { 1.0 } else { 0.0 };
            let judged = Judged::of(
                usize::from(trades),
                reward,
                &[1.0 - p, p],
                &[1.0 - would, would],
                &[0.0, World::modelled(kind)],
            );
            log.observe(&judged.expect("both actions have a chance"));
        }
        log
    }
}

#[test]
fn estimates_keep_to_the_bench_row_e() {
    let world = World { explore_fraction: 0.05 };
    let truth = World::truth();
    let (mut ips, mut dr, mut direct) =
        (Moments::default(), Moments::default(), Moments::default());
    let mut covered = 0_u32;
    for seed in 0..REPEATS {
        let log = world.log(seed);
        let all = log.estimates().expect("some were tried");
        ips.observe(all.ips);
        dr.observe(all.dr);
        direct.observe(all.direct);
        let Estimate::Answer { low, high, ess, .. } = log.estimate() else {
            panic!("refused with {}", log.ess());
        };
        assert!(ess >= 50.0);
        covered += u32::from((low..=high).contains(&truth));
    }
    let cover = f64::from(covered) / REPEATS as f64;
    for (name, of) in [("ips", &ips), ("dr", &dr)] {
        let bias = of.mean().expect("many") - truth;
        let error = of.variance_of_mean().expect("many").sqrt();
        eprintln!("e: {name} bias {bias:+.5} (error {error:.5}) of {truth:.4}");
        assert!(bias.abs() <= 2.0 * error && bias.abs() <= 0.05 * truth, "{name}: {bias} {error}");
    }
    let variances = (dr.variance().expect("many"), ips.variance().expect("many"));
    eprintln!(
        "e: direct bias {:+.4}, dr sd {:.4}, ips sd {:.4}, the interval covers {cover:.3}",
        direct.mean().expect("many") - truth,
        variances.0.sqrt(),
        variances.1.sqrt()
    );
    assert!(variances.0 <= 1.05 * variances.1, "{variances:?}");
    assert!((0.93..=0.97).contains(&cover), "{cover}");
}

#[test]
fn a_log_that_tried_too_little_never_gives_an_answer() {
    let world = World { explore_fraction: 0.005 };
    for seed in 0..REPEATS {
        let log = world.log(seed);
        let refuses = matches!(log.estimate(), Estimate::Refused { .. });
        assert_eq!(refuses, log.ess() < 50.0, "seed {seed}: {}", log.ess());
    }
    let hardly = (0..200).filter(|&seed| world.log(seed).ess() < 50.0).count();
    assert!(hardly > 100, "the log must be thin: {hardly} of 200");
}
