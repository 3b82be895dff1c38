//! Orders, the states they go through, and what a venue says of them.

use serde::{Deserialize, Serialize};

use crate::{DecisionId, Money, OrderId, PartialExit, Price, Quantity, Side, SymbolIx, Timestamp};

/// What an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Opens the position.
    Entry,
    /// Closes it at the market; always reduce-only.
    Exit,
    /// The stop the venue holds.
    Stop,
    /// The target the venue holds.
    Target,
    /// The part the venue takes off early.
    Partial,
    /// The venue takes the margin.
    Liquidation,
}

impl Leg {
    /// Its number in an order id.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Leg::Entry => "entry",
            Leg::Exit => "exit",
            Leg::Stop => "stop",
            Leg::Target => "target",
            Leg::Partial => "partial",
            Leg::Liquidation => "liquidation",
        }
    }
}

/// Where an order stands. Only news that moves it forward counts, so repeats and stragglers are harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Written down; it has not left.
    Intent,
    /// On its way.
    Sending,
    /// The venue has it.
    Acked,
    /// No answer: it may or may not exist. Counts as filled for risk and as unfilled for exits.
    Unknown,
    /// Filled in part, the rest still working.
    Partial,
    /// Filled.
    Filled,
    /// Taken back; what was filled stays.
    Canceled,
    /// Ran out of time; what was filled stays.
    Expired,
    /// Refused by the venue.
    Rejected,
    /// Proven never to have existed: only then may another attempt be made.
    NotPlaced,
}

/// What is heard of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderNews {
    /// It left.
    Sent,
    /// The venue has it.
    Acked,
    /// No answer in time.
    Lost,
    /// The venue refused it.
    Rejected,
    /// A part was filled.
    PartFilled,
    /// All of it, or all that was left, was filled.
    Filled,
    /// It was cancelled.
    Canceled,
    /// It expired.
    Expired,
    /// The venue proved that it never had it.
    Absent,
}

impl OrderState {
    /// Whether nothing more can come of it.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            OrderState::Filled
                | OrderState::Canceled
                | OrderState::Expired
                | OrderState::Rejected
                | OrderState::NotPlaced
        )
    }

    /// Whether it must be counted as if it were filled when risk is added up.
    pub const fn counts_for_risk(self) -> bool {
        !self.is_final()
    }

    /// The state after the news; `None` when the news cannot move it, being old, repeated or impossible.
    pub const fn after(self, news: OrderNews) -> Option<OrderState> {
        use OrderState as S;
        if self.is_final() {
            return None;
        }
        match news {
            OrderNews::Sent if matches!(self, S::Intent) => Some(S::Sending),
            OrderNews::Acked if matches!(self, S::Intent | S::Sending | S::Unknown) => {
                Some(S::Acked)
            }
            OrderNews::Lost if matches!(self, S::Intent | S::Sending) => Some(S::Unknown),
            OrderNews::Rejected if !matches!(self, S::Partial) => Some(S::Rejected),
            OrderNews::PartFilled if !matches!(self, S::Partial) => Some(S::Partial),
            OrderNews::Filled => Some(S::Filled),
            OrderNews::Canceled => Some(S::Canceled),
            OrderNews::Expired => Some(S::Expired),
            OrderNews::Absent if matches!(self, S::Sending | S::Unknown) => Some(S::NotPlaced),
            _ => None,
        }
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            OrderState::Intent => "intent",
            OrderState::Sending => "sending",
            OrderState::Acked => "acked",
            OrderState::Unknown => "unknown",
            OrderState::Partial => "partial",
            OrderState::Filled => "filled",
            OrderState::Canceled => "canceled",
            OrderState::Expired => "expired",
            OrderState::Rejected => "rejected",
            OrderState::NotPlaced => "not_placed",
        }
    }
}

/// The stop, and perhaps target, that the venue holds from the moment of the first fill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protection {
    /// Stop distance as a fraction of the fill price.
    pub stop_fraction: f64,
    /// Target distance as a fraction of the fill price.
    pub target_fraction: Option<f64>,
    /// The part that leaves early.
    pub partial: Option<PartialExit>,
    /// Where the venue takes the margin, as a fraction of the fill price.
    pub liquidation_fraction: Option<f64>,
}

