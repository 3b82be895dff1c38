//! Trainings of models, what came of them, and how it was ruled on (mission rows M1 to M4).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Model, ModelKind, Timestamp};

/// Why models are trained again (seed 004; the last three are seed 002's, seed 000's and a person's).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Long enough ago.
    Time,
    /// It wins too rarely, or there is evidence that it earns less than it did.
    Performance,
    /// What it sees, or how it errs, has changed.
    Drift,
    /// The kind of market has changed, and stayed so.
    Regime,
    /// Enough has turned out since.
    Outcomes,
    /// Every week, from scratch.
    Weekly,
    /// A person said so.
    Person,
}

impl Trigger {
    /// All of them, in order.
    pub const ALL: [Trigger; 7] = [
        Trigger::Time,
        Trigger::Performance,
        Trigger::Drift,
        Trigger::Regime,
        Trigger::Outcomes,
        Trigger::Weekly,
        Trigger::Person,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Trigger::Time => "time",
            Trigger::Performance => "performance",
            Trigger::Drift => "drift",
            Trigger::Regime => "regime",
            Trigger::Outcomes => "outcomes",
            Trigger::Weekly => "weekly",
            Trigger::Person => "person",
        }
    }

    /// The trigger of this name.
    pub fn named(name: &str) -> Option<Trigger> {
        Trigger::ALL.into_iter().find(|trigger| trigger.name() == name)
    }
}

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Before everything else.
    High,
    /// In its turn.
    Medium,
    /// When there is time.
    Low,
}

impl Priority {
    /// As seed 004 writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Priority::High => "HIGH",
            Priority::Medium => "MEDIUM",
            Priority::Low => "LOW",
        }
    }
}

/// One line of the plan: a model, why it is to be trained again, and how soon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedTraining {
    /// Which.
    pub model: ModelKind,
    /// Why.
    pub trigger: Trigger,
    /// How soon.
    pub priority: Priority,
    /// What was measured.
    pub measured: f64,
    /// What it was measured against.
    pub needed: f64,
    /// The same in words a person reads.
    pub says: String,
}

/// A training that is asked for. It is a value: it survives a restart with the engine's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Its number in the run, from 1.
    pub no: u64,
    /// When it was asked for; nothing that became known later is learned from.
    pub asked_at: Timestamp,
    /// When its result may be heard, and not before.
    pub ready_at: Timestamp,
    /// Decisions from here on are learned from.
    pub since: Timestamp,
    /// Which models, and why, the most urgent first.
    pub plan: Vec<PlannedTraining>,
}

impl Training {
    /// The most urgent reason.
    pub fn trigger(&self) -> Trigger {
        self.plan.first().map_or(Trigger::Person, |planned| planned.trigger)
    }

    /// Whether a kind is among those to be trained.
    pub fn names(&self, kind: ModelKind) -> bool {
        self.plan.iter().any(|planned| planned.model == kind)
    }
}

/// Which rows a model has seen: enough to find them again, and a hash to know them by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// Decided from here on
    pub decided_from: Timestamp,
    /// up to here, both included.
    pub decided_to: Timestamp,
    /// What had turned out up to here.
    pub known_to: Timestamp,
    /// How many.
    pub count: u64,
    /// The same with overlap discounted.
    pub effective: f64,
    /// Decisions of the same stretch that had not turned out: counted, and not learned from.
    pub waiting: u64,
    /// Outcomes left out because they were struck or lie across missing bars.
    pub left_out: u64,
    /// BLAKE3 of the rows in order, hexadecimal.
    pub hash: String,
}

/// One member of an ensemble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberRecord {
    /// Which kind.
    pub kind: ModelKind,
    /// When it was fitted; before the ensemble where it was taken over.
    pub fitted_at: Timestamp,
    /// BLAKE3 of the saved member, hexadecimal.
    pub hash: String,
    /// What it counts for in the ensemble; 0 where it adds nothing.
    pub weight: f64,
    /// Figures on rows it was not fitted on, by name: `log_loss`, `base_log_loss`, `brier`, `auc`, `accuracy`,
    /// `samples`.
    pub figures: Vec<(String, f64)>,
    /// What it was fitted with, by name.
    pub parameters: Vec<(String, String)>,
    /// Features by what they contribute, mean of the size of it in log-odds, the largest first.
    pub contributions: Vec<(String, f64)>,
}

/// One version of the ensemble, as the registry tells it. A version is never edited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Its number in the run, from 1.
    pub version: u64,
    /// When and why: `20240103T090000-drift`.
    pub name: String,
    /// The training it came of; 0 for one that was brought along.
    pub training: u64,
    /// When its rows end.
    pub asked_at: Timestamp,
    /// Why.
    pub trigger: Trigger,
    /// What it has seen.
    pub rows: Rows,
    /// Its members, in the order of kinds.
    pub members: Vec<MemberRecord>,
    /// Figures of the whole on rows it was not fitted on, as a member's.
    pub figures: Vec<(String, f64)>,
    /// Predicted probability, how often that side won, and how many, from out-of-fold rows, rising: ten points of
    /// a calibration plot at most.
    pub calibration: Vec<(f64, f64, u64)>,
    /// BLAKE3 of the saved ensemble, hexadecimal.
    pub hash: String,
}

