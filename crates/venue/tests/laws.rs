//! The laws at the venue: latency, entries over several bars, parts that leave early, funding, and the
//! margin.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod stage;

use domain::{
    DecisionId, Fill, Instruction, InstrumentKind, Leg, OrderNews, OrderRequest, PartialExit,
    Protection, Quantity, Reading, Series, Side, SymbolIx, Timestamp, VenueNews, decimal,
};
use stage::{START_MS, SYMBOL, bar, fills, order, venue, venue_of, venue_where};
use venue::{BarDriven, SimulatedVenue, Venue};

const QUIET: [f64; 4] = [100.0, 100.5, 99.5, 100.0];

fn place(venue: &mut SimulatedVenue, request: OrderRequest) -> Vec<VenueNews> {
    let mut news = Vec::new();
    venue.perform(&Instruction::Place(request), &mut news).unwrap();
    news
}

fn meet(venue: &mut SimulatedVenue, hour: i64, prices: [f64; 4]) -> Vec<VenueNews> {
    let mut news = Vec::new();
    venue.meet(&[bar(hour, prices)], &mut news);
    news
}

fn said(news: &[VenueNews]) -> Vec<OrderNews> {
    news.iter()
        .filter_map(|news| match news {
            VenueNews::Order { news, .. } => Some(*news),
            VenueNews::Fill(_) | VenueNews::Funding(_) => None,
        })
        .collect()
}

/// An entry of this size whose protection is what the test is about.
fn entry(side: Side, quantity: f64, protect: impl Fn(&mut Protection)) -> OrderRequest {
    let mut request = order(Leg::Entry, side, quantity);
    protect(request.protection.as_mut().unwrap());
    request
}

fn with_part(share_fraction: f64) -> impl Fn(&mut Protection) {
    move |protection| {
        protection.partial = Some(PartialExit { at_fraction: 0.01, share_fraction });
    }
}

fn legs(fills: &[Fill]) -> Vec<(Leg, Quantity)> {
    fills.iter().map(|fill| (fill.leg, fill.quantity)).collect()
}

#[test]
fn with_latency_an_order_takes_the_first_open_after_it_and_a_stop_waits_for_nothing() {
    const HOUR_MS: i64 = 3_600_000;
    for (latency_ms, hour_expected) in [(0, 0), (1, 1), (HOUR_MS, 1), (HOUR_MS * 3 / 2, 2)] {
        let mut venue = venue_of(|_| {}, |costs| costs.latency_ms = latency_ms);
        place(&mut venue, order(Leg::Entry, Side::Long, 1.0));
        let filled = (0..5).find(|&hour| !fills(&meet(&mut venue, hour, QUIET)).is_empty());
        assert_eq!(filled, Some(hour_expected), "{latency_ms} ms");
        // An exit is asked for, and the stop is met before it can arrive.
        let requested_at = Timestamp::from_ms(START_MS + (hour_expected + 1) * HOUR_MS);
        let exit = OrderRequest { requested_at, ..order(Leg::Exit, Side::Short, 1.0) };
        place(&mut venue, exit);
        let news = meet(&mut venue, hour_expected + 1, [100.0, 100.0, 97.0, 98.0]);
        let expected = if latency_ms == 0 { Leg::Exit } else { Leg::Stop };
        assert_eq!(fills(&news)[0].leg, expected, "{latency_ms} ms");
    }
}

#[test]
fn what_a_bar_does_not_give_the_next_ones_may() {
    let mut venue = venue_of(|_| {}, |costs| costs.entry_bars_max = 3);
    place(&mut venue, order(Leg::Entry, Side::Long, 25.0));
    let first = meet(&mut venue, 0, QUIET);
    assert_eq!(said(&first), [OrderNews::PartFilled]);
    // The second comes at another price; the stop stays where the first put it, and covers both.
    let second = meet(&mut venue, 1, [101.0, 101.5, 100.5, 101.0]);
    assert_eq!(said(&second), [OrderNews::PartFilled]);
    assert_eq!(fills(&second)[0].stop, fills(&first)[0].stop);
    assert_eq!(venue.protected().next().unwrap().1, decimal(20.0));
    let third = meet(&mut venue, 2, QUIET);
    assert_eq!(legs(&fills(&third)), [(Leg::Entry, decimal(5.0))]);
    assert_eq!(said(&third), [OrderNews::Filled]);
    assert_eq!(venue.held(DecisionId(42)), decimal(25.0));
}

