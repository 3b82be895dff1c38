//! The reference figures, one trial per case: `cargo test -p stats --test vectors`.

mod calibration;
mod drift;
mod experts;
mod hmm;
mod labels;
mod metrics;
mod ope;
mod portfolio_sizing;
mod seed_rules;
mod sequential;
mod sharpe_inference;
mod simplex;
mod suite;

use suite::{Others, Suite};

fn main() -> std::process::ExitCode {
    let whole = |name, answer| Suite { name, answer, elsewhere: &[] };
    let tested = [
        whole("capped_simplex", simplex::answer),
        whole("experts", experts::answer),
        Suite { name: "seed_rules", answer: seed_rules::answer, elsewhere: &["deploy_tier"] },
        whole("calibration", calibration::answer),
        whole("hmm", hmm::answer),
        whole("portfolio_sizing", portfolio_sizing::answer),
        whole("metrics", metrics::answer),
        whole("ope", ope::answer),
        whole("sharpe_inference", sharpe_inference::answer),
        whole("sequential", sequential::answer),
        whole("labels", labels::answer),
        whole("drift", drift::answer),
    ];
    // The forecast room answers for the indicators.
    suite::run(&tested, Others::ListedExcept(&["indicators"]))
}
