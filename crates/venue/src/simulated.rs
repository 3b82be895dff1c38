//! The simulated venue: fills at the next open, holds stops and targets, charges what the laws say.

use domain::{
    Bar, DecisionId, Fill, Grid, Instruction, Instrument, Leg, OrderNews, OrderRequest, Price,
    Quantity, Reading, TimedBar, Timestamp, VenueNews, draw, estimate,
};
use laws::{Costs, funding_rates, slippage_bps};
use serde::{Deserialize, Serialize};

use crate::held::{Held, Moment};
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
    grids: Vec<Grid>,
    costs: Costs,
    seed: u64,
    faults: Faults,
    orders: Vec<Working>,
    held: Vec<Held>,
    last: Vec<Option<LastBar>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Working {
    request: OrderRequest,
    arrived: bool,
    filled: Quantity,
    bars: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct LastBar {
    closed_at: Timestamp,
    close: f64,
}

/// What becomes of an order at a bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    GoesOn,
    IsDone,
}

const STREAM_LOST: u64 = 10;
const STREAM_ABSENT: u64 = 11;

impl SimulatedVenue {
    /// An empty venue for these instruments.
    pub fn new(instruments: Vec<Instrument>, costs: Costs, seed: u64) -> SimulatedVenue {
        let last = vec![None; instruments.len()];
        let grids = instruments.iter().map(Instrument::grid).collect();
        SimulatedVenue {
            instruments,
            grids,
            costs,
            seed,
            faults: Faults::default(),
            orders: Vec::new(),
            held: Vec::new(),
            last,
        }
    }

    /// The same venue, misbehaving.
    pub fn with_faults(mut self, faults: Faults) -> SimulatedVenue {
        self.faults = faults;
        self
    }

    /// What it holds of one decision's position: its size, zero when none.
    pub fn held(&self, decision: DecisionId) -> Quantity {
        self.holding(decision).map_or(Quantity::ZERO, |at| self.held[at].quantity)
    }

