//! Component weights by the literal rule of seed 001: the exponential mean of signed moves per horizon, the
//! best horizon, and a step of 20 % up or down once 50 outcomes are in. Overlap is not its concern; it is
//! here to be compared with.

use domain::{
    Amendment, COMPONENTS_MAX, Change, Cycle, Evidence, HORIZONS, HorizonLesson, Outcome, Policy,
    PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::seed_rules::{Ewma, WeightRule};

use super::{largest_change, name};
use crate::governor::COMPONENT;
use crate::{LearnRules, Learner, LearnerReport};

/// The horizons seed 001 scores signals on: 1 m, 5 m, 15 m, 30 m, 1 h.
const SEED_HORIZONS: usize = 5;
/// Weight of the newest move. The seed says no figure; this is the one its vectors are made with.
const SEED_ALPHA: f64 = 0.1;
/// Seed 001: 20 % at most in one update, once 50 outcomes are in.
const SEED_RULE: WeightRule = WeightRule { step_fraction: 0.20, outcomes_min: 50 };

/// What one component came to over one horizon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Value {
    outcomes: u64,
    /// Its exponential mean, basis points.
    ev: Ewma,
}

/// Learns as seed 001 says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralComponentWeights {
    rules: LearnRules,
    /// Lessons heard, and how many there were when the last version was published: one update per update.
    lessons: u64,
    lessons_published: u64,
    values: [[Value; SEED_HORIZONS]; COMPONENTS_MAX],
}

impl LiteralComponentWeights {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> LiteralComponentWeights {
        let nothing = Value { outcomes: 0, ev: Ewma::new(SEED_ALPHA, 0.0) };
        LiteralComponentWeights {
            rules,
            lessons: 0,
            lessons_published: 0,
            values: [[nothing; SEED_HORIZONS]; COMPONENTS_MAX],
        }
    }

    /// The horizon at which a component earned most, and what it has there.
    fn best(&self, at: usize) -> Option<(u8, Value)> {
        let heard = self.values[at].iter().enumerate().filter(|(_, value)| value.outcomes > 0);
        let best = heard.max_by(|(_, a), (_, b)| a.ev.raw().total_cmp(&b.ev.raw()));
        best.map(|(horizon, value)| (horizon as u8, *value))
    }

    /// A component that earns is raised by what the rule allows, one that loses lowered.
    fn wanted(&self, at: usize, standing: f64) -> f64 {
        let Some((_, value)) = self.best(at) else { return standing };
        let ev = value.ev.raw();
        let towards = if ev > 0.0 { f64::INFINITY } else { 0.0 };
        let proposed = if ev == 0.0 { standing } else { towards };
        SEED_RULE.bound(standing, proposed, value.outcomes).clamp(COMPONENT.least, COMPONENT.most)
    }
}

impl Learner for LiteralComponentWeights {
    fn name(&self) -> &'static str {
        "component_weights"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, _: &Outcome) {}

    fn observe_horizon(&mut self, lesson: &HorizonLesson) {
        let horizon = usize::from(lesson.horizon);
        if horizon >= SEED_HORIZONS || !lesson.up_bps.is_finite() {
            return;
        }
        self.lessons += 1;
        for (at, values) in self.values.iter_mut().enumerate() {
            let Some(lean) = lesson.leans.at(at).filter(|lean| *lean != 0.0) else { continue };
            values[horizon].outcomes += 1;
            values[horizon].ev.observe(lean.signum() * lesson.up_bps);
        }
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if self.lessons == self.lessons_published {
            return Vec::new();
        }
        let standing = &policy.component_weights;
        let weights = std::array::from_fn(|at| self.wanted(at, standing[at]));
        if largest_change(standing, &weights) < self.rules.publish_fraction_min {
            return Vec::new();
        }
        let is_ripe = |value: &Value| value.outcomes >= SEED_RULE.outcomes_min;
        let horizons = std::array::from_fn(|at| match self.best(at) {
            Some((horizon, value)) if is_ripe(&value) => horizon,
            _ => policy.component_horizons[at],
        });
        let ripe = (0..COMPONENTS_MAX).filter_map(|at| self.best(at));
        let outcomes =
            ripe.map(|(_, value)| value.outcomes).filter(|n| *n >= SEED_RULE.outcomes_min);
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::Components { weights, horizons },
            evidence: Evidence::of(self.lessons, outcomes.min().unwrap_or(0) as f64),
        }]
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.lessons,
            heard_effective: self.lessons as f64,
            ..LearnerReport::default()
        };
        for at in 0..domain::COMPONENT_NAMES.len() {
            match self.best(at).filter(|(_, value)| value.outcomes >= SEED_RULE.outcomes_min) {
                Some((horizon, value)) => report.beliefs.push(format!(
                    "{} weighs {:.2}: {:+.2} bp at {} over {} outcomes, overlap counted as if there were none",
                    name(at),
                    policy.component_weights[at],
                    value.ev.raw(),
                    HORIZONS[usize::from(horizon)].name,
                    value.outcomes
                )),
                None => report.starved.push(format!(
                    "{} of {} outcomes of {}",
                    self.best(at).map_or(0, |(_, value)| value.outcomes),
                    SEED_RULE.outcomes_min,
                    name(at)
                )),
            }
        }
        report
    }

    fn adopt(&mut self, _: &PolicyVersion) {
        self.lessons_published = self.lessons;
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
