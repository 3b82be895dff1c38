//! What is asked of the venue about what is held: stops that follow, and positions that are to leave.

use decide::{Circumstances, Degradation, fall_fraction, standing_order};
use domain::{
    Climate, Effects, ExitMode, ExitReason, Instruction, Instrument, Leg, Marks, OrderId,
    OrderRequest, OrderState, Position, PositionStage, Price, TimedBar, Timestamp, Trail, estimate,
};
use laws::{lead_ms, leaves_at_close, mark_at, tightened, trailed_stop};

use crate::book::signed;
use crate::{Engine, State};

impl Engine {
    /// How positions are to be left: as a person and the fall from the highest equity want it.
    pub(crate) fn exit_mode(&self) -> ExitMode {
        let State { book, equity_high, safety, .. } = &self.state;
        let seen = Circumstances {
            climate: Climate::default(),
            cost_fraction: 0.0,
            volatility_day: None,
            record: None,
            drawdown_fraction: fall_fraction(*equity_high, book.equity()),
            day_loss_fraction: 0.0,
            safety,
        };
        standing_order(&seen, &self.settings.standing).exits
    }

    /// While an order is without an answer we do not know what we hold: nothing is entered on top of it.
    pub(crate) fn watch_orders(&mut self) {
        let State { book, safety, .. } = &mut self.state;
        if book.positions().iter().any(|position| position.order_state == OrderState::Unknown) {
            safety.degrade(Degradation::OrderUnknown);
        } else {
            safety.recover(Degradation::OrderUnknown);
        }
    }

    /// Moves stops that trail and leaves what has been held long enough, or all of it where that is
    /// the mode. The venue does the rest.
    pub(crate) fn watch_positions(
        &mut self,
        now: Timestamp,
        bars: &[TimedBar],
        mode: ExitMode,
        effects: &mut Effects,
    ) {
        let State { book, review, .. } = &mut self.state;
        for position in book.positions_mut() {
            let at = position.symbol.at();
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
            if let Some((share, r)) = note_marks(position, opened_at, timed) {
                review.classify(position, r, share);
            }
            let instrument = &self.instruments[at];
            let lead_ms = lead_ms(instrument.interval.ms(), self.settings.costs.latency_ms);
            let leaves = match mode {
                ExitMode::Flat => Some(ExitReason::Ordered),
                _ => leaves_at_close(&position.plan, opened_at, now, lead_ms),
            };
            if let Some(reason) = leaves {
                effects.instructions.push(leave(position, reason, now));
            } else if let Some(stop) = trailed(position, &trail(position, mode), instrument) {
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

    /// Leaves everything at the market, on a person's order: what is held, and what is about to be. Shadows
    /// go on: what would have come of a decision is no question of what a person ordered.
    pub(crate) fn leave_all(&mut self, now: Timestamp, effects: &mut Effects) {
        for position in self.state.book.positions_mut() {
            if !matches!(position.stage, PositionStage::Exiting(_)) {
                effects.instructions.push(leave(position, ExitReason::Ordered, now));
            }
        }
    }
}

/// Notes the result so far at the marks that this bar's close has come to: what it has brought and cost,
/// and what is left of it at the close, before what leaving costs. Gives the last of them.
fn note_marks(
    position: &mut Position,
    opened_at: Timestamp,
    timed: &TimedBar,
) -> Option<(f64, f64)> {
    let mut reached = None;
    while let Some(next) = position.marks.next() {
        if timed.bar.closed_at() < mark_at(&position.plan, opened_at, next) {
            break;
        }
        let entered = estimate(position.entry_value);
        let worth = estimate(position.exit_value) + estimate(position.quantity) * timed.bar.close();
        let gross = position.side.sign() * (worth - entered);
        let net = gross - estimate(position.fees + position.funding);
        let r = net / (entered * position.plan.stop_fraction);
        position.marks.reach(r);
        reached = Some((Marks::AT[next], r));
    }
    reached
}

/// How a position's stop follows, if it does.
fn trail(position: &Position, mode: ExitMode) -> Option<Trail> {
    match mode {
        ExitMode::Tight => Some(tightened(&position.plan)),
        ExitMode::AsPlanned | ExitMode::Flat => position.plan.trail,
    }
}

/// The stop's new place, if it moves.
fn trailed(position: &Position, trail: &Option<Trail>, instrument: &Instrument) -> Option<Price> {
    let (trail, stop) = (trail.as_ref()?, position.stop?);
    let best = if position.side == domain::Side::Long { position.high } else { position.low };
    let entry = estimate(position.entry_value) / estimate(position.quantity_entered);
    let stood = estimate(stop);
    let followed = trailed_stop(position.side, entry, best, stood, trail);
    // Most bars bring no new best price; putting the same stop on the grid again would be work for nothing.
    if followed == stood {
        return None;
    }
    let moved = instrument.price(followed);
    let is_closer = signed(position.side, moved - stop) > Price::ZERO;
    is_closer.then_some(moved)
}

/// An order to leave; it only ever reduces, and takes back what is left of the entry.
fn leave(position: &mut Position, reason: ExitReason, now: Timestamp) -> Instruction {
    let id = OrderId::of(position.decision, Leg::Exit.code(), position.exits_failed);
    position.stage = PositionStage::Exiting(reason);
    position.order = id;
    position.order_state = OrderState::Intent;
    let is_filled = !position.quantity_entered.is_zero();
    Instruction::Place(OrderRequest {
        id,
        decision: position.decision,
        symbol: position.symbol,
        side: position.side.opposite(),
        leg: Leg::Exit,
        quantity: if is_filled { position.quantity } else { position.quantity_asked },
        protection: None,
        requested_at: now,
    })
}
