//! How often candidates have won so far, and nothing else: the yardstick that every model which
//! looks at the market has to beat.

use domain::{Chances, MODEL_COUNT, Model, Opinion, Outcome, View};

use crate::ModelError;
use crate::sealed::{self, Kind};

/// Expects of every candidate what all candidates have come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaseRate {
    win_probability: f64,
    outcomes_effective: f64,
}

/// Less than one whole outcome says nothing.
const OUTCOMES_MIN: f64 = 1.0;

impl BaseRate {
    /// Counts wins, each outcome weighing its uniqueness. Results across missing bars are not
    /// evidence and do not count. Nothing where what counts is worth less than one outcome.
    pub fn fit<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Option<BaseRate> {
        let (mut all, mut won) = (0.0, 0.0);
        for outcome in outcomes.filter(|outcome| outcome.teaches()) {
            all += outcome.uniqueness;
            if outcome.won() {
                won += outcome.uniqueness;
            }
        }
        BaseRate::known(won / all, all)
    }

    /// One that makes sense, or none.
    fn known(win_probability: f64, outcomes_effective: f64) -> Option<BaseRate> {
        let makes_sense = (0.0..=1.0).contains(&win_probability)
            && (OUTCOMES_MIN..f64::INFINITY).contains(&outcomes_effective);
        makes_sense.then_some(BaseRate { win_probability, outcomes_effective })
    }

    /// The share of outcomes that won.
    pub fn win_probability(&self) -> f64 {
        self.win_probability
    }

    /// Outcomes behind it, overlap discounted.
    pub fn outcomes_effective(&self) -> f64 {
        self.outcomes_effective
    }

    /// The model as bytes that [`BaseRate::load`] reads back to the bit.
    pub fn save(&self) -> Vec<u8> {
        let numbers = [self.win_probability, self.outcomes_effective];
        sealed::seal(Kind::BaseRate, numbers.map(f64::to_le_bytes).as_flattened())
    }

    /// Reads what [`BaseRate::save`] wrote; anything else is refused.
    pub fn load(bytes: &[u8]) -> Result<BaseRate, ModelError> {
        let body = sealed::open(bytes, Kind::BaseRate)?;
        let ([win_probability, outcomes_effective], []) = body.as_chunks::<8>() else {
            return Err(ModelError::Nonsense);
        };
        BaseRate::known(
            f64::from_le_bytes(*win_probability),
            f64::from_le_bytes(*outcomes_effective),
        )
        .ok_or(ModelError::Nonsense)
    }
}

impl Model for BaseRate {
    fn predict(&self, _: &View<'_>) -> Option<Opinion> {
        let chances = Chances { long: self.win_probability, short: self.win_probability };
        Some(Opinion { chances: Some(chances), members: [None; MODEL_COUNT] })
    }
}
