//! From learning set to ensemble: members are fitted going forward, judged on rows they had not seen, and
//! weighed by it.

use domain::{MODEL_COUNT, MemberRecord, ModelKind, ModelRecord, Timestamp, Trigger};

use crate::ensemble::fitting::{Fitted, fit_members, score};
use crate::ensemble::ground::Ground;
use crate::ensemble::{Composed, Ensemble, Remembered, Seated, Unseen, compose, told};
use crate::trees::{Algorithm, TreeSpec};
use crate::{FitError, Listener, NhitsSpec, PatchTstSpec, Progress, Samples};

/// What to learn from.
#[derive(Clone, Copy, Debug)]
pub struct LearningSet<'a> {
    /// What has turned out.
    pub samples: &'a Samples,
    /// What features are called, in the order of rows.
    pub features: &'a [&'a str],
    /// Decisions of the same stretch that have not turned out: counted, not learned from.
    pub waiting: u64,
    /// Outcomes left out because they were struck or lie across missing bars.
    pub left_out: u64,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOrder {
    /// The number the new version gets.
    pub version: u64,
    /// The training it comes of.
    pub training: u64,
    /// Nothing that became known later is learned from.
    pub asked_at: Timestamp,
    /// Why.
    pub trigger: Trigger,
    /// Kinds that are fitted again; the others are taken over from the former ensemble.
    pub kinds: Vec<ModelKind>,
}

/// How members are fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainRules {
    /// Of all draws.
    pub seed: u64,
    /// Tests going forward; the first part of the rows is only learned from.
    pub folds: usize,
    /// Rows learned from at most, the newest; `usize::MAX` for all.
    pub samples_max: usize,
    /// Trees level by level.
    pub xgboost: TreeSpec,
    /// Trees leaf by leaf.
    pub lightgbm: TreeSpec,
    /// Blocks of several rates.
    pub nhits: NhitsSpec,
    /// Attention over patches.
    pub patchtst: PatchTstSpec,
}

impl TrainRules {
    /// What the product trains by. Chosen: three tests leave the first a quarter of the rows to learn from;
    /// 20,000 rows are what everything else here is bounded by (methods, Decision 12).
    pub fn product(seed: u64) -> TrainRules {
        TrainRules {
            seed,
            folds: 3,
            samples_max: 20_000,
            xgboost: TreeSpec::product(Algorithm::Xgboost),
            lightgbm: TreeSpec::product(Algorithm::Lightgbm),
            nhits: NhitsSpec::product(),
            patchtst: PatchTstSpec::product(),
        }
    }
}

/// Fits members of the ordered kinds, takes the others over, and composes a new ensemble of them. The same to
/// the bit for any number of threads. A member that cannot be fitted is left out, and its record says why.
///
/// # Errors
/// Where no kind that was ordered came to anything, with why the first did not; and where the listener said stop. Nothing that
/// was given is changed.
pub fn train(
    set: &LearningSet<'_>,
    order: &TrainOrder,
    former: Option<&Ensemble>,
    rules: &TrainRules,
    listener: &mut Listener<'_>,
) -> Result<(Ensemble, ModelRecord), FitError> {
    let ground = Ground::new(set.samples, order.asked_at, rules.samples_max, rules.folds)?;
    let fitted = fit_members(&ground, &order.kinds, rules, listener)?;
    let mut course = Course::new(&ground, set, order, rules);
    let (mut first_failure, mut any_fitted) = (None, false);
    for (kind, fitted) in ModelKind::ALL.into_iter().zip(fitted) {
        match fitted {
            Some(Ok(fitted)) => {
                any_fitted |= fitted.member.is_some();
                course.take_in(kind, fitted);
            }
            Some(Err(why)) => {
                course.leave_out(kind, why.to_string());
                first_failure = first_failure.or(Some(why));
            }
            None => course.take_over(kind, former),
        }
    }
    // A version of nothing but former members would be taken for fresh ones.
    if !any_fitted {
        let nobody = FitError::BadParameter { what: "no kind of model was to be fitted".into() };
        return Err(first_failure.unwrap_or(nobody));
    }
    ask(listener, 0)?;
    let made = course.finish();
    ask(listener, 1)?;
    Ok(made)
}

fn ask(listener: &mut Listener<'_>, done: usize) -> Result<(), FitError> {
    let progress = Progress { of: "ensemble", done, all: 1, loss: None };
    if listener(progress).is_break() { Err(FitError::Interrupted) } else { Ok(()) }
}

/// A training on its way from members to an ensemble.
struct Course<'a> {
    ground: &'a Ground<'a>,
    set: &'a LearningSet<'a>,
    order: &'a TrainOrder,
    rules: &'a TrainRules,
    members: [Option<Seated>; MODEL_COUNT],
    /// Kinds without a member, and why.
    left_out: Vec<MemberRecord>,
    /// By row.
    scores: Vec<[Option<f32>; MODEL_COUNT]>,
}

