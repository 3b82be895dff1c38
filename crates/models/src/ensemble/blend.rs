//! How scores of members become one probability.

use domain::{FastLayer, MODEL_COUNT};
use serde::{Deserialize, Serialize};
use stats::calibration::{Calibration, Step};

use super::stacking::{Heard, Leans, Stack};

/// Which members are asked.
pub(super) type Active = [bool; MODEL_COUNT];

/// From members' scores to their own probabilities, and from those to the ensemble's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Blend {
    /// How often the decided side won, log-odds: what a silent member counts as.
    pub base: f64,
    /// What makes a probability of a member's score.
    pub sigmoids: [Option<Calibration>; MODEL_COUNT],
    /// What each member counts for; 0 where it adds nothing.
    pub weights: [f64; MODEL_COUNT],
    /// Log-odds where no member leans either way.
    pub intercept: f64,
    /// What makes a probability of the weighted log-odds.
    pub calibration: Calibration,
}

impl Blend {
    /// A member's own probability of a score.
    pub(crate) fn own(&self, member: usize, score: f64) -> Option<f64> {
        self.sigmoids[member].as_ref().map(|sigmoid| sigmoid.apply(score))
    }

    /// The ensemble's probability; nothing where no member that counts has spoken.
    pub(crate) fn whole(&self, own: [Option<f64>; MODEL_COUNT]) -> Option<f64> {
        let counts = |(weight, own): (&f64, &Option<f64>)| *weight > 0.0 && own.is_some();
        if !self.weights.iter().zip(&own).any(counts) {
            return None;
        }
        let stack = Stack { intercept: self.intercept, weights: self.weights };
        Some(self.calibration.apply(stack.log_odds(&leans(self.base, own))))
    }

    /// Whether any member counts.
    pub(crate) fn speaks(&self) -> bool {
        self.weights.iter().any(|weight| *weight > 0.0)
    }

    /// Whether these can be the numbers of a blend.
    pub(crate) fn makes_sense(&self) -> bool {
        let positive = |weight: &f64| (0.0..=1e9).contains(weight);
        self.base.is_finite()
            && self.intercept.is_finite()
            && self.weights.iter().all(positive)
            && self.sigmoids.iter().flatten().chain([&self.calibration]).all(rises)
    }
}

/// Whether a curve is one that could have been fitted.
fn rises(curve: &Calibration) -> bool {
    let probability = |step: &Step| (0.0..=1.0).contains(&step.p) && step.score.is_finite();
    match curve {
        Calibration::Identity => true,
        Calibration::Platt { a, b } => *a <= 0.0 && a.is_finite() && b.is_finite(),
        Calibration::Isotonic { steps } => {
            steps.iter().all(probability)
                && steps.is_sorted_by(|one, two| one.score < two.score && one.p <= two.p)
        }
    }
}

/// Log-odds above the base rate's; 0 of who is silent.
fn leans(base: f64, own: [Option<f64>; MODEL_COUNT]) -> Leans {
    own.map(|own| own.map_or(0.0, |p| FastLayer::log_odds(p) - base))
}

/// Rows that no member had seen when it scored them, in the order of decisions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unseen {
    /// What each member said of the decided side, the higher the likelier to win.
    pub scores: Vec<[Option<f64>; MODEL_COUNT]>,
    /// Whether the decided side won.
    pub won: Vec<bool>,
    /// What each row is worth: its uniqueness.
    pub worth: Vec<f64>,
    /// From when to when its label knows prices.
    pub spans: Vec<stats::labels::Span>,
}

impl Unseen {
    /// How often the decided side won, log-odds.
    pub(super) fn base(&self, rows: &[usize]) -> f64 {
        let all: f64 = rows.iter().map(|at| self.worth[*at]).sum();
        let won = rows.iter().filter(|at| self.won[**at]).map(|at| self.worth[*at]).sum::<f64>();
        // One outcome of each kind beforehand, so that neither is ever certain.
        FastLayer::log_odds((won + 1.0) / (all + 2.0))
    }

    /// What makes a probability of a member's score: Platt's sigmoid, level where the score ranks backwards.
    fn sigmoid(&self, member: usize, rows: &[usize]) -> Option<Calibration> {
        let spoken: Vec<usize> =
            rows.iter().copied().filter(|at| self.scores[*at][member].is_some()).collect();
        let scores: Vec<f64> = spoken.iter().filter_map(|at| self.scores[*at][member]).collect();
        let (won, worth) = self.of(&spoken);
        match Calibration::platt(&scores, &won, &worth)? {
            Calibration::Platt { a, .. } if a > 0.0 => {
                Calibration::platt(&vec![0.0; scores.len()], &won, &worth)
                    .map(|level| Calibration::Platt { a: 0.0, b: -logit(&level) })
            }
            rising => Some(rising),
        }
    }

    fn of(&self, rows: &[usize]) -> (Vec<bool>, Vec<f64>) {
        rows.iter().map(|at| (self.won[*at], self.worth[*at])).unzip()
    }

    /// What there is to know of members alone, from these rows.
    pub(super) fn sigmoids(&self, rows: &[usize]) -> Blend {
        Blend {
            base: self.base(rows),
            sigmoids: std::array::from_fn(|member| self.sigmoid(member, rows)),
            ..Blend::default()
        }
    }

    /// What members said of rows as the stack hears it.
    pub(super) fn heard(&self, blend: &Blend, rows: &[usize]) -> Vec<Heard> {
        let of = |at: &usize| Heard {
            leans: leans(blend.base, self.own(blend, *at)),
            won: self.won[*at],
            worth: self.worth[*at],
        };
        rows.iter().map(of).collect()
    }

    /// Members' own probabilities of a row.
    pub(super) fn own(&self, blend: &Blend, at: usize) -> [Option<f64>; MODEL_COUNT] {
        std::array::from_fn(|member| blend.own(member, self.scores[at][member]?))
    }
}

fn logit(curve: &Calibration) -> f64 {
    let p = curve.apply(0.0);
    libm::log(p / (1.0 - p))
}

impl Blend {
    /// Weighs active members by rows they had not seen, and makes a probability of what comes out.
    pub(super) fn weigh(self, heard: &[Heard], active: Active) -> Blend {
        let stack = Stack::fit(heard, active);
        let scores: Vec<f64> = heard.iter().map(|row| stack.log_odds(&row.leans)).collect();
        let won: Vec<bool> = heard.iter().map(|row| row.won).collect();
        let worth: Vec<f64> = heard.iter().map(|row| row.worth).collect();
        Blend {
            weights: stack.weights,
            intercept: stack.intercept,
            calibration: calibration(&scores, &won, &worth),
            ..self
        }
    }
}

/// Platt's sigmoid, or steps where there are enough outcomes (methods §1.8). At its ends, where few outcomes
/// lie, steps would promise certainty: they are no bolder than the sigmoid is there.
fn calibration(scores: &[f64], won: &[bool], worth: &[f64]) -> Calibration {
    let fitted = Calibration::fit(scores, won, worth);
    let (Calibration::Isotonic { steps }, Some(sigmoid)) =
        (&fitted, Calibration::platt(scores, won, worth))
    else {
        return fitted;
    };
    let end = |pick: fn(f64, f64) -> f64| scores.iter().copied().reduce(pick).unwrap_or(0.0);
    let (one, other) = (sigmoid.apply(end(f64::min)), sigmoid.apply(end(f64::max)));
    let (low, high) = (one.min(other), one.max(other));
    let held = |step: &Step| Step { score: step.score, p: step.p.clamp(low, high) };
    Calibration::Isotonic { steps: steps.iter().map(held).collect() }
}
