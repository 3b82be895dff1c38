//! What came of the models of a run: versions, rulings, and what is known of them, as plain values.

use domain::{Grounds, ModelKind, ModelRecord, RulingRecord, Stage, Timestamp, Trigger};
use evolve::ModelHealth;

use super::story::Estimate;

/// The life of models. Nothing in it where no model was switched on.
#[derive(Clone, Debug, Default)]
pub struct ModelsStory {
    /// Kinds that are trained.
    pub kinds: Vec<ModelKind>,
    /// Whether a version is deployed by the size of its gain alone, as under rule `seed`.
    pub by_size: bool,
    /// The version in charge at the end; 0 where none is.
    pub in_charge: u64,
    /// The newest one, which is compared with it; 0 where none is.
    pub challenger: u64,
    /// The share of decisions on which the newest one's vote is heard, 0..=1.
    pub share: f64,
    /// Every version, oldest first.
    pub versions: Vec<VersionStory>,
    /// Trainings that were asked for.
    pub trainings: TrainingsStory,
    /// Why nothing could be trained yet: how many outcomes of how many.
    pub hungry: Option<String>,
    /// How each kind stands, and then the whole.
    pub health: Vec<HealthStory>,
    /// Every ruling, oldest first.
    pub rulings: Vec<RulingRecord>,
    /// How the newest version stands against the one in charge, or against none.
    pub standing: Option<Grounds>,
    /// About how many more decisions an effect of that size would need.
    pub needed: Option<u64>,
    /// How evidence went under each hypothesis, oldest first.
    pub paths: Vec<PathStory>,
    /// How well the chances of the version in charge, or of the newest, are calibrated.
    pub calibration: Option<CalibrationStory>,
    /// What always deploying the latest would have done.
    pub latest: Option<LatestStory>,
}

/// A version as the registry has it.
#[derive(Clone, Debug)]
pub struct VersionStory {
    /// What it is.
    pub record: ModelRecord,
    /// Where it stands.
    pub stage: Stage,
    /// When it was heard.
    pub entered_at: Timestamp,
}

/// Trainings, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingsStory {
    /// How many were asked for.
    pub asked: u64,
    /// How many came to nothing.
    pub failed: u64,
    /// Why the last of those did.
    pub failed_why: Option<String>,
    /// How many are under way.
    pub waiting: u64,
    /// How many each trigger asked for, as far as it asked for any.
    pub triggers: Vec<(Trigger, u64)>,
}

/// How one kind of model stands.
#[derive(Clone, Debug)]
pub struct HealthStory {
    /// Its name.
    pub name: String,
    /// What is known.
    pub health: ModelHealth,
}

/// How evidence went under one hypothesis.
#[derive(Clone, Debug, PartialEq)]
pub struct PathStory {
    /// Its number on the line, from 1.
    pub hypothesis: u64,
    /// Whether it is still asked.
    pub stands: bool,
    /// The version that sat in the newest one's seat when this was told.
    pub version: u64,
    /// Decisions compared.
    pub decisions: u64,
    /// Blocks of them that share nothing.
    pub blocks: u64,
    /// Evidence after each tenth of the blocks.
    pub evidence: Vec<f64>,
    /// What it must reach.
    pub needed: f64,
}

/// Chances beside what came of them, on rows that were not fitted on.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationStory {
    /// Whose.
    pub version: u64,
    /// What was expected, and the share that won with its interval; rising.
    pub points: Vec<(f64, Estimate)>,
    /// The expected calibration error in ten bins.
    pub error: Option<f64>,
    /// What a perfect model exceeds in one sample of this size out of twenty (methods §1.8).
    pub error_floor: Option<f64>,
    /// Rows behind it.
    pub samples: u64,
    /// The same with overlap discounted.
    pub samples_effective: f64,
}

/// What the line did beside what always deploying the latest would have done; results in R a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatestStory {
    /// Decisions compared.
    pub decisions: u64,
    /// Blocks that share nothing, of those on which the two differed.
    pub blocks: u64,
    /// What the line did.
    pub line_mean_r: f64,
    /// What the latest version would have done.
    pub latest_mean_r: f64,
    /// Decisions on which what no model would have done is known.
    pub without_decisions: u64,
    /// What that would have been.
    pub without_mean_r: f64,
    /// The line less the latest.
    pub gain_mean_r: f64,
    /// Its 95 % interval, which holds at every look.
    pub gain_low_r: f64,
    /// The upper end.
    pub gain_high_r: f64,
}

impl ModelsStory {
    /// Whether any model was switched on, or came to be all the same.
    pub fn is_on(&self) -> bool {
        !self.kinds.is_empty() || !self.versions.is_empty()
    }

    /// The version whose inside is shown: the one in charge, or else the newest.
    pub fn shown(&self) -> Option<&VersionStory> {
        let in_charge = self.versions.iter().rev().find(|one| one.record.version == self.in_charge);
        in_charge.or(self.versions.last())
    }

    /// The ruling by which the version in charge came to be so.
    pub fn charged(&self) -> Option<&RulingRecord> {
        let is_it = |ruling: &&RulingRecord| {
            ruling.version == self.in_charge && ruling.to == Stage::Champion
        };
        self.rulings.iter().rev().find(is_it)
    }
}
