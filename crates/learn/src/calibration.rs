//! A5: what a conviction is worth, per strategy (methods §1.8, mission row A5).
//!
//! Fitted on the past and used on what comes after, so that every probability it gives is out of
//! sample. Without evidence that conviction tells winners from losers the answer is the base rate at
//! every conviction: noise must not size.

use std::collections::VecDeque;

use domain::{
    Amendment, Calibration, Change, Cycle, Evidence, Outcome, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::governor::CALIBRATION_OUTCOMES_MIN;
use crate::quiet::is_taken_back;
use crate::{LearnRules, Learner, LearnerReport};

mod fit;

use fit::{Fitted, fit};

/// Outcomes kept per strategy (methods, Decision 12).
const KEPT_MAX: usize = 20_000;

/// Effective outcomes between two fits. Chosen: the oldest of a thousand are then a quarter of a fit apart.
const OUTCOMES_BETWEEN: f64 = 250.0;

/// Convictions are told apart in this many steps. Nothing that is learned from them is finer.
const STEPS: f64 = 255.0;

/// Learns how often each conviction has won.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConvictionCalibration {
    rules: LearnRules,
    /// By the strategy's place in its registry.
    records: Vec<Record>,
}

/// One strategy's outcomes and what was made of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    outcomes: u64,
    outcomes_effective: f64,
    /// Effective outcomes at which it is fitted next.
    fit_at: f64,
    kept: VecDeque<Kept>,
    fitted: Option<Fitted>,
    /// What stands, as far as versions told.
    standing: Calibration,
    /// Whether what was fitted is worth standing instead.
    asks: bool,
}

/// One outcome, as much of it as counts here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Conviction in steps.
    step: u8,
    won: bool,
    /// Its uniqueness.
    weight: f32,
}

impl Kept {
    fn of(outcome: &Outcome) -> Kept {
        let step = (outcome.conviction.clamp(0.0, 1.0) * STEPS).round() as u8;
        Kept { step, won: outcome.won(), weight: outcome.uniqueness as f32 }
    }
}

impl Record {
    fn new(fit_at: f64) -> Record {
        let kept = VecDeque::with_capacity(KEPT_MAX);
        Record {
            outcomes: 0,
            outcomes_effective: 0.0,
            fit_at,
            kept,
            fitted: None,
            standing: Calibration::None,
            asks: false,
        }
    }

    fn hear(&mut self, outcome: &Outcome, least_fraction: f64) {
        self.outcomes += 1;
        self.outcomes_effective += outcome.uniqueness;
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(Kept::of(outcome));
        if self.outcomes_effective >= self.fit_at {
            self.fitted = fit(&self.kept, self.outcomes_effective);
            self.fit_at = self.outcomes_effective + OUTCOMES_BETWEEN;
            self.asks = self.is_worth_standing(least_fraction);
        }
    }

    fn adopt(&mut self, standing: &Calibration, least_fraction: f64) {
        if self.standing != *standing {
            self.standing = standing.clone();
            self.asks = self.is_worth_standing(least_fraction);
        }
    }

    /// Whether some conviction among those seen would be worth more than `least_fraction` more or less of
    /// itself.
    fn is_worth_standing(&self, least_fraction: f64) -> bool {
        const LOOKS: u8 = 20;
        let Some(fitted) = &self.fitted else { return false };
        let standing = &self.standing;
        let (least, most) = fitted.seen;
        let moves = |look: u8| {
            let conviction = least + (most - least) * f64::from(look) / f64::from(LOOKS);
            let to = fitted.calibration.probability(conviction);
            match (standing.probability(conviction), to) {
                (Some(from), Some(to)) => (to - from).abs() > least_fraction * from,
                (from, to) => from != to,
            }
        };
        (0..=LOOKS).any(moves)
    }

    fn evidence(&self, fitted: &Fitted) -> Evidence {
        Evidence {
            outcomes: self.outcomes,
            outcomes_effective: self.outcomes_effective,
            shrink: Some(if fitted.tells_apart { 1.0 } else { 0.0 }),
            ..Evidence::default()
        }
    }
}

impl ConvictionCalibration {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> ConvictionCalibration {
        ConvictionCalibration { rules, records: Vec::new() }
    }

    fn outcomes_min(&self) -> f64 {
        self.rules.outcomes_needed().max(CALIBRATION_OUTCOMES_MIN)
    }
}

impl Learner for ConvictionCalibration {
    fn name(&self) -> &'static str {
        "conviction_calibration"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, outcome: &Outcome) {
        let (at, fit_at) = (usize::from(outcome.strategy.0), self.outcomes_min());
        while self.records.len() <= at {
            self.records.push(Record::new(fit_at));
        }
        self.records[at].hear(outcome, self.rules.publish_fraction_min);
    }

    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        let mut amendments = Vec::new();
        for (at, record) in self.records.iter().enumerate().filter(|(_, record)| record.asks) {
            if let Some(fitted) = &record.fitted {
                amendments.push(Amendment {
                    learner: self.name().to_owned(),
                    change: Change::Calibration {
                        strategy: at as u8,
                        calibration: fitted.calibration.clone(),
                    },
                    evidence: record.evidence(fitted),
                });
            }
        }
        amendments
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.outcomes_min();
        let mut report = LearnerReport::default();
        for (at, record) in self.records.iter().enumerate() {
            report.heard += record.outcomes;
            report.heard_effective += record.outcomes_effective;
            let standing = policy.calibrations.get(at).unwrap_or(&Calibration::None);
            match (standing.probability(0.4), standing.probability(0.8)) {
                (Some(low), Some(high)) => report.beliefs.push(format!(
                    "strategy {at}: conviction 0.4 ends above zero in {:.1} %, conviction 0.8 in {:.1} % (effective {:.0})",
                    low * 100.0,
                    high * 100.0,
                    record.outcomes_effective
                )),
                _ => report.starved.push(format!(
                    "{:.0} of {needed:.0} effective outcomes of strategy {at}",
                    record.outcomes_effective
                )),
            }
        }
        report
    }

    /// After a version was taken back, the same evidence shall not undo it at once.
    fn adopt(&mut self, version: &PolicyVersion) {
        for (at, record) in self.records.iter_mut().enumerate() {
            let standing = version.policy.calibrations.get(at).unwrap_or(&Calibration::None);
            record.adopt(standing, self.rules.publish_fraction_min);
        }
        // One step a fit: what the governor cut off waits for the next.
        for amendment in version.reason.amendments() {
            if let Change::Calibration { strategy, .. } = &amendment.change
                && let Some(record) = self.records.get_mut(usize::from(*strategy))
            {
                record.asks = false;
            }
        }
        if is_taken_back(&version.reason) {
            for record in &mut self.records {
                (record.fitted, record.asks) = (None, false);
                record.fit_at = record.fit_at.max(record.outcomes_effective + OUTCOMES_BETWEEN);
            }
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
