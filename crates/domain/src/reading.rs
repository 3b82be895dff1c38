//! What is known of a market besides its bars: funding, open interest, the mood.

use serde::{Deserialize, Serialize};

use crate::{SymbolIx, Timestamp};

/// What a reading measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Funding rate of a perpetual, fraction of notional, paid by longs where positive, at the moment of
    /// the reading.
    Funding,
    /// Open interest, base units.
    OpenInterest,
    /// Accounts long over accounts short.
    LongShortRatio,
    /// Fear (0) and greed (100).
    FearGreed,
    /// Score of a headline, −1..=1.
    Headlines,
}

impl Series {
    /// Every series, in the order of its code.
    pub const ALL: [Series; 5] = [
        Series::Funding,
        Series::OpenInterest,
        Series::LongShortRatio,
        Series::FearGreed,
        Series::Headlines,
    ];

    /// Its place among them.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// As it is written in file names and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Series::Funding => "funding",
            Series::OpenInterest => "open_interest",
            Series::LongShortRatio => "long_short",
            Series::FearGreed => "fear_greed",
            Series::Headlines => "headlines",
        }
    }

    /// The values that make sense, both ends included.
    pub const fn range(self) -> (f64, f64) {
        match self {
            Series::Funding | Series::Headlines => (-1.0, 1.0),
            Series::OpenInterest => (0.0, 1e18),
            Series::LongShortRatio => (0.0, 1e6),
            Series::FearGreed => (0.0, 100.0),
        }
    }
}

/// One value of a series, from the moment it became public.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When it became public.
    pub at: Timestamp,
    /// On what; all symbols where absent.
    pub symbol: Option<SymbolIx>,
    /// Of what.
    pub series: Series,
    /// The value, in the unit of its series.
    pub value: f64,
}
