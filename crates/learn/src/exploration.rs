//! What the draws against a gate have shown: what trading every near miss would bring, and how far a shadow is
//! from a trade (methods §1.7).
//!
//! Counterfactuals are replayed with the fill model. What a replay cannot know, fills, queues and our own
//! impact, is measured here on the few near misses that were traded by a draw of known probability.

use domain::{
    Amendment, Cycle, GATES_MAX, Outcome, Phase, Policy, PolicyVersion, Standing, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;
use stats::ope::{ESS_MIN, Estimate, Judged, OffPolicy};

use crate::{House, LearnRules, Learner, LearnerReport};

/// Bands of conviction within which near misses of one gate are compared. Chosen.
const BANDS: usize = 10;

/// Judges what was not done by what was done by a draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Exploration {
    rules: LearnRules,
    /// The bits of the gates that no draw goes against.
    capital_gates: u16,
    known: Known,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    /// The largest probability of a draw seen.
    draw_most: f64,
    near_misses: u64,
    near_misses_effective: f64,
    /// What near misses that were declined came to as shadows, by gate and band: the model of the estimate.
    shadows: [[Moments; BANDS]; GATES_MAX],
    /// The policy that trades every near miss.
    trade_all: OffPolicy,
    /// Of the near misses that were traded: what they came to beyond comparable shadows.
    beyond_shadows: Moments,
    tried: u64,
    tried_effective: f64,
}

impl Exploration {
    /// Nothing heard yet.
    pub fn new(rules: LearnRules, house: &House) -> Exploration {
        Exploration {
            rules,
            capital_gates: house.capital_gates | house.gate_bit("selected").unwrap_or(0),
            known: Known {
                draw_most: 0.0,
                near_misses: 0,
                near_misses_effective: 0.0,
                shadows: [[Moments::default(); BANDS]; GATES_MAX],
                trade_all: OffPolicy::default(),
                beyond_shadows: Moments::default(),
                tried: 0,
                tried_effective: 0.0,
            },
        }
    }

    /// What a near miss would bring if all of them were traded, units of initial risk; refused while fewer
    /// than fifty effective ones were tried.
    pub fn trade_every_near_miss(&self) -> Estimate {
        let Known { tried, tried_effective, trade_all, .. } = &self.known;
        // Overlap discounts what was tried: that is what the estimate's variance comes from.
        trade_all.estimate_of_overlapping(tried_effective / (*tried).max(1) as f64)
    }

    /// What one brought as things are: nothing where it was declined.
    pub fn as_is(&self) -> Option<f64> {
        self.known.trade_all.estimates().map(|all| all.logged_mean)
    }

    /// What a trade comes to beyond a comparable shadow, units of initial risk: below zero is the haircut on
    /// every counterfactual. Nothing below fifty effective trades.
    pub fn beyond_shadows(&self) -> Option<MeanInterval> {
        let (moments, n) = (&self.known.beyond_shadows, self.known.beyond_shadows.weight_sum());
        MeanInterval::with_count(moments, n, Z_95).filter(|_| n >= ESS_MIN)
    }

    /// Whether rivals made trading it less probable than the draw alone. Those who lost a contest are not
    /// heard, so that who won it would count for too many; how probable winning was is not told.
    fn was_contested(&mut self, outcome: &Outcome, is_tried: bool) -> bool {
        /// Probabilities are kept in single precision, and one minus them again.
        const ROUNDING: f64 = 1e-3;
        let done = f64::from(outcome.basis.propensity);
        let trades = if is_tried { done } else { 1.0 - done };
        self.known.draw_most = self.known.draw_most.max(trades);
        trades < self.known.draw_most * (1.0 - ROUNDING)
    }

    fn hear_near_miss(&mut self, outcome: &Outcome, is_tried: bool) {
        let known = &mut self.known;
        let gate = outcome.refused.trailing_zeros() as usize;
        let band = ((outcome.conviction * BANDS as f64) as usize).min(BANDS - 1);
        let shadows = &mut known.shadows[gate][band];
        let expected = shadows.mean().unwrap_or(0.0);
        let is_filled = outcome.standing.is_executed();
        known.near_misses += 1;
        known.near_misses_effective += outcome.uniqueness;
        known.trade_all.observe(&Judged {
            // What the venue did not fill brought nothing, and no shadow of it counts.
            reward: if is_filled { outcome.r } else { 0.0 },
            weight: if is_tried { 1.0 / f64::from(outcome.basis.propensity) } else { 0.0 },
            expected: if is_tried { expected } else { 0.0 },
            expected_of_policy: expected,
        });
        if !is_tried {
            shadows.observe_weighted(outcome.r, outcome.uniqueness);
            return;
        }
        known.tried += 1;
        known.tried_effective += outcome.uniqueness;
        if is_filled && shadows.weight_sum() >= self.rules.outcomes_min {
            known.beyond_shadows.observe_weighted(outcome.r - expected, outcome.uniqueness);
        }
    }
}

impl Learner for Exploration {
    fn name(&self) -> &'static str {
        "exploration"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        let was_drawn = outcome.basis.propensity > 0.0 && outcome.basis.propensity < 1.0;
        let by_one = outcome.refused.count_ones() == 1 && outcome.refused & self.capital_gates == 0;
        if !was_drawn || !by_one {
            return;
        }
        let is_tried = match outcome.standing {
            Standing::Explored | Standing::Unfilled => true,
            Standing::Refused => false,
            // No other standing bears a refusal.
            _ => return,
        };
        if !self.was_contested(outcome, is_tried) {
            self.hear_near_miss(outcome, is_tried);
        }
    }

    /// A witness: thresholds are moved by what all refused ones would have earned (A4).
    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        Vec::new()
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.known.near_misses,
            heard_effective: self.known.near_misses_effective,
            ..LearnerReport::default()
        };
        match self.trade_every_near_miss() {
            Estimate::Answer { mean, low, high, ess } => report.beliefs.push(format!(
                "every near miss traded would bring {mean:+.3} R each ({low:+.3} to {high:+.3}, effective sample {ess:.0}); as it is, {:+.4} R",
                self.as_is().unwrap_or(0.0)
            )),
            Estimate::Refused { ess, needed } => report.starved.push(format!(
                "{ess:.0} of {needed:.0} effective near misses traded by a draw"
            )),
        }
        match self.beyond_shadows() {
            Some(of) => report.beliefs.push(format!(
                "counterfactuals are replayed with the fill model; traded near misses came to {:+.3} R beyond comparable shadows ({:+.3} to {:+.3}, {:.0} effective)",
                of.mean, of.low, of.high, of.n
            )),
            None => report.starved.push(format!(
                "{:.0} of {ESS_MIN:.0} effective trades beside comparable shadows",
                self.known.beyond_shadows.weight_sum()
            )),
        }
        report
    }

    fn adopt(&mut self, _: &PolicyVersion) {}

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.known).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| self.known = read).is_ok()
    }
}
