//! Nothing decided rests on what was not yet known: cutting the data, or changing it after a moment,
//! changes nothing said before it, to the bit. The walk is over the registries, and planted peeks show
//! that it sees.

mod foresight;
mod theatre;

use std::collections::BTreeSet;

use domain::{Bar, Interval, RawBar, Reading, Series, Timestamp};
use foresight::columns::{Line, ahead, forecast, leaking_columns, names, never_seen};
use foresight::worlds::made_up;
use foresight::{Future, PARTS, World, leaking_parts, lived};

const SEED: u64 = 11;
const WARM: usize = 100;

/// The last bars before the halt of one symbol, and the first after it.
fn around_the_halt(world: &World) -> Vec<Timestamp> {
    let bars = &world.series[1];
    let after = bars.windows(2).position(|pair| pair[0].closed_at() != pair[1].opened_at());
    let at = after.expect("a symbol halts");
    [at - 1, at, at + 1, at + 2].map(|at| bars[at].closed_at()).to_vec()
}

fn honest(_: &World, _: &mut Vec<Line>) {}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

#[test]
fn the_walk_comes_past_every_feature_head_regime_and_frame() {
    let missing = never_seen(&forecast(&made_up(SEED)));
    assert_eq!(missing, ["head models"], "of {} columns", names().len());
}

#[test]
fn no_feature_vote_label_or_frame_knows_its_future() {
    let world = made_up(SEED);
    let cuts = world.cuts(24, WARM, &around_the_halt(&world));
    let leaks = leaking_columns(&world, &cuts, &Future::ALL, World::clone, honest);
    assert_eq!(leaks, none());
}

/// What the part must hold somewhere for the check to mean anything.
#[test]
fn a_whole_life_has_something_of_everything() {
    let said = lived(&made_up(SEED));
    for part in PARTS {
        assert!(said.iter().any(|said| said.part == part), "nothing of {part}");
    }
    let decided =
        |what: &str| said.iter().any(|said| said.part == "decisions" && said.text.contains(what));
    for what in [
        "standing: Probe",
        "standing: Refused",
        "risk_scale: 0.5",
        "frame_bars: 1 ",
        "frame_bars: 4 ",
        "global: HighVolatility",
    ] {
        assert!(decided(what), "no decision with {what}");
    }
    let moves = |what: &str| {
        said.iter().any(|said| said.part == "instructions" && said.text.contains(what))
    };
    assert!(moves("MoveStop") && moves("leg: Exit"), "stops follow and positions are left");
    let funded =
        said.iter().any(|said| said.part == "trades" && !said.text.contains("funding: 0,"));
    assert!(funded, "a trade pays funding");
}

#[test]
fn what_comes_later_changes_nothing_said_before() {
    let world = made_up(SEED);
    let cuts = world.cuts(8, WARM, &around_the_halt(&world)[1..3]);
    let leaks = leaking_parts(&world, &cuts, &Future::ALL, World::clone);
    assert_eq!(leaks, BTreeSet::new());
}

/// A peek of one bar, planted where bars come in: taker volume tells the next close.
fn peeking(world: &World) -> World {
    let peeked = |bars: &[Bar], at: usize| {
        let next = bars.get(at + 1).unwrap_or(&bars[at]);
        let share = 0.5 + (next.close() / bars[at].close() - 1.0).clamp(-0.5, 0.5);
        let raw = RawBar { taker_buy_volume: Some(bars[at].volume() * share), ..*bars[at].raw() };
        Bar::admit(raw, Interval::HOUR).expect("a share of the volume makes sense")
    };
    let peek = |bars: &Vec<Bar>| (0..bars.len()).map(|at| peeked(bars, at)).collect();
    World { series: world.series.iter().map(peek).collect(), ..world.clone() }
}

const A_FEW: [Future; 2] = [Future::Absent, Future::Prices];

#[test]
fn a_bar_that_tells_the_next_one_is_caught_in_what_is_decided() {
    let world = made_up(SEED);
    let leaks = leaking_parts(&world, &world.cuts(12, WARM, &[]), &A_FEW, peeking);
    assert!(leaks.contains("rows") && leaks.contains("decisions"), "{leaks:?}");
}

#[test]
fn a_feature_that_reads_the_next_bar_is_caught_alone() {
    let world = made_up(SEED);
    let look = |world: &World, lines: &mut Vec<Line>| {
        let mut heard = vec![0; world.series.len()];
        for line in lines {
            let bars = &world.series[line.symbol.at()];
            let at = heard[line.symbol.at()];
            heard[line.symbol.at()] += 1;
            let next = bars.get(at + 1).map(|next| next.close() / bars[at].close() - 1.0);
            line.cells.push(next.map(f64::to_bits));
        }
    };
    let leaks = leaking_columns(&world, &world.cuts(6, WARM, &[]), &A_FEW, World::clone, look);
    assert_eq!(leaks, BTreeSet::from([format!("planted {}", names().len())]));
}

/// A frame whose bars count as closed one base bar early tells what the missing one will bring.
#[test]
fn a_higher_frame_that_closes_a_bar_early_is_caught_alone() {
    const HIGHER: [&str; 3] = ["higher_ema_spread", "higher_rsi", "higher_channel"];
    let world = made_up(SEED);
    let early = |_: &World, lines: &mut Vec<Line>| ahead(lines, &HIGHER, 1);
    let leaks = leaking_columns(&world, &world.cuts(24, WARM, &[]), &A_FEW, World::clone, early);
    assert_eq!(leaks, HIGHER.map(str::to_owned).into());
}

