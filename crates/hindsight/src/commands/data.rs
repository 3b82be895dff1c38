//! `data`: bars in, verified, gaps named and filled.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use domain::{Calendar, Interval};
use market::{MarketError, MissingBars, Series, SeriesFile, Wanted, gaps};
use serde_json::{Value, json};

use super::shown::grouped;
use super::{asked, setup};
use crate::args::{BarArgs, DataCommand, Global, RuleArgs};
use crate::failure::Failure;

mod fetch;
mod import;

/// Does what was asked.
///
/// # Errors
/// When bars cannot be fetched, read or written, or a check finds bad rows.
pub fn run(global: &Global, command: &DataCommand) -> Result<(), Failure> {
    match command {
        DataCommand::Check { paths, bars } => check(global, paths, bars),
        DataCommand::Import { paths, data, out, bars } => {
            import::run(global, &[paths.as_slice(), data.as_slice()].concat(), out, bars)
        }
        DataCommand::Download(args) => fetch::run(global, args),
        DataCommand::List { paths, bars } => list(global, paths, bars),
    }
}

/// How many gaps and refusals are named; the rest is counted.
const NAMED: usize = 20;

/// What lies in files and folders.
struct Lying {
    bars: Vec<Series>,
    readings: Vec<SeriesFile>,
}

impl Lying {
    fn at(paths: &[PathBuf], wanted: &Wanted) -> Result<Lying, MarketError> {
        let readings = wanted_readings(paths, wanted)?;
        let bars = match market::read_every_interval(paths, wanted) {
            Err(MarketError::NotWanted { .. }) if !readings.is_empty() => Vec::new(),
            read => read?,
        };
        Ok(Lying { bars, readings })
    }
}

