//! Answers `hmm`.

use crate::suite::{Case, numbers, rows};
use serde_json::{Value, json};
use stats::hmm::GaussianHmm;

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let inputs = &case.inputs;
    let model = GaussianHmm {
        start: numbers(inputs, "startprob")?,
        transitions: rows(inputs, "transmat")?,
        means: rows(inputs, "means")?,
        variances: rows(inputs, "variances_diag")?,
    };
    let observations = rows(inputs, "X")?;
    let path = model.viterbi(&observations);
    Ok(json!({
        "loglik": model.log_likelihood(&observations),
        "viterbi_logprob": path.log_density,
        "viterbi_path": path.states,
        "smoothed_posterior": model.smoothed(&observations),
        "filtered_posterior": model.filtered(&observations),
    }))
}
