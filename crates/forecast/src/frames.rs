//! Frames: the bars as they come, and bars of a higher frame added up from them on the clock.

use domain::{Bar, Calendar, Instrument, Interval, RawBar, Timestamp};
use serde::{Deserialize, Serialize};

use crate::features::{FeatureRow, FeatureSet};

const DAY_MS: i64 = 86_400_000;
/// Two days of hours: what is slower is another strategy. Chosen.
const HIGHER_BARS_MAX: u8 = 48;
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
        let higher_bars = higher_bars.clamp(2, HIGHER_BARS_MAX);
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{InstrumentKind, Margin, Money};

    fn aggregate(calendar: Calendar, interval: Interval) -> Aggregate {
        let instrument = Instrument {
            symbol: "MADEUP".to_owned(),
            interval,
            calendar,
            tick: Money::new(1, 2),
            step: Money::new(1, 5),
            notional_min: Money::new(5, 0),
            kind: InstrumentKind::Spot,
            margin: Margin::NONE,
            has_volume: true,
        };
        Aggregate::new(&instrument, 4)
    }

    fn moment(text: &str) -> Timestamp {
        let (day, time) = text.split_once('T').unwrap();
        let number = |text: &str| text.parse::<i64>().unwrap();
        let (hours, minutes) = time.split_once(':').unwrap();
        // Days of November and December 2019, the first of November being day 18201.
        let (month, day) = day.split_once('-').unwrap();
        let days = 18_200 + number(day) + if month == "12" { 30 } else { 0 };
        Timestamp::from_ms(days * DAY_MS + number(hours) * 3_600_000 + number(minutes) * 60_000)
    }

    /// Bars as they open, one a line, and after an arrow the open and close of the bars of the higher
    /// frame that are known with them.
    fn check(calendar: Calendar, interval: &str, cases: &str) {
        let interval = Interval::parse(interval).unwrap();
        let mut aggregate = aggregate(calendar, interval);
        for line in cases.lines().map(str::trim) {
            let (opens, expected) = line.split_once("->").unwrap();
            let mut times = opens.split_whitespace().map(moment);
            let opened_at = times.next().unwrap();
            let raw = RawBar {
                opened_at,
                open: 10.0,
                high: 11.0,
                low: 9.0,
                close: 10.0,
                volume: 1.0,
                taker_buy_volume: None,
                flow: None,
            };
            let bar = Bar::admit(raw, interval).unwrap();
            let bar = times.next().map_or(bar, |closed_at| bar.closing_at(closed_at));
            let late = aggregate.overdue(&bar);
            let known = late.into_iter().chain(aggregate.hear(&bar));
            let said: Vec<Timestamp> =
                known.flat_map(|bar| [bar.opened_at(), bar.closed_at()]).collect();
            let expected: Vec<Timestamp> = expected.split_whitespace().map(moment).collect();
            assert_eq!(said, expected, "{line}");
        }
    }

    #[test]
    fn a_market_that_never_closes_is_cut_by_the_clock_and_from_its_first_whole_bar() {
        check(
            Calendar::Always,
            "1h",
            "11-04T02:00 ->
             11-04T03:00 ->
             11-04T04:00 ->
             11-04T05:00 ->
             11-04T06:00 ->
             11-04T07:00 -> 11-04T04:00 11-04T08:00
             11-04T08:00 ->",
        );
    }

    #[test]
    fn the_last_bar_of_a_session_is_over_with_the_session() {
        check(
            Calendar::UsEquity,
            "1h",
            "11-27T14:30 11-27T15:00 ->
             11-27T15:00 -> 11-27T14:30 11-27T16:00
             11-27T16:00 ->
             11-27T17:00 ->
             11-27T18:00 ->
             11-27T19:00 -> 11-27T16:00 11-27T20:00
             11-27T20:00 -> 11-27T20:00 11-27T21:00
             11-29T14:30 11-29T15:00 ->
             11-29T15:00 -> 11-29T14:30 11-29T16:00
             11-29T16:00 ->
             11-29T17:00 -> 11-29T16:00 11-29T18:00",
        );
    }

    #[test]
    fn a_week_of_currencies_ends_on_friday() {
        check(
            Calendar::Fx,
            "1h",
            "11-08T20:00 ->
             11-08T21:00 -> 11-08T20:00 11-08T22:00
             11-10T22:00 ->
             11-10T23:00 -> 11-10T22:00 11-11T00:00",
        );
    }

    #[test]
    fn of_days_that_close_a_week_is_made_and_holidays_shorten_it() {
        check(
            Calendar::UsEquity,
            "1d",
            "11-22T00:00 ->
             11-25T00:00 ->
             11-26T00:00 ->
             11-27T00:00 ->
             11-29T00:00 -> 11-25T00:00 11-30T00:00
             12-02T00:00 ->",
        );
    }

    #[test]
    fn a_bar_that_misses_its_end_is_known_with_the_next_one() {
        check(
            Calendar::Always,
            "1h",
            "11-04T04:00 ->
             11-04T05:00 ->
             11-04T09:00 -> 11-04T04:00 11-04T06:00",
        );
    }
}
