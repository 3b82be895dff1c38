//! A folder for one test, and reading from it.

// Every test file takes what it needs.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use domain::Timestamp;
use market::{MarketError, Series, Wanted};

/// 2030-01-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_893_456_000_000);

/// A folder that goes away with the test.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Scratch(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in the folder"))
            .expect("folders can be made");
        std::fs::write(&path, bytes).expect("a file can be written");
        path
    }

    pub(crate) fn read(&self, wanted: &Wanted) -> Result<Vec<Series>, MarketError> {
        market::read(&[self.path().to_owned()], wanted)
    }
}

/// Reads one file of this name and content.
pub(crate) fn read_as(
    name: &str,
    bytes: impl AsRef<[u8]>,
    wanted: &Wanted,
) -> Result<Vec<Series>, MarketError> {
    let scratch = Scratch::new();
    let path = scratch.put(name, bytes);
    market::read(&[path], wanted)
}

/// Reads one CSV text named `XY-1h.csv`, of which one series comes.
pub(crate) fn read_one(text: &str) -> Series {
    read_as("XY-1h.csv", text, &Wanted::all(NOW)).expect("it can be read").remove(0)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory can be written");
    packed.finish().expect("memory can be written")
}

/// So many good hourly rows with a header.
pub(crate) fn rows(count: i64) -> String {
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    for at in 0..count {
        text.push_str(&format!("{},10.5,12,9,11.25,100\n", 1_600_000_000_000 + at * 3_600_000));
    }
    text
}

/// Real bars outside the project, where there are any: `HINDSIGHT_DATA`, else `../shared/data` beside it.
pub(crate) fn shared(folder: &str, test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let root = std::env::var_os("HINDSIGHT_DATA").map_or_else(beside, PathBuf::from);
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {test} needs {}", path.display());
    None
}
