//! Which bars the flags of a command ask for.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_utc() {
        let ms = |text| moment("--from", text).ok().map(Timestamp::ms);
        assert_eq!(ms("2020-01-02"), Some(1_577_923_200_000));
        assert_eq!(ms("2020-01-01T01:00:00Z"), Some(1_577_840_400_000));
        assert_eq!(ms("2020-01-01T01:00:00+01:00"), Some(1_577_836_800_000));
        assert!(moment("--from", "yesterday").is_err());
    }
}
