//! Makes the bars that the `hindsight` crate ships from their published files; the crate's
//! `data/PROVENANCE.md` says where those are and why these cuts.
//!
//! `cargo run --release -p market --example bundle -- FOREX_EURUSD_1H_ASK.csv Coinbase_BTCUSD_1h.csv FOLDER`

use std::io::Write;
use std::path::{Path, PathBuf};

use domain::{Bar, Calendar, Timestamp};
use flate2::{Compression, GzBuilder};
use market::{Series, Wanted, gaps, read};

type Done = Result<(), Box<dyn std::error::Error>>;

/// 2017-11-13T00:00:00Z: before it the source's labels are not UTC.
const BTCUSD_FROM_MS: i64 = 1_510_531_200_000;
/// 2019-10-17T09:00:00Z: the export was made while this hour ran.
const BTCUSD_TO_MS: i64 = 1_571_302_800_000;
/// 2020-01-01T00:00:00Z: after all of them; a build reads no clock.
const NOW_MS: i64 = 1_577_836_800_000;

fn main() -> Done {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [eurusd, btcusd, folder] = paths.as_slice() else {
        return Err("name the two published files and the folder to write to".into());
    };
    let all = Wanted { strict: true, ..Wanted::all(Timestamp::from_ms(NOW_MS)) };
    let wanted = Wanted { symbols: vec!["EURUSD".to_owned()], ..all.clone() };
    ship(&read(std::slice::from_ref(eurusd), &wanted)?[0], Calendar::Fx, folder)?;
    let wanted = Wanted {
        symbols: vec!["BTCUSD".to_owned()],
        from: Some(Timestamp::from_ms(BTCUSD_FROM_MS)),
        to: Some(Timestamp::from_ms(BTCUSD_TO_MS)),
        ..all
    };
    ship(&read(std::slice::from_ref(btcusd), &wanted)?[0], Calendar::Always, folder)
}

fn ship(series: &Series, calendar: Calendar, folder: &Path) -> Done {
    let path = folder.join(format!("{}-{}.csv.gz", series.symbol, series.interval));
    // An hour in which nothing was traded has no price: the source carries the last one over.
    let bars: Vec<Bar> = series.bars.iter().filter(|bar| bar.volume() > 0.0).copied().collect();
    let packed =
        GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    std::fs::write(&path, write(&bars, packed)?)?;
    let shipped = &read(std::slice::from_ref(&path), &Wanted::all(Timestamp::from_ms(NOW_MS)))?[0];
    assert_eq!(shipped.bars, bars, "what is shipped reads back as it was");
    eprintln!("blake3 {} {}", blake3::hash(&std::fs::read(&path)?), path.display());
    report(series, shipped, calendar);
    Ok(())
}

fn write(bars: &[Bar], mut file: flate2::write::GzEncoder<Vec<u8>>) -> std::io::Result<Vec<u8>> {
    writeln!(file, "ts,open,high,low,close,volume")?;
    for bar in bars {
        let (ts, volume) = (bar.opened_at().ms(), bar.volume());
        writeln!(
            file,
            "{ts},{},{},{},{},{volume}",
            bar.open(),
            bar.high(),
            bar.low(),
            bar.close()
        )?;
    }
    file.finish()
}

fn report(read: &Series, shipped: &Series, calendar: Calendar) {
    eprintln!(
        "{}: {} rows read, {} shipped, series hash {}, guessed {}",
        shipped.symbol,
        read.bars.len(),
        shipped.bars.len(),
        shipped.hash,
        shipped.instrument(None).calendar.name(),
    );
    for gap in gaps(shipped, calendar) {
        eprintln!("  {} bars missing from {} to {}", gap.bars_missing, gap.from, gap.to);
    }
}
