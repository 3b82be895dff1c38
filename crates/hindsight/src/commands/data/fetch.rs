//! `data download`: bars of the exchange's public archive, verified, gaps named.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use domain::{Calendar, Timestamp};
use market::{ArchiveMarket, ArchiveWanted, Content, Fate, Fetched, MarketError, Wanted, gaps};
use serde_json::{Value, json};

use super::super::asked;
use super::super::setup;
use super::super::shown::grouped;
use super::import::{Written, write};
use super::{NAMED, checked, more};
use crate::args::{DownloadArgs, Global, MarketName};
use crate::clock;
use crate::failure::{Failure, usage};

pub(super) fn run(global: &Global, args: &DownloadArgs) -> Result<(), Failure> {
    let asked = Asked::of(args, clock::now())?;
    for symbol in &args.symbols {
        asked.check_market(&args.out, &symbol.to_ascii_uppercase())?;
    }
    let mut told = Vec::new();
    for symbol in &args.symbols {
        told.push(asked.symbol(global, args, &symbol.to_ascii_uppercase())?);
    }
    if global.json {
        let symbols: Vec<Value> = told.iter().map(OfSymbol::as_json).collect();
        setup::print_json(&json!({ "symbols": symbols }))?;
    } else {
        let mut text: String = told.iter().map(OfSymbol::text).collect();
        if asked.wants_running_day() {
            text.push_str(
                "the running day is not in the archive: a day is there when it is over\n",
            );
        }
        setup::print(&text)?;
    }
    match told.iter().find(|one| one.written.is_none()) {
        None => Ok(()),
        Some(one) => Err(Failure::Job(anyhow!(
            "the archive has no bars of {} in this span: check the symbol, --interval and --market",
            one.symbol
        ))),
    }
}

/// Where the archive's own files are kept, beside those that are made of them.
fn archives(out: &Path) -> PathBuf {
    out.join("archives")
}

/// The part of the exchange that a symbol's bars in a folder were fetched from, where its archives tell.
pub(super) fn market_of(folder: &Path, symbol: &str) -> Option<ArchiveMarket> {
    match ArchiveMarket::held_in(&archives(folder), symbol)[..] {
        [market] => Some(market),
        _ => None,
    }
}

struct Asked {
    content: Content,
    wanted: Wanted,
    from: Timestamp,
    to: Timestamp,
    market: ArchiveMarket,
    folder: PathBuf,
}

impl Asked {
    fn of(args: &DownloadArgs, now: Timestamp) -> Result<Asked, Failure> {
        let interval = asked::interval(&args.interval)?;
        let from = asked::moment("--from", &args.from)?;
        let to = args.to.as_deref().map(|text| asked::moment("--to", text)).transpose()?;
        if from >= to.unwrap_or(now) {
            let until = if to.is_some() { "--to" } else { "the present" };
            return Err(usage(format!("--from must lie before {until}: {from} does not")));
        }
        let market = match args.market {
            MarketName::Spot => ArchiveMarket::Spot,
            MarketName::Usdm => ArchiveMarket::UsdMargined,
        };
        if args.funding && market == ArchiveMarket::Spot {
            return Err(usage("--funding needs --market usdm: spot markets pay no funding"));
        }
        let wanted = Wanted { interval: Some(interval), from: Some(from), to, ..Wanted::all(now) };
        Ok(Asked {
            content: Content::Bars(interval),
            wanted,
            from,
            to: to.unwrap_or(now),
            market,
            folder: archives(&args.out).join(market.name()),
        })
    }

    fn wants_running_day(&self) -> bool {
        const DAY_MS: i64 = 86_400_000;
        let now = self.wanted.now;
        self.to > now.plus_ms(-now.ms().rem_euclid(DAY_MS))
    }

    /// Bars of two markets would stand in one file, and a jump from one to the other look like a move.
    fn check_market(&self, out: &Path, symbol: &str) -> Result<(), Failure> {
        let held = ArchiveMarket::held_in(&archives(out), symbol);
        match held.into_iter().find(|held| *held != self.market) {
            None => Ok(()),
            Some(other) => Err(usage(format!(
                "{} holds {symbol} of --market {}, not {}: name another folder with --out",
                out.display(),
                other.name(),
                self.market.name()
            ))),
        }
    }

