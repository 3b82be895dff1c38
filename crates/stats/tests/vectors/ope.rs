//! Answers `ope`.

use crate::suite::{Case, number, numbers, rows};
use serde_json::{Value, json};
use stats::ope::{Judged, OffPolicy};

pub(crate) fn answer(case: &Case) -> Result<Value, String> {
    let inputs = &case.inputs;
    let (actions, rewards) = (numbers(inputs, "action")?, numbers(inputs, "reward")?);
    let (behaviour, target) = (rows(inputs, "behaviour_prob")?, rows(inputs, "target_prob")?);
    let expected = rows(inputs, "q_hat")?;
    let mut log = OffPolicy::new(number(inputs, "clip")?);
    let mut weights = Vec::new();
    for (at, (&action, &reward)) in actions.iter().zip(&rewards).enumerate() {
        let judged =
            Judged::of(action as usize, reward, &behaviour[at], &target[at], &expected[at]);
        let judged = judged.ok_or("a choice that cannot be judged")?;
        log.observe(&judged);
        weights.push(judged.weight);
    }
    let all = log.estimates().ok_or("no estimate")?;
    Ok(json!({
        "weights": weights,
        "dm": all.direct,
        "ips": all.ips,
        "ips_se": all.ips_error,
        "snips": all.snips,
        "clipped_ips": all.clipped_ips,
        "dr": all.dr,
        "dr_se": all.dr_error,
        "sndr": all.self_normalised_dr,
        "ess": all.ess,
        "logged_mean": all.logged_mean,
        "switch_dr_tau": all.switch_dr,
    }))
}