#[test]
fn when_its_bars_are_over_the_rest_of_an_entry_is_taken_back() {
    let mut venue = venue_of(|_| {}, |costs| costs.entry_bars_max = 2);
    place(&mut venue, order(Leg::Entry, Side::Long, 25.0));
    meet(&mut venue, 0, QUIET);
    assert_eq!(said(&meet(&mut venue, 1, QUIET)), [OrderNews::PartFilled, OrderNews::Expired]);
    assert_eq!(legs(&fills(&meet(&mut venue, 2, QUIET))), []);
    assert_eq!(venue.held(DecisionId(42)), decimal(20.0));
}

#[test]
fn an_entry_that_is_still_filling_ends_with_its_position() {
    let filling = || {
        let mut venue = venue_of(|_| {}, |costs| costs.entry_bars_max = 9);
        place(&mut venue, order(Leg::Entry, Side::Long, 25.0));
        meet(&mut venue, 0, QUIET);
        venue
    };
    // Stopped at the open: nothing more is bought first. Stopped within the bar: what it gave is sold.
    for (prices, sold) in [([97.0, 98.0, 96.0, 97.0], 10.0), ([100.0, 100.0, 97.0, 98.0], 20.0)] {
        let mut venue = filling();
        let news = meet(&mut venue, 1, prices);
        assert_eq!(fills(&news).last().unwrap().quantity, decimal(sold));
        assert_eq!(said(&news).last(), Some(&OrderNews::Canceled));
        assert_eq!(venue.load(), 0);
    }
    let mut venue = filling();
    let news = place(&mut venue, order(Leg::Exit, Side::Short, 10.0));
    assert!(said(&news).contains(&OrderNews::Canceled));
    assert_eq!(legs(&fills(&meet(&mut venue, 1, QUIET))), [(Leg::Exit, decimal(10.0))]);
    assert_eq!(venue.load(), 0);
    // And over missing bars.
    let mut venue = filling();
    assert_eq!(legs(&fills(&meet(&mut venue, 7, QUIET))), [(Leg::Exit, decimal(10.0))]);
    assert_eq!(venue.load(), 0);
}

#[test]
fn a_part_leaves_early_and_the_rest_goes_on_under_its_stop() {
    let mut venue = venue();
    place(&mut venue, entry(Side::Long, 1.001, with_part(0.5)));
    meet(&mut venue, 0, QUIET);
    let part = fills(&meet(&mut venue, 1, [100.0, 102.0, 99.0, 101.0]));
    assert_eq!(legs(&part), [(Leg::Partial, decimal(0.5))], "cut down to whole steps");
    assert_eq!(part[0].market_price, decimal(101.01));
    assert_eq!(part[0].stop, Some(decimal(98.01)));
    assert_eq!(venue.held(DecisionId(42)), decimal(0.501));
    // It leaves once.
    assert!(fills(&meet(&mut venue, 2, [100.0, 102.0, 99.0, 101.0])).is_empty());
    let rest = fills(&meet(&mut venue, 3, [100.0, 100.0, 97.0, 98.0]));
    assert_eq!(legs(&rest), [(Leg::Stop, decimal(0.501))]);
}

#[test]
fn in_one_bar_the_part_leaves_before_the_target_and_not_at_all_before_the_stop() {
    for (prices, expected) in [
        (
            [100.0, 104.0, 99.0, 103.0],
            vec![(Leg::Partial, decimal(0.25)), (Leg::Target, decimal(0.75))],
        ),
        ([100.0, 104.0, 97.0, 103.0], vec![(Leg::Stop, decimal(1.0))]),
    ] {
        let mut venue = venue();
        place(&mut venue, entry(Side::Long, 1.0, with_part(0.25)));
        meet(&mut venue, 0, QUIET);
        assert_eq!(legs(&fills(&meet(&mut venue, 1, prices))), expected);
        assert_eq!(venue.load(), 0);
    }
}

