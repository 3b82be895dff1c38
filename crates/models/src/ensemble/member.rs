//! One member: what it looks at, and how it scores both sides of a moment.

use domain::{ModelKind, Side, View};

use crate::trees::{Algorithm, Trees};
use crate::{
    FitError, LearnRules, Listener, ModelError, Nhits, NhitsSpec, PatchTst, PatchTstSpec, WindowSet,
};

/// A fitted member. Its score is the higher the likelier a side is to win, in a unit of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// Boosted trees grown level by level, on the row and the side.
    Xgboost(Trees),
    /// Boosted trees grown leaf by leaf, on the row and the side.
    Lightgbm(Trees),
    /// Forecasts the window, and is judged at the bar that trades are held to on average.
    Nhits(Ahead<Nhits>),
    /// The same by attention over patches.
    Patchtst(Ahead<PatchTst>),
}

/// A network, and how many bars ahead its forecast counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Ahead<N> {
    /// The network.
    pub net: N,
    /// Bars, from 1 to as many as it forecasts.
    pub bars: usize,
}

/// Scores of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scores {
    pub(crate) long: f64,
    pub(crate) short: f64,
}

impl Scores {
    /// Of one side.
    pub(crate) fn of(&self, side: Side) -> f64 {
        match side {
            Side::Long => self.long,
            Side::Short => self.short,
        }
    }
}

/// What trees see of a side, behind the row.
pub(crate) const fn side_column(side: Side) -> f32 {
    match side {
        Side::Long => 1.0,
        Side::Short => -1.0,
    }
}

impl Member {
    /// Which kind it is.
    pub fn kind(&self) -> ModelKind {
        match self {
            Member::Xgboost(_) => ModelKind::Xgboost,
            Member::Lightgbm(_) => ModelKind::Lightgbm,
            Member::Nhits(_) => ModelKind::Nhits,
            Member::Patchtst(_) => ModelKind::Patchtst,
        }
    }

    /// How it scores both sides; nothing where it cannot see enough.
    pub(crate) fn scores(&self, view: &View<'_>) -> Option<Scores> {
        match self {
            Member::Xgboost(trees) | Member::Lightgbm(trees) => by_row(trees, view),
            Member::Nhits(ahead) => ahead.scores(view.window),
            Member::Patchtst(ahead) => ahead.scores(view.window),
        }
    }

    /// Features of the row it was fitted on; none where it does not look at the row.
    pub(crate) fn features(&self) -> Option<usize> {
        match self {
            Member::Xgboost(trees) | Member::Lightgbm(trees) => Some(trees.features() - 1),
            Member::Nhits(_) | Member::Patchtst(_) => None,
        }
    }

    /// What each column, the side last, adds to the log-odds of a row; nothing of a network.
    pub(crate) fn contributions(&self, row: &[f64]) -> Vec<f64> {
        match self {
            Member::Xgboost(trees) | Member::Lightgbm(trees) => trees.contributions(row),
            Member::Nhits(_) | Member::Patchtst(_) => Vec::new(),
        }
    }

    /// The member alone, as bytes that [`Member::load`] reads back to the bit.
    pub(crate) fn save(&self) -> Saved {
        let (ahead, bytes) = match self {
            Member::Xgboost(trees) | Member::Lightgbm(trees) => (0, trees.save()),
            Member::Nhits(ahead) => (ahead.bars as u32, ahead.net.save()),
            Member::Patchtst(ahead) => (ahead.bars as u32, ahead.net.save()),
        };
        Saved { ahead, bytes }
    }

    /// Reads what [`Member::save`] wrote; anything else is refused.
    pub(crate) fn load(kind: ModelKind, saved: &Saved) -> Result<Member, ModelError> {
        let trees = |algorithm| {
            let trees = Trees::load(&saved.bytes, algorithm)?;
            let alone = saved.ahead == 0 && trees.features() > 0;
            alone.then_some(trees).ok_or(ModelError::Nonsense)
        };
        match kind {
            ModelKind::Xgboost => trees(Algorithm::Xgboost).map(Member::Xgboost),
            ModelKind::Lightgbm => trees(Algorithm::Lightgbm).map(Member::Lightgbm),
            ModelKind::Nhits => {
                Ahead::known(Nhits::load(&saved.bytes)?, saved.ahead).map(Member::Nhits)
            }
            ModelKind::Patchtst => {
                Ahead::known(PatchTst::load(&saved.bytes)?, saved.ahead).map(Member::Patchtst)
            }
        }
    }
}

/// A member's sealed bytes, and for a network how far ahead its forecast counts.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Saved {
    pub(crate) ahead: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Saved {
    /// What to know the member by, hexadecimal.
    pub(crate) fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.ahead.to_le_bytes());
        hasher.update(&self.bytes);
        hasher.finalize().to_hex().to_string()
    }
}

