//! What a closed position was worth: a trade, exact, and an outcome to learn from.

use domain::{ExitReason, Fill, Leg, Outcome, Position, PositionStage, Trade, estimate};

use crate::book::signed;
use crate::cascade::Ended;
use crate::shadow::Excursion;

/// A position that is closed, with the fill that ended it.
pub(crate) struct Closed {
    position: Position,
    ending: Fill,
    reason: ExitReason,
}

impl Closed {
    pub(crate) fn by(mut position: Position, ending: Fill) -> Closed {
        let reason = reason(&position, &ending);
        let shown = estimate(ending.market_price);
        position.high = position.high.max(shown);
        position.low = position.low.min(shown);
        Closed { position, ending, reason }
    }

    pub(crate) fn trade(&self) -> Trade {
        let Closed { position, ending, reason } = self;
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
            opened_at: position.opened_at.unwrap_or(ending.at),
            closed_at: ending.at,
            quantity: position.quantity_entered,
            entry: position.entry_price(),
            exit: position.exit_value / position.quantity_entered,
            stop,
            stop_last: position.stop.unwrap_or(stop),
            target: position.target,
            reason: *reason,
            gross,
            fees: position.fees,
            slipped: position.slipped,
            funding: position.funding,
            climate: position.climate,
            net,
            r: if risked > 0.0 { estimate(net) / risked } else { 0.0 },
        }
    }

    pub(crate) fn ended(&self, trade: &Trade) -> Ended {
        let Closed { position, ending, .. } = self;
        let entry = estimate(trade.entry);
        let moves = Excursion::of(position.side, entry, position.high, position.low);
        let net_bps = estimate(trade.net) / (entry * estimate(trade.quantity)) * 1e4;
        let cost = estimate(trade.fees + trade.slipped);
        let within_bar = matches!(ending.leg, Leg::Stop | Leg::Target | Leg::Liquidation);
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
                near_target: trade.reason != ExitReason::Target
                    && position.plan.nearly_reached(moves.favourable_bps),
                bars: position.bars + u32::from(within_bar),
                uniqueness: 1.0,
                basis: position.basis,
                marks: position.marks,
            },
        }
    }
}

fn reason(position: &Position, fill: &Fill) -> ExitReason {
    match (fill.leg, position.stage) {
        _ if fill.gapped => ExitReason::Gap,
        (Leg::Target, _) => ExitReason::Target,
        (Leg::Liquidation, _) => ExitReason::Liquidated,
        (Leg::Stop, _) if position.stop == position.stop_first => ExitReason::Stop,
        (Leg::Stop, _) => ExitReason::TrailingStop,
        (_, PositionStage::Exiting(reason)) => reason,
        _ => ExitReason::Time,
    }
}
