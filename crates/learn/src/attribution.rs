//! A8: how much of the move over each horizon each component's lean explains, and from it what each horizon
//! counts when components are judged (methods §1.12).

use domain::{
    Amendment, COMPONENT_NAMES, COMPONENTS_MAX, Change, Cycle, Effect, Evidence, HORIZON_COUNT,
    HORIZONS, HorizonLesson, Leans, Outcome, Phase, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::{NormalMixture, e_bh};

use crate::component_weights::name;
use crate::moves::Moves;
use crate::quiet::quiet_after;
use crate::{LearnRules, Learner, LearnerReport};

/// Share of false ones among what is found, over all components and horizons (e-BH); where nothing is there
/// it is the chance that a horizon's weight ever moves. Chosen: methods, Decision 8.
const FALSE_FRACTION: f64 = 0.05;
/// Around so many effective outcomes the evidence is sharpest. Chosen, as for component weights.
const SHARPEST_AT: f64 = 200.0;
/// What a correlation of 1 between lean and move adds to a horizon's share of 1. Chosen: a component that
/// explains a tenth of the spread makes its horizon count three times as much.
const GAIN: f64 = 20.0;
/// A horizon counts at most so many times as much as one on which nothing was found. Chosen.
const FACTOR_MAX: f64 = 4.0;
/// Least relative change of a horizon's weight worth a version. Chosen: correlations are known to a twentieth
/// after some hundreds of outcomes, and what follows their noise goes up and down for ever.
const CHANGE_MIN: f64 = 0.10;
/// The horizons that seed 001 attributes at: 5 m, 60 m, 1 d, 1 w.
const SHOWN: [usize; 4] = [1, 4, 5, 6];
/// As if so many leans of nothing had been seen. Chosen.
const PRIOR_LEANS: f64 = 2.0;
/// Normal quantile of a 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

type Lanes = [f64; COMPONENTS_MAX];

/// Learns which horizons tell anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    rules: LearnRules,
    quiet_until: f64,
    moves: Moves,
    horizons: [Attributed; HORIZON_COUNT],
}

/// Leans against moves over one horizon. With c the lean beyond its mean so far and m the move: Σ w, Σ w·lean,
/// Σ w·c², Σ w·c·m, Σ w·c²·m². A weight says how much of an outcome is its own and is never squared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Attributed {
    lessons: u64,
    heard: f64,
    count: Lanes,
    leaned: Lanes,
    leans_squared: Lanes,
    together: Lanes,
    noise: Lanes,
}

/// What one component's lean says of the move over one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Slope {
    /// cov(lean, move) / var(lean), in standard deviations of the move per whole lean.
    at: f64,
    /// Its standard error, the moves' changing size within (White 1980), overlap discounted.
    error: f64,
    /// The share of the move's spread that the lean goes with.
    correlation: f64,
}

impl Attributed {
    fn hear(&mut self, leans: &Leans, up: f64, weight: f64) {
        self.lessons += 1;
        self.heard += weight;
        let (values, spoke) = (leans.values(), leans.spoke());
        for at in 0..COMPONENTS_MAX {
            // Without a branch: the silent hear everything at no weight.
            let (lean, weight) = (values[at], weight * spoke[at]);
            let beyond = lean - self.leaned[at] / (self.count[at] + PRIOR_LEANS);
            self.count[at] += weight;
            self.leaned[at] += weight * lean;
            let gain = beyond * up;
            self.leans_squared[at] += weight * beyond * beyond;
            self.together[at] += weight * gain;
            self.noise[at] += weight * gain * gain;
        }
    }

    fn slope(&self, at: usize, least: f64) -> Option<Slope> {
        let (squared, noise) = (self.leans_squared[at], self.noise[at]);
        if self.count[at] < least || squared <= 0.0 || noise <= 0.0 {
            return None;
        }
        Some(Slope {
            at: self.together[at] / squared,
            error: noise.sqrt() / squared,
            correlation: self.together[at] / (squared * self.count[at]).sqrt(),
        })
    }

    /// The evidence that lean and move have anything in common, valid at every look; 1 below the least.
    fn evidence(&self, at: usize, least: f64) -> f64 {
        if self.slope(at, least).is_none() {
            return 1.0;
        }
        let count = self.count[at];
        let sum = self.together[at] * (count / self.noise[at]).sqrt();
        NormalMixture::after(1.0, SHARPEST_AT, sum, count).evidence()
    }
}

/// A component and a horizon that have something in common.
#[derive(Clone, Copy)]
struct Found {
    horizon: usize,
    component: usize,
    evidence: f64,
}

impl Attribution {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> Attribution {
        Attribution {
            rules,
            quiet_until: rules.outcomes_min,
            moves: Moves::default(),
            horizons: std::array::from_fn(|_| Attributed::default()),
        }
    }

    fn heard(&self) -> f64 {
        self.horizons.iter().map(|horizon| horizon.heard).fold(0.0, f64::max)
    }

    fn found(&self) -> Vec<Found> {
        let mut all = Vec::new();
        for (horizon, attributed) in self.horizons.iter().enumerate() {
            for component in (0..COMPONENTS_MAX).filter(|&at| attributed.count[at] > 0.0) {
                let evidence = attributed.evidence(component, self.rules.outcomes_min);
                all.push(Found { horizon, component, evidence });
            }
        }
        let evidence: Vec<f64> = all.iter().map(|found| found.evidence).collect();
        e_bh(&evidence, FALSE_FRACTION).into_iter().map(|at| all[at]).collect()
    }

    fn slope(&self, horizon: usize, component: usize) -> Option<Slope> {
        self.horizons[horizon].slope(component, self.rules.outcomes_min)
    }

