//! The textbook baseline: one simple hypothesis against another.

use serde::{Deserialize, Serialize};

/// What a sequential probability ratio test has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SprtDecision {
    /// Not enough seen.
    Undecided,
    /// The lower win rate was accepted.
    AcceptH0,
    /// The higher win rate was accepted.
    AcceptH1,
}

/// Wald's test (1945) of a win rate of p0 against p1. The first decision stands; the ratio goes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sprt {
    on_win: f64,
    on_loss: f64,
    lower: f64,
    upper: f64,
    log_ratio: f64,
    observations: u64,
    stopped_at: Option<u64>,
    decision: SprtDecision,
}

impl Sprt {
    /// Tests p0 against p1, accepting p1 wrongly with probability `alpha` and p0 with `beta`.
    /// `None` unless all four are strictly between 0 and 1.
    pub fn new(p0: f64, p1: f64, alpha: f64, beta: f64) -> Option<Sprt> {
        if [p0, p1, alpha, beta].iter().any(|p| !(*p > 0.0 && *p < 1.0)) {
            return None;
        }
        Some(Sprt {
            on_win: libm::log(p1 / p0),
            on_loss: libm::log((1.0 - p1) / (1.0 - p0)),
            lower: libm::log(beta / (1.0 - alpha)),
            upper: libm::log((1.0 - beta) / alpha),
            log_ratio: 0.0,
            observations: 0,
            stopped_at: None,
            decision: SprtDecision::Undecided,
        })
    }

    /// Takes in one outcome.
    pub fn observe(&mut self, won: bool) {
        self.log_ratio += if won { self.on_win } else { self.on_loss };
        let decision = if self.log_ratio >= self.upper {
            SprtDecision::AcceptH1
        } else if self.log_ratio <= self.lower {
            SprtDecision::AcceptH0
        } else {
            SprtDecision::Undecided
        };
        if self.stopped_at.is_none() && decision != SprtDecision::Undecided {
            self.stopped_at = Some(self.observations);
            self.decision = decision;
        }
        self.observations += 1;
    }

    /// The log likelihood ratio over everything seen.
    pub fn log_ratio(&self) -> f64 {
        self.log_ratio
    }

    /// The bound below which p0 is accepted.
    pub fn lower(&self) -> f64 {
        self.lower
    }

    /// The bound above which p1 is accepted.
    pub fn upper(&self) -> f64 {
        self.upper
    }

    /// The index, from zero, of the observation that decided.
    pub fn stopped_at(&self) -> Option<u64> {
        self.stopped_at
    }

    /// The first decision.
    pub fn decision(&self) -> SprtDecision {
        self.decision
    }
}
