//! Sixty rows of a hundred damaged, and the run is the one it would have been without them: the same
//! digest, every damaged row counted by its reason, and `--strict` stops at the first.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use domain::{Bar, Timestamp};
use market::Wanted;
use scenarios::Dice;
use serde_json::Value;
use store::Store;

const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);
const HEAD: &str = "ts,open,high,low,close,volume";
const HOUR_MS: i64 = 3_600_000;

/// A kind of damage: what it is called where rows are refused, and what it makes of a good row.
struct Damage {
    kind: &'static str,
    on: fn(&[String]) -> String,
}

fn with(cells: &[String], at: usize, text: &str) -> String {
    let mut cells = cells.to_vec();
    cells[at] = text.to_owned();
    cells.join(",")
}

const DAMAGES: [Damage; 22] = [
    Damage { kind: "number not finite", on: |cells| with(cells, 1, "NaN") },
    Damage { kind: "number not finite", on: |cells| with(cells, 5, "-inf") },
    Damage { kind: "number not finite", on: |cells| with(cells, 4, "1e999") },
    Damage { kind: "field missing", on: |cells| with(cells, 4, "") },
    Damage { kind: "field missing", on: |cells| with(cells, 0, "") },
    Damage { kind: "field missing", on: |cells| cells[..3].join(",") },
    Damage { kind: "field missing", on: |cells| cells[0].clone() },
    Damage { kind: "price not above zero", on: |cells| with(cells, 3, "-3.5") },
    Damage { kind: "price not above zero", on: |cells| with(cells, 1, "0") },
    Damage { kind: "volume negative", on: |cells| with(cells, 5, "-1") },
    Damage { kind: "number beyond any market's", on: |cells| with(cells, 2, "1e15") },
    Damage {
        kind: "price outside low and high",
        on: |cells| {
            let mut swapped = cells.to_vec();
            swapped.swap(2, 3);
            swapped.join(",")
        },
    },
    Damage { kind: "price outside low and high", on: |cells| with(cells, 4, "0.0001") },
    Damage { kind: "too many fields", on: |cells| with(cells, 4, "12,5") },
    Damage { kind: "too many fields", on: |cells| cells.join(",") + ",7" },
    Damage { kind: "not a number", on: |cells| with(cells, 2, "12 5") },
    Damage { kind: "not a number", on: |cells| with(cells, 1, "n/a") },
    Damage { kind: "not a number", on: |cells| with(cells, 5, "\u{fffd}\u{1}") },
    Damage { kind: "not a time", on: |cells| with(cells, 0, "yesterday") },
    Damage { kind: "not a time", on: |cells| with(cells, 0, "99999999999999999") },
    Damage { kind: "not a time", on: |cells| with(cells, 0, "12") },
    Damage { kind: "in the future", on: |cells| with(cells, 0, "3999999600000") },
];

/// Where damage lies.
#[derive(Clone, Copy, Debug)]
enum Spread {
    /// Anywhere: hardly two good bars follow one another.
    Anywhere,
    /// In spells, with good ones between.
    InSpells,
    /// Between good rows, of which none is lost: damaged copies, conflicts, overlaps.
    Between,
}

/// A file with damage and what is to be said of it.
#[derive(Default)]
struct Damaged {
    dirty: Vec<String>,
    clean: Vec<String>,
    counts: BTreeMap<&'static str, u64>,
    /// Lines of the file, the header being the first.
    lines: Vec<u64>,
    last: Option<i64>,
}

impl Damaged {
    fn of(bars: &[Bar], spread: Spread, dice: &mut Dice) -> Damaged {
        let mut made = Damaged::default();
        let (mut in_spell, mut left) = (false, 0);
        for bar in bars {
            if left == 0 {
                in_spell = !in_spell;
                left = 1 + dice.below(if in_spell { 360 } else { 240 });
            }
            left -= 1;
            match spread {
                Spread::Anywhere if dice.happens(0.6) => made.damage(bar, dice),
                Spread::InSpells if in_spell => made.damage(bar, dice),
                Spread::Anywhere | Spread::InSpells => made.good(bar),
                Spread::Between => {
                    made.good(bar);
                    for _ in 0..dice.below(4) {
                        made.damage_between(bar, dice);
                    }
                }
            }
        }
        made
    }

