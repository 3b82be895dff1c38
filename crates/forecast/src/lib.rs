//! From bar to opinion: incremental features, nine heads, consensus. It knows no order, no outcome
//! and no money, and a bar that has not closed does not exist here.

mod consensus;
pub mod features;
mod heads;

pub use consensus::fuse;
pub use features::{
    FEATURE_COUNT, FEATURES, Feature, FeatureRow, FeatureSet, FeatureSpec, feature_at,
};
pub use heads::{HEADS, HeadSpec, vote};