/// Labels are told once; a smoother that sees three bars more would tell them otherwise.
#[test]
fn a_regime_smoothed_backwards_is_caught_alone() {
    const KINDS: [&str; 2] = ["regime_quiet", "regime_turbulent"];
    let world = made_up(SEED);
    let smoothed = |_: &World, lines: &mut Vec<Line>| ahead(lines, &KINDS, 3);
    let cuts = world.cuts(12, 300, &[]);
    let leaks = leaking_columns(&world, &cuts, &A_FEW, World::clone, smoothed);
    assert_eq!(leaks, KINDS.map(str::to_owned).into());

    // A label takes a while to change, and so does what gives it away.
    for label in ["regime", "global_regime"] {
        let revised = |_: &World, lines: &mut Vec<Line>| ahead(lines, &[label], 12);
        let leaks = leaking_columns(&world, &cuts, &A_FEW, World::clone, revised);
        assert_eq!(leaks, BTreeSet::from([label.to_owned()]));
    }
}

/// The columns that rest on a series, and on it alone.
const RESTS_ON: [(Series, &[&str]); 5] = [
    (Series::Funding, &["funding", "funding_z"]),
    (Series::OpenInterest, &["open_interest_change"]),
    (Series::LongShortRatio, &["long_short_z"]),
    (Series::FearGreed, &["fear_greed"]),
    (Series::Headlines, &["headline_mood"]),
];

#[test]
fn a_reading_seen_before_its_moment_is_caught_whatever_its_series() {
    const EARLY_MS: i64 = 2 * 3_600_000;
    let world = made_up(SEED);
    assert_eq!(RESTS_ON.len(), Series::ALL.len());
    for (series, columns) in RESTS_ON {
        let see = |world: &World| {
            let early = |reading: &Reading| {
                let ahead_ms = if reading.series == series { EARLY_MS } else { 0 };
                Reading { at: reading.at.plus_ms(-ahead_ms), ..*reading }
            };
            let mut readings: Vec<Reading> = world.readings.iter().map(early).collect();
            readings.sort_by_key(|reading| reading.at);
            World { readings, ..world.clone() }
        };
        let cuts = world.cuts(40, 400, &[]);
        let futures = [Future::Readings, Future::Silence];
        let leaks = leaking_columns(&world, &cuts, &futures, see, honest);
        let missed: Vec<&&str> =
            columns.iter().filter(|column| !leaks.contains(**column)).collect();
        assert!(missed.is_empty(), "{series:?}: {missed:?} of {leaks:?}");
        let others = RESTS_ON.iter().filter(|(other, _)| *other != series);
        let accused: Vec<&&str> = others
            .flat_map(|(_, columns)| columns.iter())
            .filter(|column| leaks.contains(**column))
            .collect();
        assert!(accused.is_empty(), "{series:?} accuses {accused:?}");
    }
}

/// Moments at which something is held and the next bar brings a rate.
fn held_before_funding(world: &World) -> Vec<Timestamp> {
    const HOUR_MS: i64 = 3_600_000;
    let said = lived(world);
    let holds =
        |said: &&foresight::Said| said.part == "equity" && !said.text.contains("positions: 0");
    let rates: Vec<Timestamp> = world
        .readings
        .iter()
        .filter(|reading| reading.series == Series::Funding)
        .map(|reading| reading.at)
        .collect();
    let is_next =
        |at: Timestamp| rates.iter().any(|rate| (0..HOUR_MS).contains(&rate.ms_since(at)));
    let held = said.iter().filter(holds).map(|said| said.at).filter(|at| is_next(*at));
    held.take(20).collect()
}

#[test]
fn funding_settled_before_its_moment_is_caught_in_what_is_owned() {
    let world = made_up(SEED);
    let see = |world: &World| {
        let early = |r: &Reading| Reading { at: r.at.plus_ms(-2 * 3_600_000), ..*r };
        World { readings: world.readings.iter().map(early).collect(), ..world.clone() }
    };
    let leaks = leaking_parts(&world, &held_before_funding(&world), &[Future::Readings], see);
    assert!(leaks.contains("equity"), "{leaks:?}");
}

/// Prices as a source gives them that divides the whole past by what is known only at its end.
#[test]
fn an_adjustment_from_the_future_is_caught_in_what_is_decided() {
    let world = made_up(SEED);
    let see = |world: &World| {
        let scaled = |bars: &Vec<Bar>| {
            let factor = 1.0 / bars[bars.len() - 1].close();
            let scale = |bar: &Bar| {
                let raw = *bar.raw();
                let [open, high, low, close] =
                    [raw.open, raw.high, raw.low, raw.close].map(|price| price * factor);
                Bar::admit(RawBar { open, high, low, close, ..raw }, Interval::HOUR)
                    .expect("a bar scaled makes sense")
            };
            bars.iter().map(scale).collect()
        };
        World { series: world.series.iter().map(scaled).collect(), ..world.clone() }
    };
    let leaks = leaking_parts(&world, &world.cuts(3, WARM, &[]), &A_FEW, see);
    assert!(leaks.contains("decisions") && leaks.contains("equity"), "{leaks:?}");
}