    fn good(&mut self, bar: &Bar) {
        self.dirty.push(cells(bar).join(","));
        self.clean.push(cells(bar).join(","));
        self.last = Some(bar.opened_at().ms());
    }

    fn bad(&mut self, text: String, kind: &'static str) {
        self.dirty.push(text);
        self.lines.push(self.dirty.len() as u64 + 1);
        *self.counts.entry(kind).or_default() += 1;
    }

    fn damage(&mut self, bar: &Bar, dice: &mut Dice) {
        let damage = &DAMAGES[dice.below(DAMAGES.len() as u64) as usize];
        self.bad((damage.on)(&cells(bar)), damage.kind);
    }

    /// Also rows that would be good, were there not the one before them.
    fn damage_between(&mut self, bar: &Bar, dice: &mut Dice) {
        let mut other = cells(bar);
        match dice.below(8) {
            0 | 1 => {
                other[5] = (bar.volume() + 1.0).to_string();
                self.bad(other.join(","), "conflicting duplicate");
            }
            2 => {
                let off = 1 + dice.below(HOUR_MS as u64 / 60_000 - 2) as i64;
                other[0] = (bar.opened_at().ms() + off * 60_000).to_string();
                self.bad(other.join(","), "overlapping bar");
            }
            _ => self.damage(bar, dice),
        }
    }
}

fn cells(bar: &Bar) -> Vec<String> {
    let numbers = [bar.open(), bar.high(), bar.low(), bar.close(), bar.volume()];
    let ts = bar.opened_at().ms().to_string();
    std::iter::once(ts).chain(numbers.iter().map(f64::to_string)).collect()
}

/// Bars the project ships, the first so many of each symbol; flat ones cannot be swapped and stay out.
fn shipped(count: usize) -> Vec<(String, Vec<Bar>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let series = market::read(&[folder], &Wanted::all(NOW)).unwrap();
    let moving = |bar: &&Bar| bar.high() > bar.low() && bar.low() > 0.0001;
    series
        .into_iter()
        .map(|one| (one.symbol, one.bars.iter().take(count).filter(moving).copied().collect()))
        .collect()
}

fn write(folder: &Path, symbol: &str, rows: &[String]) {
    let text = format!("{HEAD}\n{}\n", rows.join("\n"));
    std::fs::write(folder.join(format!("{symbol}-1h.csv")), text).unwrap();
}

fn hindsight(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hindsight"))
        .args(args)
        .current_dir(folder)
        .env_remove("HINDSIGHT_CONFIG")
        .env("HINDSIGHT__GATES__CONVICTION_MIN", "0.3")
        .output()
        .unwrap()
}

