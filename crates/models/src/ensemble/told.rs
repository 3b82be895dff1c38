//! What is told of a member: what it was fitted with, and what it goes by.

use domain::{MemberRecord, ModelKind};

use super::Member;
use super::ground::Ground;
use crate::LearnRules;
use crate::train::TrainRules;
use crate::trees::TreeSpec;

/// Features told at most.
const TOLD_MOST: usize = 20;
/// Rows that contributions are a mean of. Chosen: enough for an error of a fifteenth of their spread.
const ROWS_MOST: usize = 256;

/// What a member of a kind is fitted with, by name.
pub(crate) fn parameters(
    kind: ModelKind,
    rules: &TrainRules,
    bars_held: usize,
) -> Vec<(String, String)> {
    let mut told = match kind {
        ModelKind::Xgboost => of_trees(&rules.xgboost),
        ModelKind::Lightgbm => of_trees(&rules.lightgbm),
        ModelKind::Nhits => {
            let spec = &rules.nhits;
            let mut told = of_network(spec.window, spec.horizon, bars_held, &spec.learn);
            told.extend([("layers", spec.layers.to_string()), ("width", spec.width.to_string())]);
            told
        }
        ModelKind::Patchtst => {
            let spec = &rules.patchtst;
            let mut told = of_network(spec.window, spec.horizon, bars_held, &spec.learn);
            told.extend([("patch", spec.patch.to_string()), ("width", spec.width.to_string())]);
            told
        }
    };
    told.extend([("folds", rules.folds.to_string()), ("seed", rules.seed.to_string())]);
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn of_trees(spec: &TreeSpec) -> Vec<(&'static str, String)> {
    vec![
        ("trees", spec.trees.to_string()),
        ("rate", spec.rate.to_string()),
        ("depth", spec.depth.to_string()),
        ("leaves", spec.leaves.to_string()),
        ("rows_min", spec.rows_min.to_string()),
        ("curvature_min", spec.curvature_min.to_string()),
        ("l2", spec.l2.to_string()),
        ("gain_min", spec.gain_min.to_string()),
        ("bins", spec.bins.to_string()),
        ("sampling", format!("{:?}", spec.sampling)),
    ]
}

fn of_network(
    window: usize,
    horizon: usize,
    bars_held: usize,
    learn: &LearnRules,
) -> Vec<(&'static str, String)> {
    vec![
        ("window", window.to_string()),
        ("horizon", horizon.to_string()),
        ("judged_at", bars_held.min(horizon).to_string()),
        ("rate", learn.rate.to_string()),
        ("passes", learn.passes.to_string()),
        ("windows_per_pass", learn.windows_per_pass.to_string()),
        ("batch", learn.batch.to_string()),
    ]
}

/// Says of a member how it was judged, in place of what was said before.
pub(crate) fn verdict(record: &mut MemberRecord, says: &str) {
    record.parameters.retain(|(name, _)| name != "verdict");
    record.parameters.push(("verdict".to_owned(), says.to_owned()));
}

/// What a member goes by: the mean size of what each column adds to log-odds, the largest first.
pub(crate) fn contributions(
    ground: &Ground<'_>,
    member: &Member,
    names: &[&str],
) -> Vec<(String, f64)> {
    if member.features().is_none() {
        return Vec::new();
    }
    let every = ground.places.len().div_ceil(ROWS_MOST).max(1);
    let rows: Vec<usize> = (0..ground.places.len()).step_by(every).collect();
    let table = ground.table(&rows);
    let mut sizes = vec![0.0; table.columns];
    for row in table.values.chunks_exact(table.columns) {
        let row: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
        for (size, added) in sizes.iter_mut().zip(member.contributions(&row)) {
            *size += added.abs() / rows.len() as f64;
        }
    }
    let name = |at: usize| match names.get(at) {
        Some(name) => (*name).to_owned(),
        None if at + 1 == table.columns => "side".to_owned(),
        None => format!("feature {at}"),
    };
    let mut told: Vec<(String, f64)> = sizes
        .iter()
        .enumerate()
        .filter(|(_, size)| **size > 0.0)
        .map(|(at, size)| (name(at), *size))
        .collect();
    told.sort_by(|one, two| two.1.total_cmp(&one.1));
    told.truncate(TOLD_MOST);
    told
}
