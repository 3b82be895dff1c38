//! Return against risk. Annual figures take the number of periods in a year; the risk-free rate
//! is zero.

use super::drawdown::max_drawdown;
use super::shape::{deviation, mean};
use super::trades::profit_factor;
use crate::finite;

/// Mean over standard deviation (n - 1) of one period; `None` without spread.
pub fn sharpe_per_period(returns: &[f64]) -> Option<f64> {
    finite(mean(returns)? / deviation(returns)?)
}

/// The annual Sharpe ratio.
pub fn sharpe(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    finite(sharpe_per_period(returns)? * libm::sqrt(periods_per_year))
}

/// The annual Sortino ratio: the spread counts losses only, over all periods. `None` without one.
pub fn sortino(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let downside = downside_deviation(returns)?;
    if downside == 0.0 {
        return None;
    }
    finite(mean(returns)? / downside * libm::sqrt(periods_per_year))
}

/// The annual root mean square of the losses.
pub fn downside_risk(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    finite(downside_deviation(returns)? * libm::sqrt(periods_per_year))
}

/// The annual standard deviation; zero for returns that are all alike.
pub fn annual_volatility(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    if returns.len() < 2 {
        return None;
    }
    finite(deviation(returns).unwrap_or(0.0) * libm::sqrt(periods_per_year))
}

/// What one unit grew by over the whole series, as a fraction.
pub fn cumulative_return(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |equity, r| equity * (1.0 + r)) - 1.0
}

/// Compound annual growth, as a fraction; `None` of nothing and after ruin.
pub fn cagr(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let equity = 1.0 + cumulative_return(returns);
    if returns.is_empty() || equity < 0.0 {
        return None;
    }
    finite(libm::pow(equity, periods_per_year / returns.len() as f64) - 1.0)
}

/// Compound annual growth over the deepest drawdown; `None` without one.
pub fn calmar(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let drawdown = max_drawdown(returns)?;
    if drawdown == 0.0 {
        return None;
    }
    finite(cagr(returns, periods_per_year)? / drawdown)
}

/// Gains over losses about zero: of returns, the same figure as the profit factor of trades.
pub fn omega(returns: &[f64]) -> Option<f64> {
    profit_factor(returns)
}

/// The sum of returns over the sum of losses (Schwager); `None` without a loss.
pub fn gain_to_pain(returns: &[f64]) -> Option<f64> {
    let pain: f64 = returns.iter().filter(|r| **r < 0.0).map(|r| -r).sum();
    if pain == 0.0 {
        return None;
    }
    finite(returns.iter().sum::<f64>() / pain)
}

/// How straight the log equity line is: R squared against time, 0..1. `None` of fewer than two
/// returns, of a flat line and after ruin.
pub fn stability(returns: &[f64]) -> Option<f64> {
    if returns.len() < 2 || returns.iter().any(|r| *r <= -1.0) {
        return None;
    }
    let mut height = 0.0;
    let line: Vec<f64> = returns
        .iter()
        .map(|r| {
            height += libm::log1p(*r);
            height
        })
        .collect();
    let middle = (line.len() - 1) as f64 / 2.0;
    let level = mean(&line)?;
    let (mut both, mut time, mut rise) = (0.0, 0.0, 0.0);
    for (i, height) in line.iter().enumerate() {
        let (x, y) = (i as f64 - middle, height - level);
        both += x * y;
        time += x * x;
        rise += y * y;
    }
    finite(both * both / (time * rise))
}

fn downside_deviation(returns: &[f64]) -> Option<f64> {
    let squares: Vec<f64> = returns.iter().map(|r| r.min(0.0) * r.min(0.0)).collect();
    Some(libm::sqrt(mean(&squares)?))
}
