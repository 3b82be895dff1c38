//! Bars as the command line asks for them.

use std::path::PathBuf;

use domain::{Interval, Timestamp};
use market::{Series, SeriesRead, Wanted};

use crate::args::BarArgs;
use crate::clock;
use crate::failure::{Failure, usage};

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

fn wanted(args: &BarArgs) -> Result<Wanted, Failure> {
    let interval = match &args.interval {
        None => None,
        Some(text) => Some(Interval::parse(text).ok_or_else(|| {
            usage(format!("--interval {text} is not an interval; write 1m, 15m, 1h, 4h or 1d"))
        })?),
    };
    Ok(Wanted {
        symbols: args.symbols.clone(),
        interval,
        from: moment("--from", args.from.as_deref())?,
        to: moment("--to", args.to.as_deref())?,
        strict: args.strict,
        now: clock::now(),
    })
}

/// A day or a moment, UTC.
fn moment(flag: &str, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let read = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let day: jiff::civil::Date = text.parse().ok()?;
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    });
    read.map(|at| Some(Timestamp::from_ms(at.as_millisecond()))).ok_or_else(|| {
        usage(format!(
            "{flag} {text} is not a day or moment; write 2024-01-31 or 2024-01-31T12:00:00Z"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_utc() {
        let ms = |text| moment("--from", Some(text)).ok().flatten().map(Timestamp::ms);
        assert_eq!(ms("1970-01-02"), Some(86_400_000));
        assert_eq!(ms("1970-01-01T01:00:00Z"), Some(3_600_000));
        assert_eq!(ms("1970-01-01T01:00:00+01:00"), Some(0));
        assert!(moment("--from", Some("yesterday")).is_err());
    }
}
