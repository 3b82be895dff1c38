//! A zip archive that holds one text file, and the checksum that lies beside it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::MarketError;
use crate::error::one_line;
use crate::files::trouble;

/// Whether an archive is held against its checksum before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Its rows are taken.
    First,
    /// Only its columns are looked at; who takes the rows later will check.
    Later,
}

/// Reads the one text file an archive holds. Nothing is ever unpacked to disk, so no name inside can
/// lead anywhere; one that tries says that the archive was made to do harm, and is refused.
pub(crate) fn with_text<T>(
    file: File,
    path: &Path,
    check: Check,
    read: impl FnOnce(&mut dyn Read) -> Result<T, MarketError>,
) -> Result<T, MarketError> {
    if check == Check::First {
        verify(path)?;
    }
    let mut archive = ZipArchive::new(io::BufReader::new(file)).map_err(|c| damaged(path, c))?;
    let mut only = None;
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|cause| damaged(path, cause))?;
        if entry.is_dir() {
            continue;
        }
        if entry.encrypted() {
            return Err(MarketError::unclear(path, "is locked with a password: unpack it first"));
        }
        if leads_out(entry.name_raw()) {
            return Err(MarketError::broken(path, "holds a name that leads out of its folder"));
        }
        if only.replace(at).is_some() {
            return Err(MarketError::unclear(path, "holds several files: unpack it into a folder"));
        }
    }
    let Some(at) = only else { return Err(MarketError::broken(path, "holds no file")) };
    let mut text = archive.by_index(at).map_err(|cause| damaged(path, cause))?;
    read(&mut text)
}

/// Whether a name begins at the root or climbs out of the folder it would be unpacked into.
fn leads_out(name: &[u8]) -> bool {
    let mut steps = name.split(|byte| matches!(byte, b'/' | b'\\'));
    let is_rooted = name.first().is_some_and(|byte| matches!(byte, b'/' | b'\\'));
    is_rooted || steps.any(|step| step == b"..")
}

fn damaged(path: &Path, cause: ZipError) -> MarketError {
    match cause {
        ZipError::Io(cause) => trouble(path, cause),
        ZipError::UnsupportedArchive(why) => MarketError::unclear(
            path,
            format!("is a zip archive of another kind ({}): unpack it first", one_line(why)),
        ),
        other => MarketError::broken(
            path,
            format!("is a zip archive cut short or damaged ({})", one_line(&other.to_string())),
        ),
    }
}

/// Where the checksum of a file lies.
pub(crate) fn checksum_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".CHECKSUM");
    path.with_file_name(name)
}

/// The SHA-256 that the text of a checksum file tells, in small letters.
pub(crate) fn checksum_told(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    let is_sha256 = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha256.then(|| word.to_ascii_lowercase())
}

/// The SHA-256 of a file, in small letters.
pub(crate) fn checksum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut bytes = vec![0; 1 << 16];
    loop {
        let got = file.read(&mut bytes)?;
        if got == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&bytes[..got]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Holds a file against the checksum beside it, where there is one.
fn verify(path: &Path) -> Result<(), MarketError> {
    let beside = checksum_path(path);
    let text = match fs::read_to_string(&beside) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(MarketError::unreadable(&beside, cause)),
    };
    let told = checksum_told(&text)
        .ok_or_else(|| MarketError::broken(&beside, "holds no SHA-256 checksum"))?;
    let found = checksum(path).map_err(|cause| MarketError::unreadable(path, cause))?;
    if told != found {
        return Err(MarketError::broken(
            path,
            format!("has the SHA-256 {}…, not {}… as its .CHECKSUM says", &found[..8], &told[..8]),
        ));
    }
    Ok(())
}