    fn symbol(
        &self,
        global: &Global,
        args: &DownloadArgs,
        symbol: &str,
    ) -> Result<OfSymbol, Failure> {
        let fetched = self.fetch(global, args, symbol, self.content)?;
        let mut one = OfSymbol { symbol: symbol.to_owned(), fetched, written: None, funding: None };
        let paths = one.paths();
        if !paths.is_empty() {
            let wanted = Wanted { symbols: vec![symbol.to_owned()], ..self.wanted.clone() };
            one.written = match market::read(&paths, &wanted) {
                Err(MarketError::NotWanted { .. }) => None,
                read => write(&read?, &args.out, wanted.now)?.pop(),
            };
        }
        if args.funding {
            let fetched = self.fetch(global, args, symbol, Content::Funding)?;
            let paths = present(&fetched);
            let path = args.out.join(format!("{symbol}-funding.parquet"));
            one.funding = Some(market::fill_series(&path, &paths, symbol, &self.wanted)?);
        }
        Ok(one)
    }

    fn fetch(
        &self,
        global: &Global,
        args: &DownloadArgs,
        symbol: &str,
        content: Content,
    ) -> Result<Vec<Fetched>, Failure> {
        let wanted = ArchiveWanted {
            base_url: args.base_url.clone(),
            market: self.market,
            symbol: symbol.to_owned(),
            content,
            from: self.from,
            to: self.to,
            now: self.wanted.now,
            folder: self.folder.clone(),
        };
        let mut tell = |fetched: &Fetched| {
            if !global.quiet {
                eprintln!("{}", said(fetched));
            }
        };
        let mut wait = |pause: Duration| std::thread::sleep(pause);
        Ok(market::download(&wanted, &mut wait, &mut tell)?)
    }
}

fn said(fetched: &Fetched) -> String {
    let name = fetched.part.path.file_name().unwrap_or_default().to_string_lossy();
    let what = match fetched.fate {
        Fate::Fetched => "fetched",
        Fate::Kept => "there already",
        Fate::Renewed => "fetched again: its checksum was another",
        Fate::Absent => "not in the archive",
    };
    format!("{name}: {what}")
}

fn present(fetched: &[Fetched]) -> Vec<PathBuf> {
    let there = fetched.iter().filter(|fetched| fetched.fate != Fate::Absent);
    there.map(|fetched| fetched.part.path.clone()).collect()
}

/// What came of one symbol.
struct OfSymbol {
    symbol: String,
    fetched: Vec<Fetched>,
    written: Option<Written>,
    funding: Option<u64>,
}

impl OfSymbol {
    fn paths(&self) -> Vec<PathBuf> {
        present(&self.fetched)
    }

    fn count(&self, fate: Fate) -> usize {
        self.fetched.iter().filter(|fetched| fetched.fate == fate).count()
    }

