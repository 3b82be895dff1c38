//! From files to the store: nothing that a replay keeps rests on rows, readings or adjustments that came
//! later. The way in is the importer's, so what it tells from a whole file is on trial too.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use domain::{Bar, Timestamp};
use hindsight::config::{Config, InstrumentRules};
use hindsight::world::{Dataset, Recorder, Replay};
use market::{Series, Wanted};
use scenarios::Dice;
use store::Store;

const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);

/// A file as its source had it at some moment.
#[derive(Clone, Debug)]
struct Table {
    name: &'static str,
    head: &'static str,
    rows: Vec<Row>,
}

/// A row and when it could first be known.
#[derive(Clone, Debug)]
struct Row {
    known_at: i64,
    ts: i64,
    /// Prices, volume, and what else the file has.
    cells: Vec<f64>,
}

const HOUR_MS: i64 = 3_600_000;
const START_MS: i64 = 1_600_000_000_000 / HOUR_MS * HOUR_MS;

fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// Hours of a perpetual with prices of four decimals and volumes of two.
fn bars(name: &'static str, seed: u64, count: usize) -> Table {
    let market = scenarios::Market::Trending { volatility: 0.008, carry: 0.3 };
    let from = Timestamp::from_ms(START_MS);
    let row = |bar: Bar| {
        let prices = [bar.open(), bar.high(), bar.low(), bar.close()].map(|p| rounded(p, 4));
        let volumes = [bar.volume(), bar.taker_buy_volume().unwrap()].map(|v| rounded(v, 2));
        let cells = prices.into_iter().chain(volumes).collect();
        Row { known_at: bar.closed_at().ms(), ts: bar.opened_at().ms(), cells }
    };
    let made = scenarios::bars(seed, market, domain::Interval::HOUR, from, count);
    let rows = made.into_iter().map(row).collect();
    Table { name, head: "ts,open,high,low,close,volume,taker_buy_volume", rows }
}

/// A rate every eight hours, known at its moment.
fn funding(name: &'static str, seed: u64, count: usize) -> Table {
    let mut dice = Dice::new(seed);
    let row = |at: usize| {
        let ts = START_MS + at as i64 * 8 * HOUR_MS;
        // Heard after the bars that close at its moment.
        Row { known_at: ts + 1, ts, cells: vec![rounded(2e-4 * dice.normal(), 8)] }
    };
    Table { name, head: "ts,funding_rate", rows: (0..count / 8).map(row).collect() }
}

impl Table {
    fn write(&self, folder: &Path) {
        let mut text = format!("{}\n", self.head);
        for row in &self.rows {
            write!(text, "{}", row.ts).unwrap();
            row.cells.iter().for_each(|cell| write!(text, ",{cell}").unwrap());
            text.push('\n');
        }
        std::fs::write(folder.join(self.name), text).unwrap();
    }

    /// The rows that could be known by a moment.
    fn by(&self, moment: i64) -> Table {
        let rows = self.rows.iter().filter(|row| row.known_at <= moment).cloned().collect();
        Table { rows, ..self.clone() }
    }

    /// The same with every later row's numbers multiplied, on the same decimals.
    fn otherwise_after(&self, moment: i64, seed: u64) -> Table {
        let mut dice = Dice::new(seed);
        let decimals = if self.rows[0].cells.len() == 1 { 8 } else { 4 };
        let mut other = self.clone();
        for row in other.rows.iter_mut().filter(|row| row.known_at > moment) {
            let factor = [0.5, 1.5, 2.0][dice.below(3) as usize];
            for cell in row.cells.iter_mut().take(4) {
                *cell = rounded(*cell * factor, decimals);
            }
        }
        other
    }
}

/// What a replay keeps, as lines with the moment each was known at.
#[derive(Debug, Default, PartialEq)]
struct Kept(Vec<(i64, String)>);

impl Kept {
    fn note(&mut self, at: Timestamp, said: &impl std::fmt::Debug) {
        self.0.push((at.ms(), format!("{said:?}")));
    }

    fn by(&self, moment: i64) -> Vec<&str> {
        self.0.iter().filter(|(at, _)| *at <= moment).map(|(_, said)| said.as_str()).collect()
    }
}

fn config(rules: &InstrumentRules) -> Config {
    let mut config = Config::default();
    config.gates.conviction_min = 0.2;
    config.gates.confluence_min = 0.5;
    for symbol in ["AAA", "BBB", "AAPL", "SPY"] {
        config.instruments.insert(symbol.to_owned(), rules.clone());
    }
    config
}