    /// Every position it holds and its stop, for oracles.
    pub fn protected(&self) -> impl Iterator<Item = (DecisionId, Quantity, Price)> + '_ {
        self.held.iter().map(|held| (held.decision, held.quantity, held.stop))
    }

    /// How many orders and positions it carries.
    pub fn load(&self) -> usize {
        self.orders.len() + self.held.len()
    }

    fn holding(&self, decision: DecisionId) -> Option<usize> {
        self.held.iter().position(|held| held.decision == decision)
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
        if self.has(&request) {
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
        if request.leg == Leg::Exit && !absent {
            self.take_back(request.decision, request.requested_at, news);
        }
        self.orders.push(Working { request, arrived: !absent, filled: Quantity::ZERO, bars: 0 });
        Ok(())
    }

    /// Whether an order is here already, working or filled.
    fn has(&self, request: &OrderRequest) -> bool {
        let is_held = request.leg == Leg::Entry && self.holding(request.decision).is_some();
        is_held || self.orders.iter().any(|working| working.request.id == request.id)
    }

    /// What is left of an entry is taken back once its position is being left: it must not open again.
    fn take_back(&mut self, decision: DecisionId, at: Timestamp, news: &mut Vec<VenueNews>) {
        self.orders.retain(|working| {
            let request = &working.request;
            let ends = working.arrived && request.leg == Leg::Entry && request.decision == decision;
            if ends {
                news.push(order_news(request, OrderNews::Canceled, at));
            }
            !ends
        });
    }

    fn meet_one(&mut self, timed: &TimedBar, gapped: bool, news: &mut Vec<VenueNews>) {
        // What a moment needs is lent out of the venue while orders and positions change.
        let instruments = std::mem::take(&mut self.instruments);
        let instrument = &instruments[timed.symbol.at()];
        let (costs, seed, grid) = (self.costs, self.seed, self.grids[timed.symbol.at()]);
        let moment = Moment { timed, gapped, instrument, grid, costs: &costs, seed };
        if gapped {
            self.close_gapped(&moment, news);
        }
        self.fill_orders(&moment, news);
        self.touch_held(&moment, news);
        self.instruments = instruments;
    }

    /// A position open over missing bars ends at the first price after them: nobody knows what
    /// its stop would have met in between.
    fn close_gapped(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        for at in (0..self.held.len()).rev() {
            if self.held[at].symbol == moment.timed.symbol {
                let held = self.held.remove(at);
                let bar = &moment.timed.bar;
                self.take_back(held.decision, bar.opened_at(), news);
                news.push(VenueNews::Fill(held.exit(Leg::Exit, bar.open(), moment)));
            }
        }
    }

    fn fill_orders(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        let mut orders = std::mem::take(&mut self.orders);
        orders.retain_mut(|working| {
            working.request.symbol != moment.timed.symbol
                || self.work(working, moment, news) == Work::GoesOn
        });
        self.orders = orders;
    }

    fn work(
        &mut self,
        working: &mut Working,
        moment: &Moment<'_>,
        news: &mut Vec<VenueNews>,
    ) -> Work {
        let opened_at = moment.timed.bar.opened_at();
        let request = &working.request;
        let is_entry = request.leg == Leg::Entry;
        if !working.arrived && request.requested_at <= opened_at {
            news.push(order_news(request, OrderNews::Absent, opened_at));
            return Work::IsDone;
        }
        // An entry does not wait across missing bars: the chance it was for has gone by.
        if is_entry && moment.gapped {
            news.push(order_news(request, OrderNews::Expired, opened_at));
            return Work::IsDone;
        }
        if !moment.costs.arrives_by(request.requested_at, opened_at) {
            return Work::GoesOn;
        }
        if is_entry {
            return self.enter(working, moment, news);
        }
        self.leave(request, moment, news);
        Work::IsDone
    }

    /// Fills what a bar gives of an entry; what the last of its bars does not give is taken back.
    fn enter(
        &mut self,
        working: &mut Working,
        moment: &Moment<'_>,
        news: &mut Vec<VenueNews>,
    ) -> Work {
        working.bars += 1;
        let request = &working.request;
        let filled = self.fill_entry(working, moment);
        if let Some(fill) = filled {
            working.filled += fill.quantity;
            news.push(VenueNews::Fill(fill));
        }
        let mut say = |news_of| {
            news.push(order_news(request, news_of, moment.timed.bar.opened_at()));
        };
        if working.filled == request.quantity {
            say(OrderNews::Filled);
            return Work::IsDone;
        }
        if filled.is_some() {
            say(OrderNews::PartFilled);
        }
        if working.bars < moment.costs.entry_bars_max {
            return Work::GoesOn;
        }
        say(OrderNews::Expired);
        Work::IsDone
    }

    /// The fill of an entry at this bar's open, if it gives any, and the position it makes or adds to.
    fn fill_entry(&mut self, working: &Working, moment: &Moment<'_>) -> Option<Fill> {
        let (request, instrument) = (&working.request, moment.instrument);
        let bar = &moment.timed.bar;
        let [slipped, _] = slippage_bps(moment.costs, moment.seed, request.decision);
        let paid = moment.costs.fill_price(request.side, bar.open(), slipped);
        let price = instrument.price_against(request.side, paid);
        let quantity = fillable(request.quantity - working.filled, bar, moment);
        let (stop, target) = if let Some(at) = self.holding(request.decision) {
            let held = &mut self.held[at];
            // Past its stop already: this bar closes it, and nothing more is bought before.
            if quantity.is_zero() || held.is_stopped_at(bar.open()) {
                return None;
            }
            held.quantity += quantity;
            (held.stop, held.target)
        } else {
            if quantity.is_zero() || price * quantity < instrument.notional_min {
                return None;
            }
            let entry = moment.grid.against(request.side, paid);
            let protection = request.protection?;
            let held = Held::opened(request, &protection, entry, quantity, moment);
            self.held.push(held);
            (held.stop, held.target)
        };
        Some(Fill {
            order: request.id,
            decision: request.decision,
            symbol: request.symbol,
            leg: Leg::Entry,
            side: request.side,
            price,
            market_price: instrument.price(bar.open()),
            quantity,
            fee: moment.fee(price, quantity),
            stop: Some(stop),
            target,
            gapped: false,
            at: bar.opened_at(),
        })
    }

    /// An exit only ever reduces: where the stop has already acted there is nothing left to close.
    fn leave(&mut self, request: &OrderRequest, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        let bar = &moment.timed.bar;
        let Some(at) = self.holding(request.decision) else {
            news.push(order_news(request, OrderNews::Canceled, bar.opened_at()));
            return;
        };
        let held = self.held.remove(at);
        let fill = Fill { order: request.id, ..held.exit(Leg::Exit, bar.open(), moment) };
        news.push(VenueNews::Fill(fill));
        news.push(order_news(request, OrderNews::Filled, bar.opened_at()));
    }

    fn touch_held(&mut self, moment: &Moment<'_>, news: &mut Vec<VenueNews>) {
        for at in (0..self.held.len()).rev() {
            if self.held[at].symbol != moment.timed.symbol {
                continue;
            }
            let decision = self.held[at].decision;
            let [part, rest] = self.held[at].meet(moment);
            if part.is_none() && rest.is_none() {
                continue;
            }
            self.take_back(decision, moment.timed.bar.closed_at(), news);
            news.extend(part.into_iter().chain(rest).map(VenueNews::Fill));
            if rest.is_some() {
                self.held.remove(at);
            }
        }
    }
}

/// What the bar's volume gives of what is left of an entry; all of it where volumes are not told.
fn fillable(asked: Quantity, bar: &Bar, moment: &Moment<'_>) -> Quantity {
    let estimated = estimate(asked);
    let fillable = moment.costs.fillable(estimated, bar.volume());
    if !moment.instrument.has_volume || fillable >= estimated {
        return asked;
    }
    moment.instrument.quantity(fillable)
}

impl Venue for SimulatedVenue {
    fn perform(
        &mut self,
        instruction: &Instruction,
        news: &mut Vec<VenueNews>,
    ) -> Result<(), VenueError> {
        match *instruction {
            Instruction::Place(request) => self.place(request, news),
            Instruction::MoveStop { decision, symbol, stop, .. } => {
                if let Some(at) = self.holding(decision) {
                    self.held[at].move_stop(stop, self.grids[symbol.at()]);
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
            let bar = LastBar { closed_at: timed.bar.closed_at(), close: timed.bar.close() };
            let last = self.last[at].replace(bar);
            if self.orders.is_empty() && self.held.is_empty() {
                continue;
            }
            let gapped = last.is_some_and(|last| {
                self.instruments[at].bars_missing(last.closed_at, &timed.bar) > 0
            });
            self.meet_one(timed, gapped, news);
        }
    }

    fn settle_funding(&mut self, readings: &[Reading], news: &mut Vec<VenueNews>) {
        for held in &self.held {
            let instrument = &self.instruments[held.symbol.at()];
            let Some(last) = self.last[held.symbol.at()] else { continue };
            for rate in funding_rates(readings, held.symbol, instrument) {
                let paid = held.pay_funding(rate, instrument.price(last.close));
                news.push(VenueNews::Funding(paid));
            }
        }
    }
}

fn order_news(request: &OrderRequest, news: OrderNews, at: Timestamp) -> VenueNews {
    VenueNews::Order { id: request.id, decision: request.decision, news, at }
}
