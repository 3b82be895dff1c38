//! From bar to opinion: frames, incremental features, regime, readings, components, nine heads,
//! consensus. It
//! knows no order, no outcome and no money, and a bar that has not closed does not exist here.

mod components;
mod consensus;
pub mod features;
mod forecaster;
mod frames;
mod heads;
mod readings;
mod regime;
mod row;
mod volatility;

pub use components::{COMPONENTS, ComponentSpec, leans};
pub use consensus::{TILT, fuse, tilt, tilted};
pub use features::{Feature, FeatureRow, FeatureSet, FeatureSpec};
pub use forecaster::{Forecaster, FrameRules, WorkingFrame};
pub use heads::models::models_lean;
pub use heads::{HEADS, HeadSpec, vote};
pub use regime::{GlobalRegime, RegimeRules, Stride};
pub use row::{FEATURE_COUNT, FEATURES, feature_at};
