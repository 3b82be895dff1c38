//! Models on public benchmark sets, by the protocol of the papers that report figures on them.

mod boost;

pub use boost::{BoostFigures, LabelledTable, area_under_curve, boost};
