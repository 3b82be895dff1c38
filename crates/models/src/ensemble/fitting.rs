//! Fits of members: to each fold going forward, and to all rows; beside each other, joined in order.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use domain::{MODEL_COUNT, ModelKind, Timestamp};
use rayon::prelude::*;

use super::ground::{Ground, side};
use super::{Ahead, Member, Net};
use crate::train::TrainRules;
use crate::trees::{Matrix, TreeSpec, Trees, fit_trees};
use crate::{FitError, Listener, Nhits, PatchTst, Progress};

/// A member of one kind, and how its likes scored rows they had not seen.
#[derive(Default)]
pub(crate) struct Fitted {
    pub member: Option<Member>,
    /// Row, and score of its decided side.
    pub scores: Vec<(usize, f32)>,
}

/// One fit, or for a network a chain of them.
#[derive(Clone, Copy)]
struct Task {
    kind: ModelKind,
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Fold(usize),
    All,
    Chain,
}

/// Fits members of these kinds. Each comes to something or to why not; only an interruption ends all.
pub(crate) fn fit_members(
    ground: &Ground<'_>,
    kinds: &[ModelKind],
    rules: &TrainRules,
    listener: &mut Listener<'_>,
) -> Result<[Option<Result<Fitted, FitError>>; MODEL_COUNT], FitError> {
    let tasks = tasks(kinds, ground.splits.len());
    let ear = Ear { heard: Mutex::new((listener, false)) };
    let work = |task: &Task| (task.kind, carry_out(*task, ground, rules, &ear));
    let done: Vec<(ModelKind, Result<Fitted, FitError>)> =
        tasks.par_iter().with_max_len(1).map(work).collect();
    let mut all = [const { None }; MODEL_COUNT];
    for (kind, part) in done {
        if part.as_ref().is_err_and(|why| *why == FitError::Interrupted) {
            return Err(FitError::Interrupted);
        }
        let known = all[kind.at()].take();
        all[kind.at()] = Some(joined(known.unwrap_or_else(|| Ok(Fitted::default())), part));
    }
    Ok(all)
}

fn joined(
    one: Result<Fitted, FitError>,
    two: Result<Fitted, FitError>,
) -> Result<Fitted, FitError> {
    let (mut one, two) = (one?, two?);
    one.member = one.member.or(two.member);
    one.scores.extend(two.scores);
    Ok(one)
}

/// Chains first: they take longest.
fn tasks(kinds: &[ModelKind], folds: usize) -> Vec<Task> {
    let named = |wanted: &[ModelKind]| -> Vec<ModelKind> {
        wanted.iter().copied().filter(|kind| kinds.contains(kind)).collect()
    };
    let chains = named(&[ModelKind::Nhits, ModelKind::Patchtst]).into_iter();
    let chains = chains.map(|kind| Task { kind, part: Part::Chain });
    let trees = named(&[ModelKind::Xgboost, ModelKind::Lightgbm]).into_iter().flat_map(|kind| {
        let folds = (0..folds).map(move |fold| Task { kind, part: Part::Fold(fold) });
        folds.chain([Task { kind, part: Part::All }])
    });
    chains.chain(trees).collect()
}

/// Hears every fit, one at a time; once it has said stop, it says so to all.
struct Ear<'a, 'b> {
    heard: Mutex<(&'a mut Listener<'b>, bool)>,
}

