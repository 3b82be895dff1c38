//! What the simulated venue holds of a position, and what bars and funding do to it.

use domain::{
    DecisionId, Fill, FundingPaid, Grid, Instrument, Leg, Money, OrderId, OrderRequest, Price,
    Protection, Quantity, Reading, Side, SymbolIx, TimedBar, decimal,
};
use laws::{Costs, Levels, Touch, Touched, slippage_bps, touch};
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};

/// A position and what protects it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) decision: DecisionId,
    pub(crate) symbol: SymbolIx,
    pub(crate) side: Side,
    pub(crate) quantity: Quantity,
    pub(crate) stop: Price,
    pub(crate) target: Option<Price>,
    /// The same prices as a bar is compared with.
    levels: Levels,
    /// The share that leaves early.
    share_fraction: f64,
}

/// One bar and what goes with it, for the functions that let it meet orders and positions.
pub(crate) struct Moment<'a> {
    pub(crate) timed: &'a TimedBar,
    pub(crate) gapped: bool,
    pub(crate) instrument: &'a Instrument,
    pub(crate) grid: Grid,
    pub(crate) costs: &'a Costs,
    pub(crate) seed: u64,
}

const MONEY_DECIMALS: u32 = 8;

impl Moment<'_> {
    pub(crate) fn fee(&self, price: Price, quantity: Quantity) -> Money {
        (price * quantity * decimal(self.costs.taker_bps) / decimal(10_000.0))
            .round_dp(MONEY_DECIMALS)
    }
}

impl Held {
    /// What the first fill of an entry opens; levels are set by its price and stay when more is filled.
    pub(crate) fn opened(
        request: &OrderRequest,
        protection: &Protection,
        entry: f64,
        quantity: Quantity,
        moment: &Moment<'_>,
    ) -> Held {
        let levels = Levels::around(request.side, entry, protection, moment.grid);
        Held {
            decision: request.decision,
            symbol: request.symbol,
            side: request.side,
            quantity,
            stop: moment.instrument.price(levels.stop),
            target: levels.target.map(|target| moment.instrument.price(target)),
            levels,
            share_fraction: protection.partial.map_or(0.0, |partial| partial.share_fraction),
        }
    }

    /// Moves the stop, only ever closer to the price.
    pub(crate) fn move_stop(&mut self, stop: Price, grid: Grid) {
        let is_closer = match self.side {
            Side::Long => stop > self.stop,
            Side::Short => stop < self.stop,
        };
        if is_closer {
            self.stop = stop;
            self.levels.stop = grid.near(domain::estimate(stop));
        }
    }

    /// Whether the first price of a bar is already past the stop.
    pub(crate) fn is_stopped_at(&self, open: f64) -> bool {
        match self.side {
            Side::Long => open <= self.levels.stop,
            Side::Short => open >= self.levels.stop,
        }
    }

    /// Lets a bar touch it: the fill of the part that leaves early, and the fill that ends it.
    pub(crate) fn meet(&mut self, moment: &Moment<'_>) -> [Option<Fill>; 2] {
        let Touched { partial, end } = touch(&moment.timed.bar, self.side, &self.levels);
        let part = partial.and_then(|market| self.part(market, moment));
        let rest = end.map(|end| {
            let (leg, market) = match end {
                Touch::Stop(market) => (Leg::Stop, market),
                Touch::Target(market) => (Leg::Target, market),
                Touch::Liquidation(market) => (Leg::Liquidation, market),
            };
            self.exit(leg, market, moment)
        });
        [part, rest]
    }

    /// The part that leaves early, cut down to whole steps; nothing where none is left of it.
    fn part(&mut self, market: f64, moment: &Moment<'_>) -> Option<Fill> {
        self.levels.partial = None;
        let step = moment.instrument.step;
        let steps = (self.quantity * decimal(self.share_fraction) / step).floor();
        let quantity = steps * step;
        if quantity <= Quantity::ZERO || quantity >= self.quantity {
            return None;
        }
        let taken = Held { quantity, ..*self }.exit(Leg::Partial, market, moment);
        self.quantity -= quantity;
        Some(Fill { stop: Some(self.stop), target: self.target, ..taken })
    }

    /// The fill that closes it where the market shows `market`.
    pub(crate) fn exit(&self, leg: Leg, market: f64, moment: &Moment<'_>) -> Fill {
        let Moment { instrument, costs, seed, .. } = *moment;
        let side = self.side.opposite();
        let [_, slipped] = slippage_bps(costs, seed, self.decision);
        let market_price = instrument.price(market);
        let left_at = instrument.price_against(side, costs.fill_price(side, market, slipped));
        // What the venue takes over costs the margin and nothing on top of it.
        let (price, fee) = match leg {
            Leg::Liquidation => (market_price, Money::ZERO),
            _ => (left_at, moment.fee(left_at, self.quantity)),
        };
        let bar = &moment.timed.bar;
        Fill {
            order: OrderId::of(self.decision, leg.code(), 0),
            decision: self.decision,
            symbol: self.symbol,
            leg,
            side,
            price,
            market_price,
            quantity: self.quantity,
            fee,
            stop: None,
            target: None,
            gapped: moment.gapped,
            at: if leg == Leg::Exit { bar.opened_at() } else { bar.closed_at() },
        }
    }

    /// What it pays at this rate, worth what it was at the last close; a fraction of a cent is ours to pay.
    pub(crate) fn pay_funding(&self, rate: &Reading, close: Price) -> FundingPaid {
        let owed = close * self.quantity * decimal(laws::funding_paid(self.side, rate.value, 1.0));
        let amount =
            owed.round_dp_with_strategy(MONEY_DECIMALS, RoundingStrategy::ToPositiveInfinity);
        FundingPaid { decision: self.decision, symbol: self.symbol, amount, at: rate.at }
    }
}
