//! Bars and funding rates from the exchange's public archive: one zip a month, one a day for the tail.
//!
//! A file counts as there when its SHA-256 is the one the archive tells now, so that what was cut
//! short is fetched again and what the archive has revised since too. Nothing here reads a clock or
//! sleeps: the present and the waiting are the caller's.

mod plan;
mod wire;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Interval, Timestamp};

use crate::MarketError;
use crate::archive::{checksum, checksum_path, checksum_told};
use crate::parquet_out::partial;
use plan::Span;
use wire::{Got, Wire};

/// Which part of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveMarket {
    /// Coins for coins.
    Spot,
    /// Perpetuals settled in dollars.
    UsdMargined,
}

impl ArchiveMarket {
    /// Its folder in the archive.
    const fn folder(self) -> &'static str {
        match self {
            ArchiveMarket::Spot => "spot",
            ArchiveMarket::UsdMargined => "futures/um",
        }
    }

    /// Those whose files of this symbol lie in a folder of archives, one subfolder a market.
    pub fn held_in(archives: &Path, symbol: &str) -> Vec<ArchiveMarket> {
        let front = format!("{symbol}-");
        let is_of_symbol = |entry: io::Result<fs::DirEntry>| {
            let name = entry.map(|entry| entry.file_name().to_string_lossy().into_owned());
            name.is_ok_and(|name| name.starts_with(&front) && name.ends_with(".zip"))
        };
        let holds = |market: &ArchiveMarket| {
            fs::read_dir(archives.join(market.name()))
                .is_ok_and(|mut entries| entries.any(is_of_symbol))
        };
        [ArchiveMarket::Spot, ArchiveMarket::UsdMargined].into_iter().filter(holds).collect()
    }

    /// As commands and folders of ours call it.
    pub const fn name(self) -> &'static str {
        match self {
            ArchiveMarket::Spot => "spot",
            ArchiveMarket::UsdMargined => "usdm",
        }
    }
}

/// What the files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Bars of this length.
    Bars(Interval),
    /// Funding rates; the archive has them by month only.
    Funding,
}

/// What is wanted of the archive.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveWanted {
    /// Where it lies, without a slash at the end: `https://data.binance.vision`.
    pub base_url: String,
    /// Which part of it.
    pub market: ArchiveMarket,
    /// The symbol, in capitals.
    pub symbol: String,
    /// Bars or funding.
    pub content: Content,
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub to: Timestamp,
    /// The present.
    pub now: Timestamp,
    /// Folder the files are put into.
    pub folder: PathBuf,
}

/// A file of the archive: a month's or a day's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePart {
    /// Where the archive has it.
    pub url: String,
    /// Where it is put.
    pub path: PathBuf,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was fetched, and its checksum is right.
    Fetched,
    /// It was there already, and its checksum is still right.
    Kept,
    /// It was there with another checksum, cut short or since revised, and was fetched again.
    Renewed,
    /// The archive has none: before the listing, after the end, or not published yet.
    Absent,
}

/// A file and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Which.
    pub part: ArchivePart,
    /// What.
    pub fate: Fate,
}

/// Fetches every file of the span that is not there yet, oldest first, and tells each as it is done.
/// `wait` is called before a try is repeated. What was fetched stays when a later file fails.
///
/// # Errors
///
/// When the archive does not answer after several tries, says no, sends bytes that are not those its
/// checksum tells, or a file cannot be written.
pub fn download(
    wanted: &ArchiveWanted,
    wait: &mut dyn FnMut(Duration),
    tell: &mut dyn FnMut(&Fetched),
) -> Result<Vec<Fetched>, MarketError> {
    check_symbol(&wanted.symbol)?;
    fs::create_dir_all(&wanted.folder)
        .map_err(|cause| MarketError::unwritable(&wanted.folder, cause))?;
    let mut fetching = Fetching { wanted, wire: Wire::new(wait), tell, done: Vec::new() };
    for month in plan::months(wanted.from, wanted.to.min(wanted.now)) {
        fetching.month(month)?;
    }
    Ok(fetching.done)
}

/// A symbol becomes part of an address and of a path.
fn check_symbol(symbol: &str) -> Result<(), MarketError> {
    let is_plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if (1..=40).contains(&symbol.len()) && symbol.chars().all(is_plain) {
        return Ok(());
    }
    let what = "is no symbol of the archive: write it as the exchange does, BTCUSDT";
    Err(MarketError::unclear(Path::new(symbol), what))
}

