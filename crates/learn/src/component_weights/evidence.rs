//! Component weights by evidence: what sign(lean) was worth over each horizon, shrunken between components,
//! for those that have shown anything at all (methods §1.2).

use domain::{
    Amendment, COMPONENTS_MAX, Change, Cycle, Effect, Evidence, HORIZON_COUNT, HORIZONS,
    HorizonLesson, Outcome, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::e_bh;
use stats::shrinkage::ShrunkMeans;

use super::record::HorizonRecord;
use super::{largest_change, name};
use crate::governor::COMPONENT;
use crate::moves::Moves;
use crate::quiet::quiet_after;
use crate::{LearnRules, Learner, LearnerReport};

/// Of all weights that move, at most this share may belong to components that know nothing (e-BH); where
/// none knows anything it is the chance that any weight ever moves. Chosen: methods, Decision 8.
const FALSE_FRACTION: f64 = 0.05;
/// What a mean gain of one standard deviation, over all horizons together, adds to a weight of 1. Chosen: a
/// component worth a tenth of a standard deviation on one horizon of four counts double.
const GAIN: f64 = 40.0;
/// Standard errors of its estimate within which a weight stays where it is. Chosen: at a half a component
/// worth a tenth still moves, and its weight no longer follows every week.
const DEAD_ERRORS: f64 = 0.5;
/// Normal quantile of a 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// Learns what each component's direction is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentWeights {
    rules: LearnRules,
    quiet_until: f64,
    moves: Moves,
    horizons: [HorizonRecord; HORIZON_COUNT],
}

/// Where a component has shown something.
#[derive(Clone, Copy)]
struct Finding {
    component: usize,
    horizon: usize,
    evidence: f64,
}

impl ComponentWeights {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> ComponentWeights {
        ComponentWeights {
            rules,
            quiet_until: rules.outcomes_min,
            moves: Moves::default(),
            horizons: std::array::from_fn(|_| HorizonRecord::default()),
        }
    }

    /// Effective lessons of the horizon of which there are most.
    fn heard(&self) -> f64 {
        self.horizons.iter().map(HorizonRecord::heard).fold(0.0, f64::max)
    }

    /// Effective lessons about a component at the horizon of which there are most.
    fn most_heard(&self, component: usize) -> f64 {
        self.horizons.iter().map(|record| record.count(component)).fold(0.0, f64::max)
    }

    fn is_known(&self, horizon: usize, component: usize) -> bool {
        self.horizons[horizon].count(component) >= self.rules.outcomes_min
    }