/// The files of readings on wanted symbols, or on all of them.
fn wanted_readings(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<SeriesFile>, MarketError> {
    let mut readings = market::list_series(paths, wanted)?;
    readings.retain(|file| {
        let wants = |symbol: &String| {
            wanted.symbols.is_empty()
                || wanted.symbols.iter().any(|one| one.eq_ignore_ascii_case(symbol))
        };
        file.symbol.as_ref().is_none_or(wants)
    });
    Ok(readings)
}

fn check(global: &Global, paths: &[PathBuf], args: &BarArgs) -> Result<(), Failure> {
    let config = setup::config(global, &RuleArgs::default())?;
    let Lying { bars, readings } = Lying::at(paths, &asked::wanted(args)?)?;
    let calendar = |series: &Series| {
        config.refine(series.instrument(config.calendar(&series.symbol)), false).calendar
    };
    let refused: u64 = bars.iter().map(|series| series.refusals.total()).sum::<u64>()
        + readings.iter().map(|file| file.refused).sum::<u64>();
    if global.json {
        let told: Vec<_> = bars.iter().map(|series| as_json(series, calendar(series))).collect();
        let read: Vec<_> = readings.iter().map(reading_json).collect();
        setup::print_json(&json!({ "series": told, "readings": read, "rows_refused": refused }))?;
    } else {
        let mut told: Vec<String> =
            bars.iter().map(|series| checked(series, calendar(series))).collect();
        told.extend(readings.iter().map(reading_line));
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

/// A series, its gaps, what could fill them, and its bad rows.
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
    if let Some(filling) = filling(series, calendar, &found) {
        text.push_str(&format!("  what may fill them: {filling}\n"));
    }
    let adjustments = series.adjustments();
    if !adjustments.is_empty() {
        text.push_str(&format!(
            "  {} splits and dividends, undone forward from the first bar\n",
            grouped(adjustments.len() as u64)
        ));
        for one in adjustments.iter().take(NAMED) {
            text.push_str(&format!("    times {:.6} from {}\n", one.ratio, one.at));
        }
        more(&mut text, adjustments.len());
    }
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

/// The command that may fill a series' gaps.
fn filling(series: &Series, calendar: Calendar, found: &[MissingBars]) -> Option<String> {
    /// What the archive's symbols are quoted in.
    const QUOTES: [&str; 5] = ["USDT", "USDC", "FDUSD", "BTC", "ETH"];
    let (first, last) = (found.first()?, found.last()?);
    let day = |moment: String| moment.chars().take(10).collect::<String>();
    let beside = series.source.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    let out = setup::quoted(&beside.display().to_string());
    let is_quoted = QUOTES.iter().any(|quote| series.symbol.ends_with(quote));
    if calendar == Calendar::Always && is_quoted && series.interval <= day_long() {
        let market = fetch::market_of(beside, &series.symbol);
        let (market, told) = match market {
            Some(market) => (market.name(), ""),
            // Bars of the other market beside these would look like moves.
            None => ("MARKET", ", with MARKET spot or usdm as these bars are"),
        };
        return Some(format!(
            "hindsight data download --symbols {} --interval {} --market {market} --from {} --to {} --out {out}{told}",
            setup::quoted(&series.symbol),
            series.interval,
            day(first.from.to_string()),
            // The archive is asked for whole days, so that the day of the last gap is one of them.
            day(last.to.plus_ms(day_long().ms()).to_string()),
        ));
    }
    Some(format!("hindsight data import FILE --out {out}, with FILE from another source"))
}

fn day_long() -> Interval {
    Interval::from_ms(86_400_000).unwrap_or(Interval::HOUR)
}

fn as_json(series: &Series, calendar: Calendar) -> Value {
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
        "filling": filling(series, calendar, &found),
        "adjustments": series.adjustments().iter().map(|one| json!({
            "at": one.at.to_string(), "ratio": one.ratio,
        })).collect::<Vec<_>>(),
        "rows_refused": series.refusals.total(),
        "repeats": series.refusals.repeats(),
        "refusals": series.refusals.kept().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn list(global: &Global, paths: &[PathBuf], args: &BarArgs) -> Result<(), Failure> {
    let Lying { bars, readings } = Lying::at(paths, &asked::wanted(args)?)?;
    if global.json {
        let told: Vec<_> = bars
            .iter()
            .map(|series| {
                json!({
                    "symbol": series.symbol,
                    "interval": series.interval.to_string(),
                    "bars": series.bars.len(),
                    "from": series.bars.first().map(|bar| bar.opened_at().to_string()),
                    "to": series.bars.last().map(|bar| bar.closed_at().to_string()),
                    "adjustments": series.adjustments().len(),
                    "hash": series.hash,
                })
            })
            .collect();
        let read: Vec<_> = readings.iter().map(reading_json).collect();
        return setup::print_json(&json!({ "series": told, "readings": read }));
    }
    let mut text: String = bars.iter().map(|series| listed(series) + "\n").collect();
    text.extend(readings.iter().map(reading_line));
    setup::print(&text)
}

fn listed(series: &Series) -> String {
    match series.adjustments().len() {
        0 => line(series),
        count => format!("{}, adjustments {}", line(series), grouped(count as u64)),
    }
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

fn reading_line(file: &SeriesFile) -> String {
    let span = match (file.from, file.to) {
        (Some(from), Some(to)) => format!(", {from} to {to}"),
        _ => String::new(),
    };
    format!(
        "{} {}: {} readings{span}, {} rows turned away\n",
        file.symbol.as_deref().unwrap_or("all symbols"),
        file.series.name(),
        grouped(file.readings),
        grouped(file.refused)
    )
}

fn reading_json(file: &SeriesFile) -> Value {
    json!({
        "file": file.path.display().to_string(),
        "symbol": file.symbol,
        "series": file.series.name(),
        "readings": file.readings,
        "from": file.from.map(|at| at.to_string()),
        "to": file.to.map(|at| at.to_string()),
        "rows_refused": file.refused,
    })
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn what_may_fill_a_gap_names_the_market_only_where_it_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let row = |hour: i64| format!("{},1,1,1,1,1\n", 1_600_000_000_000 + hour * 3_600_000);
        let rows = ["ts,open,high,low,close,volume\n".to_owned(), row(0), row(1), row(5)];
        std::fs::write(at.join("BTCUSDT-1h.csv"), rows.concat()).unwrap();
        let hint = || {
            let wanted = Wanted::all(Timestamp::from_ms(1_893_456_000_000));
            let series = market::read(&[at.join("BTCUSDT-1h.csv")], &wanted).unwrap().remove(0);
            let found = gaps(&series, Calendar::Always);
            filling(&series, Calendar::Always, &found)
                .unwrap()
                .replace(&at.display().to_string(), "AT")
        };
        let told = |market: &str, more: &str| {
            format!(
                "hindsight data download --symbols BTCUSDT --interval 1h --market {market} --from 2020-09-13 --to 2020-09-14 --out AT{more}"
            )
        };
        assert_eq!(hint(), told("MARKET", ", with MARKET spot or usdm as these bars are"));
        let usdm = at.join("archives/usdm");
        std::fs::create_dir_all(&usdm).unwrap();
        std::fs::write(usdm.join("BTCUSDT-1h-2020-08.zip"), "x").unwrap();
        assert_eq!(hint(), told("usdm", ""));
        std::fs::create_dir_all(at.join("archives/spot")).unwrap();
        std::fs::write(at.join("archives/spot/BTCUSDT-1h-2020-08.zip"), "x").unwrap();
        assert_eq!(hint(), told("MARKET", ", with MARKET spot or usdm as these bars are"));
    }
}
