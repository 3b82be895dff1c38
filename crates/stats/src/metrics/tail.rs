//! How bad is a bad period? All figures are returns, so a loss is negative; `tail_fraction` is
//! .05 for what is called 95 %.

use super::shape::{deviation, mean, quantile, sorted};
use crate::{finite, normal};

/// The return that the worst `tail_fraction` of periods fell below, by linear interpolation.
pub fn value_at_risk(returns: &[f64], tail_fraction: f64) -> Option<f64> {
    quantile(returns, tail_fraction)
}

/// The same as a return that occurred: the order statistic just below.
pub fn value_at_risk_lower(returns: &[f64], tail_fraction: f64) -> Option<f64> {
    let place = tail_fraction * returns.len().checked_sub(1)? as f64;
    sorted(returns).get(place as usize).copied()
}

/// The same under a normal with the sample's mean and deviation.
pub fn value_at_risk_normal(returns: &[f64], tail_fraction: f64) -> Option<f64> {
    let spread = deviation_or_zero(returns)?;
    finite(mean(returns)? + spread * normal::quantile(tail_fraction)?)
}

/// The mean of the floor((n - 1) tail) + 1 worst returns (empyrical's CVaR).
pub fn shortfall(returns: &[f64], tail_fraction: f64) -> Option<f64> {
    let place = tail_fraction * returns.len().checked_sub(1)? as f64;
    worst(returns, place as usize + 1)
}

/// The mean of the ceil(n tail) worst returns.
pub fn shortfall_ceil(returns: &[f64], tail_fraction: f64) -> Option<f64> {
    worst(returns, libm::ceil(tail_fraction * returns.len() as f64) as usize)
}

/// The mean return below the value at risk, under a normal with the sample's mean and deviation
/// (quantstats' CVaR).
pub fn shortfall_normal(returns: &[f64], tail_fraction: f64) -> Option<f64> {
    let density = normal::density(normal::quantile(tail_fraction)?);
    finite(mean(returns)? - deviation_or_zero(returns)? * density / tail_fraction)
}

/// The 95 % quantile over the 5 % one, both without sign; `None` where the latter is zero.
pub fn tail_ratio(returns: &[f64]) -> Option<f64> {
    finite((quantile(returns, 0.95)? / quantile(returns, 0.05)?).abs())
}

fn worst(returns: &[f64], count: usize) -> Option<f64> {
    mean(sorted(returns).get(..count.min(returns.len()))?)
}

/// Returns that are all alike have a quantile too: all of them.
fn deviation_or_zero(returns: &[f64]) -> Option<f64> {
    (returns.len() >= 2).then(|| deviation(returns).unwrap_or(0.0))
}
