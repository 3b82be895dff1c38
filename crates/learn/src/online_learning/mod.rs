//! A15 and A16: what completed decisions teach about what trained models say, between trainings. A fast layer
//! over the members' log-odds takes one small step with every outcome, each weighted by the size of its
//! result, and losers weigh like winners; what it has become stands only once it has shown, on outcomes it
//! had not seen, to expect better than the one that stands.

mod literal;
mod window;

pub use literal::LiteralOnlineLearning;

use domain::{
    Amendment, Change, Cycle, Evidence, FastLayer, MODEL_COUNT, Outcome, Policy, PolicyVersion,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::seed_rules::{UPDATE_ACCURACY_MIN, UPDATE_LOOK_BACK_HOURS, UPDATE_SAMPLES_MIN};

use crate::evidence::{BlockedEvidence, says_e};
use crate::quiet::{Quiet, is_taken_back};
use crate::{LearnRules, Learner, LearnerReport, is_of};
use window::{Seen, Window};

/// The look-back, milliseconds.
const LOOK_BACK_MS: i64 = UPDATE_LOOK_BACK_HOURS as i64 * 3_600_000;

/// Evidence that what was learned expects better; it holds at every look.
const EVIDENCE_MIN: f64 = 20.0;
/// A step of the layer for an outcome of average weight. Chosen: a few hundred outcomes move it by what the
/// governor lets it go in one version.
const RATE: f64 = 0.01;
/// How strongly it is drawn back to saying nothing, a step. Chosen.
const DECAY: f64 = 1e-3;
/// Results this many times their usual size weigh no more, and those below the other no less. Chosen.
const WEIGHT_MOST: f64 = 3.0;
const WEIGHT_LEAST: f64 = 0.25;
/// A layer this near to the one that stands is the same.
const MOVED_MIN: f64 = 0.01;
/// Stakes on one bounded gain. Chosen: gains are small beside their bound.
const STAKES: [f64; 4] = [0.02, 0.05, 0.1, 0.25];

/// What models had expected of one side, and whether it won.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lesson {
    ensemble: f64,
    members: [Option<f64>; MODEL_COUNT],
    won: bool,
    /// The size of its result, beside that of others that won, or lost; uniqueness in it.
    weight: f64,
}

/// The usual size of a win and of a loss, units of initial risk. Weighing by size alone would make models
/// expect to win more often wherever targets lie farther than stops; beside their own kind, winners and
/// losers weigh alike on average, and what is learned stays a probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Sizes {
    won: f64,
    lost: f64,
}

impl Sizes {
    /// Of what is known, one more result takes the place of this share. Chosen: about fifty results.
    const SHARE: f64 = 0.02;

    fn weight(&self, outcome: &Outcome) -> f64 {
        let usual = if outcome.won() { self.won } else { self.lost };
        (outcome.r.abs() / usual).clamp(WEIGHT_LEAST, WEIGHT_MOST) * outcome.uniqueness
    }

    fn hear(&mut self, outcome: &Outcome) {
        let usual = if outcome.won() { &mut self.won } else { &mut self.lost };
        *usual += Sizes::SHARE * outcome.uniqueness * (outcome.r.abs() - *usual);
        *usual = usual.max(SIZE_LEAST);
    }
}

/// A usual size is never below this, units of initial risk.
const SIZE_LEAST: f64 = 0.05;

impl Lesson {
    /// Nothing where no model had said anything.
    fn of(outcome: &Outcome, sizes: &Sizes) -> Option<Lesson> {
        let modelled = &outcome.basis.modelled;
        Some(Lesson {
            ensemble: modelled.ensemble()?,
            members: modelled.members(),
            won: outcome.won(),
            weight: sizes.weight(outcome),
        })
    }

    pub(crate) fn expected_by(&self, layer: &FastLayer) -> f64 {
        layer.refined(self.ensemble, self.members)
    }

    fn result(&self) -> f64 {
        f64::from(u8::from(self.won))
    }

    /// One step of the layer down the log loss (a logistic regression by stochastic gradient).
    pub(crate) fn teach(&self, layer: &mut FastLayer, weight: f64) {
        let step = RATE * weight * (self.result() - self.expected_by(layer));
        layer.bias += step - RATE * DECAY * layer.bias;
        for (slope, said) in layer.slopes.iter_mut().zip(self.members) {
            let log_odds = said.map_or(0.0, |p| FastLayer::log_odds(p).clamp(-3.0, 3.0));
            *slope += step * log_odds - RATE * DECAY * *slope;
        }
    }

    /// By how much one layer expected better than another, as a share of what it could have been: the
    /// difference of squared errors over twice the difference of what they expected, which was known before.
    fn gain(&self, layer: &FastLayer, over: &FastLayer) -> f64 {
        let (own, other) = (self.expected_by(layer), self.expected_by(over));
        let lean = own - other;
        if lean == 0.0 {
            return 0.0;
        }
        lean.signum() * (self.result() - 0.5 * (own + other))
    }
}

/// The fast layer as it is learned beside the one that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnlineLearning {
    rules: LearnRules,
    standing: FastLayer,
    layer: FastLayer,
    sizes: Sizes,
    outcomes: u64,
    outcomes_effective: f64,
    /// How often something was taken or taken back: every further claim is asked for more.
    asked: u32,
    evidence: BlockedEvidence,
    window: Window,
    quiet: Quiet,
}

