//! Downloads from an archive in this process: whole, resumed, revised, absent, and one that misbehaves.

#![allow(clippy::unwrap_used, reason = "a test whose scaffolding fails has failed")]

mod scratch;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Calendar, Interval, Timestamp};
use market::{
    ArchiveMarket, ArchiveWanted, Content, Fate, MarketError, Wanted, download, fill, gaps,
};
use scratch::{NOW, Scratch};
use sha2::{Digest, Sha256};

/// What the archive says to the next requests of a path; the last answer stays.
#[derive(Clone, Debug)]
enum Answer {
    Whole(Vec<u8>),
    Status(u16),
    /// The length of the whole, and half of the bytes.
    CutShort(Vec<u8>),
}

#[derive(Default)]
struct Shelf {
    answers: BTreeMap<String, Vec<Answer>>,
    asked: Vec<String>,
}

/// An archive that lives as long as the test's process.
struct Archive {
    shelf: Arc<Mutex<Shelf>>,
    base_url: String,
}

impl Archive {
    fn new() -> Archive {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let base_url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let shelf: Arc<Mutex<Shelf>> = Arc::default();
        let kept = shelf.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || serve(stream, &kept));
            }
        });
        Archive { shelf, base_url }
    }

    fn put(&self, path: &str, answers: Vec<Answer>) {
        self.shelf.lock().unwrap().answers.insert(path.to_owned(), answers);
    }

    /// A zip and its checksum.
    fn put_zip(&self, path: &str, bytes: &[u8]) {
        self.put(path, vec![Answer::Whole(bytes.to_vec())]);
        self.put(&format!("{path}.CHECKSUM"), vec![Answer::Whole(checksum(bytes))]);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf.lock().unwrap().asked)
    }
}

fn checksum(bytes: &[u8]) -> Vec<u8> {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}  any.zip\n").into_bytes()
}

fn serve(stream: TcpStream, shelf: &Mutex<Shelf>) {
    let mut lines = BufReader::new(&stream).lines();
    let Some(Ok(first)) = lines.next() else { return };
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = {
        let mut shelf = shelf.lock().unwrap();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        shelf.asked.push(name);
        match shelf.answers.get_mut(&path) {
            None => Answer::Status(404),
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
        }
    };
    let (status, length, body) = match answer {
        Answer::Whole(bytes) => (200, bytes.len(), bytes),
        Answer::Status(status) => (status, 0, Vec::new()),
        Answer::CutShort(bytes) => (200, bytes.len(), bytes[..bytes.len() / 2].to_vec()),
    };
    let mut stream = &stream;
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // Who hangs up early is part of what is tested.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn ms(day: &str) -> i64 {
    market::moment(day).expect(day).ms()
}

