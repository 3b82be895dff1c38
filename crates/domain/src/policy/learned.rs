//! The parts that the policy's lists are made of.

use serde::{Deserialize, Serialize};

use crate::{Regime, Side, StrategyIx, SymbolIx, Timestamp};

/// A symbol and a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Combo {
    /// On what.
    pub symbol: SymbolIx,
    /// Which way.
    pub side: Side,
}

/// A symbol and a side that are traded smaller.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Throttle {
    /// Which.
    pub combo: Combo,
    /// What its stakes are multiplied by, 0..1.
    pub factor: f64,
}

/// A symbol, a side and a regime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// On what.
    pub symbol: SymbolIx,
    /// Which way.
    pub side: Side,
    /// In which kind of market.
    pub regime: Regime,
}

/// How a strategy's exits differ from those configured; 1 as configured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExitFactors {
    /// What the stop distance is multiplied by.
    pub stop: f64,
    /// What the target distance is multiplied by.
    pub target: f64,
    /// What the longest hold is multiplied by.
    pub hold: f64,
    /// The share that leaves early, 0..1, where the configuration asks for none.
    pub partial_share: f64,
}

impl Default for ExitFactors {
    fn default() -> ExitFactors {
        ExitFactors { stop: 1.0, target: 1.0, hold: 1.0, partial_share: 0.0 }
    }
}

/// What rules and slices look at: one candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occurrence {
    /// On what.
    pub symbol: SymbolIx,
    /// Whose.
    pub strategy: StrategyIx,
    /// Which way.
    pub side: Side,
    /// In which kind of market.
    pub regime: Regime,
    /// In which kind of market all symbols are.
    pub global: Regime,
    /// Hour of the exchange's day, 0..=23.
    pub hour: u8,
    /// Day of the exchange's week, 0 is Monday.
    pub weekday: u8,
    /// Conviction, 0..=1.
    pub conviction: f64,
}

/// One thing that holds of a candidate or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It is on this symbol.
    Symbol(SymbolIx),
    /// It is this strategy's.
    Strategy(StrategyIx),
    /// It goes this way.
    Side(Side),
    /// The symbol is in this regime.
    Regime(Regime),
    /// All symbols together are in this regime.
    Global(Regime),
    /// The exchange's clock shows one of four hours from this one on.
    HoursFrom(u8),
    /// The exchange's day is this one; 0 is Monday.
    Weekday(u8),
    /// Conviction lies in this tenth; 0 is 0..0.1.
    ConvictionTenth(u8),
}

impl Condition {
    /// Whether it holds.
    pub fn holds(self, of: &Occurrence) -> bool {
        match self {
            Condition::Symbol(symbol) => of.symbol == symbol,
            Condition::Strategy(strategy) => of.strategy == strategy,
            Condition::Side(side) => of.side == side,
            Condition::Regime(regime) => of.regime == regime,
            Condition::Global(regime) => of.global == regime,
            Condition::HoursFrom(hour) => (hour..hour.saturating_add(4)).contains(&of.hour),
            Condition::Weekday(day) => of.weekday == day,
            Condition::ConvictionTenth(tenth) => ((of.conviction * 10.0) as u8).min(9) == tenth,
        }
    }
}

/// A threshold that differs where something holds (A12).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceRule {
    /// Where.
    pub when: Condition,
    /// Least conviction there, instead of the gate's.
    pub conviction_min: f64,
}

/// A pattern that was found, as a rule with what it rests on (A13).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DailyRule {
    /// All of these hold.
    pub when: Vec<Condition>,
    /// Then stakes are multiplied by this; 0 declines.
    pub factor: f64,
    /// Outcomes behind it, overlap discounted.
    pub support: f64,
    /// Their mean result, units of initial risk.
    pub mean_r: f64,
    /// Its 95 % interval's lower end.
    pub low_r: f64,
    /// Its upper end.
    pub high_r: f64,
    /// When it was found.
    pub found_at: Timestamp,
    /// From when on it no longer holds.
    pub expires_at: Timestamp,
}

impl DailyRule {
    /// Whether it speaks of this candidate now.
    pub fn applies(&self, of: &Occurrence, now: Timestamp) -> bool {
        now < self.expires_at && self.when.iter().all(|condition| condition.holds(of))
    }
}
