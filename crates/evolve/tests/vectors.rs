//! The reference figures for the seed's deployment tiers: `cargo test -p evolve --test vectors`.

#[path = "../../stats/tests/vectors/suite.rs"]
mod suite;

use evolve::Tier;
use serde_json::{Value, json};
use suite::{Case, Others, Suite, numbers};

/// What `stats` answers of the same file.
const IN_STATS: &[&str] = &["killed_combo", "signal_weight", "ewma_ev"];

fn main() -> std::process::ExitCode {
    suite::run(&[Suite { name: "seed_rules", answer, elsewhere: IN_STATS }], Others::Unmentioned)
}

fn answer(case: &Case) -> Result<Value, String> {
    match case.kind.as_str() {
        "deploy_tier" => {
            let improvements = numbers(&case.inputs, "relative_improvement")?;
            let tiers: Vec<Tier> = improvements.into_iter().map(Tier::of).collect();
            Ok(json!({ "tier": tiers }))
        }
        other => Err(format!("unknown kind {other}")),
    }
}