/// Replays `bars` in a folder; gives the summary.
fn replayed(folder: &Path) -> Value {
    let output = hindsight(folder, &["replay", "--data", "bars", "--json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

struct Home {
    folder: tempfile::TempDir,
    damaged: Vec<(String, Damaged)>,
}

/// A folder of damaged bars and one of what is good in them.
fn homes(seed: u64, spread: Spread, count: usize) -> (Home, tempfile::TempDir) {
    let mut dice = Dice::new(seed);
    let (dirty, clean) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for home in [&dirty, &clean] {
        std::fs::create_dir(home.path().join("bars")).unwrap();
    }
    let mut damaged = Vec::new();
    for (symbol, bars) in shipped(count) {
        let made = Damaged::of(&bars, spread, &mut dice);
        write(&dirty.path().join("bars"), &symbol, &made.dirty);
        write(&clean.path().join("bars"), &symbol, &made.clean);
        damaged.push((symbol, made));
    }
    (Home { folder: dirty, damaged }, clean)
}

fn check_damaged(seed: u64, spread: Spread, count: usize, decisions_min: u64) {
    let (dirty, clean) = homes(seed, spread, count);
    let (told, expected) = (replayed(dirty.folder.path()), replayed(clean.path()));
    let what = format!("seed {seed}, {spread:?}");
    for figure in ["digest", "bars", "decisions", "outcomes", "trades", "policy_versions", "net"] {
        assert_eq!(told[figure], expected[figure], "{figure} of {what}");
    }
    assert!(told["decisions"].as_u64().unwrap() >= decisions_min, "{what}: {}", told["decisions"]);
    let bad: u64 = dirty.damaged.iter().map(|(_, made)| made.lines.len() as u64).sum();
    let all: u64 = dirty.damaged.iter().map(|(_, made)| made.dirty.len() as u64).sum();
    assert!((0.55..0.70).contains(&(bad as f64 / all as f64)), "{what}: {bad} of {all}");
    assert_eq!(told["rows_refused"].as_u64(), Some(bad), "{what}");
    assert_eq!(expected["rows_refused"].as_u64(), Some(0), "{what}");
    check_named(&dirty, &what);
}

/// Every kind is counted, and the first thousand rows of each file are named in the store.
fn check_named(home: &Home, what: &str) {
    let here = home.folder.path();
    let series = market::read(&[here.join("bars")], &Wanted::all(NOW)).unwrap();
    for (one, (symbol, made)) in series.iter().zip(&home.damaged) {
        assert_eq!(one.refusals.by_kind(), &made.counts, "{symbol} of {what}");
    }
    let url = format!("sqlite://{}", here.join("hindsight.db").display());
    let mut store = Store::open_existing(&url).unwrap();
    let run = store.newest_run().unwrap();
    let named = store.quarantine(run.no).unwrap();
    for (symbol, made) in &home.damaged {
        let of_file = named.iter().filter(|one| one.source.ends_with(&format!("{symbol}-1h.csv")));
        let lines: Vec<u64> = of_file.map(|one| one.row_no).collect();
        let kept = made.lines.len().min(market::REFUSALS_KEPT_MAX);
        assert_eq!(lines, made.lines[..kept], "{symbol} of {what}");
    }
}

#[test]
fn damage_anywhere_leaves_the_run_that_the_good_rows_make() {
    for seed in [1, 2, 3] {
        check_damaged(seed, Spread::Anywhere, 5_000, 0);
    }
}

#[test]
fn damage_in_spells_leaves_the_run_that_the_good_rows_make() {
    for seed in [4, 5, 6] {
        check_damaged(seed, Spread::InSpells, 6_225, 200);
    }
}

#[test]
fn damage_between_good_rows_leaves_the_run_that_the_good_rows_make() {
    for seed in [7, 8, 9] {
        check_damaged(seed, Spread::Between, 3_000, 1_000);
    }
}

#[test]
fn a_strict_reader_stops_at_the_first_damaged_row_and_stores_nothing() {
    for (seed, spread) in [(1, Spread::Anywhere), (4, Spread::InSpells), (7, Spread::Between)] {
        let (dirty, clean) = homes(seed, spread, 600);
        let here = dirty.folder.path();
        let output = hindsight(here, &["replay", "--data", "bars", "--strict"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let (symbol, first) = &dirty.damaged[0];
        let place = format!("{symbol}-1h.csv row {}", first.lines[0]);
        assert!(said.contains(&place), "{place} is not in: {said}");
        assert!(!here.join("hindsight.db").exists(), "something was stored");
        let strict = hindsight(clean.path(), &["replay", "--data", "bars", "--strict"]);
        assert!(strict.status.success(), "what is good passes");
    }
}