    /// Whether a horizon counts more than another without a finding now, but with more for it than chance
    /// would have: it is neither raised nor let go.
    fn is_undecided(&self, policy: &Policy, found: &[Found]) -> bool {
        let least = self.rules.outcomes_min;
        let lowest = policy.horizon_weights.iter().copied().fold(f64::INFINITY, f64::min);
        (0..HORIZON_COUNT).any(|horizon| {
            let is_raised = policy.horizon_weights[horizon] > lowest * (1.0 + CHANGE_MIN);
            let is_found = found.iter().any(|one| one.horizon == horizon);
            let evidence = |at: usize| self.horizons[horizon].evidence(at, least);
            is_raised && !is_found && (0..COMPONENTS_MAX).any(|at| evidence(at) > 1.0)
        })
    }

    /// A share for every horizon by what was found on it, good or bad: both are reasons to judge by it.
    fn weights(&self, found: &[Found]) -> [f64; HORIZON_COUNT] {
        let mut value = [0.0; HORIZON_COUNT];
        for one in found {
            let slope = self.slope(one.horizon, one.component);
            value[one.horizon] += slope.map_or(0.0, |slope| slope.correlation.abs());
        }
        let factor = value.map(|value| (1.0 + GAIN * value).min(FACTOR_MAX));
        let sum: f64 = factor.iter().sum();
        factor.map(|factor| factor / sum)
    }

    fn says(&self, found: &[Found]) -> String {
        let say = |one: &Found| {
            let slope = self.slope(one.horizon, one.component)?;
            Some(format!(
                "{} at {}: {:+.3} (standard error {:.3}) standard deviations of the move per whole lean over {:.0} effective outcomes",
                name(one.component),
                HORIZONS[one.horizon].name,
                slope.at,
                slope.error,
                self.horizons[one.horizon].count[one.component]
            ))
        };
        let said: Vec<String> = found.iter().filter_map(say).collect();
        if said.is_empty() {
            "nothing found; horizons count alike".to_owned()
        } else {
            said.join("; ")
        }
    }

    fn evidence(&self, found: &[Found]) -> Evidence {
        let strongest = found.iter().max_by(|a, b| a.evidence.total_cmp(&b.evidence));
        let count = |one: &Found| self.horizons[one.horizon].count[one.component];
        let least = found.iter().map(count).fold(f64::INFINITY, f64::min);
        let effect = strongest.and_then(|one| self.slope(one.horizon, one.component));
        Evidence {
            outcomes: self.horizons.iter().map(|horizon| horizon.lessons).max().unwrap_or(0),
            outcomes_effective: if least.is_finite() { least } else { self.heard() },
            e_value: strongest.map(|one| one.evidence),
            effect: effect.map(|slope| Effect {
                mean: slope.at,
                low: slope.at - Z_95 * slope.error,
                high: slope.at + Z_95 * slope.error,
            }),
            says: self.says(found),
            ..Evidence::default()
        }
    }

    /// One component's attributions as a line of the table.
    fn line(&self, component: usize, found: &[Found]) -> Option<String> {
        let cells: Vec<String> = SHOWN
            .iter()
            .filter_map(|&horizon| {
                let slope = self.slope(horizon, component)?;
                let is_found =
                    found.iter().any(|one| (one.horizon, one.component) == (horizon, component));
                Some(format!(
                    "{} {:+.3} ± {:.3} (n {:.0}{})",
                    HORIZONS[horizon].name,
                    slope.at,
                    Z_95 * slope.error,
                    self.horizons[horizon].count[component],
                    if is_found { ", found" } else { "" }
                ))
            })
            .collect();
        (!cells.is_empty()).then(|| format!("{}: {}", name(component), cells.join(" · ")))
    }
}

impl Learner for Attribution {
    fn name(&self) -> &'static str {
        "attribution"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, _: &Outcome) {}

    fn observe_horizon(&mut self, lesson: &HorizonLesson) {
        let Some(up) = self.moves.in_own_units(lesson, self.rules.keep_fraction) else { return };
        self.horizons[usize::from(lesson.horizon)].hear(&lesson.leans, up, lesson.uniqueness);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if self.heard() < self.quiet_until {
            return Vec::new();
        }
        let found = self.found();
        if self.is_undecided(policy, &found) {
            return Vec::new();
        }
        let weights = self.weights(&found);
        let standing = &policy.horizon_weights;
        let largest = standing.iter().zip(&weights).map(|(from, to)| (to - from).abs() / to);
        if largest.fold(0.0, f64::max) < CHANGE_MIN.max(self.rules.publish_fraction_min) {
            return Vec::new();
        }
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::HorizonWeights(weights),
            evidence: self.evidence(&found),
        }]
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let heard = SHOWN.into_iter().map(|horizon| (horizon, self.horizons[horizon].heard));
        let starved = heard.filter(|(_, heard)| *heard < needed).map(|(horizon, heard)| {
            let name = HORIZONS[horizon].name;
            format!("{heard:.0} of {needed:.0} effective outcomes at {name}")
        });
        starved.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let found = self.found();
        let mut report = LearnerReport {
            heard: self.horizons.iter().map(|horizon| horizon.lessons).sum(),
            heard_effective: self.heard(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        let lines = (0..COMPONENT_NAMES.len()).filter_map(|at| self.line(at, &found));
        report.beliefs.extend(lines);
        let share = |(at, weight): (usize, &f64)| format!("{} {weight:.3}", HORIZONS[at].name);
        let shares: Vec<String> = policy.horizon_weights.iter().enumerate().map(share).collect();
        report.beliefs.push(format!("horizons count {}", shares.join(", ")));
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        if let Some(quiet) = quiet_after(version, self.name(), &self.rules) {
            self.quiet_until = self.quiet_until.max(self.heard() + quiet);
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
