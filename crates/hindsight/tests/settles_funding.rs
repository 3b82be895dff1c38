//! Real perpetuals under their real funding: what every trade and every shadow was charged is worked out
//! once more from rates, fills and closes, by other means.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod beside;

use std::collections::BTreeMap;

use beside::shared;
use domain::{
    Bar, ExitReason, Fill, Instrument, InstrumentKind, Leg, Money, Outcome, Quantity, Reading,
    Side, SymbolIx, Timestamp, Trade, decimal, estimate,
};
use hindsight::config::Config;
use hindsight::world::{Dataset, Recorder, Replay};
use market::Wanted;
use store::{RunNo, Store};

const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);
/// Half a year of 2024, by its days.
const FROM: Timestamp = Timestamp::from_ms(1_704_067_200_000);
const TO: Timestamp = Timestamp::from_ms(1_719_792_000_000);

fn perpetuals(name: &str, config: &Config) -> Option<Dataset> {
    let bars = shared("binance-perp-15m", name)?;
    let funding = shared("binance-perp-funding-8h", name)?;
    let wanted = Wanted { from: Some(FROM), to: Some(TO), ..Wanted::all(NOW) };
    let series = market::read(&[bars], &wanted).unwrap();
    let symbols: Vec<String> = series.iter().map(|one| one.symbol.clone()).collect();
    let told = market::read_series(&[funding], &symbols, &wanted).unwrap();
    Some(Dataset::with_readings(series, told, config))
}

/// A finished replay, to be asked.
struct Lived {
    store: Store,
    run: RunNo,
    _home: tempfile::TempDir,
}

fn lived(dataset: &Dataset, config: &Config) -> Lived {
    let home = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", home.path().join("h.db").display());
    let mut store = Store::open(&url).unwrap();
    let run = store.begin_run(&dataset.header(config), "", NOW).unwrap();
    let recorder = Recorder::new(store, run, &dataset.hash());
    let mut replay = Replay::new(dataset, config.settings(), recorder);
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let (store, run) = replay.end().1.into_store();
    Lived { store, run, _home: home }
}

/// The bars and rates of one symbol.
struct Course<'a> {
    instrument: &'a Instrument,
    bars: &'a [Bar],
    rates: Vec<&'a Reading>,
}