/// What trees say of a row: what is absent is no number, and the side comes last.
fn by_row(trees: &Trees, view: &View<'_>) -> Option<Scores> {
    let features = view.row.values.len();
    if features + 1 != trees.features() {
        return None;
    }
    let mut row: Vec<f64> = (0..features).map(|at| view.row.get(at).unwrap_or(f64::NAN)).collect();
    row.push(0.0);
    let mut of = |side| {
        row[features] = f64::from(side_column(side));
        trees.log_odds(&row)
    };
    Some(Scores { long: of(Side::Long), short: of(Side::Short) })
}

/// What the ensemble asks of a network, whichever it is.
pub(crate) trait Net: Sized {
    /// Its shape, and how it is trained.
    type Spec: Clone + Sync;
    /// Which kind it is.
    const KIND: ModelKind;

    /// Values it reads, and values it forecasts.
    fn shape(spec: &Self::Spec) -> (usize, usize);
    /// How it is trained.
    fn learn(spec: &mut Self::Spec) -> &mut LearnRules;
    /// Trains one.
    fn fit(
        spec: &Self::Spec,
        start: Option<&Self>,
        train: &WindowSet<'_>,
        watch: &WindowSet<'_>,
        listener: &mut Listener<'_>,
    ) -> Result<Self, FitError>;
    /// The spec it was trained by.
    fn known(&self) -> &Self::Spec;
    /// What comes after a window.
    fn path(&self, window: &[f32], out: &mut [f32]);
    /// The network in a member of its kind.
    fn of(member: Member) -> Option<Ahead<Self>>;
}

macro_rules! net {
    ($net:ty, $spec:ty, $kind:ident) => {
        impl Net for $net {
            type Spec = $spec;
            const KIND: ModelKind = ModelKind::$kind;

            fn shape(spec: &$spec) -> (usize, usize) {
                (spec.window, spec.horizon)
            }
            fn learn(spec: &mut $spec) -> &mut LearnRules {
                &mut spec.learn
            }
            fn fit(
                spec: &$spec,
                start: Option<&$net>,
                train: &WindowSet<'_>,
                watch: &WindowSet<'_>,
                listener: &mut Listener<'_>,
            ) -> Result<$net, FitError> {
                <$net>::fit(spec, start, train, watch, listener).map(|(net, _)| net)
            }
            fn known(&self) -> &$spec {
                self.spec()
            }
            fn path(&self, window: &[f32], out: &mut [f32]) {
                self.forecast(window, out);
            }
            fn of(member: Member) -> Option<Ahead<$net>> {
                if let Member::$kind(ahead) = member { Some(ahead) } else { None }
            }
        }
    };
}

net!(Nhits, NhitsSpec, Nhits);
net!(PatchTst, PatchTstSpec, Patchtst);

/// A move of more than this many deviations says no more than one of as many.
const DEVIATIONS_MOST: f64 = 10.0;

#[expect(private_bounds, reason = "networks are ours; nobody else adds one")]
impl<N: Net> Ahead<N> {
    fn known(net: N, bars: u32) -> Result<Ahead<N>, ModelError> {
        let bars = bars as usize;
        let makes_sense = (1..=N::shape(net.known()).1).contains(&bars);
        if makes_sense { Ok(Ahead { net, bars }) } else { Err(ModelError::Nonsense) }
    }

    /// The move that is forecast, in deviations of the window over as many bars; a short hopes for the reverse.
    fn scores(&self, window: &[f32]) -> Option<Scores> {
        let (reads, forecasts) = N::shape(self.net.known());
        let from = window.len().checked_sub(reads)?;
        let logs = log_path(&window[from..])?;
        let changes = logs.windows(2).map(|two| f64::from(two[1]) - f64::from(two[0]));
        let squares: f64 = changes.map(|change| change * change).sum();
        let deviation = (squares * self.bars as f64 / (logs.len() - 1).max(1) as f64).sqrt();
        let mut path = vec![0.0; forecasts];
        self.net.path(&logs, &mut path);
        let forecast = f64::from(path[self.bars - 1]) / deviation;
        let long =
            forecast.is_finite().then(|| forecast.clamp(-DEVIATIONS_MOST, DEVIATIONS_MOST))?;
        Some(Scores { long, short: -long })
    }
}

/// Closes as log-returns to the last of them; nothing where one is no price.
fn log_path(closes: &[f32]) -> Option<Vec<f32>> {
    let last = f64::from(*closes.last()?);
    let log = |close: &f32| {
        let log = libm::log(f64::from(*close) / last);
        log.is_finite().then_some(log as f32)
    };
    closes.iter().map(log).collect()
}