impl OnlineLearning {
    /// One that has heard nothing.
    pub fn new(rules: LearnRules) -> OnlineLearning {
        OnlineLearning {
            rules,
            standing: FastLayer::default(),
            layer: FastLayer::default(),
            // Stops lose one unit, and targets bring one and a half.
            sizes: Sizes { won: 1.5, lost: 1.0 },
            outcomes: 0,
            outcomes_effective: 0.0,
            asked: 0,
            evidence: fresh_evidence(),
            window: Window::default(),
            quiet: Quiet::default(),
        }
    }

    /// The evidence times this asking's share of a whole: shares 6/π²k² sum to one.
    fn e_value(&self) -> f64 {
        const PI_SQUARED: f64 = core::f64::consts::PI * core::f64::consts::PI;
        let k = f64::from(self.asked) + 1.0;
        self.evidence.evidence() * 6.0 / (PI_SQUARED * k * k)
    }

    /// Why the layer is not to stand; nothing where it is.
    fn refusal(&self, at: Timestamp) -> Option<String> {
        let needed = self.rules.outcomes_min;
        let told = self.window.told(at);
        if self.outcomes_effective < needed {
            return Some(format!(
                "{:.0} of {needed:.0} effective outcomes",
                self.outcomes_effective
            ));
        }
        if told.samples < UPDATE_SAMPLES_MIN {
            return Some(format!("{} of {UPDATE_SAMPLES_MIN} samples in 24 h", told.samples));
        }
        if told.accuracy <= UPDATE_ACCURACY_MIN {
            return Some(format!(
                "accuracy {:.2}, more than {UPDATE_ACCURACY_MIN} is asked for",
                told.accuracy
            ));
        }
        if told.gain < 0.0 {
            return Some(format!("its score over 24 h is worse by {:.4}", -told.gain));
        }
        let e_value = self.e_value();
        let is_near = distance(&self.layer, &self.standing) < MOVED_MIN;
        if is_near || e_value < EVIDENCE_MIN || !self.quiet.is_over(self.outcomes_effective) {
            return Some(format!(
                "e = {} that it expects better, {EVIDENCE_MIN} is asked for",
                says_e(e_value)
            ));
        }
        None
    }
}

fn fresh_evidence() -> BlockedEvidence {
    // A gain is a share of the most it could have been: minus one is the worst.
    BlockedEvidence::new(1.0, &STAKES)
}

/// The largest difference between two layers.
pub(crate) fn distance(one: &FastLayer, other: &FastLayer) -> f64 {
    let slopes = one.slopes.iter().zip(other.slopes).map(|(left, right)| (left - right).abs());
    slopes.fold((one.bias - other.bias).abs(), f64::max)
}

/// A layer in words.
pub(crate) fn says(layer: &FastLayer) -> String {
    let slopes = domain::ModelKind::ALL
        .map(|kind| format!("{} {:+.3}", kind.name(), layer.slopes[kind.at()]));
    format!("bias {:+.3}, {}", layer.bias, slopes.join(", "))
}

impl Learner for OnlineLearning {
    fn name(&self) -> &'static str {
        "online_learning"
    }

    fn cycle(&self) -> Cycle {
        Cycle::OnlineLearning
    }

    fn observe(&mut self, outcome: &Outcome) {
        let Some(lesson) = Lesson::of(outcome, &self.sizes) else { return };
        self.sizes.hear(outcome);
        self.outcomes += 1;
        self.outcomes_effective += outcome.uniqueness;
        // Scored before it is learned from: that is what makes the score worth something.
        let gain = lesson.gain(&self.layer, &self.standing);
        self.evidence.hear(gain * lesson.weight / WEIGHT_MOST, outcome.uniqueness);
        let expected = lesson.expected_by(&self.standing);
        self.window.hear(Seen::of(
            outcome,
            expected,
            lesson.expected_by(&self.layer),
            lesson.weight,
        ));
        lesson.teach(&mut self.layer, lesson.weight);
    }

    fn propose(&self, _: &Policy, at: Timestamp) -> Vec<Amendment> {
        if self.refusal(at).is_some() {
            return Vec::new();
        }
        let told = self.window.told(at);
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::FastLayer(self.layer),
            evidence: Evidence {
                e_value: Some(self.e_value()),
                says: format!("{}; {}", told.says(), says(&self.layer)),
                ..Evidence::of(self.outcomes, self.outcomes_effective)
            },
        }]
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes_effective,
            ..LearnerReport::default()
        };
        if self.outcomes == 0 {
            report.starved.push("no outcome of which a model had said anything".to_owned());
            return report;
        }
        let at = self.window.latest();
        report.beliefs.push(self.window.told(at).says());
        report.beliefs.push(match self.refusal(at) {
            Some(why) => format!("refused: {why}"),
            None => format!("accepted: e = {}", says_e(self.e_value())),
        });
        report.beliefs.push(format!(
            "stands: {}; learned beside it: {}",
            says(&self.standing),
            says(&self.layer)
        ));
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.outcomes_effective, self.rules.outcomes_min);
        let stands = version.policy.fast_layer;
        let is_own = is_of(&version.reason, self.name()) && !is_taken_back(&version.reason);
        if stands != self.standing || is_own {
            self.asked = self.asked.saturating_add(1);
            self.evidence = fresh_evidence();
        }
        if !is_own && stands != self.standing {
            // Somebody else put it there: learning goes on from it.
            self.layer = stands;
        }
        self.standing = stands;
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