impl Ear<'_, '_> {
    fn hear(&self, progress: Progress<'_>) -> ControlFlow<()> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.1 = heard.1 || (heard.0)(progress).is_break();
        if heard.1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn carry_out(
    task: Task,
    ground: &Ground<'_>,
    rules: &TrainRules,
    ear: &Ear<'_, '_>,
) -> Result<Fitted, FitError> {
    match (task.kind, task.part) {
        (ModelKind::Nhits, _) => chain::<Nhits>(ground, &rules.nhits, Member::Nhits, rules, ear),
        (ModelKind::Patchtst, _) => {
            chain::<PatchTst>(ground, &rules.patchtst, Member::Patchtst, rules, ear)
        }
        (ModelKind::Xgboost, part) => {
            boosted(ground, &rules.xgboost, Member::Xgboost, (part, rules), ear)
        }
        (ModelKind::Lightgbm, part) => {
            boosted(ground, &rules.lightgbm, Member::Lightgbm, (part, rules), ear)
        }
    }
}

/// Scores rows of a split that the member has not seen: the row path, run beside itself.
fn scored(
    ground: &Ground<'_>,
    member: &Member,
    rows: impl Iterator<Item = usize>,
) -> Vec<(usize, f32)> {
    let rows: Vec<usize> = rows.collect();
    let score = |row: &usize| Some((*row, score(ground, member, *row)?));
    rows.par_iter().filter_map(score).collect()
}

/// How a member scores the decided side of a row.
pub(crate) fn score(ground: &Ground<'_>, member: &Member, row: usize) -> Option<f32> {
    let scores = ground.samples.with_view(ground.places[row], |view| member.scores(view))?;
    Some(scores.of(side(ground, row)) as f32)
}

/// Each kind and fold draws its own.
fn seed(rules: &TrainRules, kind: ModelKind, fold: usize) -> u64 {
    let place = (kind.at() as u64) << 32 | fold as u64;
    rules.seed ^ place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn boosted(
    ground: &Ground<'_>,
    spec: &TreeSpec,
    member: fn(Trees) -> Member,
    (part, rules): (Part, &TrainRules),
    ear: &Ear<'_, '_>,
) -> Result<Fitted, FitError> {
    let folds = ground.splits.len();
    let kind = spec.algorithm.name();
    let fit = |rows: &[usize], fold: usize, of: String| {
        let table = ground.table(rows);
        let matrix = Matrix { values: &table.values, features: table.columns };
        let kind = member_kind(spec);
        let spec = TreeSpec { seed: seed(rules, kind, fold), ..*spec };
        let mut heard = |progress: Progress<'_>| ear.hear(Progress { of: &of, ..progress });
        fit_trees(matrix, &table.won, &table.weights, &spec, &mut heard).map(member)
    };
    let Part::Fold(fold) = part else {
        let all: Vec<usize> = (0..ground.places.len()).collect();
        let member = fit(&all, folds, format!("{kind}, all rows"))?;
        return Ok(Fitted { member: Some(member), scores: Vec::new() });
    };
    let split = &ground.splits[fold];
    match fit(&split.train, fold, format!("{kind}, fold {} of {folds}", fold + 1)) {
        Ok(member) => {
            let scores = scored(ground, &member, ground.judged(split));
            Ok(Fitted { member: None, scores })
        }
        // The first folds may be too short where all rows are enough.
        Err(FitError::TooFew { .. } | FitError::OneLabel) => Ok(Fitted::default()),
        Err(why) => Err(why),
    }
}

fn member_kind(spec: &TreeSpec) -> ModelKind {
    match spec.algorithm {
        crate::trees::Algorithm::Xgboost => ModelKind::Xgboost,
        crate::trees::Algorithm::Lightgbm => ModelKind::Lightgbm,
    }
}

/// Fits a network to what had closed before the first test, carries on from it for each next one, and in the
/// end for all: what is carried over has never seen more than it may.
fn chain<N: Net>(
    ground: &Ground<'_>,
    spec: &N::Spec,
    member: fn(Ahead<N>) -> Member,
    rules: &TrainRules,
    ear: &Ear<'_, '_>,
) -> Result<Fitted, FitError> {
    let folds = ground.splits.len();
    let (mut last, mut scores): (Option<Ahead<N>>, Vec<(usize, f32)>) = (None, Vec::new());
    let fit = |start: Option<&N>, fold: usize, known_to: Timestamp, of: String| {
        let mut spec = spec.clone();
        let shape = N::shape(&spec);
        let learn = N::learn(&mut spec);
        learn.seed = seed(rules, N::KIND, fold);
        if start.is_some() {
            learn.passes = learn.passes.div_ceil(PASSES_FEWER);
        }
        let (train, watch) = ground.windows(shape, known_to);
        let mut heard = |progress: Progress<'_>| ear.hear(Progress { of: &of, ..progress });
        let net = N::fit(&spec, start, &train, &watch, &mut heard)?;
        Ok(Ahead { net, bars: ground.bars_held.min(shape.1) })
    };
    for (fold, split) in ground.splits.iter().enumerate() {
        let of = format!("{}, fold {} of {folds}", N::KIND.name(), fold + 1);
        let start = last.as_ref().map(|ahead| &ahead.net);
        match fit(start, fold, ground.begins(split), of) {
            Ok(ahead) => {
                let tested = member(ahead);
                scores.extend(scored(ground, &tested, ground.judged(split)));
                last = N::of(tested);
            }
            Err(FitError::TooFew { .. }) => {}
            Err(why) => return Err(why),
        }
    }
    let of = format!("{}, all rows", N::KIND.name());
    let start = last.as_ref().map(|ahead| &ahead.net);
    let ahead = fit(start, folds, Timestamp::from_ms(i64::MAX), of)?;
    Ok(Fitted { member: Some(member(ahead)), scores })
}

/// Whoever carries on from another's weights goes through the windows this many times less often. Chosen:
/// most of what it is to learn it knows.
const PASSES_FEWER: usize = 4;
