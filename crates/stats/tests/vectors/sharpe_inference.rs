//! Answers `sharpe_inference`.

use crate::suite::{Case, count, number, rows};
use serde_json::{Value, json};
use stats::overfit::Overfit;
use stats::sharpe::{SharpeSample, backtest_years_min, expected_max_z};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let inputs = &case.inputs;
    match case.kind.as_str() {
        "psr" => {
            let sample = sample(inputs, number(inputs, "T")?)?;
            let psr = sample.probabilistic(number(inputs, "bench")?);
            Ok(json!({ "sr_std": sample.standard_error(), "psr": psr }))
        }
        "dsr" => {
            let sample = sample(inputs, number(inputs, "T")?)?;
            let (spread, trials) = (number(inputs, "trial_sr_std")?, count(inputs, "N")?);
            let z = expected_max_z(trials);
            Ok(json!({
                "expected_max_z": z,
                "sr0": z.map(|z| z * spread),
                "dsr": sample.deflated(spread, trials),
            }))
        }
        "min_trl" => {
            // How long it was measured over is what is asked.
            let sample = sample(inputs, f64::INFINITY)?;
            let (benchmark, confidence) = (number(inputs, "bench")?, number(inputs, "prob")?);
            Ok(json!({ "observations": sample.track_record_min(benchmark, confidence) }))
        }
        "min_btl_years" => {
            let years = backtest_years_min(count(inputs, "N")?, number(inputs, "sr_is_annual")?);
            Ok(json!({ "years": years }))
        }
        "pbo_cscv" => pbo(inputs),
        other => Err(format!("unknown kind {other}")),
    }
}

fn sample(inputs: &Value, observations: f64) -> Result<SharpeSample, String> {
    Ok(SharpeSample {
        sharpe: number(inputs, "sr")?,
        observations,
        skew: number(inputs, "skew")?,
        kurtosis: number(inputs, "kurt")?,
    })
}

fn pbo(inputs: &Value) -> Result<Value, String> {
    let table = rows(inputs, "returns_matrix_TxN")?;
    let overfit = Overfit::of(&table, count(inputs, "S")? as usize).ok_or("nothing to split")?;
    Ok(json!({
        "n_comb": overfit.logits.len(),
        "pbo": overfit.probability,
        "logit_mean": overfit.logit_mean,
        "logits_first10": overfit.logits.iter().take(10).collect::<Vec<_>>(),
        "prob_loss": overfit.loss_probability,
        "degradation_slope": overfit.degradation_slope,
    }))
}
