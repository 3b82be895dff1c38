//! `data import`: bars into one folder, one file a symbol and interval.

use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::Timestamp;
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
    let all = bars_and_books(paths, &wanted)?;
    let written = write(&all, out, wanted.now)?;
    if global.json {
        let told: Vec<_> =
            written.iter().zip(&all).map(|(written, read)| written.as_json(read)).collect();
        return setup::print_json(&json!({ "files": told }));
    }
    let told: String = written.iter().zip(&all).map(|(written, read)| written.line(read)).collect();
    setup::print(&told)
}

/// Recorded order books as bars, and the bars that lie beside them.
fn bars_and_books(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
    let mut all = market::read_books(paths, wanted)?;
    match market::read_every_interval(paths, wanted) {
        Err(MarketError::NotWanted { .. }) if !all.is_empty() => {}
        read => all.extend(read?),
    }
    Ok(all)
}

/// A file that was made or filled.
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) filled: Filled,
}

/// Fills the files of a folder with these bars.
pub(super) fn write(all: &[Series], out: &Path, now: Timestamp) -> Result<Vec<Written>, Failure> {
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))?;
    let mut written = Vec::new();
    for series in all {
        let path = out.join(format!("{}-{}.parquet", file_safe(&series.symbol), series.interval));
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
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let safe: String = symbol.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    safe.trim_start_matches('.').to_owned()
}