impl ModelRecord {
    /// A figure of the whole by its name.
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The name of a version made at a moment for a reason.
    pub fn name_of(at: Timestamp, trigger: Trigger) -> String {
        let moment = at.to_string();
        let stamp: String =
            moment.chars().filter(|c| c.is_ascii_digit() || *c == 'T').take(15).collect();
        format!("{stamp}-{}", trigger.name())
    }
}

/// A version that has been trained, and the model itself. In a journal the record stands alone: whoever reads
/// it back loads the model from the registry by its hash.
#[derive(Clone, Serialize, Deserialize)]
pub struct Trained {
    /// What it is.
    pub record: ModelRecord,
    /// When it was heard.
    pub at: Timestamp,
    /// The model.
    #[serde(skip)]
    pub model: Option<Arc<dyn Model>>,
}

impl fmt::Debug for Trained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = if self.model.is_some() { "loaded" } else { "not loaded" };
        f.debug_struct("Trained").field("record", &self.record).field("model", &model).finish()
    }
}

impl PartialEq for Trained {
    /// The hash says which model it is.
    fn eq(&self, other: &Trained) -> bool {
        self.record == other.record && self.at == other.at
    }
}

/// What world and trainings tell the engine of models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelNews {
    /// A training has come to something.
    Trained(Box<Trained>),
    /// A training has come to nothing.
    Failed {
        /// Which.
        training: u64,
        /// Why, in a sentence.
        why: String,
        /// When it was heard.
        at: Timestamp,
    },
}

/// Where a version stands on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Trained, and waits for the challenger's seat.
    Candidate,
    /// Compared with the champion on the same decisions; its vote is not heard.
    Shadow,
    /// Its vote is heard on a share of decisions.
    Canary,
    /// In charge.
    Champion,
    /// Over: replaced, or sent away.
    Retired,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Stage; 5] =
        [Stage::Candidate, Stage::Shadow, Stage::Canary, Stage::Champion, Stage::Retired];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Candidate => "candidate",
            Stage::Shadow => "shadow",
            Stage::Canary => "canary",
            Stage::Champion => "champion",
            Stage::Retired => "retired",
        }
    }

    /// The stage of this name.
    pub fn named(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// What was ruled on a version, with the numbers it rests on. The deployment history is these, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RulingRecord {
    /// When.
    pub at: Timestamp,
    /// Which version.
    pub version: u64,
    /// The version in charge as it was ruled; 0 where no model was.
    pub champion: u64,
    /// In a word: `enter`, `watch`, `keep`, `canary`, `ramp`, `promote`, `propose`, `roll_back`, `drop`, `supersede`.
    pub ruling: String,
    /// Where the version stood before.
    pub from: Stage,
    /// Where it stands now.
    pub to: Stage,
    /// The share of decisions on which its vote is heard from now on, 0..=1.
    pub share: f64,
    /// Whether a person ordered it.
    pub by_person: bool,
    /// What it rests on, where there was a comparison.
    pub grounds: Option<Grounds>,
    /// In words a person reads.
    pub says: String,
}

/// The numbers a ruling rests on (methods §4.4, control 6).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grounds {
    /// Decisions compared, of which at least one side would have traded.
    pub decisions: u64,
    /// Blocks of them that share nothing with each other.
    pub blocks: u64,
    /// The champion's mean result a decision, units of initial risk.
    pub champion_mean_r: f64,
    /// The challenger's.
    pub challenger_mean_r: f64,
    /// Their difference.
    pub gain_mean_r: f64,
    /// An interval for it that holds at every look, of 95 %.
    pub gain_low_r: f64,
    /// Its upper end.
    pub gain_high_r: f64,
    /// The difference over the champion's mean or the floor, whichever is larger.
    pub improvement: f64,
    /// What an effect of that size would deserve if it were real: `keep_old`, `canary`, `deploy_candidate`.
    pub tier: String,
    /// Evidence that the gain is real: 1 says nothing.
    pub evidence: f64,
    /// What it must reach.
    pub evidence_needed: f64,
    /// Evidence of harm.
    pub harm: f64,
    /// What that must reach.
    pub harm_needed: f64,
    /// Evidence after each tenth of the blocks, oldest first: the path.
    pub path: Vec<f64>,
    /// The hypothesis' number on its line, from 1, and the error it may spend.
    pub hypothesis: u64,
    /// That error.
    pub alpha: f64,
    /// Versions tried on the line so far.
    pub trials: u64,
    /// Probability that the challenger's Sharpe ratio per decision is above zero.
    pub probabilistic_sharpe: Option<f64>,
    /// The same, above what the best of so many trials without skill would show.
    pub deflated_sharpe: Option<f64>,
    /// Probability of backtest overfitting among the versions tried, where there are enough to say.
    pub overfit_probability: Option<f64>,
}
