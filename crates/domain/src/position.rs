//! What is held, and what was held once it is closed.

use serde::{Deserialize, Serialize};

use crate::{
    Basis, Climate, DecisionId, ExitPlan, ExitReason, Marks, Money, OrderId, OrderState, Price,
    Quantity, Side, Standing, StrategyIx, SymbolIx, Timestamp, Votes,
};

/// How far a position has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PositionStage {
    /// Its entry is on the way.
    Entering,
    /// It is held and protected.
    Open,
    /// Its exit is on the way.
    Exiting(ExitReason),
}

/// A position from its entry order to its last fill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The decision that opened it; also its name.
    pub decision: DecisionId,
    /// The decision's number in the run.
    pub decision_no: u64,
    /// On what.
    pub symbol: SymbolIx,
    /// Whose.
    pub strategy: StrategyIx,
    /// Which way.
    pub side: Side,
    /// At what standing it was traded.
    pub standing: Standing,
    /// Which gates had refused; only an explored one has any.
    pub refused: u16,
    /// What the heads had said.
    pub votes: Votes,
    /// Conviction at the decision.
    pub conviction: f64,
    /// What kind of market it was decided in.
    pub climate: Climate,
    /// What the decision was based on.
    pub basis: Basis,
    /// How it stood on its way.
    pub marks: Marks,
    /// The policy version the decision saw.
    pub policy_version: u64,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// How it is to end.
    pub plan: ExitPlan,
    /// How far it has come.
    pub stage: PositionStage,
    /// Its working order.
    pub order: OrderId,
    /// Where that order stands.
    pub order_state: OrderState,
    /// How many exit orders were proven never to have existed, or refused.
    pub exits_failed: u32,
    /// What was asked for, base units.
    pub quantity_asked: Quantity,
    /// What is held, base units.
    pub quantity: Quantity,
    /// What the entry cost: Σ price × quantity, quote units.
    pub entry_value: Money,
    /// What exits have brought: Σ price × quantity, quote units.
    pub exit_value: Money,
    /// Base units filled on entry.
    pub quantity_entered: Quantity,
    /// What spread and slippage took on both sides, quote units; below zero where they gave.
    pub slipped: Money,
    /// Fees so far.
    pub fees: Money,
    /// Funding paid so far, quote units; below zero where it was received.
    pub funding: Money,
    /// First fill.
    pub opened_at: Option<Timestamp>,
    /// The stop the venue holds.
    pub stop: Option<Price>,
    /// Where the stop was first.
    pub stop_first: Option<Price>,
    /// The target the venue holds.
    pub target: Option<Price>,
    /// Highest price while open.
    pub high: f64,
    /// Lowest price while open.
    pub low: f64,
    /// Bars it has been open.
    pub bars: u32,
    /// Value of the symbol's overlap count when it opened.
    pub overlap_at_open: f64,
}

impl Position {
    /// Average entry price; zero before the first fill.
    pub fn entry_price(&self) -> Price {
        if self.quantity_entered.is_zero() {
            return Price::ZERO;
        }
        self.entry_value / self.quantity_entered
    }
}

/// A closed position, exact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// The decision that opened it.
    pub decision: DecisionId,
    /// The decision's number in the run.
    pub decision_no: u64,
    /// On what.
    pub symbol: SymbolIx,
    /// Whose.
    pub strategy: StrategyIx,
    /// Which way.
    pub side: Side,
    /// At what standing.
    pub standing: Standing,
    /// The policy version the decision saw.
    pub policy_version: u64,
    /// What the heads had said.
    pub votes: Votes,
    /// First entry fill.
    pub opened_at: Timestamp,
    /// Last exit fill.
    pub closed_at: Timestamp,
    /// Base units traded.
    pub quantity: Quantity,
    /// Average entry price.
    pub entry: Price,
    /// Average exit price.
    pub exit: Price,
    /// Where the stop was first.
    pub stop: Price,
    /// Where the stop was at the end.
    pub stop_last: Price,
    /// The target, if there was one.
    pub target: Option<Price>,
    /// Why it ended.
    pub reason: ExitReason,
    /// Price difference times size, quote units, before fees.
    pub gross: Money,
    /// Fees, quote units.
    pub fees: Money,
    /// What spread and slippage took, quote units; it is within `gross`.
    pub slipped: Money,
    /// Funding paid, quote units; below zero where it was received.
    pub funding: Money,
    /// What kind of market it was decided in.
    pub climate: Climate,
    /// What it earned, quote units.
    pub net: Money,
    /// The same in units of initial risk.
    pub r: f64,
}
