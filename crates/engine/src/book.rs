//! What is held and owned, exact: orders on the way, positions, cash.

use decide::Portfolio;
use domain::{
    Decision, DecisionId, Effects, EquityPoint, ExitReason, Fill, Instruction, Instrument, Leg,
    Money, OrderId, OrderNews, OrderRequest, OrderState, Outcome, Position, PositionStage, Price,
    Quantity, Side, SymbolIx, TimedBar, Timestamp, Trade, estimate,
};
use laws::trailed_stop;
use serde::{Deserialize, Serialize};

use crate::cascade::Ended;
use crate::shadows::{Declined, Excursion, Shadow};
use crate::symbol::SymbolState;
use crate::{Engine, State};

/// Cash and positions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Book {
    cash: Money,
    positions: Vec<Position>,
    equity: f64,
    exposure: f64,
    day: i64,
    equity_day_began: f64,
}

impl Book {
    pub(crate) fn new(cash: Money) -> Book {
        let equity = estimate(cash);
        Book {
            cash,
            positions: Vec::new(),
            equity,
            exposure: 0.0,
            day: i64::MIN,
            equity_day_began: equity,
        }
    }

    pub(crate) fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// Positions of a symbol that have a fill.
    pub(crate) fn open_on(&self, symbol: SymbolIx) -> impl Iterator<Item = &Position> {
        self.positions.iter().filter(move |position| {
            position.symbol == symbol && position.stage != PositionStage::Entering
        })
    }

