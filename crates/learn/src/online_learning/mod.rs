//! A15 and A16: what completed decisions teach about what trained models say, between trainings. A fast layer
//! over the members' log-odds takes one small step with every outcome, each weighted by the size of its
//! result, and losers weigh like winners; what it has become stands only once it has shown, on outcomes it
//! had not seen, to expect better than the one that stands.

mod earlier;
mod lesson;
mod literal;
mod refusal;
mod window;

pub use literal::LiteralOnlineLearning;
pub use refusal::{LayerRefusal, LearnedLayer};

use domain::{
    Amendment, Change, Cycle, Evidence, FastLayer, Outcome, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::seed_rules::{UPDATE_ACCURACY_MIN, UPDATE_LOOK_BACK_HOURS, UPDATE_SAMPLES_MIN};

use crate::evidence::{BlockedEvidence, says_e};
use crate::quiet::{Quiet, is_taken_back};
use crate::{LearnRules, Learner, LearnerReport, is_of};
use earlier::Earlier;
use lesson::{Lesson, Sizes};
use window::{Seen, Window};

/// The look-back, milliseconds.
const LOOK_BACK_MS: i64 = UPDATE_LOOK_BACK_HOURS as i64 * 3_600_000;

/// Evidence that what was learned expects better; it holds at every look.
const EVIDENCE_MIN: f64 = 20.0;
/// A layer this near to the one that stands is the same.
const MOVED_MIN: f64 = 0.01;
/// Stakes on one bounded gain; each is valid. Chosen: the best is mean over variance, which for a block of
/// overlapping outcomes and a model that is far off is above one, and for one that is a little off a tenth.
const STAKES: [f64; 5] = [0.03, 0.1, 0.3, 0.6, 0.9];

/// The fast layer as it is learned beside the one that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnlineLearning {
    rules: LearnRules,
    standing: FastLayer,
    layer: FastLayer,
    earlier: Earlier,
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
            earlier: Earlier::from(Timestamp::from_ms(i64::MIN), FastLayer::default()),
            sizes: Sizes::before_any(),
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

    /// Why the layer is not to take the place of the one that stands; nothing where it is. What is asked for
    /// comes in the order in which it is met: what is told of it every hour then seldom changes.
    fn refusal(&self, at: Timestamp) -> Option<LayerRefusal> {
        let (heard, needed) = (self.outcomes_effective, self.rules.outcomes_min);
        let told = self.window.told(at);
        let e_value = self.e_value();
        let refusals = [
            (heard < needed, LayerRefusal::TooFewOutcomes { heard, needed }),
            (distance(&self.layer, &self.standing) < MOVED_MIN, LayerRefusal::AsItStands),
            (!self.quiet.is_over(heard), LayerRefusal::TakenBack),
            (e_value < EVIDENCE_MIN, LayerRefusal::TooLittleEvidence { e_value }),
            (told.samples < UPDATE_SAMPLES_MIN, LayerRefusal::TooFewSamples(told.samples)),
            (told.accuracy <= UPDATE_ACCURACY_MIN, LayerRefusal::TooOftenWrong(told.accuracy)),
            (told.gain < 0.0, LayerRefusal::WorseOfLate { by: -told.gain }),
        ];
        refusals.into_iter().find_map(|(is_so, refusal)| is_so.then_some(refusal))
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

/// A layer in words; members of which it makes nothing are left out.
pub(crate) fn says(layer: &FastLayer) -> String {
    if *layer == FastLayer::default() {
        return "what models say, as they say it".to_owned();
    }
    let said = |amount: f64| amount.abs() >= 0.0005;
    let slopes = domain::ModelKind::ALL.into_iter().map(|kind| (kind, layer.slopes[kind.at()]));
    let slopes = slopes.filter(|(_, slope)| said(*slope));
    let slopes = slopes.map(|(kind, slope)| format!(", {} {slope:+.3}", kind.name()));
    format!("bias {:+.3}{}", layer.bias, slopes.collect::<String>())
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
        // What was learned is scored on what it could not have known. Sizes are known only afterwards, and
        // stay out of it: where wins vary otherwise than losses they would buy evidence.
        if let Some(learned) = self.earlier.at(outcome.decided_at) {
            self.evidence.hear(lesson.gain(learned, &self.standing), outcome.uniqueness);
            let [expected, learned] =
                [&self.standing, learned].map(|layer| lesson.expected_by(layer));
            self.window.hear(Seen::of(outcome, expected, learned));
        }
        lesson.teach(&mut self.layer, lesson.weight);
        self.earlier.note(outcome.closed_at, &self.layer, outcome.uniqueness);
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
                says: format!("{}; {}", told.says().join("; "), says(&self.layer)),
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
        report.beliefs.extend(self.window.told(at).says());
        let refused = self.refusal(at);
        report.beliefs.push(match &refused {
            Some(why) => format!("refused: {why}"),
            None => format!("accepted: e = {}", says_e(self.e_value())),
        });
        report.beliefs.push(format!("stands: {}", says(&self.standing)));
        report.beliefs.push(format!("learned beside it: {}", says(&self.layer)));
        let e_value = Some(self.e_value());
        report.layer = Some(LearnedLayer { layer: self.layer, e_value, refused });
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
            self.earlier = Earlier::from(version.at, stands);
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
