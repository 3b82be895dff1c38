//! `data`: bars in, verified, gaps named.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use domain::Calendar;
use market::{Series, gaps, write_parquet};
use serde_json::json;

use super::shown::grouped;
use super::{bars, setup};
use crate::args::{BarArgs, DataCommand, Global, RuleArgs};
use crate::failure::Failure;

/// Does what was asked.
///
/// # Errors
/// When bars cannot be read or written, or a check finds bad rows.
pub fn run(global: &Global, command: &DataCommand) -> Result<(), Failure> {
    match command {
        DataCommand::Check { paths, bars } => check(global, paths, bars),
        DataCommand::Import { paths, out, bars } => import(global, paths, out, bars),
        DataCommand::List { paths, bars } => list(global, paths, bars),
    }
}

/// How many gaps and refusals are named; the rest is counted.
const NAMED: usize = 20;

fn check(global: &Global, paths: &[PathBuf], args: &BarArgs) -> Result<(), Failure> {
    let config = setup::config(global, &RuleArgs::default())?;
    let all = bars::read(paths, args, None)?;
    let calendar = |series: &Series| {
        config.refine(series.instrument(config.calendar(&series.symbol))).calendar
    };
    let refused: u64 = all.iter().map(|series| series.refusals.total()).sum();
    if global.json {
        let told: Vec<_> = all.iter().map(|series| as_json(series, calendar(series))).collect();
        setup::print_json(&json!({ "series": told, "rows_refused": refused }))?;
    } else {
        let told: Vec<String> =
            all.iter().map(|series| checked(series, calendar(series))).collect();
        setup::print(&told.join("\n"))?;
    }
    if refused > 0 {
        return Err(Failure::Job(anyhow!(
            "{} bad rows; they are left out of every replay",
            grouped(refused)
        )));
    }
    Ok(())
}

fn checked(series: &Series, calendar: Calendar) -> String {
    let found = gaps(series, calendar);
    let missing: u64 = found.iter().map(|gap| u64::from(gap.bars_missing)).sum();
    let mut text = format!("{}, sessions {}\n", line(series), calendar.name());
    text.push_str(&format!(
        "  {} bars missing inside sessions, in {} gaps\n",
        grouped(missing),
        found.len()
    ));
    for gap in found.iter().take(NAMED) {
        text.push_str(&format!("    {} bars from {} to {}\n", gap.bars_missing, gap.from, gap.to));
    }
    more(&mut text, found.len());
    let refused = series.refusals.total();
    text.push_str(&format!(
        "  {} rows turned away, {} repeats dropped\n",
        grouped(refused),
        grouped(series.refusals.repeats())
    ));
    for refusal in series.refusals.kept().iter().take(NAMED) {
        text.push_str(&format!("    {refusal}\n"));
    }
    more(&mut text, refused as usize);
    text
}

fn more(text: &mut String, count: usize) {
    if count > NAMED {
        text.push_str(&format!(
            "    and {} more; --json names them\n",
            grouped((count - NAMED) as u64)
        ));
    }
}

fn as_json(series: &Series, calendar: Calendar) -> serde_json::Value {
    let found = gaps(series, calendar);
    json!({
        "symbol": series.symbol,
        "interval": series.interval.to_string(),
        "bars": series.bars.len(),
        "from": series.bars.first().map(|bar| bar.opened_at().to_string()),
        "to": series.bars.last().map(|bar| bar.closed_at().to_string()),
        "calendar": calendar.name(),
        "hash": series.hash,
        "bars_missing": found.iter().map(|gap| u64::from(gap.bars_missing)).sum::<u64>(),
        "gaps": found.iter().map(|gap| json!({
            "from": gap.from.to_string(), "to": gap.to.to_string(), "bars_missing": gap.bars_missing,
        })).collect::<Vec<_>>(),
        "rows_refused": series.refusals.total(),
        "repeats": series.refusals.repeats(),
        "refusals": series.refusals.kept().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn list(global: &Global, paths: &[PathBuf], args: &BarArgs) -> Result<(), Failure> {
    let all = bars::read(paths, args, None)?;
    if global.json {
        let told: Vec<_> = all
            .iter()
            .map(|series| {
                json!({
                    "symbol": series.symbol,
                    "interval": series.interval.to_string(),
                    "bars": series.bars.len(),
                    "from": series.bars.first().map(|bar| bar.opened_at().to_string()),
                    "to": series.bars.last().map(|bar| bar.closed_at().to_string()),
                    "hash": series.hash,
                })
            })
            .collect();
        return setup::print_json(&json!({ "series": told }));
    }
    let mut text = String::new();
    for series in &all {
        text.push_str(&line(series));
        text.push('\n');
    }
    setup::print(&text)
}

fn line(series: &Series) -> String {
    let from = series.bars.first().map_or_else(String::new, |bar| bar.opened_at().to_string());
    let to = series.bars.last().map_or_else(String::new, |bar| bar.closed_at().to_string());
    format!(
        "{} {}: {} bars, {from} to {to}",
        series.symbol,
        series.interval,
        grouped(series.bars.len() as u64)
    )
}

fn import(global: &Global, paths: &[PathBuf], out: &Path, args: &BarArgs) -> Result<(), Failure> {
    let all = bars::read(paths, args, None)?;
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))?;
    let mut written = Vec::new();
    for series in &all {
        let path = out.join(format!("{}-{}.parquet", file_safe(&series.symbol), series.interval));
        write_parquet(&path, series)?;
        written.push((path, series));
    }
    if global.json {
        let told: Vec<_> = written
            .iter()
            .map(|(path, series)| {
                json!({
                    "file": path.display().to_string(),
                    "symbol": series.symbol,
                    "interval": series.interval.to_string(),
                    "bars": series.bars.len(),
                    "rows_refused": series.refusals.total(),
                    "hash": series.hash,
                })
            })
            .collect();
        return setup::print_json(&json!({ "files": told }));
    }
    let mut text = String::new();
    for (path, series) in written {
        let refused = series.refusals.total();
        text.push_str(&format!(
            "{} in {}, {} rows turned away\n",
            line(series),
            path.display(),
            grouped(refused)
        ));
    }
    setup::print(&text)
}

/// A symbol as part of a file's name: what could lead out of the folder becomes an underscore.
fn file_safe(symbol: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let safe: String = symbol.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    safe.trim_start_matches('.').to_owned()
}
