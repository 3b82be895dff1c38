//! `data import`: bars into one folder, one file a symbol and interval.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use domain::{Series as Measure, Timestamp};
use market::{Filled, MarketError, Series, Wanted, fill};
use serde_json::{Value, json};

use super::super::asked;
use super::super::setup;
use super::super::shown::grouped;
use super::line;
use crate::args::{BarArgs, Global};
use crate::failure::Failure;

pub(super) fn run(
    global: &Global,
    paths: &[PathBuf],
    out: &Path,
    args: &BarArgs,
) -> Result<(), Failure> {
    let wanted = asked::wanted(args)?;
    let Imported { bars, written, readings } = import(paths, out, &wanted)?;
    if global.json {
        let told: Vec<_> =
            written.iter().zip(&bars).map(|(written, read)| written.as_json(read)).collect();
        let read: Vec<_> = readings.iter().map(Readings::as_json).collect();
        return setup::print_json(&json!({ "files": told, "readings": read }));
    }
    let mut told: String =
        written.iter().zip(&bars).map(|(written, read)| written.line(read)).collect();
    told.extend(readings.iter().map(Readings::line));
    setup::print(&told)
}

/// What was read, and what became of it.
struct Imported {
    bars: Vec<Series>,
    written: Vec<Written>,
    readings: Vec<Readings>,
}

fn import(paths: &[PathBuf], out: &Path, wanted: &Wanted) -> Result<Imported, Failure> {
    let found = readings_at(paths, wanted)?;
    let bars = bars_and_books(paths, wanted, !found.is_empty())?;
    let written = write(&bars, out, wanted.now)?;
    let readings = found.into_iter().map(|one| one.filled(out, wanted));
    Ok(Imported { readings: readings.collect::<Result<_, Failure>>()?, bars, written })
}

/// Recorded order books as bars, and the bars that lie beside them.
fn bars_and_books(
    paths: &[PathBuf],
    wanted: &Wanted,
    has_readings: bool,
) -> Result<Vec<Series>, MarketError> {
    let mut all = market::read_books(paths, wanted)?;
    match market::read_every_interval(paths, wanted) {
        Err(MarketError::NotWanted { .. }) if has_readings || !all.is_empty() => {}
        read => all.extend(read?),
    }
    Ok(all)
}

/// Readings of one measure on one symbol, on all of them where it is absent.
struct Readings {
    symbol: Option<String>,
    series: Measure,
    files: Vec<PathBuf>,
    refused: u64,
    path: PathBuf,
    held: u64,
}

/// The readings that lie beside the bars, of the symbols that are wanted.
fn readings_at(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Readings>, MarketError> {
    let mut all: Vec<Readings> = Vec::new();
    for file in super::wanted_readings(paths, wanted)? {
        let is_same =
            |one: &&mut Readings| (&one.symbol, one.series) == (&file.symbol, file.series);
        match all.iter_mut().find(is_same) {
            Some(one) => {
                one.files.push(file.path);
                one.refused += file.refused;
            }
            None => all.push(Readings {
                symbol: file.symbol,
                series: file.series,
                files: vec![file.path],
                refused: file.refused,
                path: PathBuf::new(),
                held: 0,
            }),
        }
    }
    Ok(all)
}

impl Readings {
    fn filled(self, out: &Path, wanted: &Wanted) -> Result<Readings, Failure> {
        let symbol = self.symbol.as_deref().unwrap_or("ALL");
        let path = out.join(format!("{}-{}.parquet", file_safe(symbol), self.series.name()));
        let held = market::fill_series(&path, &self.files, symbol, wanted)?;
        Ok(Readings { path, held, ..self })
    }

    fn line(&self) -> String {
        format!(
            "{} {}: {} readings in {}, {} rows turned away\n",
            self.symbol.as_deref().unwrap_or("all symbols"),
            self.series.name(),
            grouped(self.held),
            self.path.display(),
            grouped(self.refused)
        )
    }

    fn as_json(&self) -> Value {
        json!({
            "file": self.path.display().to_string(),
            "symbol": self.symbol,
            "series": self.series.name(),
            "readings": self.held,
            "rows_refused": self.refused,
        })
    }
}

/// A file that was made or filled.
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) filled: Filled,
}

/// Fills the files of a folder with these bars.
pub(super) fn write(all: &[Series], out: &Path, now: Timestamp) -> Result<Vec<Written>, Failure> {
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))?;
    let path_of = |series: &Series| {
        out.join(format!("{}-{}.parquet", file_safe(&series.symbol), series.interval))
    };
    let mut symbols: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for series in all {
        let path = path_of(series);
        if let Some(other) = symbols.insert(path.clone(), &series.symbol) {
            return Err(Failure::Job(anyhow!(
                "{other} and {} would both be written to {}: import them into two folders, with --symbols",
                series.symbol,
                path.display()
            )));
        }
    }
    let mut written = Vec::new();
    for series in all {
        let path = path_of(series);
        let filled = fill(&path, series, now)?;
        written.push(Written { path, filled });
    }
    Ok(written)
}