impl<'a> Course<'a> {
    fn of(dataset: &'a Dataset, symbol: SymbolIx) -> Course<'a> {
        let is_its = |reading: &&Reading| {
            reading.symbol == Some(symbol) && reading.series == domain::Series::Funding
        };
        Course {
            instrument: &dataset.instruments[symbol.at()],
            bars: &dataset.series[symbol.at()].bars,
            rates: dataset.readings.iter().filter(is_its).collect(),
        }
    }

    /// The last close that was known at a moment.
    fn close_at(&self, at: Timestamp) -> Option<f64> {
        let known = self.bars.partition_point(|bar| bar.closed_at() <= at);
        known.checked_sub(1).map(|last| self.bars[last].close())
    }

    /// Whether what was filled then counts at a settlement: an open that begins as a rate is settled comes
    /// after it, a close that ends then before it.
    fn counts(&self, leg: Leg, at: Timestamp, settled_at: Timestamp) -> bool {
        match leg {
            Leg::Entry | Leg::Exit => at < settled_at,
            Leg::Stop | Leg::Target | Leg::Partial | Leg::Liquidation => at <= settled_at,
        }
    }

    fn held_at(&self, fills: &[Fill], settled_at: Timestamp) -> Quantity {
        let counted = fills.iter().filter(|fill| self.counts(fill.leg, fill.at, settled_at));
        counted.fold(Quantity::ZERO, |held, fill| match fill.leg {
            Leg::Entry => held + fill.quantity,
            _ => held - fill.quantity,
        })
    }

    /// What a trade owed, not rounded, and at how many settlements.
    fn owed(&self, trade: &Trade, fills: &[Fill]) -> (Money, u32) {
        let (mut owed, mut times) = (Money::ZERO, 0);
        let within = |rate: &&&Reading| rate.at >= trade.opened_at && rate.at <= trade.closed_at;
        for rate in self.rates.iter().filter(within) {
            let held = self.held_at(fills, rate.at);
            let Some(close) = self.close_at(rate.at).filter(|_| !held.is_zero()) else { continue };
            let value = self.instrument.price(close) * held * decimal(rate.value);
            owed += if trade.side == Side::Long { value } else { -value };
            times += 1;
        }
        (owed, times)
    }

    /// What an outcome owed, in basis points of its entry.
    fn owed_bps(&self, outcome: &Outcome) -> (f64, u32) {
        let leg = match outcome.reason {
            ExitReason::Stop | ExitReason::TrailingStop => Leg::Stop,
            ExitReason::Target => Leg::Target,
            ExitReason::Liquidated => Leg::Liquidation,
            ExitReason::Time | ExitReason::SessionEnd | ExitReason::Ordered | ExitReason::Gap => {
                Leg::Exit
            }
        };
        let (mut owed, mut times) = (0.0, 0);
        for rate in &self.rates {
            let is_held = self.counts(Leg::Entry, outcome.opened_at, rate.at)
                && !self.counts(leg, outcome.closed_at, rate.at);
            if let Some(close) = self.close_at(rate.at).filter(|_| is_held) {
                let close = estimate(self.instrument.price(close));
                owed += outcome.side.sign() * rate.value * close / outcome.entry * 1e4;
                times += 1;
            }
        }
        (owed, times)
    }
}

/// Half a hundred-millionth at each settlement is ours to pay.
const ROUNDING: f64 = 1e-8;

fn check_trade(course: &Course<'_>, trade: &Trade, fills: &[Fill]) -> u32 {
    let (owed, times) = course.owed(trade, fills);
    let rounded = estimate(trade.funding - owed);
    let most = ROUNDING * f64::from(times) + 1e-12;
    assert!(
        (-1e-12..=most).contains(&rounded),
        "{}: {} owed {owed}",
        trade.decision,
        trade.funding
    );
    assert_eq!(trade.net, trade.gross - trade.fees - trade.funding, "{}", trade.decision);
    let paid = |entry: bool| -> Money {
        let legs = fills.iter().filter(|fill| (fill.leg == Leg::Entry) == entry);
        legs.map(|fill| fill.price * fill.quantity).sum()
    };
    let gained =
        if trade.side == Side::Long { paid(false) - paid(true) } else { paid(true) - paid(false) };
    assert_eq!(trade.gross, gained, "{}", trade.decision);
    assert_eq!(trade.fees, fills.iter().map(|fill| fill.fee).sum::<Money>(), "{}", trade.decision);
    times
}

#[test]
fn funding_of_real_perpetuals_is_what_rates_fills_and_closes_make_it() {
    let name = "funding_of_real_perpetuals_is_what_rates_fills_and_closes_make_it";
    for (latency_ms, partial_share) in [(250, 0.0), (0, 0.0), (60_000, 0.5)] {
        let mut config = Config::default();
        config.gates.conviction_min = 0.2;
        config.gates.confluence_min = 0.5;
        config.gates.regime_entries_max = 100;
        config.costs.latency_ms = latency_ms;
        config.exits.partial_share = partial_share;
        let Some(dataset) = perpetuals(name, &config) else { return };
        assert!(dataset.instruments.iter().all(|one| one.kind == InstrumentKind::Perpetual));
        let mut lived = lived(&dataset, &config);
        let settled = check_trades(&dataset, &mut lived);
        let told = check_outcomes(&dataset, &mut lived, partial_share == 0.0);
        eprintln!("latency {latency_ms} ms, part {partial_share}: {settled} {told}");
    }
}

fn check_trades(dataset: &Dataset, lived: &mut Lived) -> String {
    let mut fills: BTreeMap<u64, Vec<Fill>> = BTreeMap::new();
    for fill in lived.store.fills(lived.run).unwrap() {
        fills.entry(fill.decision.0).or_default().push(fill);
    }
    let courses = [SymbolIx(0), SymbolIx(1)].map(|symbol| Course::of(dataset, symbol));
    let trades = lived.store.trades(lived.run).unwrap();
    let (mut times, mut paying, mut sum) = (0, 0, Money::ZERO);
    for trade in &trades {
        let settled = check_trade(&courses[trade.symbol.at()], trade, &fills[&trade.decision.0]);
        times += settled;
        paying += u32::from(settled > 0);
        sum += trade.funding;
    }
    assert!(paying >= 20, "only {paying} of {} trades were held over a settlement", trades.len());
    format!("{} trades, {paying} of them settled {times} times, {sum} in all;", trades.len())
}

/// Shadows and trades alike, told apart only by what was done.
fn check_outcomes(dataset: &Dataset, lived: &mut Lived, whole: bool) -> String {
    let courses = [SymbolIx(0), SymbolIx(1)].map(|symbol| Course::of(dataset, symbol));
    let mut counts = [(0_u32, 0_u32); 2];
    let check = |outcome: Outcome| {
        let (owed, times) = courses[outcome.symbol.at()].owed_bps(&outcome);
        let count = &mut counts[usize::from(outcome.standing.is_executed())];
        *count = (count.0 + 1, count.1 + times);
        // What left early pays no more: then the whole is an upper bound.
        let apart = (outcome.funding_bps - owed).abs();
        let slack = if whole { 1e-4 } else { owed.abs() + 1e-4 };
        assert!(apart <= slack, "{outcome:?}: owed {owed}");
    };
    lived.store.outcomes(lived.run, check).unwrap();
    let [(shadows, shadow_times), (executed, executed_times)] = counts;
    assert!(shadow_times > 500 && executed_times > 20, "{counts:?}");
    format!("{shadows} shadows settled {shadow_times} times, {executed} executed {executed_times}")
}
