//! Rows turned away: which, why, and how many of each kind.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use domain::{BadBar, Timestamp};

use crate::Adjustment;

/// How many refusals a series keeps in full; all are counted. Chosen: more than anyone reads.
pub const REFUSALS_KEPT_MAX: usize = 1_000;

/// Why a row did not become a bar.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadRow {
    /// A field is absent or empty.
    #[error("{column} is missing")]
    Missing {
        /// Which column.
        column: &'static str,
    },
    /// There are more fields than the header names, so nobody knows which is which.
    #[error("the row has {fields} fields, the header {columns}")]
    TooManyFields {
        /// Fields in the row.
        fields: usize,
        /// Fields in the header.
        columns: usize,
    },
    /// A field is not a number.
    #[error("{column} \"{text}\" is not a number")]
    NotANumber {
        /// Which column.
        column: &'static str,
        /// What it says, shortened.
        text: Box<str>,
    },
    /// The time cannot be read.
    #[error("time \"{text}\" is no date and no epoch in s, ms or us")]
    NotATime {
        /// What it says, shortened.
        text: Box<str>,
    },
    /// The time's magnitude has no unit we accept; nanoseconds must be typed as such.
    #[error("time {value} is 10^16 or more, beyond seconds, milliseconds and microseconds")]
    BeyondUnits {
        /// What it says.
        value: u64,
    },
    /// The bar closes after `now`: it is not finished, or its clock is wrong.
    #[error("the bar closes at {closed_at}, after now ({now})")]
    NotYetClosed {
        /// When it would close.
        closed_at: Timestamp,
        /// The caller's now.
        now: Timestamp,
    },
    /// The adjustment factor cannot scale a price.
    #[error("adj_factor {factor} is not a finite number above zero")]
    BadFactor {
        /// What it says.
        factor: f64,
    },
    /// The row is of another symbol than the file's first row.
    #[error("the row is of {symbol}, the file of {file_symbol}")]
    OtherSymbol {
        /// The row's symbol, shortened.
        symbol: Box<str>,
        /// The first row's symbol.
        file_symbol: Box<str>,
    },
    /// A reading that its series cannot have.
    #[error("{series} {value} is not within {low} and {high}")]
    OutOfRange {
        /// Which series.
        series: &'static str,
        /// What it says.
        value: f64,
        /// The least that makes sense.
        low: f64,
        /// The most that makes sense.
        high: f64,
    },
    /// A reading of a moment that has not come yet.
    #[error("the reading is of {at}, after now ({now})")]
    NotYetPublic {
        /// When it is said to become public.
        at: Timestamp,
        /// The caller's now.
        now: Timestamp,
    },
    /// Another reading has the same moment and another value; the first stays.
    #[error("the reading of {at} was already given with another value")]
    ConflictingReading {
        /// The moment of both.
        at: Timestamp,
    },
    /// A best bid and ask that no market shows: crossed, not finite, or not above zero.
    #[error("bid {bid} and ask {ask} make no market")]
    BadQuote {
        /// The best bid.
        bid: f64,
        /// The best ask.
        ask: f64,
    },
    /// A trade without a price or with a negative size.
    #[error("{size} at {price} is no trade")]
    BadTrade {
        /// Its price.
        price: f64,
        /// Its size.
        size: f64,
    },
    /// A recording goes forward: a row older than the one before it would tell the past anew.
    #[error("the row is of {at}, the one before it of {before}")]
    OutOfOrder {
        /// The row's moment.
        at: Timestamp,
        /// The moment of the row before it.
        before: Timestamp,
    },
    /// Another row has the same time and other numbers; the first stays.
    #[error("the bar of {opened_at} was already given with other numbers")]
    Conflicting {
        /// When the bar opened.
        opened_at: Timestamp,
    },
    /// The bar opens while the one before it still runs. Both cannot be: what the two tell of the time
    /// they share would be known too early. The earlier one stays.
    #[error("the bar opens at {opened_at}, before the one ahead of it closes at {closed_at}")]
    Overlaps {
        /// When the bar opens.
        opened_at: Timestamp,
        /// When the bar before it closes.
        closed_at: Timestamp,
    },
    /// The numbers make no bar.
    #[error("{0}")]
    BadBar(BadBar),
}

