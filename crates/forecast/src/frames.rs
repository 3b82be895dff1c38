//! Frames: the bars as they come, and bars of a higher frame added up from them on the clock.

use domain::{Bar, Calendar, Instrument, Interval, RawBar, Timestamp};
use serde::{Deserialize, Serialize};

use crate::features::{FeatureRow, FeatureSet};

const DAY_MS: i64 = 86_400_000;
/// A Monday, so that weeks begin where exchanges begin them; any whole number of hours up to a day is
/// counted from midnight by it too.
const MONDAY_MS: i64 = -3 * DAY_MS;

/// The features of one frame and what they last said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frame {
    features: FeatureSet,
    row: FeatureRow,
    bars: u64,
}

impl Frame {
    pub(crate) fn new() -> Frame {
        Frame { features: FeatureSet::new(), row: FeatureRow::default(), bars: 0 }
    }

    pub(crate) fn hear(&mut self, bar: &Bar) {
        self.features.hear(bar, &mut self.row);
        self.bars += 1;
    }

    pub(crate) fn row(&self) -> &FeatureRow {
        &self.row
    }

    /// Whether windows of `bars` bars are full.
    pub(crate) fn has_heard(&self, bars: u64) -> bool {
        self.bars >= bars
    }
}

/// Adds bars up to those of a higher frame. A bar of it is over when the clock says so or when no
/// trading is left before that; nothing is known of it before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Aggregate {
    calendar: Calendar,
    interval: Interval,
    length_ms: i64,
    bars: u8,
    building: Option<Building>,
    /// Whether a bar was heard since the start: what follows it is heard from its beginning.
    follows: bool,
}

/// A bar of the higher frame that is not over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Building {
    raw: RawBar,
    closed_at: Timestamp,
    ends_at: Timestamp,
    /// Trading left before its end: milliseconds, or bars where bars are days.
    left: i64,
    /// Whether its beginning was heard.
    is_whole: bool,
}

impl Aggregate {
    /// `higher_bars` bars make one. Of daily bars on a market that closes, a week makes one: other
    /// numbers of days would hold now more and now fewer weekends.
    pub(crate) fn new(instrument: &Instrument, higher_bars: u8) -> Aggregate {
        let Instrument { calendar, interval, .. } = *instrument;
        let weekly = interval.ms() == DAY_MS && !calendar.never_closes();
        let (length_ms, bars) = if weekly {
            (7 * DAY_MS, 5)
        } else {
            (interval.ms().saturating_mul(i64::from(higher_bars)), higher_bars)
        };
        Aggregate { calendar, interval, length_ms, bars, building: None, follows: false }
    }

    /// Bars of data in one full bar of this frame.
    pub(crate) fn bars(&self) -> u8 {
        self.bars
    }

    /// The bar of this frame that should have been over before `bar`, but for bars that never came.
    pub(crate) fn overdue(&mut self, bar: &Bar) -> Option<Bar> {
        self.building.take_if(|building| bar.opened_at() >= building.ends_at)?.finish()
    }

    /// Adds a bar; gives the bar of this frame that is over with it.
    pub(crate) fn hear(&mut self, bar: &Bar) -> Option<Bar> {
        match &mut self.building {
            Some(building) => building.add(bar, weight(self.interval, bar)),
            None => self.building = Some(self.begin(bar)),
        }
        self.follows = true;
        self.building.take_if(|building| building.is_over())?.finish()
    }

    /// Forgets the bar that is not over.
    pub(crate) fn start_over(&mut self) {
        (self.building, self.follows) = (None, false);
    }

    fn begin(&self, bar: &Bar) -> Building {
        let into_ms = (bar.opened_at().ms() - MONDAY_MS).rem_euclid(self.length_ms);
        let begins_at = bar.opened_at().plus_ms(-into_ms);
        let ends_at = begins_at.plus_ms(self.length_ms);
        let trading = |from, to| self.calendar.bars_missing(from, to, unit(self.interval));
        Building {
            raw: *bar.raw(),
            closed_at: bar.closed_at(),
            ends_at,
            left: i64::from(trading(bar.closed_at(), ends_at)),
            is_whole: self.follows || trading(begins_at, bar.opened_at()) == 0,
        }
    }
}

/// What trading time is counted in: milliseconds, or bars where bars are days.
fn unit(interval: Interval) -> Interval {
    const MILLISECOND: Option<Interval> = Interval::from_ms(1);
    if interval.ms() < DAY_MS { MILLISECOND.unwrap_or(interval) } else { interval }
}

fn weight(interval: Interval, bar: &Bar) -> i64 {
    if interval.ms() < DAY_MS { bar.closed_at().ms_since(bar.opened_at()) } else { 1 }
}

impl Building {
    fn add(&mut self, bar: &Bar, weight: i64) {
        let (raw, next) = (&mut self.raw, bar.raw());
        raw.high = raw.high.max(next.high);
        raw.low = raw.low.min(next.low);
        raw.close = next.close;
        raw.volume += next.volume;
        // What one bar does not tell, the sum cannot.
        raw.taker_buy_volume = raw.taker_buy_volume.zip(next.taker_buy_volume).map(|(a, b)| a + b);
        raw.flow = raw.flow.zip(next.flow).map(|(a, b)| a + b);
        self.closed_at = bar.closed_at();
        self.left -= weight;
    }

    fn is_over(&self) -> bool {
        self.left <= 0 || self.closed_at >= self.ends_at
    }

    /// Nothing where its beginning was not heard, or where volumes add up to more than any market's.
    fn finish(self) -> Option<Bar> {
        let length = Interval::from_ms(self.closed_at.ms_since(self.raw.opened_at))?;
        Bar::admit(self.raw, length).ok().filter(|_| self.is_whole)
    }
}
