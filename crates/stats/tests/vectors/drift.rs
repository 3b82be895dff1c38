//! Answers `drift`.

use crate::suite::{Case, count, number, numbers};
use serde_json::{Value, json};
use stats::drift::{
    Adwin, AdwinRules, Bins, Direction, PageHinkley, PageHinkleyRules, SHARE_LEAST,
    kolmogorov_smirnov, psi, wasserstein,
};

/// What a case expects: figures of two samples, or a list of detectors over one stream.
pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let Some(detectors) = case.expected.as_array() else {
        return samples(&case.inputs);
    };
    let stream = numbers(&case.inputs, "stream")?;
    let answers: Result<Vec<Value>, String> =
        detectors.iter().map(|wanted| detector(wanted, &stream)).collect();
    Ok(Value::Array(answers?))
}

fn detector(wanted: &Value, stream: &[f64]) -> Result<Value, String> {
    let params = &wanted["params"];
    let indices = |observe: &mut dyn FnMut(f64) -> bool| -> Vec<usize> {
        (0..stream.len()).filter(|&at| observe(stream[at])).collect()
    };
    match wanted["detector"].as_str() {
        Some("ADWIN") => {
            let mut adwin = Adwin::new(AdwinRules {
                delta: number(params, "delta")?,
                clock: count(params, "clock")?,
                max_buckets: count(params, "max_buckets")? as usize,
                min_window_length: count(params, "min_window_length")?,
                grace_period: count(params, "grace_period")?,
            });
            let indices = indices(&mut |value| adwin.observe(value));
            Ok(json!({
                "detector": "ADWIN",
                "params": params,
                "indices": indices,
                "final_width": adwin.width(),
                "final_mean": adwin.mean(),
            }))
        }
        Some("PageHinkley") => {
            let mut test = PageHinkley::new(PageHinkleyRules {
                min_instances: count(params, "min_instances")?,
                delta: number(params, "delta")?,
                threshold: number(params, "threshold")?,
                alpha: number(params, "alpha")?,
                mode: serde_json::from_value::<Direction>(params["mode"].clone())
                    .map_err(|why| why.to_string())?,
            });
            let indices = indices(&mut |value| test.observe(value));
            Ok(json!({ "detector": "PageHinkley", "params": params, "indices": indices }))
        }
        other => Err(format!("unknown detector {other:?}")),
    }
}

fn samples(inputs: &Value) -> Result<Value, String> {
    let expected = numbers(inputs, "expected_sample")?;
    let actual = numbers(inputs, "actual_sample")?;
    let bins = Bins::of(&expected, 10).ok_or("no bins")?;
    let apart = kolmogorov_smirnov(&expected, &actual).ok_or("no samples")?;
    Ok(json!({
        "inner_edges": bins.edges(),
        "psi": psi(&bins, &expected, &actual, SHARE_LEAST),
        "ks_stat": apart.statistic,
        "ks_p_asymp": apart.p_asymptotic(),
        "ks_p_exact": apart.p_exact(),
        "wasserstein1": wasserstein(&expected, &actual),
    }))
}
