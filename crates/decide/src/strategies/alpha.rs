//! Nine heads in consensus, a target, and a stop that follows.

use domain::{ExitPlan, HeadName, Signal};

use super::{ExitRules, Inputs, Strategy};

pub(super) struct Alpha;

const ATR_FRACTION: usize = 0;

impl Strategy for Alpha {
    fn name(&self) -> &'static str {
        "alpha"
    }

    fn heads(&self) -> &'static [HeadName] {
        &HeadName::ALL
    }

    fn inputs(&self) -> &'static [&'static str] {
        &["atr_fraction"]
    }

    fn enters(&self, _: &Signal, _: Inputs<'_>) -> bool {
        true
    }

    fn plan(&self, inputs: Inputs<'_>, rules: &ExitRules) -> Option<ExitPlan> {
        Some(rules.plan(inputs.get(ATR_FRACTION)?, true, rules.trail_after_r))
    }
}