impl Written {
    fn as_json(&self, read: &Series) -> Value {
        let held = &self.filled.series;
        json!({
            "file": self.path.display().to_string(),
            "symbol": held.symbol,
            "interval": held.interval.to_string(),
            "bars": held.bars.len(),
            "bars_added": self.filled.bars_added,
            "bars_differing": self.filled.bars_differing,
            "rows_refused": read.refusals.total(),
            "hash": held.hash,
        })
    }

    fn line(&self, read: &Series) -> String {
        let text = format!(
            "{} in {}, {} rows turned away\n",
            line(&self.filled.series),
            self.path.display(),
            grouped(read.refusals.total())
        );
        text + &self.filling()
    }

    /// How the file was filled, where it was there before.
    pub(super) fn filling(&self) -> String {
        let Filled { bars_added, bars_differing, ref differing, ref series } = self.filled;
        let mut text = String::new();
        if bars_added < series.bars.len() as u64 {
            text.push_str(&format!("  {} bars added to those there\n", grouped(bars_added)));
        }
        if let Some(first) = differing.first() {
            text.push_str(&format!(
                "  {} bars differ from those there, the first at {first}, and were left out; remove {} to take them\n",
                grouped(bars_differing),
                self.path.display()
            ));
        }
        text
    }
}

/// A symbol as part of a file's name: what could lead out of the folder becomes an underscore.
fn file_safe(symbol: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let safe: String = symbol.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    safe.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted::all(Timestamp::from_ms(1_893_456_000_000))
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    const BARS: &str =
        "ts,open,high,low,close,volume\n1600000000,1,1,1,1,1\n1600003600,1,1,1,1,1\n";

    #[test]
    fn symbols_alike_but_for_a_dash_have_files_of_their_own() {
        let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("BRK-B-1h.csv"), BARS).unwrap();
        std::fs::write(folder.path().join("BRK_B-1h.csv"), BARS.replace(",1", ",2")).unwrap();
        let paths = [folder.path().to_owned()];
        assert!(import(&paths, out.path(), &wanted()).is_ok());
        assert_eq!(names(out.path()), ["BRK-B-1h.parquet", "BRK_B-1h.parquet"]);
        let again = market::read(&[out.path().to_owned()], &wanted()).unwrap();
        let symbols: Vec<&str> = again.iter().map(|one| one.symbol.as_str()).collect();
        assert_eq!(symbols, ["BRK-B", "BRK_B"]);

        std::fs::write(folder.path().join("BRK B-1h.csv"), BARS).unwrap();
        let Err(Failure::Job(error)) = import(&paths, out.path(), &wanted()) else {
            panic!("two symbols share a file");
        };
        let said = error.to_string();
        assert!(said.starts_with("BRK B and BRK_B would both be written to "), "{said}");
    }

    #[test]
    fn readings_beside_bars_are_imported_too() {
        let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put("BTCUSDT-1h.csv", BARS);
        put("BTCUSDT-funding.csv", "ts,value\n1600000000,0.1\n1600028800,7\n");
        put("BTCUSDT-fundingRate-2020-10.csv", "ts,value\n1602000000,0.2\n");
        put("fng.csv", "ts,value\n1600000000,41\n");
        put("ETHUSDT-funding.csv", "ts,value\n1600000000,0.3\n");
        let paths = [folder.path().to_owned()];
        let bitcoin = Wanted { symbols: vec!["BTCUSDT".to_owned()], ..wanted() };
        let Ok(done) = import(&paths, out.path(), &bitcoin) else { panic!("it can be imported") };
        let files = ["ALL-fear_greed.parquet", "BTCUSDT-1h.parquet", "BTCUSDT-funding.parquet"];
        assert_eq!(names(out.path()), files);
        let told: Vec<String> = done
            .readings
            .iter()
            .map(|one| one.line().replace(&out.path().display().to_string(), "OUT"))
            .collect();
        assert_eq!(
            told,
            [
                "BTCUSDT funding: 2 readings in OUT/BTCUSDT-funding.parquet, 1 rows turned away\n",
                "all symbols fear_greed: 1 readings in OUT/ALL-fear_greed.parquet, 0 rows turned away\n",
            ]
        );
        // Readings alone are enough, and those of nobody's symbol are no reason to fail.
        let ether = Wanted { symbols: vec!["ETHUSDT".to_owned()], ..wanted() };
        let Ok(done) = import(&paths, out.path(), &ether) else { panic!("it can be imported") };
        assert_eq!((done.bars.len(), done.readings.len()), (0, 2));
    }
}