/// A zip of hourly rows from one moment to another.
fn zip(from: &str, to: &str, price: f64) -> Vec<u8> {
    let mut text = String::new();
    for open in (ms(from)..ms(to)).step_by(3_600_000) {
        let close = open + 3_599_999;
        text.push_str(&format!("{open},{price},{price},{price},{price},1,{close},1,1,0.5,1,0\n"));
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

const MONTHLY: &str = "/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-";
const DAILY: &str = "/data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-";

fn wanted(archive: &Archive, scratch: &Scratch, from: &str, to: &str, now: &str) -> ArchiveWanted {
    ArchiveWanted {
        base_url: archive.base_url.clone() + "/",
        market: ArchiveMarket::Spot,
        symbol: "BTCUSDT".to_owned(),
        content: Content::Bars(Interval::HOUR),
        from: Timestamp::from_ms(ms(from)),
        to: Timestamp::from_ms(ms(to)),
        now: Timestamp::from_ms(ms(now)),
        folder: scratch.path().join("archives/spot"),
    }
}

/// What became of each file, and how long was waited in all.
fn run(
    wanted: &ArchiveWanted,
) -> Result<(String, Vec<PathBuf>, Duration), (MarketError, Duration)> {
    let (mut waited, mut told) = (Duration::ZERO, 0);
    let done = download(wanted, &mut |pause| waited += pause, &mut |_| told += 1);
    let done = done.map_err(|error| (error, waited))?;
    assert_eq!(done.len(), told);
    let fate = |fate| match fate {
        Fate::Fetched => "fetched",
        Fate::Kept => "kept",
        Fate::Renewed => "renewed",
        Fate::Absent => "absent",
    };
    let line = |one: &market::Fetched| {
        let name = one.part.path.file_stem().unwrap().to_string_lossy().into_owned();
        format!("{} {}", name.replace("BTCUSDT-", "").replace("1h-", ""), fate(one.fate))
    };
    let said: Vec<String> = done.iter().map(line).collect();
    let there = done.iter().filter(|one| one.fate != Fate::Absent);
    Ok((said.join(", "), there.map(|one| one.part.path.clone()).collect(), waited))
}

#[test]
fn months_then_days_are_fetched_once_and_what_is_missing_is_told() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    archive.put_zip(&format!("{MONTHLY}2024-02.zip"), &zip("2024-02-01", "2024-03-01", 5.0));
    archive.put_zip(&format!("{DAILY}2024-03-01.zip"), &zip("2024-03-01", "2024-03-02", 6.0));
    archive.put_zip(&format!("{DAILY}2024-03-03.zip"), &zip("2024-03-03", "2024-03-04", 7.0));
    let wanted = wanted(&archive, &scratch, "2023-12-20", "2024-06-01", "2024-03-04T12:00:00Z");
    let (told, paths, waited) = run(&wanted).map_err(|(error, _)| error).unwrap();
    let expected = "2023-12 absent, 2024-01 absent, 2024-02 fetched, \
                    2024-03-01 fetched, 2024-03-02 absent, 2024-03-03 fetched";
    assert_eq!((told.as_str(), waited), (expected, Duration::ZERO));
    archive.asked();

    let again = run(&wanted).map_err(|(error, _)| error).unwrap().0;
    assert_eq!(again, expected.replace("fetched", "kept"));
    assert!(archive.asked().iter().all(|name| name.ends_with(".CHECKSUM")), "nothing twice");

    let series = market::read(&paths, &Wanted::all(NOW)).unwrap().remove(0);
    let held = scratch.path().join("BTCUSDT-1h.parquet");
    assert_eq!(fill(&held, &series, NOW).unwrap().bars_added, (29 + 2) * 24);
    // The folder holds one file of bars: the archive's own lie two folders deep.
    let whole = scratch.read(&Wanted::all(NOW)).unwrap().remove(0);
    let missing: Vec<String> = gaps(&whole, Calendar::Always)
        .iter()
        .map(|gap| format!("{} {}", gap.from, gap.bars_missing))
        .collect();
    assert_eq!(
        (missing, whole.refusals.repeats()),
        (vec!["2024-03-02T00:00:00Z 24".to_owned()], 0)
    );
}

#[test]
fn archives_tell_which_market_a_symbol_is_of() {
    let scratch = Scratch::new();
    let held = |symbol: &str| ArchiveMarket::held_in(scratch.path(), symbol);
    assert_eq!(held("BTCUSDT"), []);
    scratch.put("usdm/BTCUSDT-1h-2024-02.zip", "x");
    scratch.put("spot/BTCUSDTX-1h-2024-02.zip", "x");
    scratch.put("spot/BTCUSDT-1h-2024-02.zip.CHECKSUM", "x");
    assert_eq!(held("BTCUSDT"), [ArchiveMarket::UsdMargined]);
    scratch.put("spot/BTCUSDT-1h-2024-02.zip", "x");
    assert_eq!(held("BTCUSDT"), [ArchiveMarket::Spot, ArchiveMarket::UsdMargined]);
}

#[test]
fn a_month_not_published_yet_is_fetched_by_days() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    archive.put_zip(&format!("{DAILY}2024-02-29.zip"), &zip("2024-02-29", "2024-03-01", 5.0));
    let wanted = wanted(&archive, &scratch, "2024-02-28", "2024-03-01", "2024-03-02");
    let told = run(&wanted).map_err(|(error, _)| error).unwrap().0;
    assert_eq!(told, "2024-02-28 absent, 2024-02-29 fetched");
}

#[test]
fn what_was_cut_short_here_or_revised_there_is_fetched_again() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    let (first, revised) =
        (zip("2023-01-01", "2023-02-01", 5.0), zip("2023-01-01", "2023-02-01", 6.0));
    archive.put_zip(&format!("{MONTHLY}2023-01.zip"), &first);
    let wanted = wanted(&archive, &scratch, "2023-01-01", "2023-02-01", "2024-01-01");
    let fate = || run(&wanted).map_err(|(error, _)| error).unwrap();
    assert_eq!(fate().0, "2023-01 fetched");
    let path = fate().1.remove(0);
    std::fs::write(&path, &first[..100]).unwrap();
    assert_eq!(fate().0, "2023-01 renewed");
    assert_eq!(std::fs::read(&path).unwrap(), first);
    archive.put_zip(&format!("{MONTHLY}2023-01.zip"), &revised);
    assert_eq!(fate().0, "2023-01 renewed");
    assert_eq!(std::fs::read(&path).unwrap(), revised);
    // The checksum beside it went along, so that the file can be read.
    let series = market::read(&[path], &Wanted::all(NOW)).unwrap();
    assert_eq!(series[0].bars[0].close(), 6.0);
    assert_eq!(std::fs::read_dir(&wanted.folder).unwrap().count(), 2, "nothing partial is left");
}