    /// What a gate may know. An order without an answer counts as filled.
    pub(crate) fn portfolio(
        &self,
        symbol: SymbolIx,
        symbol_traded_at: Option<Timestamp>,
    ) -> Portfolio<'_> {
        Portfolio {
            equity: self.equity,
            equity_day_began: self.equity_day_began,
            equity_high: self.equity,
            holdings: &[],
            regime_entries: 0,
            exposure: self.exposure,
            positions: self.positions.len() as u32,
            positions_on_symbol: self.positions.iter().filter(|p| p.symbol == symbol).count()
                as u32,
            symbol_traded_at,
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
    /// the working one is old and changes nothing.
    pub(crate) fn order_news(
        &mut self,
        decision: DecisionId,
        id: OrderId,
        news: OrderNews,
    ) -> Option<Position> {
        let at = self.positions.iter().position(|p| p.decision == decision && p.order == id)?;
        let position = &mut self.positions[at];
        position.order_state = position.order_state.after(news)?;
        let failed = matches!(
            position.order_state,
            OrderState::Rejected
                | OrderState::NotPlaced
                | OrderState::Expired
                | OrderState::Canceled
        );
        match position.stage {
            PositionStage::Entering if failed => Some(self.positions.remove(at)),
            // It is still held: the next bar asks again, under a new name.
            PositionStage::Exiting(_) if failed => {
                position.stage = PositionStage::Open;
                position.exits_failed += 1;
                None
            }
            _ => None,
        }
    }

    /// Books a fill; gives the position if it is closed by it.
    fn fill(&mut self, fill: &Fill, overlap: f64) -> Option<(Position, ExitReason)> {
        let at = self.positions.iter().position(|p| p.decision == fill.decision)?;
        let position = &mut self.positions[at];
        let is_entry = fill.leg == Leg::Entry;
        let room = if is_entry {
            position.quantity_asked - position.quantity_entered
        } else {
            position.quantity
        };
        // A fill that is more than can have happened is a repeat.
        if fill.quantity > room || fill.quantity.is_zero() {
            return None;
        }
        // What is bought is paid for and what is sold is paid out: no price is averaged, no cent rounded.
        self.cash -= signed(fill.side, fill.price * fill.quantity) + fill.fee;
        position.fees += fill.fee;
        position.slipped += signed(fill.side, fill.price - fill.market_price) * fill.quantity;
        if is_entry {
            open(position, fill, overlap);
            return None;
        }
        position.exit_value += fill.price * fill.quantity;
        position.quantity -= fill.quantity;
        if !position.quantity.is_zero() {
            return None;
        }
        let reason = reason(position, fill);
        let shown = estimate(fill.market_price);
        position.high = position.high.max(shown);
        position.low = position.low.min(shown);
        Some((self.positions.remove(at), reason))
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
            let held = if position.stage == PositionStage::Entering {
                position.quantity_asked
            } else {
                holdings += position.side.sign() * estimate(position.quantity) * close;
                position.quantity
            };
            exposure += estimate(held) * close;
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
        position.stage = PositionStage::Open;
        position.stop_first = fill.stop;
        position.overlap_at_open = overlap;
        let shown = estimate(fill.market_price);
        (position.high, position.low) = (shown, shown);
    }
    position.stop = fill.stop;
    position.target = fill.target;
    position.entry_value += fill.price * fill.quantity;
    position.quantity_entered += fill.quantity;
    position.quantity += fill.quantity;
}

fn reason(position: &Position, fill: &Fill) -> ExitReason {
    match (fill.leg, position.stage) {
        _ if fill.gapped => ExitReason::Gap,
        (Leg::Target, _) => ExitReason::Target,
        (Leg::Stop, _) if position.stop == position.stop_first => ExitReason::Stop,
        (Leg::Stop, _) => ExitReason::TrailingStop,
        (_, PositionStage::Exiting(reason)) => reason,
        _ => ExitReason::Time,
    }
}

fn signed(side: Side, amount: Money) -> Money {
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
            let shadow = Shadow::waiting(&Declined::unfilled(&position));
            self.state.symbols[position.symbol.at()].shadows.push(shadow);
        }
    }

    /// Books a fill; a closed position becomes a trade now and an outcome at its symbol's next bar.
    pub(crate) fn filled(&mut self, fill: &Fill, effects: &mut Effects) {
        let State { book, symbols, ended, .. } = &mut self.state;
        symbols[fill.symbol.at()].traded_at = Some(fill.at);
        let overlap = &symbols[fill.symbol.at()].overlap;
        let strategy =
            book.positions.iter().find(|p| p.decision == fill.decision).map(|p| p.strategy);
        let overlap_sum =
            strategy.map_or(0.0, |strategy| overlap[usize::from(strategy.0)].inverse_sum);
        if let Some((position, reason)) = book.fill(fill, overlap_sum) {
            let trade = trade(&position, fill, reason);
            ended.push(settled(&position, &trade, fill));
            effects.trades.push(trade);
        }
    }

    /// Moves stops that trail and closes what has been held long enough. The venue does the rest.
    pub(crate) fn watch_positions(
        &mut self,
        now: Timestamp,
        bars: &[TimedBar],
        effects: &mut Effects,
    ) {
        let instruments = &self.instruments;
        for position in &mut self.state.book.positions {
            let Some(timed) = bars.iter().find(|timed| timed.symbol == position.symbol) else {
                continue;
            };
            let Some(opened_at) = position.opened_at else { continue };
            position.bars += 1;
            position.high = position.high.max(timed.bar.high());
            position.low = position.low.min(timed.bar.low());
            if position.stage != PositionStage::Open {
                continue;
            }
            if now.ms_since(opened_at) >= position.plan.hold_ms_max {
                effects.instructions.push(leave(position, now));
            } else if let Some(stop) = trailed(position, &instruments[position.symbol.at()]) {
                position.stop = Some(stop);
                effects.instructions.push(Instruction::MoveStop {
                    decision: position.decision,
                    symbol: position.symbol,
                    stop,
                    at: now,
                });
            }
        }
    }

    pub(crate) fn mark(&mut self, at: Timestamp, effects: &mut Effects) {
        let State { book, symbols, equity_high, .. } = &mut self.state;
        let point = book.mark(at, symbols);
        *equity_high = equity_high.max(point.equity);
        effects.equity = Some(point);
    }
}

