//! What is held and owned, exact: orders on the way, positions, cash.

use decide::{Holding, Portfolio};
use domain::{
    Decision, DecisionId, Effects, EquityPoint, Fill, FundingPaid, Leg, Marks, Money, OrderId,
    OrderNews, OrderRequest, OrderState, Position, PositionStage, Quantity, Side, SymbolIx,
    Timestamp, estimate,
};
use serde::{Deserialize, Serialize};

use crate::shadow::Declined;
use crate::symbol::SymbolState;
use crate::trades::Closed;
use crate::{Engine, State};

/// Cash and positions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Book {
    cash: Money,
    positions: Vec<Position>,
    heard: Heard,
    equity: f64,
    exposure: f64,
    day: i64,
    equity_day_began: f64,
}

/// What a venue has told of positions that are still held, to know a repeat by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Heard {
    fills: Vec<Fill>,
    fundings: Vec<FundingPaid>,
    /// Exits heard before the entry they close; they count once it is.
    early: Vec<Fill>,
}

impl Heard {
    fn forget(&mut self, decision: DecisionId) {
        self.fills.retain(|fill| fill.decision != decision);
        self.fundings.retain(|paid| paid.decision != decision);
        self.early.retain(|fill| fill.decision != decision);
    }

    /// The fill that ended a position, apart from what had left early.
    fn ending(&self, decision: DecisionId) -> Option<Fill> {
        let ends = |fill: &&Fill| {
            fill.decision == decision && !matches!(fill.leg, Leg::Entry | Leg::Partial)
        };
        self.fills.iter().rfind(ends).copied()
    }
}

impl Book {
    pub(crate) fn new(cash: Money) -> Book {
        let equity = estimate(cash);
        Book {
            cash,
            positions: Vec::new(),
            heard: Heard::default(),
            equity,
            exposure: 0.0,
            day: i64::MIN,
            equity_day_began: equity,
        }
    }

    /// Cash and positions at the last closes, quote units.
    pub(crate) fn equity(&self) -> f64 {
        self.equity
    }

    pub(crate) fn positions(&self) -> &[Position] {
        &self.positions
    }

    pub(crate) fn positions_mut(&mut self) -> &mut [Position] {
        &mut self.positions
    }

    /// Positions of a symbol that have a fill.
    pub(crate) fn open_on(&self, symbol: SymbolIx) -> impl Iterator<Item = &Position> {
        self.positions
            .iter()
            .filter(move |position| position.symbol == symbol && position.opened_at.is_some())
    }