struct Fetching<'a> {
    wanted: &'a ArchiveWanted,
    wire: Wire<'a>,
    tell: &'a mut dyn FnMut(&Fetched),
    done: Vec<Fetched>,
}

impl Fetching<'_> {
    /// A month's file, or its days' while the month has none yet.
    fn month(&mut self, month: Span) -> Result<(), MarketError> {
        let ArchiveWanted { now, from, to, content, .. } = *self.wanted;
        let is_over = month.ends_at() <= now;
        let has_days = matches!(content, Content::Bars(_)) && month.may_be_unpublished(now);
        if !has_days {
            let fetched = self.fetch(month)?;
            self.note(fetched);
            return Ok(());
        }
        if is_over {
            let fetched = self.fetch(month)?;
            if fetched.fate != Fate::Absent {
                self.note(fetched);
                return Ok(());
            }
        }
        for day in month.days(from, to).into_iter().filter(|day| day.ends_at() <= now) {
            let fetched = self.fetch(day)?;
            self.note(fetched);
        }
        Ok(())
    }

    fn note(&mut self, fetched: Fetched) {
        (self.tell)(&fetched);
        self.done.push(fetched);
    }

    fn fetch(&mut self, span: Span) -> Result<Fetched, MarketError> {
        let part = self.wanted.part(span);
        let fate = self.fate(&part)?;
        Ok(Fetched { part, fate })
    }

    fn fate(&mut self, part: &ArchivePart) -> Result<Fate, MarketError> {
        let checksum_url = format!("{}.CHECKSUM", part.url);
        let Some(text) = self.wire.text(&checksum_url)? else { return Ok(Fate::Absent) };
        let told = checksum_told(&text).ok_or_else(|| MarketError::TurnedAway {
            url: checksum_url,
            answer: "something that is no SHA-256 checksum".to_owned(),
        })?;
        let held = match checksum(&part.path) {
            Ok(held) => Some(held),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
            Err(cause) => return Err(MarketError::unreadable(&part.path, cause)),
        };
        let fate = match held {
            Some(held) if held == told => Fate::Kept,
            Some(_) => Fate::Renewed,
            None => Fate::Fetched,
        };
        if fate != Fate::Kept {
            // A stale checksum beside a new file would have the file refused if this ends in between.
            remove(&checksum_path(&part.path))?;
            let partial = partial(&part.path);
            match self.wire.file(&part.url, &partial, &told)? {
                Got::Absent => return Ok(Fate::Absent),
                Got::Whole => place(&partial, &part.path)?,
            }
        }
        keep_checksum(part, &told)?;
        Ok(fate)
    }
}

fn remove(path: &Path) -> Result<(), MarketError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(MarketError::unwritable(path, cause))
        }
        _ => Ok(()),
    }
}

fn place(partial: &Path, path: &Path) -> Result<(), MarketError> {
    fs::rename(partial, path).map_err(|cause| MarketError::unwritable(path, cause))
}

/// Writes the checksum beside its file, in the form of `sha256sum`, where it is not there already.
fn keep_checksum(part: &ArchivePart, told: &str) -> Result<(), MarketError> {
    let path = checksum_path(&part.path);
    let name = part.path.file_name().unwrap_or_default().to_string_lossy();
    let text = format!("{told}  {name}\n");
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let partial = partial(&path);
    fs::write(&partial, text).map_err(|cause| MarketError::unwritable(&partial, cause))?;
    place(&partial, &path)
}

impl ArchiveWanted {
    fn part(&self, span: Span) -> ArchivePart {
        let Self { base_url, market, symbol, .. } = self;
        let base_url = base_url.trim_end_matches('/');
        let (market, period) = (market.folder(), span.period());
        let (kind, name) = match self.content {
            Content::Bars(interval) => {
                (format!("klines/{symbol}/{interval}"), format!("{symbol}-{interval}-{span}.zip"))
            }
            Content::Funding => {
                (format!("fundingRate/{symbol}"), format!("{symbol}-fundingRate-{span}.zip"))
            }
        };
        ArchivePart {
            url: format!("{base_url}/data/{market}/{period}/{kind}/{name}"),
            path: self.folder.join(name),
        }
    }
}
