//! What the life of models is told before it begins.

use domain::ModelKind;
use serde::{Deserialize, Serialize};

use crate::judge::CanaryRules;
use crate::watch::WatchRules;

/// Whether the plan trains by itself (seed 004).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The plan is told, and a person has it carried out.
    Advisory,
    /// The plan is carried out.
    #[default]
    Enforced,
}

/// Which rule a version is deployed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeployRule {
    /// Size of effect and evidence.
    #[default]
    Evidence,
    /// Size of effect alone, to the letter of seed 004.
    Seed,
}

/// Rules of training, judging and deploying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelRules {
    /// Kinds that are trained; none, and the ninth head abstains for good.
    pub kinds: Vec<ModelKind>,
    /// Whether trainings are asked for at all (seed 004's switch).
    pub retraining: bool,
    /// Whether the plan trains by itself.
    pub mode: Mode,
    /// Whether a version is deployed by its ruling; without it a ruling waits for a person.
    pub auto_deploy: bool,
    /// Hours after which a model is trained again; seed 004's 24.
    pub interval_hours: u32,
    /// A model whose share of wins is below this is trained again; seed 004's half.
    pub win_rate_min: f64,
    /// Days for which a changed regime must have held; seed 004's three.
    pub regime_days: u32,
    /// New outcomes since the last training after which a close asks for one; 0 never.
    pub outcomes_new: u32,
    /// Minutes from asking for a training to hearing its result.
    pub delay_min: u32,
    /// Days of decisions that a training looks back on; seed 002's 60.
    pub lookback_days: u32,
    /// Outcomes without which nothing is trained.
    pub outcomes_min: u32,
    /// What a champion's mean result a decision counts as at least when a gain is measured against it, units
    /// of initial risk (mission row M3).
    pub floor_r: f64,
    /// The canary's first share of decisions; the next steps are a half and all of them (methods §1.4).
    pub canary_share: f64,
    /// Decisions compared on each step of it.
    pub step_decisions: u32,
    /// The largest difference between two results on one decision, units of initial risk: see
    /// [`CanaryRules::difference_r_most`].
    pub difference_r_most: f64,
    /// Decisions compared below which nothing but safety is ruled on.
    pub decisions_min: u32,
    /// The deepest fall of a challenger's gain over the champion that is borne, units of initial risk.
    pub drawdown_r_max: f64,
    /// The error that a line's standing hypothesis may spend (methods, Decision 2).
    pub alpha: f64,
    /// The error with which a harmless challenger may be dropped.
    pub harm_alpha: f64,
    /// Mean number of decisions that one false alarm about a champion may take at least.
    pub decisions_per_false_alarm: f64,
}

impl Default for ModelRules {
    /// No kinds: who wants models says which. The rest are the seeds' numbers, or chosen: 2,000 new outcomes are
    /// more than a day of a watchlist of hours brings; a quarter of an hour is more than four small models take;
    /// .05 R is what costs take of a trade; 50 decisions a step are seed 001's.
    fn default() -> ModelRules {
        let canary = CanaryRules::default();
        ModelRules {
            kinds: Vec::new(),
            retraining: true,
            mode: Mode::Enforced,
            auto_deploy: true,
            interval_hours: 24,
            win_rate_min: 0.5,
            regime_days: 3,
            outcomes_new: 2_000,
            delay_min: 15,
            lookback_days: 60,
            outcomes_min: 200,
            floor_r: canary.floor_r,
            canary_share: 0.10,
            step_decisions: 50,
            difference_r_most: canary.difference_r_most,
            decisions_min: canary.decisions_min as u32,
            drawdown_r_max: canary.drawdown_r_max,
            alpha: 0.05,
            harm_alpha: canary.harm_alpha,
            decisions_per_false_alarm: 5_000.0,
        }
    }
}

impl ModelRules {
    /// How harm of a champion is watched for.
    pub fn watch(&self) -> WatchRules {
        WatchRules {
            difference_r_most: self.difference_r_most,
            decisions_per_false_alarm: self.decisions_per_false_alarm,
        }
    }

    /// What a challenger may cost, and what it must show.
    pub fn canary(&self) -> CanaryRules {
        CanaryRules {
            difference_r_most: self.difference_r_most,
            floor_r: self.floor_r,
            decisions_min: u64::from(self.decisions_min),
            drawdown_r_max: self.drawdown_r_max,
            harm_alpha: self.harm_alpha,
        }
    }
}
