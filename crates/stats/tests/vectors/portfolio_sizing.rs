//! Answers `portfolio_sizing`.

use crate::suite::{Case, number, numbers, rows};
use serde_json::{Value, json};
use stats::change_point::{ChangePoint, SegmentPrior};
use stats::portfolio::{equal_risk, hierarchical_parity, inverse_volatility, min_variance};
use stats::shrinkage::{BetaPrior, ShrunkMeans, WinCount};
use stats::sizing::{DrawdownLimit, VolTarget, Wager};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    match case.kind.as_str() {
        "portfolio" => portfolio(&case.inputs),
        "kelly" => kelly(&case.inputs),
        "beta_binomial" => beta_binomial(&case.inputs),
        "normal_normal_shrinkage" => shrunk_means(&case.inputs),
        "bocpd_nig" => change_point(&case.inputs),
        "ewma_vol" => vol_target(&case.inputs),
        other => Err(format!("unknown kind {other}")),
    }
}

fn portfolio(inputs: &Value) -> Result<Value, String> {
    let covariance = rows(inputs, "cov")?;
    let parity = hierarchical_parity(&covariance).ok_or("no covariance")?;
    Ok(json!({
        "hrp_weights": parity.weights,
        "hrp_order": parity.order,
        "erc_weights": equal_risk(&covariance),
        "inverse_vol": inverse_volatility(&covariance),
        "min_var": min_variance(&covariance),
    }))
}

fn kelly(inputs: &Value) -> Result<Value, String> {
    let wager = Wager { p: number(inputs, "p")?, payoff: number(inputs, "payoff_b")? };
    let limit = DrawdownLimit {
        wealth_fraction: number(inputs, "dd_level_alpha")?,
        probability: number(inputs, "dd_prob_beta")?,
    };
    Ok(json!({
        "kelly": wager.kelly(),
        "half_kelly": wager.half_kelly(),
        "growth_at_kelly": wager.growth(wager.kelly()),
        "risk_constrained_fraction": wager.within_drawdown(&limit),
        "lambda": limit.aversion(),
        "breakeven_winrate": Wager::break_even(wager.payoff),
    }))
}

fn beta_binomial(inputs: &Value) -> Result<Value, String> {
    let prior = BetaPrior { wins: number(inputs, "a0")?, losses: number(inputs, "b0")? };
    let threshold = number(inputs, "threshold")?;
    let (wins, trials) = (numbers(inputs, "wins")?, numbers(inputs, "trials")?);
    let each = wins.iter().zip(&trials).map(|(&won, &trials)| WinCount { won, trials });
    let seen: Vec<WinCount> = each.collect();
    let below = |&one| prior.probability_below(one, threshold);
    Ok(json!({
        "posterior_mean": seen.iter().map(|&one| prior.mean(one)).collect::<Vec<_>>(),
        "prob_below_threshold": seen.iter().map(below).collect::<Vec<_>>(),
        "marginal_loglik_a0b0": prior.log_likelihood(&seen),
    }))
}

fn shrunk_means(inputs: &Value) -> Result<Value, String> {
    let (means, errors) = (numbers(inputs, "mean")?, numbers(inputs, "se2")?);
    let shrunk = ShrunkMeans::of(&means, &errors).ok_or("nothing to shrink")?;
    Ok(json!({
        "tau2_mom": shrunk.variance_between,
        "grand_mean_precision_weighted": shrunk.grand_mean,
        "shrink_factor": shrunk.kept_fraction,
        "posterior_mean": shrunk.means,
    }))
}

fn change_point(inputs: &Value) -> Result<Value, String> {
    let prior = SegmentPrior {
        mean: number(inputs, "mu0")?,
        mean_count: number(inputs, "kappa0")?,
        shape: number(inputs, "alpha0")?,
        scale: number(inputs, "beta0")?,
    };
    let values = numbers(inputs, "x")?;
    let mut change = ChangePoint::new(prior, number(inputs, "hazard")?, values.len());
    let (mut lengths, mut recent) = (Vec::new(), Vec::new());
    for value in values {
        change.observe(value);
        lengths.push(change.run_length());
        recent.push(change.probability_within(5));
    }
    Ok(json!({
        "map_run_length": lengths,
        "prob_run_length_le_5": recent,
        "log_evidence": change.log_evidence(),
    }))
}

fn vol_target(inputs: &Value) -> Result<Value, String> {
    let mut target = VolTarget::new(
        number(inputs, "lambda")?,
        number(inputs, "target_annual_vol")?,
        number(inputs, "periods")?,
        number(inputs, "max_leverage")?,
    );
    let (mut variances, mut leverages) = (Vec::new(), Vec::new());
    for value in numbers(inputs, "returns")? {
        target.observe(value);
        variances.push(target.variance());
        leverages.push(target.leverage());
    }
    Ok(json!({ "ewma_var": variances, "leverage_next": leverages }))
}
