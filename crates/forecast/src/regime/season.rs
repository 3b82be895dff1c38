//! How the size of moves goes with the time of day.

use domain::{Interval, Timestamp};
use serde::{Deserialize, Serialize};

use super::Stride;

const HOURS: usize = 24;
const HOUR_MS: i64 = 3_600_000;
/// Days over which an hour's habit is remembered. Chosen: habits move with the clocks twice a year.
const MEMORY_DAYS: f64 = 30.0;
/// A habit counts half after this many days. Chosen.
const HALF_BELIEVED_DAYS: f64 = 4.0;
/// A reach this far below the hour's own, in logs, is as small as any: a bar without a trade must not
/// weigh more than a very quiet one. Chosen.
const BELOW_MOST: f64 = 3.0;

/// The usual reach of each hour of the day. Without it every opening bell is turbulence and every
/// night is calm (Andersen & Bollerslev 1997); measured, hourly currencies changed their label twice
/// as often. Where bars are days it takes nothing out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Season {
    bars_an_hour: f64,
    hours: [Hour; HOURS],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hour {
    bars: f64,
    reach: f64,
}

impl Season {
    pub(crate) fn of(interval: Interval) -> Season {
        let bars_an_hour = (HOUR_MS as f64 / interval.ms() as f64).max(1.0);
        Season { bars_an_hour, hours: [Hour::default(); HOURS] }
    }

    /// A move less what is owed to its hour, as known before it; then learns from it. The reach stays
    /// infinite where nothing has moved yet.
    pub(crate) fn take_out(&mut self, opened_at: Timestamp, stride: &Stride) -> Stride {
        let at = (opened_at.ms().div_euclid(HOUR_MS)).rem_euclid(HOURS as i64) as usize;
        let (hour, middle) = (self.hours[at], self.middle());
        let known = if hour.bars > 0.0 { Some(hour.reach) } else { middle };
        let reach = known.map_or(stride.reach, |known| stride.reach.max(known - BELOW_MOST));
        if !reach.is_finite() {
            return *stride;
        }
        let days = hour.bars / self.bars_an_hour;
        let believed = days / (days + HALF_BELIEVED_DAYS);
        let habit = middle.map_or(0.0, |middle| believed * (hour.reach - middle));
        self.hours[at].hear(reach, MEMORY_DAYS * self.bars_an_hour);
        let body = if habit == 0.0 { stride.body } else { stride.body * libm::exp(-habit) };
        Stride { body, reach: reach - habit, ..*stride }
    }

    /// The mean over the hours that trade.
    fn middle(&self) -> Option<f64> {
        let (mut count, mut sum) = (0.0, 0.0);
        for hour in self.hours.iter().filter(|hour| hour.bars > 0.0) {
            count += 1.0;
            sum += hour.reach;
        }
        (count > 0.0).then(|| sum / count)
    }
}

impl Hour {
    fn hear(&mut self, reach: f64, memory_bars: f64) {
        self.bars = (self.bars + 1.0).min(memory_bars);
        self.reach += (reach - self.reach) / self.bars;
    }
}
