//! Everything that is forecast, as a table with a line for each bar and a column for each feature, head
//! and label. The columns are those of the registries.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Event, Regime, Side, SymbolIx, TimedBar, Timestamp};
use forecast::{FEATURES, Forecaster, GlobalRegime, HEADS};

use super::{Future, World};

/// What is forecast besides features and votes.
pub const LABELS: [&str; 8] = [
    "regime",
    "frame_bars",
    "frame_closed",
    "volatility_day",
    "stride",
    "global_regime",
    "global_quiet",
    "global_turbulent",
];

/// The names of all columns: features, heads, labels.
pub fn names() -> Vec<String> {
    let features = FEATURES.iter().map(|feature| feature.name.to_owned());
    let heads = HEADS.iter().map(|head| format!("head {}", head.name.name()));
    features.chain(heads).chain(LABELS.map(str::to_owned)).collect()
}

/// The place of a column.
pub fn column(name: &str) -> usize {
    names().iter().position(|listed| listed == name).expect("a column of this name is listed")
}

/// One bar's forecast, to the bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub closed_at: Timestamp,
    pub symbol: SymbolIx,
    pub cells: Vec<Option<u64>>,
}

/// Walks a world through forecasters as an engine does.
pub fn forecast(world: &World) -> Vec<Line> {
    forecast_until(world, None)
}

fn forecast_until(world: &World, moment: Option<Timestamp>) -> Vec<Line> {
    let rules = &world.settings.frames;
    let mut forecasters: Vec<Forecaster> =
        world.instruments.iter().map(|one| Forecaster::new(one, rules)).collect();
    let mut last_closes: Vec<Option<Timestamp>> = vec![None; forecasters.len()];
    let mut global = GlobalRegime::new(&rules.regime);
    let mut lines = Vec::new();
    for event in world.events_until(moment) {
        match event {
            Event::Readings(readings) => {
                for reading in readings {
                    let meant = |at: usize| reading.symbol.is_none_or(|symbol| symbol.at() == at);
                    let all = forecasters.iter_mut().enumerate().filter(|(at, _)| meant(*at));
                    all.for_each(|(_, forecaster)| forecaster.hear_reading(&reading));
                }
            }
            Event::Bars { closed_at, bars } => {
                for TimedBar { symbol, bar } in &bars {
                    let last = last_closes[symbol.at()].replace(bar.closed_at());
                    let instrument = &world.instruments[symbol.at()];
                    if last.is_some_and(|last| instrument.bars_missing(last, bar) > 0) {
                        forecasters[symbol.at()].start_over();
                    }
                    forecasters[symbol.at()].hear(bar);
                }
                global.hear(bars.iter().filter_map(|one| forecasters[one.symbol.at()].stride()));
                for TimedBar { symbol, .. } in &bars {
                    let cells = cells(&forecasters[symbol.at()], &global);
                    lines.push(Line { closed_at, symbol: *symbol, cells });
                }
            }
            Event::Venue(_) | Event::Model(_) | Event::Command(_) => {}
        }
    }
    lines
}

fn cells(forecaster: &Forecaster, global: &GlobalRegime) -> Vec<Option<u64>> {
    let row = forecaster.row();
    let votes = forecast::vote(&row);
    let vote = |at: usize| {
        let vote = votes.at(at)?;
        let sign = if vote.side == Side::Long { 1.0 } else { -1.0 };
        Some((sign * vote.confidence).to_bits())
    };
    let kinds = global.quiet_and_turbulent();
    let stride = forecaster.stride().map(|stride| {
        [stride.change, stride.body, stride.reach].iter().fold(0, |hash: u64, part| {
            hash.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ part.to_bits()
        })
    });
    let labels = [
        Some(forecaster.regime().at() as u64),
        Some(u64::from(forecaster.frame_bars())),
        Some(u64::from(forecaster.frame_closed())),
        forecaster.volatility_day().map(f64::to_bits),
        stride,
        Some(global.regime().at() as u64),
        kinds.map(|(quiet, _)| quiet.to_bits()),
        kinds.map(|(_, turbulent)| turbulent.to_bits()),
    ];
    let features = (0..FEATURES.len()).map(|at| row.get(at).map(f64::to_bits));
    features.chain((0..HEADS.len()).map(vote)).chain(labels).collect()
}

/// The columns whose past changes with the future. `see` is the way by which the world reaches the
/// forecasters, `look` what is made of the table after them.
pub fn leaking_columns(
    world: &World,
    cuts: &[Timestamp],
    futures: &[Future],
    see: impl Fn(&World) -> World,
    look: impl Fn(&World, &mut Vec<Line>),
) -> BTreeSet<String> {
    let made = |world: &World| {
        let seen = see(world);
        let mut lines = forecast(&seen);
        look(world, &mut lines);
        lines
    };
    let whole = made(world);
    let mut names = names();
    names.extend((names.len()..whole[0].cells.len()).map(|at| format!("planted {at}")));
    let (mut leaks, mut compared) = (BTreeSet::new(), 0);
    for (seed, &cut) in cuts.iter().enumerate() {
        let known = whole.partition_point(|line| line.closed_at <= cut);
        for &future in futures {
            let other = made(&world.with(future, cut, seed as u64));
            let other_known = other.partition_point(|line| line.closed_at <= cut);
            assert_eq!(known, other_known, "the past has as many bars in both");
            compared += known;
            for (line, other) in whole[..known].iter().zip(&other) {
                let apart = line.cells.iter().zip(&other.cells).enumerate();
                let apart = apart.filter(|(_, (one, other))| one != other);
                leaks.extend(apart.map(|(at, _)| names[at].clone()));
            }
        }
    }
    let (cuts, futures) = (cuts.len(), futures.len());
    eprintln!("{compared} rows of {} columns, {cuts} cuts, {futures} futures", names.len());
    leaks
}

/// A table with some columns taken from so many bars of the same symbol later: what a smoother, or a
/// frame that closes too soon, would have known.
pub fn ahead(lines: &mut [Line], names: &[&str], bars: usize) {
    let columns: Vec<usize> = names.iter().map(|name| column(name)).collect();
    let honest = lines.to_vec();
    let mut places: BTreeMap<SymbolIx, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        places.entry(line.symbol).or_default().push(at);
    }
    for places in places.values() {
        for (nth, &at) in places.iter().enumerate() {
            let later = places[(nth + bars).min(places.len() - 1)];
            for &column in &columns {
                lines[at].cells[column] = honest[later].cells[column];
            }
        }
    }
}

/// What a walk has to have come past, or it proves little: names of features never present, of heads
/// that never voted, of regimes never told, of frames never worked on.
pub fn never_seen(lines: &[Line]) -> Vec<String> {
    let names = names();
    let seen = |at: usize| lines.iter().any(|line| line.cells[at].is_some());
    let absent = (0..names.len()).filter(|&at| !seen(at)).map(|at| names[at].clone());
    let told = |label: &str| -> BTreeSet<u64> {
        lines.iter().filter_map(|line| line.cells[column(label)]).collect()
    };
    let (regimes, global, frames) = (told("regime"), told("global_regime"), told("frame_bars"));
    let missing = |of: &BTreeSet<u64>, what: &str| -> Vec<String> {
        let absent = Regime::ALL.into_iter().filter(|regime| !of.contains(&(regime.at() as u64)));
        absent.map(|regime| format!("{what} {}", regime.name())).collect()
    };
    let frames = (frames.len() < 2).then(|| "a second frame".to_owned());
    let regimes = missing(&regimes, "regime").into_iter().chain(missing(&global, "global"));
    absent.chain(regimes).chain(frames).collect()
}
