//! The registry of rows: the technical features of the working frame, and after them the context that
//! is the same on every frame.

use domain::Row;
use serde::{Deserialize, Serialize};

use crate::features::{self, FeatureRow, FeatureSpec, place};

const fn context(name: &'static str, what: &'static str) -> FeatureSpec {
    FeatureSpec { name, what }
}

/// What a row holds besides the technical features of its frame.
const CONTEXT: [FeatureSpec; 11] = [
    context("higher_ema_spread", "ema_spread of the higher frame's last closed bar"),
    context("higher_rsi", "rsi_14 of the higher frame's last closed bar, 0..100"),
    context("higher_channel", "channel_20 of the higher frame's last closed bar"),
    context("regime_quiet", "probability that moves are small for this market, 0..1"),
    context("regime_turbulent", "probability that moves are large for this market, 0..1"),
    context("funding", "last funding rate, fraction of notional, paid by longs where positive"),
    context("funding_z", "last funding rate against the 30 before it, in standard deviations"),
    context("open_interest_change", "change of open interest over 3 readings, fraction"),
    context("long_short_z", "log of accounts long over short against the 30 readings before"),
    context("fear_greed", "fear and greed, -1 all fear, 1 all greed"),
    context("headline_mood", "sum of headline scores, each halved every 12 hours"),
];

const TECHNICAL_COUNT: usize = features::FEATURE_COUNT;

/// How many numbers a row has.
pub const FEATURE_COUNT: usize = TECHNICAL_COUNT + CONTEXT.len();

const _: () =
    assert!(FEATURE_COUNT <= 62, "a row's presence is a mask of 64 bits, two of them spare");

/// What there is, in the order of rows.
pub const FEATURES: &[FeatureSpec] = &all();

const fn all() -> [FeatureSpec; FEATURE_COUNT] {
    let mut listed = [CONTEXT[0]; FEATURE_COUNT];
    let mut at = 0;
    while at < FEATURE_COUNT {
        listed[at] = if at < TECHNICAL_COUNT {
            features::FEATURES[at]
        } else {
            CONTEXT[at - TECHNICAL_COUNT]
        };
        at += 1;
    }
    listed
}

/// The place of a feature in the row, for those who read it by name; resolved when compiled.
///
/// # Panics
/// When there is no such feature, which stops the build where it is used in a constant.
pub const fn feature_at(name: &str) -> usize {
    place(FEATURES, name)
}

/// Everything heads, strategies and models may know of a symbol at one moment, in single precision:
/// what is decided on is what is stored, to the bit, at half the room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WholeRow {
    values: Vec<f64>,
    present: u64,
}

fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

impl WholeRow {
    pub(crate) fn absent() -> WholeRow {
        WholeRow { values: vec![0.0; FEATURE_COUNT], present: 0 }
    }

    /// Takes over the features of a frame.
    pub(crate) fn show(&mut self, technical: &FeatureRow) {
        const MASK: u64 = (1 << TECHNICAL_COUNT) - 1;
        let technical = technical.row();
        for (kept, value) in self.values.iter_mut().zip(technical.values) {
            *kept = single(*value);
        }
        self.present = (self.present & !MASK) | technical.present;
    }

    /// A number that is not finite counts as absent: no head shall vote on it.
    pub(crate) fn put(&mut self, at: usize, value: Option<f64>) {
        let finite = value.map(single).filter(|value| value.is_finite());
        self.values[at] = finite.unwrap_or(0.0);
        self.present = (self.present & !(1 << at)) | (u64::from(finite.is_some()) << at);
    }

    pub(crate) fn row(&self) -> Row<'_> {
        Row { values: &self.values, present: self.present }
    }
}