impl<'a> Course<'a> {
    fn new(
        ground: &'a Ground<'a>,
        set: &'a LearningSet<'a>,
        order: &'a TrainOrder,
        rules: &'a TrainRules,
    ) -> Course<'a> {
        Course {
            ground,
            set,
            order,
            rules,
            members: [const { None }; MODEL_COUNT],
            left_out: Vec::new(),
            scores: vec![[None; MODEL_COUNT]; ground.places.len()],
        }
    }

    fn take_in(&mut self, kind: ModelKind, fitted: Fitted) {
        for (row, score) in fitted.scores {
            self.scores[row][kind.at()] = Some(score);
        }
        let Some(member) = fitted.member else { return };
        let record = MemberRecord {
            kind,
            fitted_at: self.order.asked_at,
            hash: member.save().hash(),
            weight: 0.0,
            figures: Vec::new(),
            parameters: told::parameters(kind, self.rules, self.ground.bars_held),
            contributions: told::contributions(self.ground, &member, self.set.features),
        };
        self.members[kind.at()] = Some(Seated { member, record });
    }

    fn leave_out(&mut self, kind: ModelKind, why: String) {
        self.left_out.push(MemberRecord {
            kind,
            fitted_at: self.order.asked_at,
            hash: String::new(),
            weight: 0.0,
            figures: Vec::new(),
            parameters: vec![("left_out".to_owned(), why)],
            contributions: Vec::new(),
        });
    }

    /// A member that is not fitted again. It is weighed by rows it had not seen: those it was tested on when it
    /// was fitted, and those decided since.
    fn take_over(&mut self, kind: ModelKind, former: Option<&Ensemble>) {
        let known = former.and_then(|former| Some((former, former.members[kind.at()].as_ref()?)));
        let Some((former, seated)) = known else { return };
        if seated.member.features().is_some_and(|seen| seen != self.ground.samples.features()) {
            return self.leave_out(kind, "it was fitted on other features".to_owned());
        }
        for split in &self.ground.splits {
            for row in self.ground.judged(split) {
                let sample = self.ground.sample(row);
                let since = sample.decided_at > seated.record.fitted_at;
                let fresh = || since.then(|| score(self.ground, &seated.member, row)).flatten();
                self.scores[row][kind.at()] = former.remembered.score(sample, kind).or_else(fresh);
            }
        }
        self.members[kind.at()] = Some(seated.clone());
    }

    fn finish(mut self) -> (Ensemble, ModelRecord) {
        let rows: Vec<usize> = (0..self.scores.len())
            .filter(|row| self.scores[*row].iter().any(Option::is_some))
            .collect();
        let composed = compose(&self.unseen(&rows));
        for kind in ModelKind::ALL {
            if let Some(seated) = &mut self.members[kind.at()] {
                seated.record.weight = composed.blend.weights[kind.at()];
                seated.record.figures = composed.members[kind.at()].figures();
                told::verdict(&mut seated.record, &composed.verdicts[kind.at()]);
            }
        }
        let remembered = rows.iter().map(|row| (self.ground.sample(*row), self.scores[*row]));
        let ensemble = Ensemble {
            version: self.order.version,
            known_to: self.order.asked_at,
            blend: composed.blend.clone(),
            remembered: Remembered::of(remembered),
            members: self.members,
        };
        let members = ensemble.members.iter().flatten().map(|seated| seated.record.clone());
        let mut members: Vec<MemberRecord> = members.chain(self.left_out).collect();
        members.sort_by_key(|member| member.kind);
        let all = self.set.samples.len() - self.ground.places.len();
        let late = all.min(late(self.set.samples, self.order.asked_at)) as u64;
        let record = ModelRecord {
            version: self.order.version,
            name: ModelRecord::name_of(self.order.asked_at, self.order.trigger),
            training: self.order.training,
            asked_at: self.order.asked_at,
            trigger: self.order.trigger,
            rows: self.set.samples.rows_at(
                &self.ground.places,
                self.order.asked_at,
                self.set.waiting + late,
                self.set.left_out,
            ),
            members,
            figures: figures(&composed),
            calibration: composed.whole.points(),
            hash: blake3::hash(&ensemble.save()).to_hex().to_string(),
        };
        (ensemble, record)
    }

    fn unseen(&self, rows: &[usize]) -> Unseen {
        let wide = |score: Option<f32>| score.map(f64::from);
        Unseen {
            scores: rows.iter().map(|row| self.scores[*row].map(wide)).collect(),
            won: rows.iter().map(|row| self.ground.won[*row]).collect(),
            worth: rows
                .iter()
                .map(|row| f64::from(self.ground.sample(*row).uniqueness.clamp(0.0, 1.0)))
                .collect(),
            spans: rows.iter().map(|row| self.ground.span(*row)).collect(),
        }
    }
}

/// Samples that had not settled when the training was asked for: they wait.
fn late(samples: &Samples, asked_at: Timestamp) -> usize {
    samples.samples().iter().filter(|sample| sample.settled_at() > asked_at).count()
}

/// What is told of the whole: how it did on rows it had not seen, whether it speaks, and by what.
fn figures(composed: &Composed) -> Vec<(String, f64)> {
    let speaks = f64::from(u8::from(composed.blend.speaks()));
    let told =
        [("speaks", speaks), ("gain", composed.gain.mean), ("gain_error", composed.gain.error)];
    let told = told.into_iter().map(|(name, value)| (name.to_owned(), value));
    composed.whole.figures().into_iter().chain(told).collect()
}
