//! What the market brings, in the order in which it became public: readings, then the bars that closed
//! after them.

use domain::{Event, Reading, TimedBar, Timestamp};
use market::Bars;

use super::Dataset;

/// A dataset walked from its first bar on.
pub(super) struct Course<'a> {
    bars: Bars<'a>,
    readings: &'a [Reading],
}

/// All that is new at one moment. It is filled again and again and keeps its room.
#[derive(Default)]
pub(super) struct Moment {
    /// When the bars closed.
    pub(super) closed_at: Timestamp,
    /// Everything else that became public since the bars before.
    pub(super) readings: Vec<Reading>,
    /// The bars, in the order of symbols.
    pub(super) bars: Vec<TimedBar>,
}

impl<'a> Course<'a> {
    pub(super) fn of(dataset: &'a Dataset) -> Course<'a> {
        Course { bars: Bars::of(&dataset.series), readings: &dataset.readings }
    }

    /// Fills in what comes next; says whether there was anything. Readings after the last bar are
    /// never heard: nothing could be decided on them.
    pub(super) fn next_into(&mut self, moment: &mut Moment) -> bool {
        let Some(closed_at) = self.bars.next_into(&mut moment.bars) else { return false };
        // What became public as the bars closed waits for the next: funding is owed by who holds on after
        // the close, and the bar tells whether that is so.
        let public = self.readings.partition_point(|reading| reading.at < closed_at);
        let (heard, later) = self.readings.split_at(public);
        moment.readings.clear();
        moment.readings.extend_from_slice(heard);
        self.readings = later;
        moment.closed_at = closed_at;
        true
    }
}

impl Moment {
    /// The readings as an event, if there are any.
    pub(super) fn readings_event(&self) -> Option<Event> {
        (!self.readings.is_empty()).then(|| Event::Readings(self.readings.clone()))
    }

    /// Lends the bars to an event for the length of `hear`.
    pub(super) fn with_bars_event(&mut self, hear: impl FnOnce(&Event)) {
        let event = Event::Bars { closed_at: self.closed_at, bars: std::mem::take(&mut self.bars) };
        hear(&event);
        if let Event::Bars { bars, .. } = event {
            self.bars = bars;
        }
    }
}
