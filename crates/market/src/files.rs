//! Which files a path stands for, and what each of them is.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::MarketError;
use crate::error::one_line;
use crate::name::{FileName, Holds};

/// What a file is by its first bytes; names lie more often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    Feather,
    Text,
    TextGzip,
    Json,
    JsonGzip,
    Zip,
}

/// The endings a folder is searched for.
const ENDINGS: [&str; 9] =
    [".parquet", ".pq", ".feather", ".arrow", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt.gz"];
/// Endings of too many other things: they are taken where the name tells what is inside.
const ENDINGS_IF_NAMED: [&str; 3] = [".json", ".json.gz", ".zip"];

/// All files the paths stand for: a file itself, a folder's files and those of its subfolders, by
/// name. The order of paths is kept; a file named twice is read once.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, MarketError> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        for file in files_of(path)? {
            if !found.contains(&file) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, MarketError> {
    let about = fs::metadata(path).map_err(|cause| MarketError::unreadable(path, cause))?;
    if !about.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in entries(path)? {
        // One level is enough: deeper trees are other people's archives.
        let inner = if entry.is_dir() { entries(&entry)? } else { vec![entry] };
        files.extend(inner.into_iter().filter(|file| file.is_file() && may_hold_rows(file)));
    }
    if files.is_empty() {
        return Err(MarketError::NoFiles { path: path.to_owned() });
    }
    Ok(files)
}

fn may_hold_rows(file: &Path) -> bool {
    has_ending(file, &ENDINGS)
        || (has_ending(file, &ENDINGS_IF_NAMED) && FileName::of(file).holds != Holds::Untold)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, MarketError> {
    let unreadable = |cause| MarketError::unreadable(folder, cause);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let name = lower_name(file);
    endings.iter().any(|ending| name.ends_with(ending))
}

fn lower_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// Opens a file and tells its format.
pub(crate) fn open(path: &Path) -> Result<(File, Format), MarketError> {
    let unreadable = |cause| MarketError::unreadable(path, cause);
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        // A pipe or device could block for ever.
        return Err(unreadable(std::io::Error::new(ErrorKind::Unsupported, "not a regular file")));
    }
    if about.len() == 0 {
        return Err(MarketError::broken(path, "is empty"));
    }
    let mut start = Vec::with_capacity(8);
    File::open(path).and_then(|file| file.take(8).read_to_end(&mut start)).map_err(unreadable)?;
    let format = format_of(path, &start)?;
    Ok((File::open(path).map_err(unreadable)?, format))
}

fn format_of(path: &Path, start: &[u8]) -> Result<Format, MarketError> {
    let is_not =
        |what: &str| Err(MarketError::broken(path, format!("is not {what}, whatever its name")));
    match start {
        [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Format::Zip),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Ok(Format::Feather),
        [b'F', b'E', b'A', b'1', ..] => Err(MarketError::NotBuilt {
            path: path.to_owned(),
            format: "a feather file of the first version",
        }),
        _ if has_ending(path, &[".parquet", ".pq"]) => is_not("a Parquet file"),
        _ if has_ending(path, &[".feather", ".arrow"]) => is_not("a feather file"),
        _ if has_ending(path, &[".zip"]) => is_not("a zip archive"),
        [0x1f, 0x8b, ..] if has_ending(path, &[".json.gz"]) => Ok(Format::JsonGzip),
        [0x1f, 0x8b, ..] => Ok(Format::TextGzip),
        _ if has_ending(path, &[".gz"]) => is_not("gzip"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Err(MarketError::columns(path, "is UTF-16 text: save it as UTF-8"))
        }
        [b'{' | b'[', ..] => Ok(Format::Json),
        _ if has_ending(path, &[".json"]) => Ok(Format::Json),
        _ => Ok(Format::Text),
    }
}

/// The text of a gzipped file, of one member or several.
pub(crate) fn unpacked(file: File) -> impl Read {
    MultiGzDecoder::new(std::io::BufReader::with_capacity(1 << 16, file))
}

/// What went wrong while a file was being read, told by who noticed.
pub(crate) fn trouble(path: &Path, cause: std::io::Error) -> MarketError {
    if let Some(limit) =
        cause.get_ref().and_then(|inner| inner.downcast_ref::<crate::capped::Limit>())
    {
        return limit.of(path);
    }
    match cause.kind() {
        ErrorKind::UnexpectedEof => MarketError::broken(path, "is cut short"),
        ErrorKind::InvalidData | ErrorKind::InvalidInput => {
            MarketError::broken(path, format!("is damaged ({})", one_line(&cause.to_string())))
        }
        _ => MarketError::unreadable(path, cause),
    }
}