    /// Where any component has shown anything, good or bad, of all places where one has ever spoken.
    fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        for (horizon, record) in self.horizons.iter().enumerate() {
            for component in (0..COMPONENTS_MAX).filter(|&at| record.count(at) > 0.0) {
                let log = record.log_evidence(component, self.rules.outcomes_min);
                // Beyond this it is no surer, and still a number.
                const LOG_MAX: f64 = 700.0;
                let evidence = libm::exp(log.min(LOG_MAX));
                all.push(Finding { component, horizon, evidence });
            }
        }
        let evidence: Vec<f64> = all.iter().map(|finding| finding.evidence).collect();
        e_bh(&evidence, FALSE_FRACTION).into_iter().map(|at| all[at]).collect()
    }

    /// Mean gains over one horizon without their luck, where known; none differ from 0 where noise explains
    /// all that differs.
    fn shrunken(&self, horizon: usize) -> [Option<f64>; COMPONENTS_MAX] {
        const VARIANCE_MIN: f64 = 1e-12;
        let record = &self.horizons[horizon];
        let known: Vec<usize> =
            (0..COMPONENTS_MAX).filter(|&at| self.is_known(horizon, at)).collect();
        let means: Vec<f64> = known.iter().map(|&at| record.mean(at)).collect();
        let errors: Vec<f64> =
            known.iter().map(|&at| record.mean_variance(at).max(VARIANCE_MIN)).collect();
        let mut shrunken = [None; COMPONENTS_MAX];
        if let Some(of) = ShrunkMeans::of(&means, &errors) {
            for (&at, &mean) in known.iter().zip(&of.means) {
                shrunken[at] = Some(if of.variance_between > 0.0 { mean } else { 0.0 });
            }
        }
        shrunken
    }

    /// What each component is worth over all horizons it is known on, by what these count.
    fn scores(&self, policy: &Policy) -> [f64; COMPONENTS_MAX] {
        let (mut sum, mut counted) = ([0.0; COMPONENTS_MAX], [0.0; COMPONENTS_MAX]);
        for (horizon, weight) in policy.horizon_weights.iter().enumerate() {
            for (at, mean) in self.shrunken(horizon).into_iter().enumerate() {
                let Some(mean) = mean else { continue };
                sum[at] += weight * mean;
                counted[at] += weight;
            }
        }
        std::array::from_fn(|at| if counted[at] > 0.0 { sum[at] / counted[at] } else { 0.0 })
    }

    /// What a component's score may be off by, one standard error, its horizons taken to err apart.
    fn score_error(&self, policy: &Policy, at: usize) -> f64 {
        let known = || (0..HORIZON_COUNT).filter(|&horizon| self.is_known(horizon, at));
        let counted: f64 = known().map(|horizon| policy.horizon_weights[horizon]).sum();
        let error = |horizon: usize| {
            let weight = policy.horizon_weights[horizon];
            weight * weight * self.horizons[horizon].mean_variance(at)
        };
        if counted > 0.0 { known().map(error).sum::<f64>().sqrt() / counted } else { 0.0 }
    }

    /// Whether a component that was once found still has more for it than chance would have.
    fn is_still_likely(&self, at: usize) -> bool {
        let least = self.rules.outcomes_min;
        self.horizons.iter().any(|record| record.log_evidence(at, least) > 0.0)
    }

    /// Weights one step nearer to what was found. Who has shown nothing counts as on day one; who was found
    /// and no longer is goes back there once nothing speaks for it, and no weight follows what is within the
    /// error of its own estimate: it would go up and down for ever.
    fn weights(&self, policy: &Policy, findings: &[Finding]) -> [f64; COMPONENTS_MAX] {
        let scores = self.scores(policy);
        std::array::from_fn(|at| {
            let standing = policy.component_weights[at];
            let is_found = findings.iter().any(|finding| finding.component == at);
            let is_moved = standing != 1.0;
            let to = |wanted: f64| COMPONENT.step(standing, wanted, self.rules.step_fraction_max);
            match (is_found, is_moved) {
                (true, _) => {
                    let wanted = 1.0 + GAIN * scores[at];
                    let noise = DEAD_ERRORS * GAIN * self.score_error(policy, at);
                    if (wanted - standing).abs() < noise { standing } else { to(wanted) }
                }
                (false, true) if !self.is_still_likely(at) && self.is_heard(at) => to(1.0),
                _ => standing,
            }
        })
    }

    /// Whether anything is known of a component on any horizon.
    fn is_heard(&self, at: usize) -> bool {
        (0..HORIZON_COUNT).any(|horizon| self.is_known(horizon, at))
    }

    /// The shortest horizon within a standard error of the best, of those on which something was found.
    fn best_horizons(&self, policy: &Policy, findings: &[Finding]) -> [u8; COMPONENTS_MAX] {
        std::array::from_fn(|at| {
            let found = || findings.iter().filter(|finding| finding.component == at);
            let mean = |finding: &&Finding| self.horizons[finding.horizon].mean(at);
            let Some(best) = found().max_by(|a, b| mean(a).total_cmp(&mean(b))) else {
                return policy.component_horizons[at];
            };
            let error = self.horizons[best.horizon].mean_variance(at).sqrt();
            let near = found().filter(|finding| mean(finding) >= mean(&best) - error);
            near.map(|finding| finding.horizon as u8).min().unwrap_or(best.horizon as u8)
        })
    }

    /// What the change of these components rests on.
    fn evidence(&self, moved: &[usize], findings: &[Finding]) -> Evidence {
        let count =
            |at: &usize| self.horizons.iter().map(|record| record.count(*at)).fold(0.0, f64::max);
        let least = moved.iter().map(count).fold(f64::INFINITY, f64::min);
        let strongest = findings.iter().max_by(|a, b| a.evidence.total_cmp(&b.evidence));
        Evidence {
            outcomes: self.horizons.iter().map(HorizonRecord::lessons).max().unwrap_or(0),
            outcomes_effective: if least.is_finite() { least } else { 0.0 },
            e_value: strongest.map(|finding| finding.evidence),
            effect: strongest.map(|finding| self.effect(finding.horizon, finding.component)),
            says: self.says(findings),
            ..Evidence::default()
        }
    }

    fn effect(&self, horizon: usize, component: usize) -> Effect {
        let record = &self.horizons[horizon];
        let (mean, error) = (record.mean(component), record.mean_variance(component).sqrt());
        Effect { mean, low: mean - Z_95 * error, high: mean + Z_95 * error }
    }

    /// Findings in words; means are in standard deviations of the move.
    fn says(&self, findings: &[Finding]) -> String {
        if findings.is_empty() {
            return "no component has shown anything; weights go back to those of day one"
                .to_owned();
        }
        let say = |finding: &Finding| {
            let shown = self.effect(finding.horizon, finding.component);
            format!(
                "{} earned {:+.3} ({:+.3} to {:+.3}) standard deviations of the move at {} over {:.0} effective outcomes",
                name(finding.component),
                shown.mean,
                shown.low,
                shown.high,
                HORIZONS[finding.horizon].name,
                self.horizons[finding.horizon].count(finding.component)
            )
        };
        findings.iter().map(say).collect::<Vec<_>>().join("; ")
    }
}

