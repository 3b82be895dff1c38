//! Row d of the test bench: conviction in the right order and of the wrong size (world P9).

use stats::calibration::{Calibration, brier, calibration_error};

/// Dice with a seed: a linear congruential generator, its output mixed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e3779b97f4a7c15) ^ 0x5851f42d4c957f2d)
    }

    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51afd7ed558ccd);
        (((mixed ^ (mixed >> 33)) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal (Box & Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.roll()));
        radius * libm::cos(std::f64::consts::TAU * self.roll())
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

const OUTCOMES: usize = 2_000;
const WORLDS: u64 = 200;
const FOLDS: usize = 5;

/// Convictions z and whether each won, with probability sigmoid(slope z).
fn outcomes(seed: u64, slope: f64) -> (Vec<f64>, Vec<bool>) {
    let mut dice = Dice::new(seed);
    let outcome = |_| {
        let z = dice.normal();
        (z, dice.roll() < sigmoid(slope * z))
    };
    (0..OUTCOMES).map(outcome).unzip()
}

type Fit = fn(&[f64], &[bool], &[f64]) -> Calibration;

/// Probabilities of each fold by what was learned from the others.
fn out_of_fold(fit: Fit, scores: &[f64], wins: &[bool]) -> Vec<f64> {
    let mut probabilities = vec![0.0; scores.len()];
    for fold in 0..FOLDS {
        let others = || (0..scores.len()).filter(|i| i % FOLDS != fold);
        let fitted = fit(
            &others().map(|i| scores[i]).collect::<Vec<_>>(),
            &others().map(|i| wins[i]).collect::<Vec<_>>(),
            &vec![1.0; others().count()],
        );
        for i in (fold..scores.len()).step_by(FOLDS) {
            probabilities[i] = fitted.apply(scores[i]);
        }
    }
    probabilities
}

struct Bench {
    /// The calibration error that one world in twenty exceeds.
    error_q95: f64,
    /// Brier gain over saying a half, as a share of the oracle's.
    gain_share: f64,
}

fn bench(fit: Fit) -> Bench {
    let even = [1.0; OUTCOMES];
    let (mut errors, mut gain, mut oracle_gain) = (Vec::new(), 0.0, 0.0);
    for seed in 0..WORLDS {
        let (scores, wins) = outcomes(seed, 0.6);
        let probabilities = out_of_fold(fit, &scores, &wins);
        errors.push(calibration_error(&probabilities, &wins, &even).expect("a sample"));
        let oracle: Vec<f64> = scores.iter().map(|z| sigmoid(0.6 * z)).collect();
        gain += 0.25 - brier(&probabilities, &wins, &even).expect("a sample");
        oracle_gain += 0.25 - brier(&oracle, &wins, &even).expect("a sample");
    }
    errors.sort_by(f64::total_cmp);
    Bench { error_q95: errors[errors.len() * 19 / 20], gain_share: gain / oracle_gain }
}

/// Measured: q95 .027, gain 94 % of the oracle's with the steps `fit` takes at this size. Plain
/// isotonic steps give .032 and 91 %, which misses the row: hence the centred ones.
#[test]
fn misjudged_conviction_is_set_right() {
    let bench = bench(Calibration::fit);
    assert!(bench.error_q95 <= 0.030, "q95 {}", bench.error_q95);
    assert!(bench.gain_share >= 0.90, "gain share {}", bench.gain_share);
}

/// Measured: q95 .027, gain 98 % of the oracle's.
#[test]
fn a_sigmoid_is_best_where_the_truth_is_one() {
    let bench = bench(|scores, wins, weights| Calibration::platt(scores, wins, weights).unwrap());
    assert!(bench.error_q95 <= 0.030, "q95 {}", bench.error_q95);
    assert!(bench.gain_share >= 0.97, "gain share {}", bench.gain_share);
}

/// Conviction that knows nothing must not be told apart: within one deviation of the middle, the
/// sigmoid's probabilities spread by little more than a hundredth on average.
#[test]
fn conviction_without_knowledge_gets_nearly_one_probability() {
    let spreads = (0..WORLDS).map(|seed| {
        let (scores, wins) = outcomes(seed, 0.0);
        let few = &scores[..900];
        let fitted = Calibration::fit(few, &wins[..900], &[1.0; 900]);
        fitted.apply(1.0) - fitted.apply(-1.0)
    });
    let mean = spreads.sum::<f64>() / WORLDS as f64;
    assert!(mean < 0.03, "{mean}");
}
