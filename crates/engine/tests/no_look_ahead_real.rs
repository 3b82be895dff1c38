//! The walk of `no_look_ahead.rs` over real bars: minutes of perpetuals with months missing, hours of
//! shares with nights, weekends and splits, hours of a currency without volumes.

mod foresight;
mod theatre;

use std::collections::BTreeSet;

use domain::Timestamp;
use foresight::columns::{forecast, leaking_columns, never_seen};
use foresight::worlds::{read, readings, real, shared};
use foresight::{Future, World, leaking_parts, lived};
use market::Series;

/// The place of the first bar after the last gap of at least a day.
fn after_gap(series: &Series) -> usize {
    const DAY_MS: i64 = 86_400_000;
    let breaks = series
        .bars
        .windows(2)
        .rposition(|pair| pair[1].opened_at().ms_since(pair[0].closed_at()) >= DAY_MS);
    breaks.expect("whole months are missing") + 1
}

/// Bars before and after a gap, with made-up readings through both.
fn gapped_minutes(name: &str, each_side: usize) -> Option<World> {
    let series = read(shared("binance-perp-1m", name)?);
    let mut world = real(&series, 2 * each_side, |one| after_gap(one) - each_side);
    for bars in world.series.clone() {
        for stretch in [&bars[..each_side], &bars[each_side..]] {
            let made = readings(7, stretch[0].opened_at(), each_side as i64, 60_000);
            world.readings.extend(made);
        }
    }
    world.readings.sort_by_key(|reading| reading.at);
    Some(world)
}

/// The last bars before each gap of at least a day, and the first after it.
fn around_gaps(world: &World) -> Vec<Timestamp> {
    const DAY_MS: i64 = 86_400_000;
    let moments = world.moments();
    let is_gap = |pair: &[Timestamp]| pair[1].ms_since(pair[0]) >= DAY_MS;
    let gaps = moments.windows(2).enumerate().filter(|(_, pair)| is_gap(pair));
    gaps.flat_map(|(at, _)| [moments[at], moments[at + 1]]).collect()
}

fn check_columns(world: &World, cuts: &[Timestamp], may_be_absent: &[&str]) {
    let leaks = leaking_columns(world, cuts, &Future::ALL, World::clone, |_, _| {});
    assert_eq!(leaks, BTreeSet::new());
    let missing = never_seen(&forecast(world));
    let unexpected: Vec<&String> =
        missing.iter().filter(|one| !may_be_absent.contains(&one.as_str())).collect();
    assert!(unexpected.is_empty(), "never seen: {unexpected:?}");
}

fn check_parts(world: &World, cuts: &[Timestamp], parts_min: &[&str]) {
    let said = lived(world);
    for part in parts_min {
        assert!(said.iter().any(|said| said.part == *part), "nothing of {part}");
    }
    let leaks = leaking_parts(world, cuts, &Future::ALL, World::clone);
    assert_eq!(leaks, BTreeSet::new());
}

/// What exchanges do not tell with their bars, and what some stretches never come to.
const UNTOLD: [&str; 5] =
    ["head models", "flow_share", "flow_12", "global low_volatility", "global trend_down"];

#[test]
fn nothing_forecast_on_gapped_minutes_knows_its_future() {
    let name = "nothing_forecast_on_gapped_minutes_knows_its_future";
    let Some(world) = gapped_minutes(name, 2_000) else { return };
    let cuts = world.cuts(8, 300, &around_gaps(&world));
    check_columns(&world, &cuts, &UNTOLD);
}

#[test]
fn nothing_said_on_gapped_minutes_knows_its_future() {
    let name = "nothing_said_on_gapped_minutes_knows_its_future";
    let Some(world) = gapped_minutes(name, 1_200) else { return };
    let cuts = world.cuts(4, 300, &around_gaps(&world));
    check_parts(
        &world,
        &cuts,
        &["decisions", "outcomes", "horizons", "trades", "gaps", "instructions", "equity"],
    );
}

/// Hours around the summer of 2014, with the night of a split in them and half days.
fn shares(name: &str, count: usize) -> Option<World> {
    const JUNE_2014: Timestamp = Timestamp::from_ms(1_401_580_800_000);
    let series = read(shared("us-equity-1h", name)?);
    let from = |one: &Series| one.bars.partition_point(|bar| bar.opened_at() < JUNE_2014);
    Some(real(&series, count, |one| from(one) - count / 2))
}

#[test]
fn nothing_forecast_of_shares_knows_its_future() {
    let name = "nothing_forecast_of_shares_knows_its_future";
    let Some(world) = shares(name, 3_000) else { return };
    let absent = [
        "funding",
        "funding_z",
        "open_interest_change",
        "long_short_z",
        "fear_greed",
        "headline_mood",
        "head sentiment",
        "taker_share",
        "taker_share_12",
        "head order_flow",
    ];
    let absent: Vec<&str> = absent.into_iter().chain(UNTOLD).collect();
    check_columns(&world, &world.cuts(12, 300, &[]), &absent);
}

#[test]
fn nothing_said_of_shares_knows_its_future() {
    let name = "nothing_said_of_shares_knows_its_future";
    let Some(world) = shares(name, 1_600) else { return };
    let parts = ["decisions", "outcomes", "horizons", "trades", "instructions", "equity"];
    check_parts(&world, &world.cuts(6, 300, &[]), &parts);
}

/// Hours of a currency, whose bars tell no volume, through the end of a summer time.
#[test]
fn nothing_of_a_currency_knows_its_future() {
    const NOVEMBER_2016: Timestamp = Timestamp::from_ms(1_477_958_400_000);
    const FUTURES: [Future; 3] = [Future::Absent, Future::Prices, Future::Halts];
    let name = "nothing_of_a_currency_knows_its_future";
    let Some(folder) = shared("fx-cfd-1h", name) else { return };
    let from =
        |one: &Series| one.bars.partition_point(|bar| bar.opened_at() < NOVEMBER_2016) - 1_000;
    let world = real(&read(folder), 1_400, from);
    let cuts = world.cuts(8, 300, &[]);
    let leaks = leaking_columns(&world, &cuts, &FUTURES, World::clone, |_, _| {});
    assert_eq!(leaks, BTreeSet::new());
    assert_eq!(leaking_parts(&world, &cuts, &FUTURES, World::clone), BTreeSet::new());
}