/// An order as it is written down before it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// Its name, the same however often it is asked for.
    pub id: OrderId,
    /// The decision behind it.
    pub decision: DecisionId,
    /// On what.
    pub symbol: SymbolIx,
    /// Buy (long) or sell (short).
    pub side: Side,
    /// What for: entry or exit.
    pub leg: Leg,
    /// How much, base units.
    pub quantity: Quantity,
    /// The protection that goes with an entry. An entry without one cannot be written.
    pub protection: Option<Protection>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// What the engine asks of the venue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Instruction {
    /// Place an order: market, at the next price the venue can give.
    Place(OrderRequest),
    /// Move the stop of the position that `decision` opened; only ever closer to the price.
    MoveStop {
        /// Whose position.
        decision: DecisionId,
        /// On what.
        symbol: SymbolIx,
        /// The new stop.
        stop: Price,
        /// When it was asked for.
        at: Timestamp,
    },
}

/// An execution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// Which order.
    pub order: OrderId,
    /// The decision behind it.
    pub decision: DecisionId,
    /// On what.
    pub symbol: SymbolIx,
    /// What it did.
    pub leg: Leg,
    /// Bought (long) or sold (short).
    pub side: Side,
    /// At what price.
    pub price: Price,
    /// The price before spread and slippage: what the market showed.
    pub market_price: Price,
    /// How much.
    pub quantity: Quantity,
    /// The venue's fee, quote units.
    pub fee: Money,
    /// The stop the venue holds after it; none once the position is closed.
    pub stop: Option<Price>,
    /// The target the venue holds after it.
    pub target: Option<Price>,
    /// Whether the market had gapped: the price is the first after bars went missing.
    pub gapped: bool,
    /// When.
    pub at: Timestamp,
}

/// Funding that changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingPaid {
    /// The decision behind the position.
    pub decision: DecisionId,
    /// On what.
    pub symbol: SymbolIx,
    /// What was paid, quote units; below zero where it was received.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
}

/// What a venue tells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum VenueNews {
    /// An order moved on.
    Order {
        /// Which order.
        id: OrderId,
        /// The decision behind it.
        decision: DecisionId,
        /// What happened.
        news: OrderNews,
        /// When.
        at: Timestamp,
    },
    /// Something was executed.
    Fill(Fill),
    /// Funding was settled.
    Funding(FundingPaid),
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_NEWS: [OrderNews; 9] = [
        OrderNews::Sent,
        OrderNews::Acked,
        OrderNews::Lost,
        OrderNews::Rejected,
        OrderNews::PartFilled,
        OrderNews::Filled,
        OrderNews::Canceled,
        OrderNews::Expired,
        OrderNews::Absent,
    ];

    #[test]
    fn nothing_moves_a_final_state() {
        use OrderState as S;
        for state in [S::Filled, S::Canceled, S::Expired, S::Rejected, S::NotPlaced] {
            for news in ALL_NEWS {
                assert_eq!(state.after(news), None, "{state:?} {news:?}");
            }
        }
    }

    #[test]
    fn a_lost_order_can_turn_out_any_way_but_is_never_taken_for_rejected_by_silence() {
        let unknown = OrderState::Sending.after(OrderNews::Lost).unwrap();
        assert_eq!(unknown, OrderState::Unknown);
        assert!(unknown.counts_for_risk());
        assert_eq!(unknown.after(OrderNews::Acked), Some(OrderState::Acked));
        assert_eq!(unknown.after(OrderNews::Filled), Some(OrderState::Filled));
        assert_eq!(unknown.after(OrderNews::Absent), Some(OrderState::NotPlaced));
        assert_eq!(OrderState::Acked.after(OrderNews::Absent), None);
        assert_eq!(OrderState::Acked.after(OrderNews::Lost), None);
    }

    #[test]
    fn repeated_news_changes_nothing() {
        for first in ALL_NEWS {
            if let Some(state) = OrderState::Intent.after(first) {
                assert_eq!(state.after(first), None, "{first:?}");
            }
        }
    }
}
