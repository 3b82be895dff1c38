//! What horizons tell, against the bars themselves: for executed and declined decisions alike, absent where
//! the data cannot resolve them, and each worth what is its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod theatre;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Bar, Decision, HORIZONS, HorizonOutcome, Interval};
use scenarios::{Market, bars};
use theatre::{START, Theatre, Told, eager, events, instrument};

const MARKET: Market = Market::Trending { volatility: 0.008, carry: 0.25 };

fn minute() -> Interval {
    Interval::parse("1m").unwrap()
}

/// The bars that a decision's horizon spans; nothing where they had not all closed.
fn window<'a>(bars: &'a [Bar], decision: &Decision, horizon: u8) -> Option<&'a [Bar]> {
    let interval_ms = bars[0].closed_at().ms_since(bars[0].opened_at());
    let first = bars.iter().position(|bar| bar.opened_at() == decision.decided_at)?;
    let count = (HORIZONS[usize::from(horizon)].ms / interval_ms) as usize;
    bars.get(first..first + count)
}

fn told(interval: Interval, count: usize) -> (Vec<Bar>, Told) {
    let series = bars(11, MARKET, interval, START, count);
    let instrument = domain::Instrument { interval, ..instrument("AAA") };
    let theatre = Theatre::of(eager(), vec![instrument]);
    let told = theatre.play_all(&events(std::slice::from_ref(&series))).told;
    (series, told)
}

fn decision_of<'a>(told: &'a Told, outcome: &HorizonOutcome) -> &'a Decision {
    told.decisions.iter().find(|decision| decision.no == outcome.decision_no).unwrap()
}

#[test]
fn every_horizon_tells_move_excursions_and_value_of_executed_and_blocked_alike() {
    let (bars, told) = told(Interval::HOUR, 1_500);
    let cost_bps = eager().costs.round_trip_fraction() * 1e4;
    let (mut executed, mut blocked) = (BTreeSet::new(), BTreeSet::new());
    for outcome in &told.horizons {
        let decision = decision_of(&told, outcome);
        let window = window(&bars, decision, outcome.horizon).unwrap();
        let (open, close) = (window[0].open(), window[window.len() - 1].close());
        let sign = decision.signal.side.sign();
        let bps = |price: f64| sign * (price / open - 1.0) * 1e4;
        let high = window.iter().map(Bar::high).fold(0.0, f64::max);
        let low = window.iter().map(Bar::low).fold(f64::MAX, f64::min);
        let near = |told: f64, truth: f64| assert!((told - truth).abs() < 1e-2, "{told} {truth}");
        near(outcome.move_bps, bps(close));
        near(outcome.value_bps, bps(close) - cost_bps);
        near(outcome.favourable_bps, bps(high).max(bps(low)).max(0.0));
        near(outcome.adverse_bps, (-bps(high)).max(-bps(low)).max(0.0));
        let of = if decision.standing.is_executed() { &mut executed } else { &mut blocked };
        of.insert(HORIZONS[usize::from(outcome.horizon)].name);
    }
    // An hour of data resolves no minutes: those horizons are absent, not zero.
    let resolved = BTreeSet::from(["1h", "1d", "1w"]);
    assert_eq!((executed, blocked), (resolved.clone(), resolved));
}

#[test]
fn minutes_resolve_every_horizon_that_has_passed() {
    let (_, told) = told(minute(), 3_000);
    let names: BTreeSet<&str> =
        told.horizons.iter().map(|outcome| HORIZONS[usize::from(outcome.horizon)].name).collect();
    assert_eq!(names, BTreeSet::from(["1m", "5m", "15m", "30m", "1h", "1d"]));
}

/// Uniqueness by its definition: over the bars of a window, the mean of one over the windows that cover it.
/// Windows of one bar's decisions are one window.
#[test]
fn a_window_is_worth_its_share_of_the_bars_it_covers() {
    let (bars, told) = told(minute(), 2_500);
    for (horizon, span) in HORIZONS.iter().enumerate() {
        let length = (span.ms / 60_000) as usize;
        let mut begins = BTreeMap::new();
        for decision in &told.decisions {
            let Some(first) = bars.iter().position(|bar| bar.opened_at() == decision.decided_at)
            else {
                continue;
            };
            begins.entry(first).or_insert(decision.no);
        }
        let mut covered = vec![0_u32; bars.len()];
        for &first in begins.keys() {
            covered.iter_mut().skip(first).take(length).for_each(|windows| *windows += 1);
        }
        let mut told_of = 0;
        for (&first, no) in &begins {
            let found = told
                .horizons
                .iter()
                .find(|o| o.decision_no == *no && usize::from(o.horizon) == horizon);
            let Some(found) = found else { continue };
            let shares = covered[first..first + length].iter().map(|n| 1.0 / f64::from(*n));
            let truth = shares.sum::<f64>() / length as f64;
            assert!((found.uniqueness - truth).abs() < 1e-9, "{} {truth}", found.uniqueness);
            told_of += 1;
        }
        assert!(told_of > 50 || length > 2_000, "{}: {told_of}", span.name);
    }
    let second = |outcome: &&HorizonOutcome| outcome.uniqueness == 0.0;
    for outcome in told.horizons.iter().filter(second) {
        let decision = decision_of(&told, outcome);
        let before = told.decisions.iter().find(|other| other.decided_at == decision.decided_at);
        assert_ne!(before.unwrap().no, decision.no, "the first of a bar teaches");
    }
}
