//! From bar to opinion: incremental features, nine heads, consensus. It knows no order, no outcome
//! and no money, and a bar that has not closed does not exist here.

mod consensus;
mod features;
mod heads;

pub use consensus::fuse;
pub use features::{FEATURE_COUNT, FEATURES, Feature, FeatureRow, FeatureSet, FeatureSpec, feature_at};
pub use heads::{HEADS, HeadSpec, vote};

/// Building blocks, open to tests against reference figures.
pub mod indicators {
    pub use crate::features::averages::{Ema, Sma};
    pub use crate::features::bands::Deviation;
    pub use crate::features::oscillators::Rsi;
    pub use crate::features::ranges::{Atr, TrueRange};
    pub use crate::features::returns::Change;
    pub use crate::features::window::Extremes;
}
