//! What the simulated venue promises: next-open fills, held stops, exact money, nothing twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod stage;

use domain::{
    Bar, DecisionId, Instruction, Interval, Leg, OrderNews, OrderRequest, Quantity, RawBar, Side,
    Timestamp, VenueNews, decimal, estimate,
};
use stage::{START_MS, SYMBOL, bar, fills, order, venue, venue_where};
use venue::{BarDriven, Faults, SimulatedVenue, Venue};

/// Places a long of one unit, then lets the bars come; gives all news.
fn long_through(bars: &[[f64; 4]], hours: &[i64]) -> (SimulatedVenue, Vec<VenueNews>) {
    let mut venue = venue();
    let mut news = Vec::new();
    venue.meet(&[bar(-1, [100.0; 4])], &mut news);
    venue.perform(&Instruction::Place(order(Leg::Entry, Side::Long, 1.0)), &mut news).unwrap();
    for (prices, hour) in bars.iter().zip(hours) {
        venue.meet(&[bar(*hour, *prices)], &mut news);
    }
    (venue, news)
}

#[test]
fn an_entry_fills_at_the_next_open_with_its_stop_in_place() {
    let (venue, news) = long_through(&[[100.0, 101.0, 99.5, 100.5]], &[0]);
    let fill = fills(&news)[0];
    assert_eq!(fill.price, decimal(100.01));
    assert_eq!(fill.market_price, decimal(100.0));
    assert_eq!(fill.fee, decimal(0.040_004));
    assert_eq!(fill.stop, Some(decimal(98.01)));
    assert_eq!(fill.target, Some(decimal(103.01)));
    assert_eq!(fill.at, Timestamp::from_ms(START_MS));
    assert_eq!(venue.protected().count(), 1);
}

#[test]
fn the_stop_acts_within_the_entry_bar_and_at_the_open_after_a_jump() {
    let (_, news) = long_through(&[[100.0, 104.0, 97.0, 100.0]], &[0]);
    let stopped = fills(&news)[1];
    assert_eq!((stopped.leg, stopped.market_price), (Leg::Stop, decimal(98.01)));

    let (venue, news) =
        long_through(&[[100.0, 101.0, 99.5, 100.0], [90.0, 91.0, 89.0, 90.0]], &[0, 1]);
    let stopped = fills(&news)[1];
    assert_eq!((stopped.leg, stopped.market_price), (Leg::Stop, decimal(90.0)));
    assert_eq!(venue.load(), 0);
}

#[test]
fn a_position_over_missing_bars_closes_at_the_first_price_after_them() {
    let (venue, news) =
        long_through(&[[100.0, 101.0, 99.5, 100.0], [102.0, 109.0, 90.0, 100.0]], &[0, 5]);
    let closed = fills(&news)[1];
    assert!(closed.gapped);
    assert_eq!((closed.leg, closed.market_price), (Leg::Exit, decimal(102.0)));
    assert_eq!(venue.load(), 0);
}

#[test]
fn an_entry_does_not_wait_across_missing_bars() {
    let (_, news) = long_through(&[[100.0, 101.0, 99.5, 100.0]], &[3]);
    assert!(fills(&news).is_empty());
    assert!(matches!(news.last(), Some(VenueNews::Order { news: OrderNews::Expired, .. })));
}

#[test]
fn a_bar_gives_at_most_its_share_of_volume() {
    let mut venue = venue();
    let mut news = Vec::new();
    venue.perform(&Instruction::Place(order(Leg::Entry, Side::Long, 25.0)), &mut news).unwrap();
    venue.meet(&[bar(0, [100.0, 100.5, 99.5, 100.0])], &mut news);
    assert_eq!(fills(&news)[0].quantity, decimal(10.0));
    assert!(matches!(news.last(), Some(VenueNews::Order { news: OrderNews::Expired, .. })));
}

#[test]
fn where_volumes_are_not_told_nothing_is_capped_and_where_there_was_none_nothing_fills() {
    for (has_volume, fills_expected) in [(false, 1), (true, 0)] {
        let mut venue = venue_where(|instrument| instrument.has_volume = has_volume);
        let mut news = Vec::new();
        venue.perform(&Instruction::Place(order(Leg::Entry, Side::Long, 1.0)), &mut news).unwrap();
        let mut silent = bar(0, [100.0, 100.5, 99.5, 100.0]);
        let raw = RawBar { volume: 0.0, ..*silent.bar.raw() };
        silent.bar = Bar::admit(raw, Interval::HOUR).unwrap();
        venue.meet(&[silent], &mut news);
        assert_eq!(fills(&news).len(), fills_expected, "volumes told: {has_volume}");
    }
}

