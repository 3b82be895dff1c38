//! Splits and dividends undone forward: today's price is a multiple of the first day's.
//!
//! Sources adjust backward: the last price stays and all earlier ones are scaled by what happened after
//! them, so that the level of a price in 2001 tells the splits of 2014. Dividing by the first factor
//! leaves every return as it is and takes the future out of the level: a bar's price depends on the
//! bars before it alone.

use domain::{Bar, Interval, RawBar, Timestamp};

use crate::BadRow;

/// A split, a dividend or another event that a source's prices are adjusted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjustment {
    /// When the first bar after it opened.
    pub at: Timestamp,
    /// What prices from then on are multiplied by: 2 for a split of two for one, a little above 1 for
    /// a dividend.
    pub ratio: f64,
}

/// What a bar's row told besides the bar.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) part: usize,
    pub(crate) row: u64,
    pub(crate) factor: f64,
}

/// Bars on the first one's scale.
pub(crate) struct Forward {
    pub(crate) bars: Vec<Bar>,
    pub(crate) adjustments: Vec<Adjustment>,
    /// Rows whose adjusted numbers make no bar.
    pub(crate) refused: Vec<(Kept, BadRow)>,
}

/// Adjusts bars forward by their back-adjusting factors; as they are where none is told.
pub(crate) fn forward(bars: Vec<Bar>, kept: &[Kept], interval: Interval) -> Forward {
    let mut done = Forward { bars: Vec::new(), adjustments: Vec::new(), refused: Vec::new() };
    let Some(first) = kept.first() else { return Forward { bars, ..done } };
    let mut before = first.factor;
    done.bars.reserve(bars.len());
    for (bar, kept) in bars.iter().zip(kept) {
        if kept.factor != before {
            let ratio = kept.factor / before;
            done.adjustments.push(Adjustment { at: bar.opened_at(), ratio });
            before = kept.factor;
        }
        match Bar::admit(scaled(*bar.raw(), kept.factor / first.factor), interval) {
            Ok(scaled) => done.bars.push(scaled.closing_at(bar.closed_at())),
            Err(reason) => done.refused.push((*kept, BadRow::BadBar(reason))),
        }
    }
    done
}

/// Prices multiplied and volumes divided, so that turnover stays what it was.
fn scaled(bar: RawBar, ratio: f64) -> RawBar {
    RawBar {
        open: bar.open * ratio,
        high: bar.high * ratio,
        low: bar.low * ratio,
        close: bar.close * ratio,
        volume: bar.volume / ratio,
        taker_buy_volume: bar.taker_buy_volume.map(|volume| volume / ratio),
        flow: bar.flow.map(|flow| flow / ratio),
        ..bar
    }
}