impl Learner for ComponentWeights {
    fn name(&self) -> &'static str {
        "component_weights"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    /// Components are taught by horizons: what became of a position is its exits' doing too.
    fn observe(&mut self, _: &Outcome) {}

    fn observe_horizon(&mut self, lesson: &HorizonLesson) {
        let keep_fraction = self.rules.keep_fraction;
        let Some(up) = self.moves.in_own_units(lesson, keep_fraction) else { return };
        let record = &mut self.horizons[usize::from(lesson.horizon)];
        record.hear(&lesson.leans, up, lesson.uniqueness, keep_fraction);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if self.heard() < self.quiet_until {
            return Vec::new();
        }
        let findings = self.findings();
        let weights = self.weights(policy, &findings);
        let horizons = self.best_horizons(policy, &findings);
        let moves = |at: &usize| {
            weights[*at] != policy.component_weights[*at]
                || horizons[*at] != policy.component_horizons[*at]
        };
        let moved: Vec<usize> = (0..COMPONENTS_MAX).filter(moves).collect();
        let is_worth_it = horizons != policy.component_horizons
            || largest_change(&policy.component_weights, &weights)
                >= self.rules.publish_fraction_min;
        if !is_worth_it {
            return Vec::new();
        }
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::Components { weights, horizons },
            evidence: self.evidence(&moved, &findings),
        }]
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let heard = (0..domain::COMPONENT_NAMES.len()).map(|at| (at, self.most_heard(at)));
        let starved = heard.filter(|(_, most)| *most < needed);
        let says = starved.map(|(at, most)| {
            format!("{most:.0} of {needed:.0} effective outcomes of {}", name(at))
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.horizons.iter().map(HorizonRecord::lessons).sum(),
            heard_effective: self.heard(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        let findings = self.findings();
        for at in 0..domain::COMPONENT_NAMES.len() {
            let most = self.most_heard(at);
            if most < needed {
                continue;
            }
            let found: Vec<Finding> =
                findings.iter().filter(|finding| finding.component == at).copied().collect();
            let weight = policy.component_weights[at];
            let said = if found.is_empty() {
                format!(
                    "{} weighs {weight:.2}: no evidence yet over {most:.0} effective outcomes",
                    name(at)
                )
            } else {
                format!("{} weighs {weight:.2}: {}", name(at), self.says(&found))
            };
            report.beliefs.push(said);
        }
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
