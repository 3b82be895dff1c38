//! From kept outcomes to a calibration, or to the base rate where nothing more is proven.

use std::collections::VecDeque;

use domain::Calibration;
use serde::{Deserialize, Serialize};
use stats::calibration as curves;

use super::{Kept, STEPS};

/// A calibration and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fitted {
    pub(super) calibration: Calibration,
    /// Whether it tells convictions apart.
    pub(super) tells_apart: bool,
    /// Least and most conviction among the outcomes.
    pub(super) seen: (f64, f64),
}

/// Platt's sigmoid where its slope is proven, isotonic steps where those did better out of fold,
/// and else the base rate. Nothing without an outcome.
pub(super) fn fit(kept: &VecDeque<Kept>, heard_effective: f64) -> Option<Fitted> {
    let all = Cells::of(kept.iter());
    let flat = curves::Calibration::platt(&vec![0.0; all.scores.len()], &all.wins, &all.weights)?;
    let sigmoid = all.sigmoid()?;
    let outcomes_effective: f64 = all.weights.iter().sum();
    let evidence = 2.0 * (all.log_loss(&flat)? - all.log_loss(&sigmoid)?) * outcomes_effective;
    // A likelihood ratio has to beat what one more number costs (Schwarz 1978). It is asked again at
    // every fit, and this price grows as fast as the looks do, also once no more is kept, so that luck does not pass in the end.
    let price = libm::log(outcomes_effective.max(heard_effective));
    let rises = matches!(sigmoid, curves::Calibration::Platt { a, .. } if a < 0.0);
    // Not "below", so that an evidence that is no number proves nothing.
    let is_proven = rises && evidence > price;
    if !is_proven {
        let a = 0.0;
        let curves::Calibration::Platt { b, .. } = flat else { return None };
        return fitted(&curves::Calibration::Platt { a, b }, false, &all);
    }
    let shaped = all.shaped();
    let sigmoid_of = |cells: &Cells| cells.sigmoid().unwrap_or_default();
    if out_of_fold(kept, Cells::shaped)? < out_of_fold(kept, sigmoid_of)? {
        return fitted(&shaped, true, &all);
    }
    fitted(&sigmoid, true, &all)
}

/// In the words of the policy.
fn fitted(curve: &curves::Calibration, tells_apart: bool, all: &Cells) -> Option<Fitted> {
    let seen = (*all.scores.first()?, *all.scores.last()?);
    let calibration = match curve {
        curves::Calibration::Identity => return None,
        curves::Calibration::Platt { a, b } => Calibration::Platt { slope: *a, offset: *b },
        curves::Calibration::Isotonic { steps } => Calibration::Isotonic {
            at: steps.iter().map(|step| step.score).collect(),
            probability: steps.iter().map(|step| step.p).collect(),
        },
    };
    calibration.is_sane().then_some(Fitted { calibration, tells_apart, seen })
}

/// Brier score of what is fitted without each stretch of time on that stretch. Stretches and not
/// draws, because outcomes that overlap are neighbours in time.
fn out_of_fold(kept: &VecDeque<Kept>, fit: impl Fn(&Cells) -> curves::Calibration) -> Option<f64> {
    const FOLDS: usize = 5;
    let fold_of = |at: usize| at * FOLDS / kept.len();
    let in_fold = |fold: usize, wanted: bool| {
        let of_fold = move |&(at, _): &(usize, &Kept)| (fold_of(at) == fold) == wanted;
        Cells::of(kept.iter().enumerate().filter(of_fold).map(|(_, kept)| kept))
    };
    let (mut sum, mut weight) = (0.0, 0.0);
    for fold in 0..FOLDS {
        let curve = fit(&in_fold(fold, false));
        let judged = in_fold(fold, true);
        let share: f64 = judged.weights.iter().sum();
        if share > 0.0 {
            sum += share
                * curves::brier(&judged.probabilities(&curve), &judged.wins, &judged.weights)?;
            weight += share;
        }
    }
    Some(sum / weight)
}

/// Outcomes gathered by conviction and result: a fit costs the same however many there are.
struct Cells {
    scores: Vec<f64>,
    wins: Vec<bool>,
    weights: Vec<f64>,
}

impl Cells {
    fn of<'a>(kept: impl Iterator<Item = &'a Kept>) -> Cells {
        const CELLS: usize = 2 * (STEPS as usize + 1);
        let mut gathered = [0.0_f64; CELLS];
        for one in kept {
            gathered[2 * usize::from(one.step) + usize::from(one.won)] += f64::from(one.weight);
        }
        let mut cells = Cells { scores: Vec::new(), wins: Vec::new(), weights: Vec::new() };
        for (at, &weight) in gathered.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            cells.scores.push((at / 2) as f64 / STEPS);
            cells.wins.push(at % 2 == 1);
            cells.weights.push(weight);
        }
        cells
    }

    fn sigmoid(&self) -> Option<curves::Calibration> {
        curves::Calibration::platt(&self.scores, &self.wins, &self.weights)
    }

    /// Steps from enough outcomes on, the sigmoid before.
    fn shaped(&self) -> curves::Calibration {
        curves::Calibration::fit(&self.scores, &self.wins, &self.weights)
    }

    fn probabilities(&self, curve: &curves::Calibration) -> Vec<f64> {
        self.scores.iter().map(|&score| curve.apply(score)).collect()
    }

    fn log_loss(&self, curve: &curves::Calibration) -> Option<f64> {
        curves::log_loss(&self.probabilities(curve), &self.wins, &self.weights)
    }
}
