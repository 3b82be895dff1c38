//! Everything a gate and a sizer may look at. If it is not here, nothing in this room can depend on it.

use domain::{ExitPlan, Instrument, Policy, Signal, StrategyIx, Timestamp};
use laws::Costs;

use crate::Prospects;

/// What is held and owned at the moment of deciding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Portfolio {
    /// Cash and open positions at the last closes, quote units.
    pub equity: f64,
    /// Equity when the UTC day began.
    pub equity_day_began: f64,
    /// Value of all positions and entries on the way, quote units; unknown orders count as filled.
    pub exposure: f64,
    /// Positions and entries on the way.
    pub positions: u32,
    /// How many of them are on this symbol.
    pub positions_on_symbol: u32,
    /// When this symbol was last traded: its last entry or exit.
    pub symbol_traded_at: Option<Timestamp>,
}

/// One candidate and all that bears on it.
pub struct Case<'a> {
    /// What consensus said.
    pub signal: &'a Signal,
    /// Whose candidate it is.
    pub strategy: StrategyIx,
    /// How the position would end.
    pub plan: &'a ExitPlan,
    /// The close it is taken at.
    pub price: f64,
    /// On what.
    pub instrument: &'a Instrument,
    /// What trading costs.
    pub costs: &'a Costs,
    /// What is held and owned.
    pub portfolio: &'a Portfolio,
    /// What similar candidates have come to.
    pub prospects: &'a Prospects,
    /// What has been learned.
    pub policy: &'a Policy,
    /// The bar's close.
    pub now: Timestamp,
}
