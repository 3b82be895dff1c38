//! What the flags of `data` ask for.

use domain::{Interval, Timestamp};
use market::Wanted;

use crate::args::BarArgs;
use crate::clock;
use crate::failure::{Failure, usage};

/// Which bars, and how strictly.
pub(super) fn wanted(args: &BarArgs) -> Result<Wanted, Failure> {
    let interval = args.interval.as_deref().map(interval).transpose()?;
    let span = |flag, text: &Option<String>| text.as_deref().map(|t| moment(flag, t)).transpose();
    Ok(Wanted {
        symbols: args.symbols.clone(),
        interval,
        from: span("--from", &args.from)?,
        to: span("--to", &args.to)?,
        strict: args.strict,
        now: clock::now(),
    })
}

pub(super) fn interval(text: &str) -> Result<Interval, Failure> {
    Interval::parse(text).ok_or_else(|| {
        usage(format!("--interval {text} is not an interval; write 1m, 15m, 1h, 4h or 1d"))
    })
}

pub(super) fn moment(flag: &str, text: &str) -> Result<Timestamp, Failure> {
    market::moment(text).ok_or_else(|| {
        usage(format!(
            "{flag} {text} is not a day or moment; write 2024-01-31 or 2024-01-31T12:00:00Z"
        ))
    })
}
