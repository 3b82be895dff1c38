//! What if half as much again had been added on the way? Asked for as any order of the engine is: at a close,
//! to be filled at an open.

use domain::{Bar, DecisionId, Side, Timestamp};
use laws::{funding_paid, slippage_bps};
use serde::{Deserialize, Serialize};

use crate::shadow::{Ending, Laws, Shadow, Watch, best};

/// It is added once price has gone this far in favour, in units of the initial risk.
const AFTER_R: f64 = 0.5;
/// As much of what was entered first.
const SHARE: f64 = 0.5;

/// How far the adding has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ScaleIn {
    /// Price has not been at this level yet.
    Waits(f64),
    /// Asked for at this close; the stop has been moved to the entry.
    Asked(Timestamp),
    /// Added at this price, costs within.
    Added(f64),
    /// The open at which it could have been added was beyond stop or target, or so far away that more
    /// than the initial risk would have been at stake.
    Passed,
}

impl ScaleIn {
    pub(crate) fn of(shadow: &Shadow, laws: &Laws) -> ScaleIn {
        let away = shadow.declined.plan.stop_fraction * AFTER_R;
        let level = shadow.entry * (1.0 + shadow.declined.side.sign() * away);
        ScaleIn::Waits(laws.grid.near(level))
    }

    /// At a bar's open what was asked for is filled, before the bar does anything else.
    pub(crate) fn open(&mut self, bar: &Bar, shadow: &Shadow, laws: &Laws) {
        let ScaleIn::Asked(asked_at) = *self else { return };
        if !laws.costs.arrives_by(asked_at, bar.opened_at()) {
            return;
        }
        let (side, open) = (shadow.declined.side, bar.open());
        let beyond = |level: f64| side.sign() * (open - level);
        let is_stopped = beyond(shadow.levels.stop) <= 0.0;
        let is_done = shadow.levels.target.is_some_and(|target| beyond(target) >= 0.0);
        let at_stake = SHARE * beyond(shadow.levels.stop);
        let risk = shadow.entry * shadow.declined.plan.stop_fraction;
        *self = if is_stopped || is_done || at_stake > risk {
            ScaleIn::Passed
        } else {
            // A fill of its own slips by a draw of its own.
            let second = DecisionId(!shadow.declined.decision.0);
            let [slip_bps, _] = slippage_bps(&laws.costs, laws.seed, second);
            let price = laws.costs.fill_price(side, open, slip_bps);
            ScaleIn::Added(laws.grid.against(side, price))
        };
    }

    /// At a bar's close it is asked for, if price has been far enough; the stop moves to the entry with it
    /// and acts from the next bar. Tells the watch when to look here again.
    pub(crate) fn close(&mut self, bar: &Bar, shadow: &mut Shadow, watch: &mut Watch, laws: &Laws) {
        let side = shadow.declined.side;
        if let ScaleIn::Waits(level) = *self {
            if side.sign() * (best(side, watch) - level) >= 0.0 {
                *self = ScaleIn::Asked(bar.closed_at());
                shadow.stop_at_entry(laws);
                shadow.look_out(watch, laws);
            } else if side == Side::Long {
                watch.above = watch.above.min(level);
            } else {
                watch.below = watch.below.max(level);
            }
        }
        if matches!(self, ScaleIn::Asked(_)) {
            watch.until = bar.closed_at();
        }
    }

    /// Funding on what was added, as a fraction of the first entry's value.
    pub(crate) fn funding(&self, shadow: &Shadow, rate: f64, close: f64) -> f64 {
        match self {
            ScaleIn::Added(_) => {
                funding_paid(shadow.declined.side, rate, SHARE * close / shadow.entry)
            }
            _ => 0.0,
        }
    }

    /// What was added came to, in units of the first entry's risk.
    pub(crate) fn r(&self, shadow: &Shadow, ending: &Ending, laws: &Laws) -> f64 {
        let ScaleIn::Added(entry) = *self else { return 0.0 };
        let (exit, exit_charged) = shadow.exit(ending, laws);
        let gross = shadow.declined.side.sign() * (exit - entry);
        let net = gross - laws.costs.fee(entry + exit_charged);
        SHARE * net / (shadow.entry * shadow.declined.plan.stop_fraction)
    }
}
