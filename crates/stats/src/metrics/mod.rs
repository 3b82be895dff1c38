//! How did a series of returns, or of closed trades, do?
//! Returns are simple returns per period (.01 is one per cent); trades are profits in any unit.

mod drawdown;
mod ratio;
mod shape;
mod tail;
mod trades;

pub use drawdown::{longest_underwater, max_drawdown, ulcer_index};
pub use ratio::{
    annual_volatility, cagr, calmar, cumulative_return, downside_risk, gain_to_pain, omega, sharpe,
    sharpe_per_period, sortino, stability,
};
pub use shape::{
    deviation, kurtosis, kurtosis_adjusted, mean, probabilistic_sharpe, quantile, skew,
    skew_adjusted, variance,
};
pub use tail::{
    shortfall, shortfall_ceil, shortfall_normal, tail_ratio, value_at_risk, value_at_risk_lower,
    value_at_risk_normal,
};
pub use trades::{
    expectancy, kelly_fraction, longest_losing, longest_winning, mean_loss, mean_win, net,
    payoff_ratio, profit_factor, win_rate, win_rate_of_all,
};