fn settled(position: &Position, trade: &Trade, fill: &Fill) -> Ended {
    let entry = estimate(trade.entry);
    let moves = Excursion::of(position.side, entry, position.high, position.low);
    let net_bps = estimate(trade.net) / (entry * estimate(trade.quantity)) * 1e4;
    let cost = estimate(trade.fees + trade.slipped);
    let within_bar = matches!(fill.leg, Leg::Stop | Leg::Target);
    Ended {
        overlap_at_open: position.overlap_at_open,
        within_bar,
        outcome: Outcome {
            decision_no: position.decision_no,
            decision: position.decision,
            symbol: position.symbol,
            strategy: position.strategy,
            side: position.side,
            standing: position.standing,
            refused: position.refused,
            votes: position.votes,
            conviction: position.conviction,
            climate: position.climate,
            decided_at: position.decided_at,
            opened_at: trade.opened_at,
            closed_at: trade.closed_at,
            entry,
            exit: estimate(trade.exit),
            reason: trade.reason,
            r: trade.r,
            net_bps,
            cost_bps: cost / (entry * estimate(trade.quantity)) * 1e4,
            funding_bps: estimate(position.funding) / (entry * estimate(trade.quantity)) * 1e4,
            favourable_bps: moves.favourable_bps,
            adverse_bps: moves.adverse_bps,
            bars: position.bars + u32::from(within_bar),
            uniqueness: 1.0,
        },
    }
}

/// The stop's new place, if it moves.
fn trailed(position: &Position, instrument: &Instrument) -> Option<Price> {
    let (trail, stop) = (position.plan.trail?, position.stop?);
    let best = if position.side == Side::Long { position.high } else { position.low };
    let entry = estimate(position.entry_value) / estimate(position.quantity_entered);
    let stood = estimate(stop);
    let followed = trailed_stop(position.side, entry, best, stood, &trail);
    // Most bars bring no new best price; putting the same stop on the grid again would be work for nothing.
    if followed == stood {
        return None;
    }
    let moved = instrument.price(followed);
    let is_closer = signed(position.side, moved - stop) > Price::ZERO;
    is_closer.then_some(moved)
}

fn leave(position: &mut Position, now: Timestamp) -> Instruction {
    let id = OrderId::of(position.decision, Leg::Exit.code(), position.exits_failed);
    position.stage = PositionStage::Exiting(ExitReason::Time);
    position.order = id;
    position.order_state = OrderState::Intent;
    Instruction::Place(OrderRequest {
        id,
        decision: position.decision,
        symbol: position.symbol,
        side: position.side.opposite(),
        leg: Leg::Exit,
        quantity: position.quantity,
        protection: None,
        requested_at: now,
    })
}

fn trade(position: &Position, fill: &Fill, reason: ExitReason) -> Trade {
    let gross = signed(position.side, position.exit_value - position.entry_value);
    let net = gross - position.fees - position.funding;
    let risked = estimate(position.entry_value) * position.plan.stop_fraction;
    let stop = position.stop_first.unwrap_or_default();
    Trade {
        decision: position.decision,
        decision_no: position.decision_no,
        symbol: position.symbol,
        strategy: position.strategy,
        side: position.side,
        standing: position.standing,
        policy_version: position.policy_version,
        votes: position.votes,
        opened_at: position.opened_at.unwrap_or(fill.at),
        closed_at: fill.at,
        quantity: position.quantity_entered,
        entry: position.entry_price(),
        exit: position.exit_value / position.quantity_entered,
        stop,
        stop_last: position.stop.unwrap_or(stop),
        target: position.target,
        reason,
        gross,
        fees: position.fees,
        slipped: position.slipped,
        funding: position.funding,
        climate: position.climate,
        net,
        r: if risked > 0.0 { estimate(net) / risked } else { 0.0 },
    }
}
