//! How often does a score of this size win?
//! A score becomes a probability by what became of earlier scores like it, out of fold.

mod isotonic;
mod platt;
mod proper;

pub use isotonic::Step;
pub use proper::{brier, calibration_error, calibration_error_floor, log_loss};

use crate::moments::Moments;
use serde::{Deserialize, Serialize};

/// From how many effective outcomes on the shape is learned too, not only its scale and place
/// (methods, section 1.8).
pub const ISOTONIC_FROM: f64 = 1_000.0;

/// What turns a score into a probability to win. Never decreasing in the score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Calibration {
    /// The score is taken for a probability.
    #[default]
    Identity,
    /// 1 / (1 + exp(a score + b)) (Platt 1999); `a` is at most zero.
    Platt {
        /// Slope of the log odds against winning, per unit of score.
        a: f64,
        /// Log odds against winning at score zero.
        b: f64,
    },
    /// Straight lines between steps, flat outside them.
    Isotonic {
        /// Rising in score and never falling in probability.
        steps: Vec<Step>,
    },
}

impl Calibration {
    /// The probability, 0..1, that a decision of this score wins. A score that is no number gets
    /// the probability of a score of zero.
    pub fn apply(&self, score: f64) -> f64 {
        let score = if score.is_nan() { 0.0 } else { score };
        let p = match self {
            Calibration::Identity => score,
            Calibration::Platt { a, b } if score.is_infinite() && *a != 0.0 => {
                return platt::probability(*a, *b, score.signum() * f64::MAX);
            }
            Calibration::Platt { a, b } => {
                platt::probability(*a, *b, score.clamp(f64::MIN, f64::MAX))
            }
            Calibration::Isotonic { steps } => isotonic::at(steps, score),
        };
        p.clamp(0.0, 1.0)
    }

    /// Learns from scores, whether each won, and what each outcome is worth (its uniqueness).
    ///
    /// Platt's two numbers below [`ISOTONIC_FROM`] effective outcomes, centred isotonic steps from
    /// there; the effective number is the sum of the weights. Outcomes with a score that is not finite
    /// or a weight that is not positive are left out; without any outcome the answer is
    /// [`Calibration::Identity`]. A score that ranks backwards gets the same probability everywhere.
    pub fn fit(scores: &[f64], wins: &[bool], weights: &[f64]) -> Calibration {
        let outcomes = Outcome::among(scores, wins, weights);
        let effective: f64 = outcomes.iter().map(|outcome| outcome.weight).sum();
        if outcomes.is_empty() {
            Calibration::Identity
        } else if effective < ISOTONIC_FROM {
            Calibration::rising(platt::fit(&outcomes), &outcomes)
        } else {
            Calibration::Isotonic { steps: isotonic::fit_centred(outcomes) }
        }
    }

    /// Platt's sigmoid, whatever the number of outcomes and whichever way it leans; `None`
    /// without an outcome.
    pub fn platt(scores: &[f64], wins: &[bool], weights: &[f64]) -> Option<Calibration> {
        let outcomes = Outcome::among(scores, wins, weights);
        (!outcomes.is_empty()).then(|| {
            let (a, b) = platt::fit(&outcomes);
            Calibration::Platt { a, b }
        })
    }

    /// Isotonic regression, whatever the number of outcomes; `None` without an outcome.
    pub fn isotonic(scores: &[f64], wins: &[bool], weights: &[f64]) -> Option<Calibration> {
        let outcomes = Outcome::among(scores, wins, weights);
        (!outcomes.is_empty()).then(|| Calibration::Isotonic { steps: isotonic::fit(outcomes) })
    }

    fn rising((a, b): (f64, f64), outcomes: &[Outcome]) -> Calibration {
        if a <= 0.0 {
            return Calibration::Platt { a, b };
        }
        let flat: Vec<Outcome> = outcomes.iter().map(|o| Outcome { score: 0.0, ..*o }).collect();
        Calibration::Platt { a: 0.0, b: platt::fit(&flat).1 }
    }
}

/// One scored decision and what became of it.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    score: f64,
    won: bool,
    weight: f64,
}

