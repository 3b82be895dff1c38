//! The simulated venue: fills at the next open, holds stops and targets, charges what the laws say.

use domain::{
    Bar, DecisionId, Fill, Instruction, Instrument, Leg, Money, OrderId, OrderNews, OrderRequest,
    Price, Quantity, Side, SymbolIx, TimedBar, Timestamp, VenueNews, decimal, draw, estimate,
};
use laws::{Costs, Levels, Touch, slippage_bps, touch};
use serde::{Deserialize, Serialize};

use crate::{BarDriven, Venue, VenueError};

/// Misbehaviour for tests: answers that never come, and orders that never arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Faults {
    /// Share of orders whose answer is lost, 0..=1.
    pub lost_fraction: f64,
    /// Share of those that never arrived, 0..=1; the venue proves their absence at the next bar.
    pub absent_fraction: f64,
}

/// A venue that fills at the next open and holds what protects a position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatedVenue {
    instruments: Vec<Instrument>,
    costs: Costs,
    seed: u64,
    faults: Faults,
    orders: Vec<Working>,
    held: Vec<Held>,
    last_closed_at: Vec<Option<Timestamp>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Working {
    request: OrderRequest,
    arrived: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    decision: DecisionId,
    symbol: SymbolIx,
    side: Side,
    quantity: Quantity,
    stop: Price,
    target: Option<Price>,
}

/// One bar and what goes with it, for the functions that let it meet orders and positions.
struct Moment<'a> {
    timed: &'a TimedBar,
    gapped: bool,
}

const STREAM_LOST: u64 = 10;
const STREAM_ABSENT: u64 = 11;

impl SimulatedVenue {
    /// An empty venue for these instruments.
    pub fn new(instruments: Vec<Instrument>, costs: Costs, seed: u64) -> SimulatedVenue {
        let last_closed_at = vec![None; instruments.len()];
        SimulatedVenue {
            instruments,
            costs,
            seed,
            faults: Faults::default(),
            orders: Vec::new(),
            held: Vec::new(),
            last_closed_at,
        }
    }

    /// The same venue, misbehaving.
    pub fn with_faults(mut self, faults: Faults) -> SimulatedVenue {
        self.faults = faults;
        self
    }

    /// What it holds of one decision's position: its size, zero when none.
    pub fn held(&self, decision: DecisionId) -> Quantity {
        self.held
            .iter()
            .find(|held| held.decision == decision)
            .map_or(Quantity::ZERO, |held| held.quantity)
    }

