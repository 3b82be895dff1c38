//! Which files a path stands for, and what each of them is.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::MarketError;
use crate::error::one_line;

/// What a file is by its first bytes; names lie more often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    Delimited,
    DelimitedGzip,
}

/// The endings a folder is searched for.
const ENDINGS: [&str; 7] = [".parquet", ".pq", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt.gz"];
const NOT_BUILT: [(&str, &str); 5] = [
    (".feather", "a feather file"),
    (".arrow", "an Arrow file"),
    (".json", "a JSON file"),
    (".json.gz", "a JSON file"),
    (".zip", "a zip archive"),
];

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
    let mut others = Vec::new();
    for entry in entries(path)? {
        // One level is enough: deeper trees are other people's archives.
        let inner = if entry.is_dir() { entries(&entry)? } else { vec![entry] };
        for file in inner.into_iter().filter(|file| file.is_file()) {
            if has_ending(&file, &ENDINGS) {
                files.push(file);
            } else {
                others.push(file);
            }
        }
    }
    if files.is_empty() {
        return Err(nothing_in(path, &others));
    }
    Ok(files)
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

fn nothing_in(folder: &Path, others: &[PathBuf]) -> MarketError {
    for file in others {
        if let Some(format) = format_not_built(file) {
            return MarketError::NotBuilt { path: file.clone(), format };
        }
    }
    MarketError::NoFiles { path: folder.to_owned() }
}

fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let name = lower_name(file);
    endings.iter().any(|ending| name.ends_with(ending))
}

fn lower_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

fn format_not_built(file: &Path) -> Option<&'static str> {
    let name = lower_name(file);
    NOT_BUILT.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
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
    let not_built = |format| MarketError::NotBuilt { path: path.to_owned(), format };
    if let Some(format) = format_not_built(path) {
        return Err(not_built(format));
    }
    match start {
        [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
        [b'P', b'K', 3, 4, ..] => Err(not_built("a zip archive")),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] | [b'F', b'E', b'A', b'1', ..] => {
            Err(not_built("a feather file"))
        }
        _ if has_ending(path, &[".parquet", ".pq"]) => {
            Err(MarketError::broken(path, "is not a Parquet file, whatever its name"))
        }
        [0x1f, 0x8b, ..] => Ok(Format::DelimitedGzip),
        _ if has_ending(path, &[".gz"]) => {
            Err(MarketError::broken(path, "is not gzip, whatever its name"))
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Err(MarketError::columns(path, "is UTF-16 text: save it as UTF-8"))
        }
        [b'{' | b'[', ..] => Err(not_built("a JSON file")),
        _ => Ok(Format::Delimited),
    }
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
