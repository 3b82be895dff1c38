//! `data download`: bars of the exchange's public archive, verified, gaps named.

use std::path::PathBuf;
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
    let asked = Asked::of(args)?;
    let mut told = Vec::new();
    for symbol in &args.symbols {
        told.push(asked.symbol(global, args, &symbol.to_ascii_uppercase())?);
    }
    if global.json {
        let symbols: Vec<Value> = told.iter().map(OfSymbol::as_json).collect();
        setup::print_json(&json!({ "symbols": symbols }))?;
    } else {
        let text: String = told.iter().map(OfSymbol::text).collect();
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

struct Asked {
    content: Content,
    wanted: Wanted,
    from: Timestamp,
    to: Timestamp,
    market: ArchiveMarket,
    folder: PathBuf,
}

impl Asked {
    fn of(args: &DownloadArgs) -> Result<Asked, Failure> {
        let interval = asked::interval(&args.interval)?;
        let now = clock::now();
        let from = asked::moment("--from", &args.from)?;
        let to = args.to.as_deref().map(|text| asked::moment("--to", text)).transpose()?;
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
            folder: args.out.join("archives").join(market.name()),
        })
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
