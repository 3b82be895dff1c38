//! What the caller wants of the files.

use domain::{Interval, Timestamp};

/// Which bars are wanted, and how strictly they are taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The symbols wanted, in any case; all when empty. A single one also names a file whose name does not.
    pub symbols: Vec<String>,
    /// The interval wanted; it also is that of files whose name tells none.
    pub interval: Option<Interval>,
    /// Bars that open at this moment or later.
    pub from: Option<Timestamp>,
    /// Bars that open before this moment.
    pub to: Option<Timestamp>,
    /// Whether the first bad row ends the reading with an error.
    pub strict: bool,
    /// The present: a bar that closes later is refused. This room reads no clock.
    pub now: Timestamp,
}

impl Wanted {
    /// Everything that has closed by `now`, bad rows skipped.
    pub const fn all(now: Timestamp) -> Wanted {
        Wanted { symbols: Vec::new(), interval: None, from: None, to: None, strict: false, now }
    }

    pub(crate) fn takes_symbol(&self, symbol: &str) -> bool {
        self.symbols.is_empty()
            || self.symbols.iter().any(|wanted| wanted.eq_ignore_ascii_case(symbol))
    }

    pub(crate) fn takes_interval(&self, interval: Interval) -> bool {
        self.interval.is_none_or(|wanted| wanted == interval)
    }

    pub(crate) fn takes_moment(&self, opened_at: Timestamp) -> bool {
        self.from.is_none_or(|from| opened_at >= from) && self.to.is_none_or(|to| opened_at < to)
    }
}