/// Replays a folder into a store and reads back what it keeps.
fn replayed(folder: &Path, config: &Config) -> Kept {
    let paths: [PathBuf; 1] = [folder.to_owned()];
    let series = market::read(&paths, &Wanted::all(NOW)).unwrap();
    let symbols: Vec<String> = series.iter().map(|one: &Series| one.symbol.clone()).collect();
    let told = market::read_series(&paths, &symbols, &Wanted::all(NOW)).unwrap();
    let dataset = Dataset::with_readings(series, told, config);
    let home = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", home.path().join("h.db").display());
    let mut store = Store::open(&url).unwrap();
    let run = store.begin_run(&dataset.header(config), "", NOW).unwrap();
    let recorder = Recorder::new(store, run, &dataset.hash());
    let mut replay = Replay::new(&dataset, config.settings(), recorder);
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let (mut store, run) = replay.end().1.into_store();
    let mut kept = Kept::default();
    store.decisions(run, |told| kept.note(told.decision.decided_at, &told)).unwrap();
    for point in store.equity(run).unwrap() {
        kept.note(point.at, &point);
    }
    for version in store.policy_versions(run).unwrap() {
        kept.note(version.at, &version);
    }
    // A fill at an open is known once its bar has come.
    for fill in store.fills(run).unwrap() {
        kept.note(fill.at.plus_ms(HOUR_MS), &fill);
    }
    store.outcomes(run, |told| kept.note(told.closed_at.plus_ms(HOUR_MS), &told)).unwrap();
    kept
}

fn lived(tables: &[Table], config: &Config) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    tables.iter().for_each(|table| table.write(folder.path()));
    replayed(folder.path(), config)
}

/// How many lines a check has compared.
fn check_same_past(whole: &Kept, other: &Kept, moment: i64, what: &str) -> usize {
    let (one, two) = (whole.by(moment), other.by(moment));
    let apart = one.iter().zip(&two).find(|(one, two)| one != two);
    assert!(apart.is_none(), "{what}, cut at {moment}: {apart:#?}");
    assert_eq!(one.len(), two.len(), "{what}, cut at {moment}");
    one.len()
}

fn world(count: usize) -> Vec<Table> {
    vec![
        bars("AAA-1h.csv", 1, count),
        bars("BBB-1h.csv", 2, count),
        funding("AAA-funding.csv", 3, count),
        funding("BBB-funding.csv", 4, count),
    ]
}

const BARS: usize = 900;

/// Moments as bars close, some of them as a rate is settled too.
const CUTS: [i64; 6] = [120, 264, 265, 480, 611, 872];

fn check_files(config: &Config) -> usize {
    let tables = world(BARS);
    let whole = lived(&tables, config);
    let mut compared = 0;
    for (seed, hours) in CUTS.into_iter().enumerate() {
        let moment = START_MS + hours * HOUR_MS;
        let short: Vec<Table> = tables.iter().map(|table| table.by(moment)).collect();
        let other: Vec<Table> =
            tables.iter().map(|table| table.otherwise_after(moment, seed as u64)).collect();
        compared += check_same_past(&whole, &lived(&short, config), moment, "rows cut off");
        compared += check_same_past(&whole, &lived(&other, config), moment, "rows altered");
    }
    compared
}

#[test]
fn what_a_replay_keeps_does_not_depend_on_later_rows_or_readings() {
    let compared = check_files(&config(&InstrumentRules::default()));
    assert!(compared > 5_000, "only {compared} lines were compared");
}

/// How finely a market quotes is told from a whole file, the future included, unless it is said. Said, a
/// future that is quoted a hundred times finer shows in nothing before it.
#[test]
fn where_tick_and_step_are_said_a_finer_future_changes_nothing() {
    let rules =
        InstrumentRules { tick: Some(1e-4), step: Some(1e-2), ..InstrumentRules::default() };
    let config = config(&rules);
    let tables = world(BARS);
    let whole = lived(&tables, &config);
    for hours in CUTS {
        let moment = START_MS + hours * HOUR_MS;
        let finer = tables.iter().map(|table| finer_after(table, moment)).collect::<Vec<Table>>();
        check_same_past(&whole, &lived(&finer, &config), moment, "a finer future");
    }
}

fn finer_after(table: &Table, moment: i64) -> Table {
    let mut other = table.clone();
    let bars = other.rows.iter_mut().filter(|row| row.known_at > moment && row.cells.len() > 1);
    for row in bars {
        row.cells[3] = rounded(row.cells[3], 4);
        row.cells[1] += 0.000_037;
        row.cells[4] += 0.000_4;
    }
    other
}

/// The check sees a reading that is stamped before it could be known.
#[test]
fn a_rate_stamped_too_early_is_caught() {
    let config = config(&InstrumentRules::default());
    let early = |mut tables: Vec<Table>| {
        for row in tables[2..].iter_mut().flat_map(|table| &mut table.rows) {
            row.ts -= 2 * HOUR_MS;
        }
        tables
    };
    let tables = world(BARS);
    let whole = lived(&early(tables.clone()), &config);
    let caught = |hours: i64| {
        let moment = START_MS + hours * HOUR_MS;
        let short = tables.iter().map(|table| table.otherwise_after(moment, 5)).collect();
        lived(&early(short), &config).by(moment) != whole.by(moment)
    };
    assert!((250..900).step_by(8).map(|hours| hours - hours % 8 - 1).any(caught));
}