impl Outcome {
    fn among(scores: &[f64], wins: &[bool], weights: &[f64]) -> Vec<Outcome> {
        let each = scores.iter().zip(wins).zip(weights);
        let all = each.map(|((&score, &won), &weight)| Outcome { score, won, weight });
        let counts = |o: &Outcome| o.score.is_finite() && o.weight > 0.0 && o.weight.is_finite();
        all.filter(counts).collect()
    }
}

/// Mean and deviation of the scores; a deviation of one where they do not differ.
fn location(outcomes: &[Outcome]) -> (f64, f64) {
    let mut moments = Moments::default();
    outcomes.iter().for_each(|outcome| moments.observe_weighted(outcome.score, outcome.weight));
    let deviation = libm::sqrt(moments.variance().unwrap_or(0.0));
    let usable = deviation.is_normal() && deviation > 1e-12 * moments.mean().unwrap_or(0.0).abs();
    (moments.mean().unwrap_or(0.0), if usable { deviation } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(n: u32) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let scores = (0..n).map(|i| f64::from(i % 97) / 97.0).collect();
        let wins = (0..n).map(|i| (i * 31) % 97 < i % 97).collect();
        (scores, wins, vec![1.0; n as usize])
    }

    #[test]
    fn few_outcomes_give_a_sigmoid_and_many_give_steps() {
        let (scores, wins, mut weights) = outcomes(1_000);
        let many = Calibration::fit(&scores, &wins, &weights);
        assert!(matches!(many, Calibration::Isotonic { .. }));
        weights[0] = 0.9;
        let few = Calibration::fit(&scores, &wins, &weights);
        assert!(matches!(few, Calibration::Platt { a, .. } if a < 0.0), "{few:?}");
    }

    #[test]
    fn overlap_counts_for_what_it_is_worth() {
        let (scores, wins, _) = outcomes(3_000);
        let fitted = Calibration::fit(&scores, &wins, &[0.2; 3_000]);
        assert!(matches!(fitted, Calibration::Platt { .. }));
    }

    #[test]
    fn no_outcome_leaves_the_score_and_keeps_it_a_probability() {
        assert_eq!(Calibration::fit(&[], &[], &[]), Calibration::Identity);
        assert_eq!(Calibration::fit(&[f64::NAN], &[true], &[1.0]), Calibration::Identity);
        assert_eq!(Calibration::Identity.apply(0.4), 0.4);
        assert_eq!(Calibration::Identity.apply(7.0), 1.0);
    }

    #[test]
    fn a_score_that_ranks_backwards_gets_the_base_rate() {
        let (scores, wins, weights) = outcomes(485);
        let backwards: Vec<f64> = scores.iter().map(|s| -s).collect();
        let fitted = Calibration::fit(&backwards, &wins, &weights);
        let won = wins.iter().filter(|won| **won).count() as f64 / 485.0;
        assert_eq!(fitted.apply(-1.0), fitted.apply(0.0));
        assert!((fitted.apply(0.5) - won).abs() < 0.005, "{fitted:?} {won}");
    }

    #[test]
    fn every_answer_is_a_probability_that_never_falls() {
        let (scores, wins, weights) = outcomes(600);
        let odd = [f64::NEG_INFINITY, -1e300, -1.0, 0.0, 0.3, 0.31, 0.9, 1e300, f64::INFINITY];
        for scale in [1e-12, 1.0, 1e12] {
            let scaled: Vec<f64> = scores.iter().map(|s| s * scale).collect();
            for fitted in [
                Calibration::platt(&scaled, &wins, &weights).unwrap(),
                Calibration::isotonic(&scaled, &wins, &weights).unwrap(),
            ] {
                let answers = odd.map(|score| fitted.apply(score * scale));
                assert!(answers.iter().all(|p| (0.0..=1.0).contains(p)), "{answers:?}");
                assert!(answers.is_sorted(), "{answers:?}");
                assert!((0.0..=1.0).contains(&fitted.apply(f64::NAN)));
            }
        }
    }

    #[test]
    fn one_outcome_or_equal_scores_do_no_harm() {
        let one = Calibration::fit(&[3.0], &[true], &[1.0]).apply(3.0);
        assert!((one - 2.0 / 3.0).abs() < 1e-9, "{one}");
        let equal = Calibration::fit(&[3.0; 40], &[true, false].repeat(20), &[1.0; 40]);
        assert!((equal.apply(3.0) - 0.5).abs() < 1e-9, "{equal:?}");
    }
}
