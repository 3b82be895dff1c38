//! Answers `metrics`: the names on the left are the libraries', those on the right ours.

use crate::suite::{Case, number, numbers};
use serde_json::{Value, json};
use stats::metrics as m;

const TAIL: f64 = 0.05;

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    if case.inputs.get("trade_pnl").is_some() {
        return Ok(json!({ "direct": of_trades(&numbers(&case.inputs, "trade_pnl")?) }));
    }
    if case.inputs.get("returns").is_none() {
        return Err("unknown kind of case".to_owned());
    }
    let returns = numbers(&case.inputs, "returns")?;
    let year = number(&case.inputs, "periods_per_year")?;
    if case.inputs["risk_free"].as_f64().unwrap_or(0.0) != 0.0 {
        return Err("a risk-free rate other than zero is not supported".to_owned());
    }
    let mut quantstats = quantstats(&returns, year);
    // A null there means that the library refused, not that the figure is undefined.
    let refused = |name: &str| case.expected["quantstats"][name].is_null();
    for (name, answer) in quantstats.as_object_mut().ok_or("no figures")? {
        if refused(name) {
            *answer = Value::Null;
        }
    }
    Ok(json!({
        "empyrical": empyrical(&returns, year),
        "quantstats": quantstats,
        "direct": of_returns(&returns),
    }))
}

fn empyrical(returns: &[f64], year: f64) -> Value {
    json!({
        "sharpe": m::sharpe(returns, year),
        "sortino": m::sortino(returns, year),
        "calmar": m::calmar(returns, year),
        "max_drawdown": m::max_drawdown(returns).map(|depth| -depth),
        "annual_return_cagr": m::cagr(returns, year),
        "annual_volatility": m::annual_volatility(returns, year),
        "omega": m::omega(returns),
        "tail_ratio": m::tail_ratio(returns),
        "stability": m::stability(returns),
        "downside_risk": m::downside_risk(returns, year),
        "var_95_hist": m::value_at_risk(returns, TAIL),
        "cvar_95_hist": m::shortfall(returns, TAIL),
        "final_cum_return": m::cumulative_return(returns),
    })
}

fn quantstats(returns: &[f64], year: f64) -> Value {
    json!({
        "sharpe": m::sharpe(returns, year),
        "sortino": m::sortino(returns, year),
        "cagr": m::cagr(returns, year),
        "max_drawdown": m::max_drawdown(returns).map(|depth| -depth),
        "win_rate": m::win_rate(returns),
        "profit_factor": m::profit_factor(returns),
        "payoff_ratio": m::payoff_ratio(returns),
        "consecutive_wins": m::longest_winning(returns),
        "consecutive_losses": m::longest_losing(returns),
        "var_95_parametric": m::value_at_risk_normal(returns, TAIL),
        "cvar_95": m::shortfall_normal(returns, TAIL),
        "kelly": m::kelly_fraction(returns),
        "ulcer": m::ulcer_index(returns),
        "gain_to_pain": m::gain_to_pain(returns),
        "psr_0": m::probabilistic_sharpe(returns),
    })
}

fn of_returns(returns: &[f64]) -> Value {
    let mut figures = json!({
        "max_dd": m::max_drawdown(returns).map(|depth| -depth),
        "max_dd_duration_bars": m::longest_underwater(returns),
        "skew_biased": m::skew(returns),
        "kurtosis_nonexcess_biased": m::kurtosis(returns),
        "var_95_lower_order_stat": m::value_at_risk_lower(returns, TAIL),
        "es_95_tail_mean_ceil": m::shortfall_ceil(returns, TAIL),
    });
    if let (Value::Object(figures), Value::Object(trades)) = (&mut figures, of_trades(returns)) {
        figures.extend(trades);
    }
    figures
}

fn of_trades(pnl: &[f64]) -> Value {
    json!({
        "win_rate_all": m::win_rate_of_all(pnl),
        "win_rate_nonzero": m::win_rate(pnl),
        "profit_factor": m::profit_factor(pnl),
        "expectancy": m::expectancy(pnl),
        "payoff_ratio": m::payoff_ratio(pnl),
        "max_win_streak": m::longest_winning(pnl),
        "max_loss_streak": m::longest_losing(pnl),
        "net": m::net(pnl),
        "avg_win": m::mean_win(pnl),
        "avg_loss": m::mean_loss(pnl),
    })
}
