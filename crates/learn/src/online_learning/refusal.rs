//! What was learned beside the fast layer that stands, and why it does not take its place.

use domain::FastLayer;
use stats::seed_rules::{UPDATE_ACCURACY_MIN, UPDATE_SAMPLES_MIN};

use super::EVIDENCE_MIN;
use crate::evidence::says_e;

/// What was learned beside the fast layer that stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedLayer {
    /// The layer.
    pub layer: FastLayer,
    /// Evidence that it expects better than the one that stands; the seed's rule asks for none.
    pub e_value: Option<f64>,
    /// Why it does not take the other's place; nothing where it would.
    pub refused: Option<LayerRefusal>,
}

/// Why a layer that was learned does not take the place of the one that stands, with the numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LayerRefusal {
    /// Too few outcomes in all.
    TooFewOutcomes {
        /// Effective outcomes of which models had said something.
        heard: f64,
        /// What anything may rest on.
        needed: f64,
    },
    /// It differs by nothing that would be worth a version.
    AsItStands,
    /// Something was taken back a while ago, and the same old evidence is not to undo that.
    TakenBack,
    /// It has not shown to expect better.
    TooLittleEvidence {
        /// The evidence that it does.
        e_value: f64,
    },
    /// Too few samples within the look-back (seed 002).
    TooFewSamples(usize),
    /// Too low an accuracy within the look-back (seed 002).
    TooOftenWrong(f64),
    /// A lower accuracy than when the layer that stands was taken (seed 002).
    LessAccurate {
        /// Its accuracy.
        accuracy: f64,
        /// That of the other, then.
        before: f64,
    },
    /// A worse score than that of the layer that stands, within the look-back (mission row A15).
    WorseOfLate {
        /// By how much, of a squared error.
        by: f64,
    },
}

impl LayerRefusal {
    /// Which of them, in a word: the numbers of one move with every outcome.
    pub const fn kind(&self) -> &'static str {
        match self {
            LayerRefusal::TooFewOutcomes { .. } => "too_few_outcomes",
            LayerRefusal::AsItStands => "as_it_stands",
            LayerRefusal::TakenBack => "taken_back",
            LayerRefusal::TooLittleEvidence { .. } => "too_little_evidence",
            LayerRefusal::TooFewSamples(_) => "too_few_samples",
            LayerRefusal::TooOftenWrong(_) => "too_often_wrong",
            LayerRefusal::LessAccurate { .. } => "less_accurate",
            LayerRefusal::WorseOfLate { .. } => "worse_of_late",
        }
    }
}

impl std::fmt::Display for LayerRefusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LayerRefusal::TooFewOutcomes { heard, needed } => {
                write!(out, "{heard:.0} of {needed:.0} effective outcomes")
            }
            LayerRefusal::AsItStands => write!(out, "what was learned is what stands"),
            LayerRefusal::TakenBack => write!(out, "something was taken back a while ago"),
            LayerRefusal::TooLittleEvidence { e_value } => {
                let e = says_e(*e_value);
                write!(out, "e = {e} that it expects better, {EVIDENCE_MIN} is asked for")
            }
            LayerRefusal::TooFewSamples(samples) => {
                write!(out, "{samples} of {UPDATE_SAMPLES_MIN} samples in 24 h")
            }
            LayerRefusal::TooOftenWrong(accuracy) => {
                write!(out, "accuracy {accuracy:.3}, more than {UPDATE_ACCURACY_MIN} is asked for")
            }
            LayerRefusal::LessAccurate { accuracy, before } => {
                write!(out, "accuracy {accuracy:.3}, {before:.3} before")
            }
            LayerRefusal::WorseOfLate { by } => {
                write!(out, "its score over 24 h is worse by {by:.5}")
            }
        }
    }
}
