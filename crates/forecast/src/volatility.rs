//! How far a symbol usually goes in a day.

use domain::{Calendar, Instrument};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;
/// The weight of a move halves over this many days: a whole day is always in view, so that its quiet
/// and its busy hours both count. Chosen.
const HALF_LIFE_DAYS: f64 = 3.0;
/// And over no fewer than this many bars. Chosen.
const HALF_LIFE_BARS_MIN: f64 = 24.0;
/// Moves heard before it speaks. Chosen.
const MOVES_MIN: u32 = 24;

/// Standard deviation of the return over a day, from squared moves that fade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DayVolatility {
    bars_a_day: f64,
    keep: f64,
    sum: f64,
    weight: f64,
    heard: u32,
}

impl DayVolatility {
    pub(crate) fn of(instrument: &Instrument) -> DayVolatility {
        let bars_a_day = bars_a_day(instrument);
        let half_life = (HALF_LIFE_DAYS * bars_a_day).max(HALF_LIFE_BARS_MIN);
        let keep = libm::exp2(-1.0 / half_life);
        DayVolatility { bars_a_day, keep, sum: 0.0, weight: 0.0, heard: 0 }
    }

    pub(crate) fn hear(&mut self, change: f64) {
        self.sum = self.sum * self.keep + change * change;
        self.weight = self.weight * self.keep + 1.0;
        self.heard = self.heard.saturating_add(1);
    }

    pub(crate) fn fraction(&self) -> Option<f64> {
        let square = self.sum / self.weight * self.bars_a_day;
        (self.heard >= MOVES_MIN).then(|| square.sqrt())
    }
}

fn bars_a_day(instrument: &Instrument) -> f64 {
    let Instrument { calendar, interval, .. } = instrument;
    let in_day = calendar.bars_within(DAY_MS, *interval).filter(|_| interval.ms() <= DAY_MS);
    let trading_days_a_week = if *calendar == Calendar::Always { 7.0 } else { 5.0 };
    // Bars longer than a day, or such as do not divide it: by their share of the week.
    let in_week = 7.0 * DAY_MS as f64 / interval.ms() as f64;
    in_day.map_or(in_week / trading_days_a_week, f64::from)
}