    /// What a gate may know about a candidate for `symbol`. An order without an answer counts as filled.
    pub(crate) fn portfolio<'a>(
        &self,
        symbol: SymbolIx,
        state: &SymbolState,
        equity_high: f64,
        holdings: &'a [Holding],
    ) -> Portfolio<'a> {
        Portfolio {
            equity: self.equity,
            equity_day_began: self.equity_day_began,
            equity_high,
            holdings,
            regime_entries: state.regime_entries,
            exposure: self.exposure,
            positions: self.positions.len() as u32,
            positions_on_symbol: self.positions.iter().filter(|p| p.symbol == symbol).count()
                as u32,
            symbol_traded_at: state.traded_at,
        }
    }

    pub(crate) fn enter(&mut self, decision: &Decision, request: &OrderRequest) {
        self.exposure += decision.sizing.notional;
        self.positions.push(Position {
            decision: decision.id,
            decision_no: decision.no,
            symbol: decision.symbol,
            strategy: decision.strategy,
            side: decision.signal.side,
            standing: decision.standing,
            refused: decision.verdicts.refused(),
            votes: decision.signal.votes,
            conviction: decision.signal.conviction,
            climate: decision.climate,
            basis: decision.basis,
            marks: Marks::default(),
            policy_version: decision.policy_version,
            decided_at: decision.decided_at,
            plan: decision.plan,
            stage: PositionStage::Entering,
            order: request.id,
            order_state: OrderState::Intent,
            exits_failed: 0,
            quantity_asked: request.quantity,
            quantity: Quantity::ZERO,
            entry_value: Money::ZERO,
            exit_value: Money::ZERO,
            quantity_entered: Quantity::ZERO,
            slipped: Money::ZERO,
            fees: Money::ZERO,
            funding: Money::ZERO,
            opened_at: None,
            stop: None,
            stop_first: None,
            target: None,
            high: 0.0,
            low: 0.0,
            bars: 0,
            overlap_at_open: 0.0,
        });
    }

    /// An order moved on; gives the position if its entry came to nothing. News of an order that is not
    /// the working one is old and changes nothing, but for an entry that ends while it is being left.
    pub(crate) fn order_news(
        &mut self,
        decision: DecisionId,
        id: OrderId,
        news: OrderNews,
    ) -> Option<Position> {
        let at = self.positions.iter().position(|p| p.decision == decision)?;
        let position = &mut self.positions[at];
        let before =
            if position.order == id { position.order_state } else { entry_of(position, id)? };
        let after = before.after(news)?;
        let failed = is_failure(after);
        if position.order == id {
            position.order_state = after;
        }
        match position.stage {
            _ if failed && id == entry_id(decision) && position.quantity_entered.is_zero() => {
                self.heard.forget(decision);
                return Some(self.positions.remove(at));
            }
            PositionStage::Exiting(_) if failed && position.order == id => {
                position.exits_failed += 1;
                stay(position);
            }
            _ => {}
        }
        None
    }

    /// Books a fill; gives the position if it is closed by it.
    fn fill(&mut self, fill: &Fill, overlap: f64) -> Option<Closed> {
        let at = self.positions.iter().position(|p| p.decision == fill.decision)?;
        if self.heard.fills.contains(fill) || fill.quantity.is_zero() {
            return None;
        }
        let position = &mut self.positions[at];
        let is_entry = fill.leg == Leg::Entry;
        if is_entry && fill.quantity > position.quantity_asked - position.quantity_entered {
            // More than was asked for cannot have happened.
            return None;
        }
        if !is_entry && fill.quantity > position.quantity {
            if !self.heard.early.contains(fill) {
                self.heard.early.push(*fill);
            }
            return None;
        }
        self.heard.fills.push(*fill);
        // What is bought is paid for and what is sold is paid out: no price is averaged, no cent rounded.
        self.cash -= signed(fill.side, fill.price * fill.quantity) + fill.fee;
        position.fees += fill.fee;
        position.slipped += signed(fill.side, fill.price - fill.market_price) * fill.quantity;
        if is_entry {
            open(position, fill, overlap);
            return self.catch_up(fill.decision, overlap);
        }
        position.exit_value += fill.price * fill.quantity;
        position.quantity -= fill.quantity;
        if !position.quantity.is_zero() {
            return None;
        }
        let ending = self.heard.ending(fill.decision).unwrap_or(*fill);
        self.heard.forget(fill.decision);
        Some(Closed::by(self.positions.remove(at), ending))
    }

    /// Books exits that were heard before the entry they close.
    fn catch_up(&mut self, decision: DecisionId, overlap: f64) -> Option<Closed> {
        let waiting = std::mem::take(&mut self.heard.early);
        let mut closed = None;
        for fill in waiting {
            if fill.decision != decision {
                self.heard.early.push(fill);
            } else if closed.is_none() {
                closed = self.fill(&fill, overlap);
            }
        }
        closed
    }

    /// Books funding, once.
    fn fund(&mut self, paid: &FundingPaid) {
        let Some(position) = self.positions.iter_mut().find(|p| p.decision == paid.decision) else {
            return;
        };
        if !self.heard.fundings.contains(paid) {
            self.heard.fundings.push(*paid);
            self.cash -= paid.amount;
            position.funding += paid.amount;
        }
    }

    /// Cash and positions at the last closes.
    fn mark(&mut self, at: Timestamp, symbols: &[SymbolState]) -> EquityPoint {
        if at.day_closed() != self.day {
            self.day = at.day_closed();
            self.equity_day_began = self.equity;
        }
        let (mut holdings, mut exposure) = (0.0, 0.0);
        for position in &self.positions {
            let close = symbols[position.symbol.at()].last_close;
            holdings += position.side.sign() * estimate(position.quantity) * close;
            exposure += estimate(position.quantity + still_to_come(position)) * close;
        }
        self.exposure = exposure;
        self.equity = estimate(self.cash) + holdings;
        EquityPoint {
            at,
            equity: self.equity,
            cash: self.cash,
            positions: self.positions.len() as u32,
        }
    }
}

