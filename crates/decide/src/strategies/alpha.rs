//! Nine heads in consensus, a target, and a stop that follows.

use domain::{ExitPlan, HeadName, Signal};

use super::{Inputs, Occasion, Strategy};
use crate::ExitRules;
use crate::exits::Profits;

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

    fn plan(&self, occasion: &Occasion<'_>, rules: &ExitRules) -> Option<ExitPlan> {
        rules.plan(occasion, occasion.inputs.get(ATR_FRACTION)?, Profits::AtTarget)
    }
}
