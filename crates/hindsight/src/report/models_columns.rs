//! What the charts of models draw from.

use serde_json::{Value, json};

use super::columns::{rounded, thinned};
use super::models::{CalibrationStory, ModelsStory, PathStory};

/// Hypotheses in the chart of evidence: five lines, and no more.
const PATHS_MAX: usize = 5;
/// Beyond it another digit says nothing.
const E_MOST: f64 = 1e9;
/// Letters of what a ruling says that a chart carries.
const SAYS_MAX: usize = 160;

/// Rulings, evidence and calibration as columns.
pub(super) fn models(models: &ModelsStory) -> Value {
    let rulings = thinned(&models.rulings);
    let known: Vec<&PathStory> =
        models.paths.iter().filter(|path| !path.evidence.is_empty()).collect();
    let first = known.len().saturating_sub(PATHS_MAX);
    json!({
        "t": rulings.iter().map(|ruling| ruling.at.ms()).collect::<Vec<i64>>(),
        "version": rulings.iter().map(|ruling| ruling.version).collect::<Vec<u64>>(),
        "ruling": rulings.iter().map(|ruling| ruling.ruling.as_str()).collect::<Vec<&str>>(),
        "to": rulings.iter().map(|ruling| ruling.to.name()).collect::<Vec<&str>>(),
        "says": rulings.iter().map(|ruling| clipped(&ruling.says)).collect::<Vec<String>>(),
        "paths": known[first..].iter().map(|one| path(one)).collect::<Vec<Value>>(),
        "calibration": models.calibration.as_ref().map(calibration),
    })
}

fn clipped(text: &str) -> String {
    text.chars().take(SAYS_MAX).collect()
}

/// Evidence by the blocks it was told after; it begins at 1, which says nothing.
fn path(path: &PathStory) -> Value {
    let points = path.evidence.len().max(1) as f64;
    let blocks =
        (1..=path.evidence.len()).map(|at| (path.blocks as f64 * at as f64 / points).floor());
    // What is no number, or endless, is none in JSON.
    let known = path.evidence.iter().map(|e| rounded(e.clamp(0.0, E_MOST), 4));
    json!({
        "hypothesis": path.hypothesis,
        "stands": path.stands,
        "version": path.version,
        "decisions": path.decisions,
        "needed": path.needed,
        "blocks": std::iter::once(0.0).chain(blocks).collect::<Vec<f64>>(),
        "e": std::iter::once(1.0).chain(known).collect::<Vec<f64>>(),
    })
}

fn calibration(told: &CalibrationStory) -> Value {
    let column = |of: fn(&(f64, super::story::Estimate)) -> f64| -> Vec<f64> {
        told.points.iter().map(|point| rounded(of(point), 4)).collect()
    };
    json!({
        "version": told.version,
        "said": column(|point| point.0),
        "won": column(|point| point.1.value),
        "low": column(|point| point.1.low),
        "high": column(|point| point.1.high),
        "n": told.points.iter().map(|point| point.1.n).collect::<Vec<u64>>(),
        "effective": column(|point| point.1.n_effective),
    })
}
