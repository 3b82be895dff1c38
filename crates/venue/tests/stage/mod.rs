//! A venue, its bars and its orders, small enough for tests.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of the stage")]

use domain::{
    Bar, Calendar, DecisionId, Fill, Instrument, Interval, Leg, OrderId, OrderRequest, Protection,
    RawBar, Side, SymbolIx, TimedBar, Timestamp, VenueNews, decimal,
};
use laws::Costs;
use venue::SimulatedVenue;

pub const START_MS: i64 = 1_600_000_000_000;
pub const SYMBOL: SymbolIx = SymbolIx(0);

pub fn venue() -> SimulatedVenue {
    venue_where(|_| {})
}

pub fn venue_where(change: impl Fn(&mut Instrument)) -> SimulatedVenue {
    venue_of(change, |_| {})
}

pub fn venue_of(change: impl Fn(&mut Instrument), charge: impl Fn(&mut Costs)) -> SimulatedVenue {
    let mut instrument = Instrument {
        symbol: "BTCUSDT".to_owned(),
        interval: Interval::HOUR,
        calendar: Calendar::Always,
        tick: decimal(0.01),
        step: decimal(0.001),
        notional_min: decimal(5.0),
        kind: domain::InstrumentKind::Spot,
        margin: domain::Margin::NONE,
        has_volume: true,
    };
    change(&mut instrument);
    let mut costs = Costs { slippage_mean_bps: 0.0, slippage_sd_bps: 0.0, ..Costs::default() };
    charge(&mut costs);
    SimulatedVenue::new(vec![instrument], costs, 7)
}

pub fn bar(hour: i64, [open, high, low, close]: [f64; 4]) -> TimedBar {
    let raw = RawBar {
        opened_at: Timestamp::from_ms(START_MS + hour * 3_600_000),
        open,
        high,
        low,
        close,
        volume: 100.0,
        taker_buy_volume: None,
        flow: None,
    };
    TimedBar { symbol: SYMBOL, bar: Bar::admit(raw, Interval::HOUR).unwrap() }
}

pub fn order(leg: Leg, side: Side, quantity: f64) -> OrderRequest {
    let decision = DecisionId(42);
    OrderRequest {
        id: OrderId::of(decision, leg.code(), 0),
        decision,
        symbol: SYMBOL,
        side,
        leg,
        quantity: decimal(quantity),
        protection: (leg == Leg::Entry).then_some(Protection {
            stop_fraction: 0.02,
            target_fraction: Some(0.03),
            partial: None,
            liquidation_fraction: None,
        }),
        requested_at: Timestamp::from_ms(START_MS),
    }
}

pub fn fills(news: &[VenueNews]) -> Vec<Fill> {
    news.iter()
        .filter_map(|news| match news {
            VenueNews::Fill(fill) => Some(*fill),
            VenueNews::Order { .. } | VenueNews::Funding(_) => None,
        })
        .collect()
}
