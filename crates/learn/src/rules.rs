//! The numbers every learner keeps to. They are the seeds'.

use serde::{Deserialize, Serialize};
use stats::simplex::Bounds;

/// Which rule learners follow. Both stand side by side so that anyone can see the difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// What the evidence supports (methods, Decision 1).
    #[default]
    Evidence,
    /// The literal rules of the seed documents.
    Seed,
}

impl Rule {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::Evidence => "evidence",
            Rule::Seed => "seed",
        }
    }
}

/// Bounds and paces of learning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LearnRules {
    /// Which rule.
    pub rule: Rule,
    /// Least weight of a head (seed 003).
    pub weight_min: f64,
    /// Most weight of a head (seed 003).
    pub weight_max: f64,
    /// Greatest relative change of a weight between two published versions (seed 003).
    pub step_fraction_max: f64,
    /// Least relative change worth a version (seed 003); smaller ones gather.
    pub publish_fraction_min: f64,
    /// Effective outcomes before evidence moves anything (methods, Decision 1).
    pub outcomes_min: f64,
    /// Outcomes before the literal rule moves anything (seed 003).
    pub seed_outcomes_min: f64,
    /// Step of the literal rule per outcome (seed 003: 5 %).
    pub seed_rate: f64,
    /// What is kept of the past at each outcome (methods, Decision 1).
    pub keep_fraction: f64,
    /// How sharply a shrunken gain moves its weight (methods, Decision 1).
    pub sharpness: f64,
}

impl Default for LearnRules {
    fn default() -> LearnRules {
        LearnRules {
            rule: Rule::Evidence,
            weight_min: 0.05,
            weight_max: 0.30,
            step_fraction_max: 0.20,
            publish_fraction_min: 0.01,
            outcomes_min: 50.0,
            seed_outcomes_min: 10.0,
            seed_rate: 0.05,
            keep_fraction: 0.9975,
            sharpness: 70.0,
        }
    }
}

impl LearnRules {
    /// The box a weight stays in, ever and between two versions.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            least: self.weight_min,
            most: self.weight_max,
            step_fraction: self.step_fraction_max,
        }
    }

    /// The outcomes the rule in force asks for before anything moves.
    pub fn outcomes_needed(&self) -> f64 {
        match self.rule {
            Rule::Evidence => self.outcomes_min,
            Rule::Seed => self.seed_outcomes_min,
        }
    }
}