impl BadRow {
    /// The kind of reason, as refusals are counted by.
    pub const fn kind(&self) -> &'static str {
        match self {
            BadRow::Missing { .. } => "field missing",
            BadRow::TooManyFields { .. } => "too many fields",
            BadRow::NotANumber { .. } => "not a number",
            BadRow::NotATime { .. } | BadRow::BeyondUnits { .. } => "not a time",
            BadRow::NotYetClosed { .. } | BadRow::NotYetPublic { .. } => "in the future",
            BadRow::BadFactor { .. } => "bad adjustment factor",
            BadRow::OtherSymbol { .. } => "another symbol",
            BadRow::OutOfRange { .. } => "value out of range",
            BadRow::BadQuote { .. } => "quote makes no market",
            BadRow::BadTrade { .. } => "no trade",
            BadRow::OutOfOrder { .. } => "older than the row before",
            BadRow::Conflicting { .. } | BadRow::ConflictingReading { .. } => {
                "conflicting duplicate"
            }
            BadRow::Overlaps { .. } => "overlapping bar",
            BadRow::BadBar(BadBar::NotFinite { .. }) => "number not finite",
            BadRow::BadBar(BadBar::Beyond { .. }) => "number beyond any market's",
            BadRow::BadBar(BadBar::NotPositive { .. }) => "price not above zero",
            BadRow::BadBar(BadBar::Negative { .. }) => "volume negative",
            BadRow::BadBar(BadBar::Outside { .. }) => "price outside low and high",
            BadRow::BadBar(BadBar::TakerAboveVolume { .. }) => "taker volume above volume",
            BadRow::BadBar(BadBar::NotATime { .. }) => "not a time",
        }
    }
}

/// A row that was turned away.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The file it stands in.
    pub file: Arc<Path>,
    /// Where: the line in a CSV file, the row in a Parquet file; the first is 1.
    pub row: u64,
    /// Why.
    pub reason: BadRow,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} row {}: {}", self.file.display(), self.row, self.reason)
    }
}

/// All rows of a series that were turned away, counted by kind, the first ones kept in full; and what
/// else was done to rows on their way in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refusals {
    kept: Vec<Refusal>,
    by_kind: BTreeMap<&'static str, u64>,
    repeats: u64,
    adjustments: Vec<Adjustment>,
}

impl Refusals {
    /// How many rows were turned away.
    pub fn total(&self) -> u64 {
        self.by_kind.values().sum()
    }

    /// How many of each kind, by [`BadRow::kind`].
    pub const fn by_kind(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_kind
    }

    /// The first [`REFUSALS_KEPT_MAX`], by file and row.
    pub fn kept(&self) -> &[Refusal] {
        &self.kept
    }

    /// How many rows were dropped because they repeat an earlier one to the bit. These are no refusals.
    pub const fn repeats(&self) -> u64 {
        self.repeats
    }

    pub(crate) fn refuse(&mut self, file: &Arc<Path>, row: u64, reason: BadRow) {
        *self.by_kind.entry(reason.kind()).or_default() += 1;
        if self.kept.len() < REFUSALS_KEPT_MAX {
            self.kept.push(Refusal { file: file.clone(), row, reason });
        }
    }

    /// The splits and dividends that prices were adjusted for, oldest first. These are no refusals.
    pub fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    pub(crate) const fn count_repeat(&mut self) {
        self.repeats += 1;
    }

    /// Takes in what another step of the same file refused.
    pub(crate) fn absorb_same_file(&mut self, other: Refusals) {
        self.absorb(other);
        self.kept.sort_by_key(|refusal| refusal.row);
        self.kept.truncate(REFUSALS_KEPT_MAX);
    }

    /// Refuses a row after all others of its file.
    pub(crate) fn refuse_late(&mut self, file: &Arc<Path>, row: u64, reason: BadRow) {
        let mut late = Refusals::default();
        late.refuse(file, row, reason);
        self.absorb_same_file(late);
    }

    /// Takes in what was refused in a later file. Keeps more than the cap until it is settled.
    pub(crate) fn absorb(&mut self, other: Refusals) {
        self.kept.extend(other.kept);
        self.repeats += other.repeats;
        for (kind, count) in other.by_kind {
            *self.by_kind.entry(kind).or_default() += count;
        }
    }

    /// Cuts what is kept down to the cap, and notes what the bars were adjusted for.
    pub(crate) fn settle(&mut self, adjustments: Vec<Adjustment>) {
        self.kept.truncate(REFUSALS_KEPT_MAX);
        self.adjustments = adjustments;
    }
}
