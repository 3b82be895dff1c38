//! Replays through the store: the digest tells histories apart and nothing else, and what the store
//! keeps is enough to be the engine again.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::path::{Path, PathBuf};

use domain::{Bar, Interval, RawBar, Timestamp};
use hindsight::config::Config;
use hindsight::world::{Dataset, Recorder, Replay, refold, resume};
use market::{Wanted, write_parquet};
use scenarios::{Dice, Market, bars};
use store::{Cursor, RunNo, Store};

const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);
const START: Timestamp = Timestamp::from_ms(1_600_000_000_000 / 3_600_000 * 3_600_000);

/// Writes bars of two symbols as CSV and gives the folder.
fn folder_of(seed: u64, count: usize, change: impl Fn(&mut Vec<Bar>)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let market = Market::Trending { volatility: 0.008, carry: 0.2 };
    for (at, symbol) in ["AAA", "BBB"].into_iter().enumerate() {
        let mut made = bars(seed + at as u64, market, Interval::HOUR, START, count);
        if at == 0 {
            change(&mut made);
        }
        write_csv(&folder.path().join(format!("{symbol}-1h.csv")), &made);
    }
    folder
}

fn write_csv(path: &Path, bars: &[Bar]) {
    let mut text = "ts,open,high,low,close,volume,taker_buy_volume\n".to_owned();
    for bar in bars {
        let raw = bar.raw();
        let taker = raw.taker_buy_volume.unwrap_or(0.0);
        text.push_str(&format!(
            "{},{},{},{},{},{},{taker}\n",
            raw.opened_at.ms(),
            raw.open,
            raw.high,
            raw.low,
            raw.close,
            raw.volume
        ));
    }
    std::fs::write(path, text).unwrap();
}

fn dataset(paths: &[PathBuf], config: &Config, threads: usize) -> Dataset {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    Dataset::new(pool.install(|| market::read(paths, &Wanted::all(NOW))).unwrap(), config)
}

fn config(seed: u64) -> Config {
    let mut config = Config::default();
    config.run.seed = seed;
    // More trades, so that there is more to tell apart.
    config.gates.conviction_min = 0.3;
    config
}

fn begin(store: &mut Store, dataset: &Dataset, config: &Config) -> RunNo {
    store.begin_run(&dataset.header(config), "", NOW).unwrap()
}

/// Replays to the end in a store of its own; gives the digest.
fn digest(paths: &[PathBuf], config: &Config, threads: usize) -> String {
    digests(paths, config, threads).0
}

/// The digest, which begins at the bars' hash, and that of the engine's state, which knows only what it
/// heard.
fn digests(paths: &[PathBuf], config: &Config, threads: usize) -> (String, String) {
    let home = tempfile::tempdir().unwrap();
    let mut store =
        Store::open(&format!("sqlite://{}", home.path().join("h.db").display())).unwrap();
    let dataset = dataset(paths, config, threads);
    let run = begin(&mut store, &dataset, config);
    let mut replay =
        Replay::new(&dataset, config.settings(), Recorder::new(store, run, &dataset.hash()));
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let state = replay.engine().digest();
    (replay.end().1.digest(), state)
}

#[test]
fn the_same_bars_give_the_same_digest_whatever_the_path_the_format_or_the_threads() {
    let one = folder_of(1, 1_500, |_| {});
    let copy = tempfile::tempdir().unwrap();
    let deep = copy.path().join("elsewhere");
    std::fs::create_dir(&deep).unwrap();
    for series in market::read(&[one.path().to_owned()], &Wanted::all(NOW)).unwrap() {
        write_parquet(&deep.join(format!("{}-1h.parquet", series.symbol)), &series).unwrap();
    }
    let first = digest(&[one.path().to_owned()], &config(7), 1);
    assert_eq!(digest(&[one.path().to_owned()], &config(7), 1), first, "a second run");
    assert_eq!(digest(&[one.path().to_owned()], &config(7), 2), first, "two threads");
    assert_eq!(digest(&[deep], &config(7), 2), first, "another path and format");
}

#[test]
fn another_seed_or_one_changed_bar_gives_another_digest() {
    let one = folder_of(1, 1_500, |_| {});
    let (first, first_state) = digests(&[one.path().to_owned()], &config(7), 1);
    assert_ne!(digest(&[one.path().to_owned()], &config(8), 1), first, "another seed");
    let inside = |raw: &RawBar, share: f64| raw.low + share * (raw.high - raw.low);
    let changes: [(&str, &dyn Fn(RawBar) -> RawBar); 3] = [
        ("close", &|raw| RawBar { close: inside(&raw, 0.25), ..raw }),
        ("open", &|raw| RawBar { open: inside(&raw, 0.35), ..raw }),
        ("volume", &|raw| RawBar { volume: raw.volume * 1.01, ..raw }),
    ];
    for (what, change) in changes {
        for at in [0, 1, 700, 1_499] {
            let changed = folder_of(1, 1_500, |bars| {
                bars[at] = Bar::admit(change(*bars[at].raw()), Interval::HOUR).unwrap();
            });
            let (other, state) = digests(&[changed.path().to_owned()], &config(7), 1);
            assert_ne!(other, first, "{what} of bar {at} changed");
            // What the last bars change shows in what the engine knows, and not only in the bars' hash.
            assert!(
                at < 1_499 || state != first_state,
                "the engine did not see {what} of bar {at}"
            );
        }
    }
}