    fn absent(&self) -> Vec<String> {
        let absent = self.fetched.iter().filter(|fetched| fetched.fate == Fate::Absent);
        let name = |fetched: &Fetched| {
            let stem = fetched.part.path.file_stem().unwrap_or_default().to_string_lossy();
            stem.into_owned()
        };
        absent.map(name).collect()
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{}: {} files fetched, {} there already, {} fetched again, {} not in the archive\n",
            self.symbol,
            self.count(Fate::Fetched),
            self.count(Fate::Kept),
            self.count(Fate::Renewed),
            self.count(Fate::Absent)
        );
        let absent = self.absent();
        if !absent.is_empty() {
            let named = absent.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            text.push_str(&format!("  not in the archive: {named}\n"));
            more(&mut text, absent.len());
        }
        if let Some(written) = &self.written {
            text.push_str(&checked(&written.filled.series, Calendar::Always));
            text.push_str(&written.filling());
        }
        if let Some(readings) = self.funding {
            text.push_str(&format!("  {} funding rates\n", grouped(readings)));
        }
        text
    }

    fn as_json(&self) -> Value {
        let series = self.written.as_ref().map(|written| &written.filled.series);
        let missing = series.map(|series| {
            gaps(series, Calendar::Always)
                .iter()
                .map(|gap| u64::from(gap.bars_missing))
                .sum::<u64>()
        });
        json!({
            "symbol": self.symbol,
            "fetched": self.count(Fate::Fetched),
            "kept": self.count(Fate::Kept),
            "renewed": self.count(Fate::Renewed),
            "absent": self.absent(),
            "file": self.written.as_ref().map(|written| written.path.display().to_string()),
            "bars": series.map(|series| series.bars.len()),
            "bars_added": self.written.as_ref().map(|written| written.filled.bars_added),
            "bars_differing": self.written.as_ref().map(|written| written.filled.bars_differing),
            "bars_missing": missing,
            "rows_refused": series.map(|series| series.refusals.total()),
            "funding_rates": self.funding,
            "hash": series.map(|series| &series.hash),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-04T00:00:00Z.
    const NOW: Timestamp = Timestamp::from_ms(1_709_510_400_000);

    fn args(from: &str, to: Option<&str>, market: MarketName) -> DownloadArgs {
        DownloadArgs {
            symbols: vec!["BTCUSDT".to_owned()],
            interval: "1h".to_owned(),
            from: from.to_owned(),
            to: to.map(str::to_owned),
            market,
            funding: false,
            out: PathBuf::from("bars"),
            base_url: String::new(),
        }
    }

    fn said<T>(result: Result<T, Failure>) -> String {
        match result {
            Ok(_) => "fine".to_owned(),
            Err(Failure::Usage(error)) => error.to_string(),
            Err(_) => "another failure".to_owned(),
        }
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_wrong_usage() {
        let of = |from, to| said(Asked::of(&args(from, to, MarketName::Spot), NOW));
        assert_eq!(of("2024-02-01", Some("2024-02-02")), "fine");
        assert_eq!(of("2024-02-01", None), "fine");
        let backward = "--from must lie before --to: 2024-02-02T00:00:00Z does not";
        assert_eq!(of("2024-02-02", Some("2024-02-01")), backward);
        assert_eq!(of("2024-02-02", Some("2024-02-02")), backward);
        let future = "--from must lie before the present: 2024-03-05T00:00:00Z does not";
        assert_eq!(of("2024-03-05", None), future);
    }

    #[test]
    fn the_running_day_is_told_where_it_was_asked_for() {
        let wants = |to, now| {
            let asked = Asked::of(&args("2024-02-01", to, MarketName::Spot), now);
            asked.ok().unwrap().wants_running_day()
        };
        assert!(!wants(Some("2024-03-04"), NOW.plus_ms(1)));
        assert!(wants(Some("2024-03-05"), NOW));
        assert!(wants(None, NOW.plus_ms(3_600_000)));
    }

    #[test]
    fn a_folder_holds_a_symbol_of_one_market() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let check = |market| {
            let asked = Asked::of(&args("2024-02-01", None, market), NOW).ok().unwrap();
            said(asked.check_market(out, "BTCUSDT"))
        };
        assert_eq!((check(MarketName::Spot), market_of(out, "BTCUSDT")), ("fine".to_owned(), None));
        let spot = archives(out).join("spot");
        std::fs::create_dir_all(&spot).unwrap();
        std::fs::write(spot.join("BTCUSDT-1h-2024-01.zip"), "x").unwrap();
        assert_eq!(check(MarketName::Spot), "fine");
        let refused = check(MarketName::Usdm);
        assert!(
            refused.ends_with(
                "holds BTCUSDT of --market spot, not usdm: name another folder with --out"
            ),
            "{refused}"
        );
        assert_eq!(market_of(out, "BTCUSDT"), Some(ArchiveMarket::Spot));
        assert_eq!(market_of(out, "ETHUSDT"), None);
    }
}
