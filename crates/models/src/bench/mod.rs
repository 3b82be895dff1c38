//! Models on the sets that papers and libraries report on, by their protocols: only then is a figure of ours
//! worth anything. Tables come as values, and a figure goes with the plain sentence about what it is worth.

mod boost;
mod forecast;
mod protocol;

pub use boost::{BoostFigures, LabelledTable, area_under_curve, boost};
pub use forecast::{
    Blend, ForecastFigures, ForecastModel, ForecastSpec, Forecaster, Repeat, forecast, judge,
};
pub use protocol::{Protocol, Splits, Table};
