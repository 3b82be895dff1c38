//! Everything a gate and a sizer may look at. If it is not here, nothing in this room can depend on it.

use domain::{
    Climate, ExitPlan, Instrument, Occurrence, PilClass, Policy, Side, Signal, StandingOrder,
    StrategyIx, SymbolIx, Timestamp,
};
use laws::Costs;

use crate::{HistoryRule, Prospects, Selection};

/// A position, or an entry on the way, beside a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holding {
    /// On what.
    pub symbol: SymbolIx,
    /// Which way.
    pub side: Side,
    /// Its value, quote units.
    pub notional: f64,
    /// Correlation of its symbol's returns with the candidate's, −1..=1; 1 for the same symbol.
    pub correlation: f64,
    /// How it stood at its last mark; nothing while that is not known.
    pub class: Option<PilClass>,
}

/// What is held and owned at the moment of deciding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Portfolio<'a> {
    /// Cash and open positions at the last closes, quote units.
    pub equity: f64,
    /// Equity when the UTC day began.
    pub equity_day_began: f64,
    /// Highest equity so far.
    pub equity_high: f64,
    /// What is held and on the way.
    pub holdings: &'a [Holding],
    /// Value of all positions and entries on the way, quote units; unknown orders count as filled.
    pub exposure: f64,
    /// Positions and entries on the way.
    pub positions: u32,
    /// How many of them are on this symbol.
    pub positions_on_symbol: u32,
    /// When this symbol was last traded: its last entry or exit.
    pub symbol_traded_at: Option<Timestamp>,
    /// Entries on this symbol since its regime began.
    pub regime_entries: u32,
}

impl Portfolio<'_> {
    /// The fall from the highest equity as a fraction of it, 0 at a new high; 1 where nothing is left.
    pub fn drawdown_fraction(&self) -> f64 {
        fall_fraction(self.equity_high, self.equity)
    }

    /// The day's loss as a fraction of the equity it began with, 0 in profit; 1 where nothing is left.
    pub fn day_loss_fraction(&self) -> f64 {
        fall_fraction(self.equity_day_began, self.equity)
    }
}

/// A fall as a fraction of where it began, 0 where there is none; 1 where nothing was or is left.
pub fn fall_fraction(from: f64, to: f64) -> f64 {
    if from <= 0.0 || to <= 0.0 {
        return 1.0;
    }
    (1.0 - to / from).max(0.0)
}

impl Case<'_> {
    /// The candidate as rules and slices see it.
    pub fn occurrence(&self) -> Occurrence {
        Occurrence {
            symbol: self.symbol,
            strategy: self.strategy,
            side: self.signal.side,
            regime: self.climate.regime,
            global: self.climate.global,
            hour: self.hour,
            weekday: self.weekday,
            conviction: self.signal.conviction,
        }
    }

    /// The edge the heads claim, conviction times the hoped-for move, over what a round trip costs.
    pub fn edge_ratio(&self) -> f64 {
        let edge = self.signal.conviction * self.plan.reward_fraction();
        edge / self.costs.round_trip_fraction().max(f64::MIN_POSITIVE)
    }

    /// Minutes since the symbol's last trade; a symbol that was never traded has rested as long as anyone
    /// could ask.
    pub fn rested_min(&self) -> f64 {
        const MINUTE_MS: f64 = 60_000.0;
        let rested = self.portfolio.symbol_traded_at;
        rested.map_or(f64::INFINITY, |traded_at| self.now.ms_since(traded_at) as f64 / MINUTE_MS)
    }

    /// Correlation with what is held on the same side, weighted by value; 0 where nothing is.
    ///
    /// A holding is on the same side when its gains come together with the candidate's: both long and
    /// moving together, or one long, one short and moving apart. What would offset the candidate excuses
    /// nothing: correlations rise towards one when it matters.
    pub fn correlation_with_held(&self) -> f64 {
        let (mut weighted, mut exposure) = (0.0, 0.0);
        for holding in self.portfolio.holdings {
            let together = holding.correlation * holding.side.sign() * self.signal.side.sign();
            if together > 0.0 && holding.notional > 0.0 {
                weighted += together * holding.notional;
                exposure += holding.notional;
            }
        }
        if exposure > 0.0 { weighted / exposure } else { 0.0 }
    }
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
    pub symbol: SymbolIx,
    /// Its grid and its rules.
    pub instrument: &'a Instrument,
    /// What trading costs.
    pub costs: &'a Costs,
    /// What is held and owned.
    pub portfolio: &'a Portfolio<'a>,
    /// What similar candidates have come to.
    pub prospects: &'a Prospects,
    /// By what measure their record may refuse it.
    pub rule: HistoryRule,
    /// What kind of market it is, and on which frame it was seen.
    pub climate: Climate,
    /// What restricts trading on this symbol now.
    pub order: &'a StandingOrder,
    /// Standard deviation of the symbol's return over a day, fraction, as far as it can be told.
    pub volatility_day: Option<f64>,
    /// Hour of the exchange's day, 0..=23.
    pub hour: u8,
    /// Day of the exchange's week, 0 is Monday.
    pub weekday: u8,
    /// Whether it is the one of several strategies' candidates that is to be traded.
    pub selection: Selection,
    /// What has been learned.
    pub policy: &'a Policy,
    /// The bar's close.
    pub now: Timestamp,
}