#[test]
fn trouble_that_passes_is_outlived_and_waited_for() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    let bytes = zip("2023-01-01", "2023-02-01", 5.0);
    let path = format!("{MONTHLY}2023-01.zip");
    let sum = Answer::Whole(checksum(&bytes));
    archive.put(&format!("{path}.CHECKSUM"), vec![Answer::Status(500), Answer::Status(429), sum]);
    let junk = Answer::Whole(b"<html>".to_vec());
    let answers =
        vec![Answer::CutShort(bytes.clone()), junk, Answer::Status(503), Answer::Whole(bytes)];
    archive.put(&path, answers);
    let wanted = wanted(&archive, &scratch, "2023-01-01", "2023-02-01", "2024-01-01");
    let (told, _, waited) = run(&wanted).map_err(|(error, _)| error).unwrap();
    // One second and two for the checksum, one, two and four for the file.
    assert_eq!((told.as_str(), waited.as_secs()), ("2023-01 fetched", 10));
}

#[test]
fn trouble_that_stays_is_named_and_what_was_fetched_stays() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    let bytes = zip("2023-01-01", "2023-02-01", 5.0);
    archive.put_zip(&format!("{MONTHLY}2023-01.zip"), &bytes);
    let second = format!("{MONTHLY}2023-02.zip");
    let wanted = wanted(&archive, &scratch, "2023-01-01", "2023-03-01", "2024-01-01");
    let other = Answer::Whole(checksum(b"other bytes"));
    for (sum, file, part, seconds) in [
        (other, Answer::Whole(bytes.clone()), "after 6 tries (its SHA-256 is ", 31),
        (Answer::Whole(checksum(&bytes)), Answer::CutShort(bytes.clone()), "after 6 tries (", 31),
        (Answer::Status(502), Answer::Status(404), "after 6 tries (status 502)", 31),
        (Answer::Status(451), Answer::Status(404), "was answered with status 451", 0),
        (Answer::Whole(b"<html>".to_vec()), Answer::Status(404), "no SHA-256 checksum", 0),
    ] {
        archive.put(&format!("{second}.CHECKSUM"), vec![sum]);
        archive.put(&second, vec![file]);
        let (error, waited) = run(&wanted).map(|_| ()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(part) && text.contains("BTCUSDT-1h-2023-02.zip"), "{text}");
        assert!(!text.contains('\n') && !text.contains(". "), "{text}");
        assert_eq!(waited.as_secs(), seconds, "{text}");
        let names: Vec<_> = std::fs::read_dir(&wanted.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 2, "the first month and its checksum stay: {names:?}");
    }
}

#[test]
fn a_checksum_without_its_file_is_an_absent_file() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    let path = format!("{MONTHLY}2023-01.zip.CHECKSUM");
    archive.put(&path, vec![Answer::Whole(checksum(b"x"))]);
    let wanted = wanted(&archive, &scratch, "2023-01-01", "2023-02-01", "2024-01-01");
    assert_eq!(run(&wanted).map_err(|(error, _)| error).unwrap().0, "2023-01 absent");
}

#[test]
fn nobody_there_and_no_symbol_are_named() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    let wanted = wanted(&archive, &scratch, "2023-01-01", "2023-02-01", "2024-01-01");
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = ArchiveWanted { base_url: format!("http://{gone}"), ..wanted.clone() };
    let (error, waited) = run(&nobody).map(|_| ()).unwrap_err();
    assert!(matches!(error, MarketError::Unreachable { tries: 6, .. }), "{error}");
    assert_eq!(waited.as_secs(), 31);
    for symbol in ["", "../X", "btcusdt", "A/B"] {
        let other = ArchiveWanted { symbol: symbol.to_owned(), ..wanted.clone() };
        let (error, _) = run(&other).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("is no symbol of the archive"), "{error}");
    }
}

#[test]
fn funding_rates_come_by_month_for_perpetuals() {
    let (archive, scratch) = (Archive::new(), Scratch::new());
    let mut text = "calc_time,funding_interval_hours,last_funding_rate\n".to_owned();
    for hour in [0, 8, 16] {
        text.push_str(&format!("{},8,0.0001\n", ms("2023-01-01") + hour * 3_600_000 + 3));
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let path = "/data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2023-01.zip";
    archive.put_zip(path, &bytes);
    let wanted = wanted(&archive, &scratch, "2023-01-01", "2023-02-01", "2023-02-02");
    let market = ArchiveMarket::UsdMargined;
    let wanted = ArchiveWanted { market, content: Content::Funding, ..wanted };
    let (told, paths, _) = run(&wanted).map_err(|(error, _)| error).unwrap();
    assert_eq!(told, "fundingRate-2023-01 fetched");
    let held = scratch.path().join("BTCUSDT-funding.parquet");
    let count = market::fill_series(&held, &paths, "BTCUSDT", &Wanted::all(NOW)).unwrap();
    assert_eq!(count, 3);
}