/// Interrupts a replay at a random moment, then makes the engine again from what the store holds, in
/// both ways.
#[test]
fn lived_state_equals_state_rebuilt_from_the_store() {
    for seed in 0..24 {
        let folder = folder_of(seed, 500, |_| {});
        let config = config(seed);
        let dataset = dataset(&[folder.path().to_owned()], &config, 1);
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", home.path().join("h.db").display());
        let mut store = Store::open(&url).unwrap();
        let run = begin(&mut store, &dataset, &config);

        let mut dice = Dice::new(seed);
        let cut = 60 + dice.below(430);
        let mut lived =
            Replay::new(&dataset, config.settings(), Recorder::new(store, run, &dataset.hash()));
        for _ in 0..cut {
            assert!(lived.next_moment().unwrap());
        }
        lived.checkpoint().unwrap();
        let (at_cut, events) = (lived.engine().digest(), lived.engine().events());
        // Nothing after the checkpoint reaches the store: this is the crash.
        for _ in 0..dice.below(40) {
            lived.next_moment().unwrap();
        }
        drop(lived);

        let mut store = Store::open(&url).unwrap();
        let cursor = Cursor { events, at: NOW };
        let folded = refold(&mut store, run, cursor, &dataset, config.settings()).unwrap();
        assert_eq!(folded.digest(), at_cut, "seed {seed}, cut {cut}: folding the journal");
        let mut resumed = resume(store, run, &dataset, config.settings()).unwrap();
        assert_eq!(
            resumed.engine().digest(),
            at_cut,
            "seed {seed}, cut {cut}: reading the snapshot"
        );

        let mut whole = Replay::new(&dataset, config.settings(), scratch(&home, &dataset, &config));
        while whole.next_moment().unwrap() {}
        while resumed.next_moment().unwrap() {}
        assert_eq!(
            resumed.engine().digest(),
            whole.engine().digest(),
            "seed {seed}, cut {cut}: going on"
        );
    }
}

/// Two symbols of 9,000 bars pass one regular checkpoint, at 16,384 bars.
#[test]
fn a_replay_that_was_interrupted_and_resumed_ends_in_the_same_digest() {
    let folder = folder_of(5, 9_000, |_| {});
    let config = config(5);
    let paths = [folder.path().to_owned()];
    let dataset = dataset(&paths, &config, 1);
    let home = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", home.path().join("h.db").display());
    let mut store = Store::open(&url).unwrap();
    let run = begin(&mut store, &dataset, &config);
    let mut interrupted =
        Replay::new(&dataset, config.settings(), Recorder::new(store, run, &dataset.hash()));
    for _ in 0..8_700 {
        assert!(interrupted.next_moment().unwrap());
    }
    drop(interrupted);
    let mut resumed = resume(Store::open(&url).unwrap(), run, &dataset, config.settings()).unwrap();
    assert_eq!(resumed.bars_done(), 16_384);
    while resumed.next_moment().unwrap() {}
    resumed.checkpoint().unwrap();
    assert_eq!(resumed.end().1.digest(), digest(&paths, &config, 1));
}

fn scratch(home: &tempfile::TempDir, dataset: &Dataset, config: &Config) -> Recorder {
    let mut store =
        Store::open(&format!("sqlite://{}", home.path().join("scratch.db").display())).unwrap();
    let run = begin(&mut store, dataset, config);
    Recorder::new(store, run, &dataset.hash())
}

#[test]
fn what_is_exported_is_what_was_lived() {
    let folder = folder_of(3, 800, |_| {});
    let config = config(3);
    let dataset = dataset(&[folder.path().to_owned()], &config, 1);
    let home = tempfile::tempdir().unwrap();
    let mut replay = Replay::new(&dataset, config.settings(), scratch(&home, &dataset, &config));
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let (decided, positions) = (replay.engine().decisions(), replay.engine().positions().to_vec());
    let (mut store, run) = replay.end().1.into_store();
    let mut numbers = Vec::new();
    store.decisions(run, |record| numbers.push(record.decision.no)).unwrap();
    assert_eq!(numbers, (0..decided).collect::<Vec<_>>());
    assert_eq!(store.positions(run).unwrap(), positions);
    let trades = store.trades(run).unwrap();
    assert!(!trades.is_empty());
    let mut executed = 0;
    store.outcomes(run, |outcome| executed += u64::from(outcome.standing.is_executed())).unwrap();
    assert!(executed.abs_diff(trades.len() as u64) <= 2, "{executed} of {}", trades.len());
    assert!(store.check().unwrap().damages.is_empty());
}
