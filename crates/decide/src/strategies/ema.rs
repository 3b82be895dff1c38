//! Enters where the fast mean crosses the slow one, has no target, and leaves by a trailing stop.

use domain::{ExitPlan, HeadName, Signal};

use super::{Inputs, Occasion, Strategy};
use crate::ExitRules;
use crate::exits::Profits;

pub(super) struct Ema;

const ATR_FRACTION: usize = 0;
const CROSS: usize = 1;

impl Strategy for Ema {
    fn name(&self) -> &'static str {
        "ema"
    }

    /// A cross is where the spread is smallest, so the trend head is silent there; what it trades on
    /// besides the cross is momentum and breakout.
    fn heads(&self) -> &'static [HeadName] {
        &[HeadName::Trend, HeadName::Momentum, HeadName::Breakout]
    }

    fn inputs(&self) -> &'static [&'static str] {
        &["atr_fraction", "ema_cross"]
    }

    fn enters(&self, signal: &Signal, inputs: Inputs<'_>) -> bool {
        inputs.get(CROSS).is_some_and(|cross| cross * signal.side.sign() > 0.0)
    }

    fn plan(&self, occasion: &Occasion<'_>, rules: &ExitRules) -> Option<ExitPlan> {
        rules.plan(occasion, occasion.inputs.get(ATR_FRACTION)?, Profits::Followed)
    }
}