#[test]
fn a_share_of_no_whole_step_is_no_part() {
    let mut venue = venue_where(|instrument| instrument.step = decimal(1.0));
    place(&mut venue, entry(Side::Long, 1.0, with_part(0.9)));
    meet(&mut venue, 0, QUIET);
    assert!(fills(&meet(&mut venue, 1, [100.0, 102.0, 99.0, 101.0])).is_empty());
    assert_eq!(venue.held(DecisionId(42)), decimal(1.0));
}

#[test]
fn a_thousandfold_jump_against_a_short_takes_its_margin_and_no_more() {
    // Entered at 99.99 with a tenth of it as margin: gone at 109.99.
    let thin = |protection: &mut Protection| protection.liquidation_fraction = Some(0.1);
    let mut venue = venue();
    place(&mut venue, entry(Side::Short, 1.0, thin));
    meet(&mut venue, 0, QUIET);
    let fill = fills(&meet(&mut venue, 1, [1e5, 1e5, 1e5, 1e5]))[0];
    assert_eq!((fill.leg, fill.price, fill.fee), (Leg::Liquidation, decimal(109.99), decimal(0.0)));
    assert_eq!(venue.load(), 0);
    // Without it the same jump would have been filled where the market opened.
    let mut venue = stage::venue();
    place(&mut venue, order(Leg::Entry, Side::Short, 1.0));
    meet(&mut venue, 0, QUIET);
    let fill = fills(&meet(&mut venue, 1, [1e5, 1e5, 1e5, 1e5]))[0];
    assert_eq!((fill.leg, fill.market_price), (Leg::Stop, decimal(1e5)));
}

#[test]
fn funding_is_paid_on_what_is_held_of_a_perpetual_at_the_last_close() {
    let rate = |symbol, value| Reading {
        at: Timestamp::from_ms(START_MS + 3_600_000),
        symbol,
        series: Series::Funding,
        value,
    };
    for kind in InstrumentKind::ALL {
        for (side, value, paid) in [
            (Side::Long, 0.000_1, 0.020_2),
            (Side::Short, 0.000_1, -0.020_2),
            (Side::Long, -0.000_1, -0.020_2),
            // A fraction of the last decimal is ours to pay, whichever way it goes.
            (Side::Long, 1e-11, 0.000_000_01),
            (Side::Short, 1e-11, 0.0),
        ] {
            let mut venue = venue_where(|instrument| instrument.kind = kind);
            place(&mut venue, order(Leg::Entry, side, 2.0));
            let mut news = Vec::new();
            venue.settle_funding(&[rate(Some(SYMBOL), value)], &mut news);
            assert!(news.is_empty(), "what is not yet held pays nothing");
            meet(&mut venue, 0, [100.0, 101.2, 99.5, 101.0]);
            venue.settle_funding(&[rate(Some(SymbolIx(1)), 0.01)], &mut news);
            assert!(news.is_empty(), "another's rate");
            venue.settle_funding(&[rate(Some(SYMBOL), value)], &mut news);
            let amounts: Vec<_> = news
                .iter()
                .filter_map(|news| match news {
                    VenueNews::Funding(funding) => Some(funding.amount),
                    VenueNews::Fill(_) | VenueNews::Order { .. } => None,
                })
                .collect();
            let expected =
                if kind == InstrumentKind::Perpetual { vec![decimal(paid)] } else { Vec::new() };
            assert_eq!(amounts, expected, "{kind:?} {side:?} {value}");
        }
    }
}

#[test]
fn an_entry_that_was_filled_is_not_filled_again_when_asked_for_again() {
    let mut venue = venue();
    place(&mut venue, order(Leg::Entry, Side::Long, 1.0));
    meet(&mut venue, 0, QUIET);
    place(&mut venue, order(Leg::Entry, Side::Long, 1.0));
    assert!(fills(&meet(&mut venue, 1, QUIET)).is_empty());
    assert_eq!(venue.held(DecisionId(42)), decimal(1.0));
}
