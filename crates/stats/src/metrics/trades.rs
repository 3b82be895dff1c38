//! Wins and losses: of closed trades, or of periods taken as trades. Zero is neither.

use super::shape::mean;
use crate::finite;

/// Wins over trades that were not flat; `None` without one.
pub fn win_rate(pnl: &[f64]) -> Option<f64> {
    let decided = pnl.iter().filter(|p| **p != 0.0).count();
    (decided > 0).then(|| count_wins(pnl) as f64 / decided as f64)
}

/// Wins over all trades, flat ones included; `None` without a trade.
pub fn win_rate_of_all(pnl: &[f64]) -> Option<f64> {
    (!pnl.is_empty()).then(|| count_wins(pnl) as f64 / pnl.len() as f64)
}

/// What the wins made over what the losses cost; `None` without a loss.
pub fn profit_factor(pnl: &[f64]) -> Option<f64> {
    let lost: f64 = losses(pnl).iter().sum();
    if lost == 0.0 {
        return None;
    }
    // A sum of nothing is -0.
    finite((wins(pnl).iter().sum::<f64>() + 0.0) / -lost)
}

/// The mean of all trades.
pub fn expectancy(pnl: &[f64]) -> Option<f64> {
    mean(pnl)
}

/// The sum of all trades.
pub fn net(pnl: &[f64]) -> f64 {
    pnl.iter().sum()
}

/// The mean of the wins.
pub fn mean_win(pnl: &[f64]) -> Option<f64> {
    mean(&wins(pnl))
}

/// The mean of the losses, a negative figure.
pub fn mean_loss(pnl: &[f64]) -> Option<f64> {
    mean(&losses(pnl))
}

/// The mean win over the size of the mean loss; `None` without one of either.
pub fn payoff_ratio(pnl: &[f64]) -> Option<f64> {
    finite(mean_win(pnl)? / -mean_loss(pnl)?)
}

/// The share of capital Kelly would bet: win rate - loss rate / payoff ratio (Kelly 1956).
pub fn kelly_fraction(pnl: &[f64]) -> Option<f64> {
    let wins = win_rate(pnl)?;
    finite(wins - (1.0 - wins) / payoff_ratio(pnl)?)
}

/// The most wins in a row. A flat trade ends a row.
pub fn longest_winning(pnl: &[f64]) -> usize {
    longest(pnl, |p| p > 0.0)
}

/// The most losses in a row. A flat trade ends a row.
pub fn longest_losing(pnl: &[f64]) -> usize {
    longest(pnl, |p| p < 0.0)
}

fn longest(pnl: &[f64], counts: impl Fn(f64) -> bool) -> usize {
    pnl.split(|p| !counts(*p)).map(<[f64]>::len).max().unwrap_or(0)
}

fn count_wins(pnl: &[f64]) -> usize {
    pnl.iter().filter(|p| **p > 0.0).count()
}

fn wins(pnl: &[f64]) -> Vec<f64> {
    pnl.iter().copied().filter(|p| *p > 0.0).collect()
}

fn losses(pnl: &[f64]) -> Vec<f64> {
    pnl.iter().copied().filter(|p| *p < 0.0).collect()
}
