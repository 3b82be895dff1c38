//! Where nothing can be earned the house goes on: it trades and learns to the end.

mod theatre;

use domain::{Interval, Regime, Timestamp};
use engine::Settings;
use scenarios::{Market, bars};
use theatre::{START, run};

/// Costs exceed the edge on every route of a walk without drift. What is learned there must not be that nothing
/// shall be traded any more.
#[test]
fn on_a_walk_without_drift_trades_go_on_and_most_routes_stay_open() {
    const BARS: usize = 60_000;
    let market = Market::Walk { volatility: 0.008 };
    let series: Vec<_> =
        [11, 12].map(|seed| bars(seed, market, Interval::HOUR, START, BARS)).into();
    let told = run(Settings::default(), &series).told;
    let last_quarter: Timestamp = START.plus_ms(Interval::HOUR.ms() * (BARS as i64 * 3 / 4));
    let late = told.trades.iter().filter(|trade| trade.closed_at >= last_quarter).count();
    let closed = told.versions.last().map_or(0, |version| version.policy.closed_routes.len());
    let routes = series.len() * 2 * Regime::ALL.len();
    eprintln!(
        "{} trades, {late} of them late; {closed} of {routes} routes closed; {} versions",
        told.trades.len(),
        told.versions.len()
    );
    assert!(late > 0 && 2 * closed < routes, "{late} late trades, {closed} routes closed");
}