fn open(position: &mut Position, fill: &Fill, overlap: f64) {
    if position.opened_at.is_none() {
        position.opened_at = Some(fill.at);
        position.stop_first = fill.stop;
        position.stop = fill.stop;
        position.target = fill.target;
        position.overlap_at_open = overlap;
        let shown = estimate(fill.market_price);
        (position.high, position.low) = (shown, shown);
    }
    if position.stage == PositionStage::Entering {
        position.stage = PositionStage::Open;
    }
    position.entry_value += fill.price * fill.quantity;
    position.quantity_entered += fill.quantity;
    position.quantity += fill.quantity;
}

/// An exit came to nothing: what is held is held on, and what was not yet filled may still be. The next
/// bar asks again, under a new name.
fn stay(position: &mut Position) {
    if position.quantity_entered.is_zero() {
        position.stage = PositionStage::Entering;
        position.order = entry_id(position.decision);
        position.order_state = OrderState::Unknown;
    } else {
        position.stage = PositionStage::Open;
    }
}

/// What may still be filled of an entry: an order without an answer counts as filled.
fn still_to_come(position: &Position) -> Quantity {
    let is_working = match position.stage {
        PositionStage::Entering => true,
        PositionStage::Open => position.order_state.counts_for_risk(),
        PositionStage::Exiting(_) => false,
    };
    if is_working { position.quantity_asked - position.quantity_entered } else { Quantity::ZERO }
}

/// Entries are asked for once.
fn entry_id(decision: DecisionId) -> OrderId {
    OrderId::of(decision, Leg::Entry.code(), 0)
}

/// Where a position's entry may stand while another order is the working one; nothing if `id` is not it.
fn entry_of(position: &Position, id: OrderId) -> Option<OrderState> {
    (id == entry_id(position.decision)).then_some(OrderState::Unknown)
}

const fn is_failure(state: OrderState) -> bool {
    matches!(
        state,
        OrderState::Rejected | OrderState::NotPlaced | OrderState::Expired | OrderState::Canceled
    )
}

pub(crate) fn signed(side: Side, amount: Money) -> Money {
    match side {
        Side::Long => amount,
        Side::Short => -amount,
    }
}

impl Engine {
    /// An entry that came to nothing is followed as a shadow: what a venue did not fill must not be
    /// missing from what is learned.
    pub(crate) fn order_moved(&mut self, decision: DecisionId, id: OrderId, news: OrderNews) {
        if let Some(position) = self.state.book.order_news(decision, id, news) {
            let declined = Declined::unfilled(&position);
            let symbol = &mut self.state.symbols[position.symbol.at()];
            symbol.what_ifs.unfilled(position.decision_no);
            symbol.shadows.follow(declined);
        }
    }

    /// Books a fill; a closed position becomes a trade now and an outcome at its symbol's next bar.
    pub(crate) fn filled(&mut self, fill: &Fill, effects: &mut Effects) {
        let State { book, symbols, ended, .. } = &mut self.state;
        let symbol = &mut symbols[fill.symbol.at()];
        symbol.traded_at = symbol.traded_at.max(Some(fill.at));
        let strategy =
            book.positions.iter().find(|p| p.decision == fill.decision).map(|p| p.strategy);
        let overlap =
            strategy.map_or(0.0, |strategy| symbol.overlap[usize::from(strategy.0)].inverse_sum);
        if let Some(closed) = book.fill(fill, overlap) {
            let trade = closed.trade();
            ended.push(closed.ended(&trade));
            effects.trades.push(trade);
        }
    }

    /// Books what a position paid or received of funding.
    pub(crate) fn funded(&mut self, paid: &FundingPaid) {
        self.state.book.fund(paid);
    }

    pub(crate) fn mark(&mut self, at: Timestamp, effects: &mut Effects) {
        let State { book, symbols, equity_high, .. } = &mut self.state;
        let point = book.mark(at, symbols);
        *equity_high = equity_high.max(point.equity);
        effects.equity = Some(point);
    }
}
