//! Bars as the command line asks for them.

use std::path::PathBuf;

use market::{Series, SeriesRead};

use super::asked::wanted;
use crate::args::BarArgs;
use crate::failure::Failure;

/// Reads bars from files and folders, on so many threads.
pub(super) fn read(
    paths: &[PathBuf],
    args: &BarArgs,
    threads: Option<u16>,
) -> Result<Vec<Series>, Failure> {
    let wanted = wanted(args)?;
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = threads {
        pool = pool.num_threads(usize::from(threads));
    }
    let pool = pool.build().map_err(anyhow::Error::from)?;
    Ok(pool.install(|| market::read(paths, &wanted))?)
}

/// Reads what else is known of the symbols of `series`, and says which files were of others.
pub(super) fn read_readings(
    paths: &[PathBuf],
    series: &[Series],
    args: &BarArgs,
) -> Result<SeriesRead, Failure> {
    let symbols: Vec<String> = series.iter().map(|series| series.symbol.clone()).collect();
    Ok(market::read_series(paths, &symbols, &wanted(args)?)?)
}
