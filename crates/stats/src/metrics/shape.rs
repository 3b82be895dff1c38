//! Mean, spread and shape of a sample.

use crate::{finite, normal};

/// The arithmetic mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    finite(values.iter().sum::<f64>() / values.len() as f64)
}

/// The unbiased variance (n - 1); `None` of fewer than two values.
pub fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    finite(central_moment(values, 2)? * values.len() as f64 / (values.len() - 1) as f64)
}

/// The standard deviation (n - 1); `None` of fewer than two values and of values that are all
/// alike: rounding makes their spread a speck that nothing should be divided by.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let spread = libm::sqrt(variance(values)?);
    let size = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    (spread > 1e-14 * size).then_some(spread)
}

/// The skewness, biased (m3 / m2^1.5); `None` of values that are all alike.
pub fn skew(values: &[f64]) -> Option<f64> {
    let spread = libm::sqrt(central_moment(values, 2)?);
    deviation(values)?;
    finite(central_moment(values, 3)? / (spread * spread * spread))
}

/// The kurtosis, biased and not in excess (m4 / m2^2; a normal has 3).
pub fn kurtosis(values: &[f64]) -> Option<f64> {
    let square = central_moment(values, 2)?;
    deviation(values)?;
    finite(central_moment(values, 4)? / (square * square))
}

/// The skewness corrected for sample size (G1, as pandas has it); `None` of fewer than three.
pub fn skew_adjusted(values: &[f64]) -> Option<f64> {
    if values.len() < 3 {
        return None;
    }
    let n = values.len() as f64;
    Some(skew(values)? * libm::sqrt(n * (n - 1.0)) / (n - 2.0))
}

/// The kurtosis corrected for sample size, not in excess (G2 + 3); `None` of fewer than four.
pub fn kurtosis_adjusted(values: &[f64]) -> Option<f64> {
    if values.len() < 4 {
        return None;
    }
    let n = values.len() as f64;
    let excess = (n + 1.0) * (kurtosis(values)? - 3.0) + 6.0;
    Some(3.0 + (n - 1.0) / ((n - 2.0) * (n - 3.0)) * excess)
}

/// The probability that the true Sharpe ratio is above zero (Bailey & Lopez de Prado 2012), with
/// the sample's corrected skewness and kurtosis, as quantstats has it.
pub fn probabilistic_sharpe(returns: &[f64]) -> Option<f64> {
    let sample = crate::sharpe::SharpeSample {
        sharpe: mean(returns)? / deviation(returns)?,
        observations: returns.len() as f64,
        skew: skew_adjusted(returns)?,
        kurtosis: kurtosis_adjusted(returns)?,
    };
    finite(normal::cdf(sample.sharpe / sample.standard_error()?))
}

/// The value below which the share `fraction` of the sample lies, between neighbours by a
/// straight line (numpy's default); `None` of nothing.
pub fn quantile(values: &[f64], fraction: f64) -> Option<f64> {
    let sorted = sorted(values);
    let place = fraction.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let below = place as usize;
    let left = *sorted.get(below)?;
    let right = *sorted.get(below + 1).unwrap_or(&left);
    finite(left + (right - left) * (place - below as f64))
}

pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

fn central_moment(values: &[f64], order: u32) -> Option<f64> {
    let centre = mean(values)?;
    let power = |v: &f64| (0..order).fold(1.0, |product, _| product * (v - centre));
    finite(values.iter().map(power).sum::<f64>() / values.len() as f64)
}
