//! What tests of a forecast stand on: instruments, made-up bars and the rows they lead to.

#![allow(dead_code, reason = "each suite takes what it needs")]

use domain::{
    Bar, Calendar, Instrument, InstrumentKind, Interval, Margin, Money, RawBar, Reading, Row,
    Series, SymbolIx, Timestamp,
};
use forecast::{Forecaster, FrameRules};
use scenarios::{Dice, Market};

/// A Monday, midnight.
pub(crate) const START: Timestamp = Timestamp::from_ms(1_599_436_800_000);

pub(crate) const TRENDING: Market = Market::Trending { volatility: 0.01, carry: 0.4 };
pub(crate) const REVERTING: Market = Market::Trending { volatility: 0.01, carry: -0.4 };

pub(crate) fn instrument(calendar: Calendar, interval: Interval) -> Instrument {
    Instrument {
        symbol: "MADEUP".to_owned(),
        interval,
        calendar,
        tick: Money::new(1, 2),
        step: Money::new(1, 5),
        notional_min: Money::new(5, 0),
        kind: InstrumentKind::Spot,
        margin: Margin::NONE,
        has_volume: true,
    }
}

pub(crate) fn forecaster() -> Forecaster {
    Forecaster::new(&instrument(Calendar::Always, Interval::HOUR), &FrameRules::default())
}

/// Bars with order flow told: half of what takers bought more than sold.
pub(crate) fn history(seed: u64, market: Market, count: usize) -> Vec<Bar> {
    let told = |bar: Bar| {
        let flow = bar.taker_buy_volume().map(|bought| bought - bar.volume() / 2.0);
        Bar::admit(RawBar { flow, ..*bar.raw() }, Interval::HOUR).unwrap()
    };
    scenarios::bars(seed, market, Interval::HOUR, START, count).into_iter().map(told).collect()
}

/// Readings of every series, each at its own pace, extremes among them.
pub(crate) fn readings(seed: u64, hours: usize) -> Vec<Reading> {
    let mut dice = Dice::new(seed ^ 0x5ead);
    let mut made = Vec::new();
    for hour in 0..hours as i64 {
        let at = START.plus_ms(hour * Interval::HOUR.ms());
        let symbol = dice.happens(0.5).then_some(SymbolIx(0));
        let mut read = |series, value| made.push(Reading { at, symbol, series, value });
        if hour % 8 == 0 {
            read(Series::Funding, 1e-4 * dice.normal() * if dice.happens(0.1) { 5.0 } else { 1.0 });
            read(Series::OpenInterest, 1e6 * libm::exp(0.1 * dice.normal()));
            read(Series::LongShortRatio, libm::exp(0.3 * dice.normal()));
        }
        if hour % 24 == 0 {
            read(Series::FearGreed, 100.0 * dice.uniform());
        }
        if dice.happens(0.1) {
            read(Series::Headlines, 2.0 * dice.uniform() - 1.0);
        }
    }
    made
}

/// A row by itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Example {
    pub(crate) values: Vec<f64>,
    pub(crate) present: u64,
}

impl Example {
    pub(crate) fn of(row: &Row<'_>) -> Example {
        Example { values: row.values.to_vec(), present: row.present }
    }

    pub(crate) fn row(&self) -> Row<'_> {
        Row { values: &self.values, present: self.present }
    }
}

/// Lives through bars and readings in the order of time: what is public when a bar closes is heard
/// before it.
pub(crate) fn live(
    forecaster: &mut Forecaster,
    bars: &[Bar],
    readings: &[Reading],
) -> Vec<Example> {
    let mut coming = readings.iter().peekable();
    let mut rows = Vec::with_capacity(bars.len());
    for bar in bars {
        while let Some(reading) = coming.next_if(|reading| reading.at <= bar.closed_at()) {
            forecaster.hear_reading(reading);
        }
        forecaster.hear(bar);
        rows.push(Example::of(&forecaster.row()));
    }
    rows
}

/// The rows of a made-up market with readings.
pub(crate) fn rows_of(seed: u64, market: Market, count: usize) -> Vec<Example> {
    live(&mut forecaster(), &history(seed, market, count), &readings(seed, count))
}
