//! How should risk be spread over several symbols, and how do they move together?
//!
//! Covariances are square, symmetric tables. A table that is not, or that holds no usable
//! variance, has no weights: the answer is `None`.

mod covariance;
mod ewma_correlation;
mod hierarchical;
mod linear;
mod weights;

pub use covariance::{ShrunkCovariance, correlation_of, ledoit_wolf};
pub use ewma_correlation::EwmaCorrelation;
pub use hierarchical::{HierarchicalParity, hierarchical_parity};
pub use weights::{equal_risk, inverse_volatility, min_variance};
