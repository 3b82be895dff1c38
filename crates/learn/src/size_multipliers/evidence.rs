//! Sizes by evidence: neutral until it is shown that results rise with the level, then in proportion to
//! what each level has earned (methods §1.8).

use domain::{Amendment, Cycle, Effect, Evidence, Outcome, Policy, PolicyVersion, Timestamp};
use serde::{Deserialize, Serialize};

use super::SizedBy;
use super::levels::{Fitted, Levels};
use crate::evidence::says_e;
use crate::factors::{MOVE_MIN, stepped};
use crate::governor::FACTOR;
use crate::near::Near;
use crate::quiet::Quiet;
use crate::results::MeanR;
use crate::{House, LearnRules, Learner, LearnerReport};

/// Evidence that it takes to size by a level. Chosen: 20 for each of the two things sizes go by, so that both
/// together are wrong once in twenty markets at most.
const E_VALUE_MIN: f64 = 40.0;

/// Evidence below which sizes go back to neutral: nothing is left of it.
const E_VALUE_GONE: f64 = 1.0;

/// Learns what each level of conviction and of claimed edge has earned.
///
/// It goes by what at most one gate refused, executed or not: the levels below a gate's threshold are seen too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SizeMultipliers {
    rules: LearnRules,
    outcomes: u64,
    quiet: Quiet,
    near: Near,
    levels: [Levels; 2],
}

impl SizeMultipliers {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules, house: &House) -> SizeMultipliers {
        SizeMultipliers {
            rules,
            outcomes: 0,
            quiet: Quiet::default(),
            near: Near::of(house),
            levels: SizedBy::ALL.map(Levels::new),
        }
    }

    fn effective(&self) -> f64 {
        self.levels[0].effective()
    }

    fn amendment(&self, levels: &Levels, policy: &Policy) -> Option<Amendment> {
        let fitted = levels.fit(self.rules.outcomes_min)?;
        let standing = levels.by.standing(policy);
        let e_value = levels.e_value();
        let wanted = if e_value >= E_VALUE_MIN {
            fitted.factors.clone()
        } else if e_value < E_VALUE_GONE {
            vec![1.0; fitted.factors.len()]
        } else {
            return None;
        };
        let sizes = stepped(&self.rules, FACTOR, standing, &wanted, MOVE_MIN)?;
        let (low, high) = fitted.gain().interval();
        Some(Amendment {
            learner: self.name().to_owned(),
            change: levels.by.change(sizes),
            evidence: Evidence {
                outcomes: self.outcomes,
                outcomes_effective: levels.effective(),
                shrink: Some(fitted.shrink),
                e_value: Some(e_value),
                effect: Some(Effect { mean: fitted.gain().mean, low, high }),
                says: format!(
                    "the highest level of {} seen earns {} more than the lowest",
                    levels.by.name(),
                    fitted.gain().says()
                ),
                ..Evidence::default()
            },
        })
    }
}

impl Fitted {
    /// What the highest level seen earns more than the lowest.
    fn gain(&self) -> MeanR {
        MeanR {
            mean: self.highest.mean - self.lowest.mean,
            error_variance: self.highest.error_variance + self.lowest.error_variance,
            effective: self.highest.effective + self.lowest.effective,
        }
    }
}

impl Learner for SizeMultipliers {
    fn name(&self) -> &'static str {
        "size_multipliers"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !self.near.counts(outcome) {
            return;
        }
        self.outcomes += 1;
        for levels in &mut self.levels {
            levels.hear(outcome, self.rules.keep_fraction);
        }
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.effective()) {
            return Vec::new();
        }
        self.levels.iter().filter_map(|levels| self.amendment(levels, policy)).collect()
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let mut starved = Vec::new();
        for levels in &self.levels {
            for (at, results) in levels.results.iter().enumerate() {
                let heard = results.effective();
                if heard < needed || results.recent_r().is_none() {
                    let level = levels.by.says_level(at);
                    starved
                        .push(format!("{heard:.0} of {needed:.0} effective outcomes of {level}"));
                }
            }
        }
        starved
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.effective(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        let needed = self.rules.outcomes_min;
        for levels in &self.levels {
            let standing = levels.by.standing(policy);
            for (at, results) in levels.results.iter().enumerate() {
                let (heard, level) = (results.effective(), levels.by.says_level(at));
                let Some(mean) = results.recent_r().filter(|_| heard >= needed) else { continue };
                report.beliefs.push(format!(
                    "x {:.2} at {level}: {} each, {heard:.0} effective outcomes",
                    standing.get(at).unwrap_or(&1.0),
                    mean.says()
                ));
            }
            report.beliefs.push(format!(
                "evidence that results rise with {}: {} of {E_VALUE_MIN:.0}",
                levels.by.name(),
                says_e(levels.e_value())
            ));
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.effective(), self.rules.outcomes_min);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