    /// Every position it holds and its stop, for oracles.
    pub fn protected(&self) -> impl Iterator<Item = (DecisionId, Quantity, Price)> + '_ {
        self.held.iter().map(|held| (held.decision, held.quantity, held.stop))
    }

    /// How many orders and positions it carries.
    pub fn load(&self) -> usize {
        self.orders.len() + self.held.len()
    }

    fn place(
        &mut self,
        request: OrderRequest,
        news: &mut Vec<VenueNews>,
    ) -> Result<(), VenueError> {
        let refuse =
            |reason: &str| VenueError::Refused { venue: "simulated", reason: reason.to_owned() };
        if request.quantity <= Quantity::ZERO {
            return Err(refuse("the size is zero"));
        }
        if request.leg == Leg::Entry && request.protection.is_none() {
            return Err(refuse("an entry needs a stop"));
        }
        if self.orders.iter().any(|working| working.request.id == request.id) {
            return Ok(());
        }
        // Each attempt at an order has a name, and so luck, of its own.
        let chance = |stream| draw(self.seed, DecisionId(request.id.0), stream);
        let lost = chance(STREAM_LOST) < self.faults.lost_fraction;
        let absent = lost && chance(STREAM_ABSENT) < self.faults.absent_fraction;
        let mut say = |news_of: OrderNews| {
            news.push(order_news(&request, news_of, request.requested_at));
        };
        say(OrderNews::Sent);
        say(if lost { OrderNews::Lost } else { OrderNews::Acked });
        self.orders.push(Working { request, arrived: !absent });
        Ok(())
    }

    fn meet_one(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        if moment.gapped {
            self.close_gapped(moment, news);
        }
        self.fill_orders(moment, news);
        self.touch_held(moment, news);
    }

    /// A position open over missing bars ends at the first price after them: nobody knows what
    /// its stop would have met in between.
    fn close_gapped(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        for at in (0..self.held.len()).rev() {
            if self.held[at].symbol == moment.timed.symbol {
                let held = self.held.remove(at);
                let fill = self.exit(&held, Leg::Exit, moment.timed.bar.open(), moment);
                news.push(VenueNews::Fill(fill));
            }
        }
    }

    fn fill_orders(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        let mut at = 0;
        while at < self.orders.len() {
            let request = &self.orders[at].request;
            // A price from before the order was written is not one it can have.
            let is_early = moment.timed.bar.opened_at() < request.requested_at;
            if request.symbol != moment.timed.symbol || is_early {
                at += 1;
                continue;
            }
            let working = self.orders.remove(at);
            if !working.arrived {
                news.push(order_news(
                    &working.request,
                    OrderNews::Absent,
                    moment.timed.bar.opened_at(),
                ));
            } else if working.request.leg == Leg::Entry {
                self.enter(&working.request, moment, news);
            } else {
                self.leave(&working.request, moment, news);
            }
        }
    }

    fn enter(&mut self, request: &OrderRequest, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        let bar = &moment.timed.bar;
        let instrument = &self.instruments[request.symbol.at()];
        let [slipped, _] = slippage_bps(&self.costs, self.seed, request.decision);
        let paid = self.costs.fill_price(request.side, bar.open(), slipped);
        let price = instrument.price_against(request.side, paid);
        let quantity = self.fillable(request, bar);
        let is_worth_it = !moment.gapped && price * quantity >= instrument.notional_min;
        let Some(protection) = request.protection.filter(|_| is_worth_it) else {
            news.push(order_news(request, OrderNews::Expired, bar.opened_at()));
            return;
        };
        let levels = Levels::around(
            request.side,
            estimate(price),
            protection.stop_fraction,
            protection.target_fraction,
        );
        let held = Held {
            decision: request.decision,
            symbol: request.symbol,
            side: request.side,
            quantity,
            stop: instrument.price(levels.stop),
            target: levels.target.map(|target| instrument.price(target)),
        };
        self.held.push(held);
        news.push(VenueNews::Fill(Fill {
            order: request.id,
            decision: request.decision,
            symbol: request.symbol,
            leg: Leg::Entry,
            side: request.side,
            price,
            market_price: instrument.price(bar.open()),
            quantity,
            fee: self.fee(price, quantity),
            stop: Some(held.stop),
            target: held.target,
            gapped: false,
            at: bar.opened_at(),
        }));
        // What the bar's volume did not give is taken back: the chance was this bar's.
        if quantity < request.quantity {
            news.push(order_news(request, OrderNews::PartFilled, bar.opened_at()));
            news.push(order_news(request, OrderNews::Canceled, bar.opened_at()));
        } else {
            news.push(order_news(request, OrderNews::Filled, bar.opened_at()));
        }
    }

    /// What the bar's volume gives of an entry; all of it where volumes are not told.
    fn fillable(&self, request: &OrderRequest, bar: &Bar) -> Quantity {
        let instrument = &self.instruments[request.symbol.at()];
        let asked = estimate(request.quantity);
        let fillable = self.costs.fillable(asked, bar.volume());
        if !instrument.has_volume || fillable >= asked {
            return request.quantity;
        }
        instrument.quantity(fillable)
    }

    /// An exit only ever reduces: where the stop has already acted there is nothing left to close.
    fn leave(&mut self, request: &OrderRequest, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        let at_ms = moment.timed.bar.opened_at();
        let Some(at) = self.held.iter().position(|held| held.decision == request.decision) else {
            news.push(order_news(request, OrderNews::Canceled, at_ms));
            return;
        };
        let held = self.held.remove(at);
        let mut fill = self.exit(&held, Leg::Exit, moment.timed.bar.open(), moment);
        fill.order = request.id;
        news.push(VenueNews::Fill(fill));
        news.push(order_news(request, OrderNews::Filled, at_ms));
    }

    fn touch_held(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        for at in (0..self.held.len()).rev() {
            let held = self.held[at];
            if held.symbol != moment.timed.symbol {
                continue;
            }
            let levels = Levels { stop: estimate(held.stop), target: held.target.map(estimate) };
            let (leg, market) = match touch(&moment.timed.bar, held.side, &levels) {
                None => continue,
                Some(Touch::Stop(market)) => (Leg::Stop, market),
                Some(Touch::Target(market)) => (Leg::Target, market),
            };
            self.held.remove(at);
            let fill = self.exit(&held, leg, market, moment);
            news.push(VenueNews::Fill(fill));
        }
    }

    fn exit(&self, held: &Held, leg: Leg, market: f64, moment: &Moment<'_>) -> Fill {
        let instrument = &self.instruments[held.symbol.at()];
        let side = held.side.opposite();
        let [_, slipped] = slippage_bps(&self.costs, self.seed, held.decision);
        let price = instrument.price_against(side, self.costs.fill_price(side, market, slipped));
        let bar = &moment.timed.bar;
        Fill {
            order: OrderId::of(held.decision, leg.code(), 0),
            decision: held.decision,
            symbol: held.symbol,
            leg,
            side,
            price,
            market_price: instrument.price(market),
            quantity: held.quantity,
            fee: self.fee(price, held.quantity),
            stop: None,
            target: None,
            gapped: moment.gapped,
            at: if leg == Leg::Exit { bar.opened_at() } else { bar.closed_at() },
        }
    }

    fn fee(&self, price: Price, quantity: Quantity) -> Money {
        const FEE_DECIMALS: u32 = 8;
        (price * quantity * decimal(self.costs.taker_bps) / decimal(10_000.0))
            .round_dp(FEE_DECIMALS)
    }
}

impl Venue for SimulatedVenue {
    fn perform(
        &mut self,
        instruction: &Instruction,
        news: &mut Vec<VenueNews>,
    ) -> Result<(), VenueError> {
        match *instruction {
            Instruction::Place(request) => self.place(request, news),
            Instruction::MoveStop { decision, stop, .. } => {
                if let Some(held) = self.held.iter_mut().find(|held| held.decision == decision) {
                    held.stop = match held.side {
                        Side::Long => held.stop.max(stop),
                        Side::Short => held.stop.min(stop),
                    };
                }
                Ok(())
            }
        }
    }
}

impl BarDriven for SimulatedVenue {
    fn meet(&mut self, bars: &[TimedBar], news: &mut Vec<VenueNews>) {
        for timed in bars {
            let at = timed.symbol.at();
            let last = self.last_closed_at[at].replace(timed.bar.closed_at());
            if self.orders.is_empty() && self.held.is_empty() {
                continue;
            }
            let gapped = last
                .is_some_and(|closed| self.instruments[at].bars_missing(closed, &timed.bar) > 0);
            self.meet_one(&Moment { timed, gapped }, news);
        }
    }
}

fn order_news(request: &OrderRequest, news: OrderNews, at: Timestamp) -> VenueNews {
    VenueNews::Order { id: request.id, decision: request.decision, news, at }
}
