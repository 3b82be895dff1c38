//! Readings into a Parquet file, filling what it lacks.

use std::path::{Path, PathBuf};

use domain::Series as Measure;

use crate::{Cells, MarketError, Wanted, read_series, write_table};

/// Adds to the Parquet file at `path`, named `SYMBOL-funding.parquet` or the like, the readings of these
/// files that it lacks, and returns how many it holds then. Readings it has stay as they are. The file
/// is not touched when nothing is added, and not made when there is nothing to put into it.
///
/// # Errors
///
/// When a file cannot be read, or the place cannot be written to.
pub fn fill_series(
    path: &Path,
    files: &[PathBuf],
    symbol: &str,
    wanted: &Wanted,
) -> Result<u64, MarketError> {
    let symbols = [symbol.to_owned()];
    let held: Vec<PathBuf> = path.exists().then(|| path.to_owned()).into_iter().collect();
    let everything = Wanted::all(wanted.now);
    let before = read_series(&held, &symbols, &everything)?.readings.len();
    // The first of two readings of one moment stays, and the file's own come first.
    let all = read_series(&[held.as_slice(), files].concat(), &symbols, &everything)?.readings;
    let measure = all.first().map_or(Measure::Funding, |reading| reading.series);
    if all.len() > before {
        let moments = all.iter().map(|reading| Some(reading.at.ms())).collect();
        let values = all.iter().map(|reading| Some(reading.value)).collect();
        let columns = [
            ("ts".to_owned(), Cells::Whole(moments)),
            (measure.name().to_owned(), Cells::Real(values)),
        ];
        write_table(path, &columns)?;
    }
    Ok(all.len() as u64)
}
