//! Answers `capped_simplex`.

use crate::suite::{Case, number, numbers};
use serde_json::{Value, json};
use stats::simplex::{Bounds, Reach, project_kl};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let inputs = &case.inputs;
    let target = numbers(inputs, "v")?;
    let bounds = Bounds {
        least: number(inputs, "lo")?,
        most: number(inputs, "hi")?,
        step_fraction: inputs["rel_bound"].as_f64().unwrap_or(f64::INFINITY),
    };
    let reach = match &inputs["prev"] {
        Value::Null => Reach::uniform(&bounds, target.len()),
        _ => bounds.around(&numbers(inputs, "prev")?),
    };
    let kl = reach.project_kl(&target);
    // The engine's own nine heads take the road without allocation: it must lead to the same place.
    if let (Some(kl), Ok(nine)) = (&kl, <[f64; 9]>::try_from(target.clone())) {
        let lower = <[f64; 9]>::try_from(reach.lower.clone()).map_err(|_| "lower")?;
        let upper = <[f64; 9]>::try_from(reach.upper.clone()).map_err(|_| "upper")?;
        if project_kl(&nine, &lower, &upper).as_slice() != kl.as_slice() {
            return Err("the array and the slice projection differ".to_owned());
        }
    }
    Ok(json!({
        "euclid": reach.project_euclid(&target),
        "kl": kl,
        "lower": reach.lower,
        "upper": reach.upper,
    }))
}