#[test]
fn a_part_too_small_for_the_venue_is_not_filled() {
    let mut venue = venue_where(|instrument| instrument.notional_min = decimal(2_000.0));
    let mut news = Vec::new();
    venue.perform(&Instruction::Place(order(Leg::Entry, Side::Long, 25.0)), &mut news).unwrap();
    venue.meet(&[bar(0, [100.0, 100.5, 99.5, 100.0])], &mut news);
    assert!(fills(&news).is_empty());
}

#[test]
fn an_order_never_fills_at_a_price_from_before_it_was_written() {
    let mut venue = venue();
    let mut news = Vec::new();
    let late = OrderRequest {
        requested_at: Timestamp::from_ms(START_MS + 1_800_000),
        ..order(Leg::Entry, Side::Long, 1.0)
    };
    venue.perform(&Instruction::Place(late), &mut news).unwrap();
    venue.meet(&[bar(0, [100.0, 100.5, 99.5, 100.0])], &mut news);
    assert!(fills(&news).is_empty());
    venue.meet(&[bar(1, [100.0, 100.5, 99.5, 100.0])], &mut news);
    assert_eq!(fills(&news).len(), 1);
}

#[test]
fn the_same_order_twice_is_one_order() {
    let mut venue = venue();
    let mut news = Vec::new();
    for _ in 0..2 {
        venue.perform(&Instruction::Place(order(Leg::Entry, Side::Long, 1.0)), &mut news).unwrap();
    }
    venue.meet(&[bar(0, [100.0, 100.5, 99.5, 100.0])], &mut news);
    assert_eq!(fills(&news).len(), 1);
    assert_eq!(venue.held(DecisionId(42)), decimal(1.0));
}

#[test]
fn an_exit_never_turns_a_position_around() {
    let mut venue = venue();
    let mut news = Vec::new();
    venue.perform(&Instruction::Place(order(Leg::Exit, Side::Short, 1.0)), &mut news).unwrap();
    venue.meet(&[bar(0, [100.0, 100.5, 99.5, 100.0])], &mut news);
    assert!(fills(&news).is_empty());
    assert_eq!(venue.held(DecisionId(42)), Quantity::ZERO);
}

#[test]
fn a_moved_stop_counts_from_the_next_bar_and_never_moves_away() {
    let (mut venue, mut news) = long_through(&[[100.0, 101.0, 99.5, 100.0]], &[0]);
    for stop in [99.0, 95.0] {
        let at = Timestamp::from_ms(START_MS);
        let moved = Instruction::MoveStop {
            decision: DecisionId(42),
            symbol: SYMBOL,
            stop: decimal(stop),
            at,
        };
        venue.perform(&moved, &mut news).unwrap();
    }
    venue.meet(&[bar(1, [100.0, 100.5, 98.5, 100.0])], &mut news);
    assert_eq!(fills(&news)[1].market_price, decimal(99.0));
}

#[test]
fn an_entry_without_a_stop_is_refused() {
    let mut venue = venue();
    let bare = OrderRequest { protection: None, ..order(Leg::Entry, Side::Long, 1.0) };
    assert!(venue.perform(&Instruction::Place(bare), &mut Vec::new()).is_err());
    assert_eq!(venue.load(), 0);
}

#[test]
fn an_order_whose_answer_is_lost_is_filled_or_proven_absent_but_never_both() {
    for (absent_fraction, fills_expected) in [(0.0, 1), (1.0, 0)] {
        let mut venue = venue().with_faults(Faults { lost_fraction: 1.0, absent_fraction });
        let mut news = Vec::new();
        venue.perform(&Instruction::Place(order(Leg::Entry, Side::Long, 1.0)), &mut news).unwrap();
        assert!(matches!(news.last(), Some(VenueNews::Order { news: OrderNews::Lost, .. })));
        venue.meet(&[bar(0, [100.0, 100.5, 99.5, 100.0])], &mut news);
        assert_eq!(fills(&news).len(), fills_expected);
    }
}

#[test]
fn rounding_creates_no_money_over_a_round_trip() {
    let (_, news) =
        long_through(&[[100.0, 101.0, 99.5, 100.5], [101.0, 104.0, 100.0, 102.0]], &[0, 1]);
    let legs = fills(&news);
    let gross = (legs[1].price - legs[0].price) * legs[0].quantity;
    let shown = (legs[1].market_price - legs[0].market_price) * legs[0].quantity;
    assert!(gross < shown, "spread must cost: {gross} of {shown}");
    assert!(estimate(legs[0].fee + legs[1].fee) > 0.0);
}
