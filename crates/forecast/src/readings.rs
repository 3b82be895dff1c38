//! Readings as features: what is known besides bars, as long as it is fresh.

use domain::{Reading, Series, Timestamp};
use serde::{Deserialize, Serialize};

use crate::feature_at;
use crate::features::window::Rolling;
use crate::row::WholeRow;

const HOUR_MS: i64 = 3_600_000;

/// From this age on a reading is no longer known: three of the usual intervals of funding, two days
/// for what comes daily or at random. Chosen.
const fn stale_after_ms(series: Series) -> i64 {
    match series {
        Series::Funding | Series::OpenInterest | Series::LongShortRatio => 24 * HOUR_MS,
        Series::FearGreed | Series::Headlines => 48 * HOUR_MS,
    }
}

/// How many readings a reading is measured against. Chosen: ten days of funding.
const MEASURED_AGAINST: usize = 30;
/// Over how many readings open interest is compared. Chosen.
const CHANGE_OVER: usize = 3;
/// Scores beyond are no more extreme. Chosen.
const Z_MAX: f64 = 10.0;
/// A spread below this share of the mean is rounding: funding stands still for weeks. Derived from
/// the precision of sums of thirty.
const SPREAD_MIN: f64 = 1e-9;
/// The time in which a headline loses half its weight. Chosen.
const HEADLINE_HALF_LIFE_MS: f64 = 12.0 * HOUR_MS as f64;

/// What was last read of every series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Readings {
    funding: Track,
    open_interest: Track,
    long_short: Track,
    fear_greed: Track,
    headlines: Track,
}

impl Readings {
    pub(crate) fn new() -> Readings {
        Readings {
            funding: Track::over(MEASURED_AGAINST),
            open_interest: Track::over(CHANGE_OVER),
            long_short: Track::over(MEASURED_AGAINST),
            fear_greed: Track::over(1),
            headlines: Track::over(1),
        }
    }

    /// Hears a reading. One that is older than what is known of its series changes nothing.
    pub(crate) fn hear(&mut self, reading: &Reading) {
        let (at, value) = (reading.at, reading.value);
        if !value.is_finite() {
            return;
        }
        match reading.series {
            Series::Funding => self.funding.hear(at, value, against),
            Series::OpenInterest => self.open_interest.hear(at, value, change),
            Series::LongShortRatio if value > 0.0 => {
                self.long_short.hear(at, libm::log(value), against);
            }
            Series::LongShortRatio => {}
            Series::FearGreed => self.fear_greed.hear(at, value / 50.0 - 1.0, |_, _| None),
            Series::Headlines => self.headlines.add_up(at, value),
        }
    }

    /// Puts what is known at `now` into the row.
    pub(crate) fn show(&self, now: Timestamp, row: &mut WholeRow) {
        let funding = self.funding.fresh(Series::Funding, now);
        let open_interest = self.open_interest.fresh(Series::OpenInterest, now);
        let long_short = self.long_short.fresh(Series::LongShortRatio, now);
        let fear_greed = self.fear_greed.fresh(Series::FearGreed, now);
        let headlines = self.headlines.fresh(Series::Headlines, now);
        row.put(const { feature_at("funding") }, funding.map(|heard| heard.value));
        row.put(const { feature_at("funding_z") }, funding.and_then(|heard| heard.said));
        row.put(
            const { feature_at("open_interest_change") },
            open_interest.and_then(|heard| heard.said),
        );
        row.put(const { feature_at("long_short_z") }, long_short.and_then(|heard| heard.said));
        row.put(const { feature_at("fear_greed") }, fear_greed.map(|heard| heard.value));
        let mood = headlines.map(|heard| heard.value * left_of_headline(heard.at, now));
        row.put(const { feature_at("headline_mood") }, mood);
    }
}

/// The last reading of one series and what those before say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Track {
    last: Option<Heard>,
    before: Rolling,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Heard {
    at: Timestamp,
    value: f64,
    said: Option<f64>,
}

impl Track {
    fn over(readings: usize) -> Track {
        Track { last: None, before: Rolling::over(readings) }
    }

    fn hear(&mut self, at: Timestamp, value: f64, says: fn(f64, &mut Rolling) -> Option<f64>) {
        if self.last.is_none_or(|last| at > last.at) {
            let said = says(value, &mut self.before);
            self.last = Some(Heard { at, value, said });
        }
    }

    /// Adds a headline to what is left of those before it; several may come at one moment.
    fn add_up(&mut self, at: Timestamp, value: f64) {
        let left = match self.last {
            Some(last) if at < last.at => return,
            Some(last) => last.value * left_of_headline(last.at, at),
            None => 0.0,
        };
        self.last = Some(Heard { at, value: left + value, said: None });
    }

    /// The last reading, if it was public at `now` and is not stale.
    fn fresh(&self, series: Series, now: Timestamp) -> Option<&Heard> {
        let known = |heard: &&Heard| (0..stale_after_ms(series)).contains(&now.ms_since(heard.at));
        self.last.as_ref().filter(known)
    }
}

/// A value against those before it, in their standard deviations.
fn against(value: f64, before: &mut Rolling) -> Option<f64> {
    let measure = before.mean_and_variance();
    before.push(value);
    let (mean, variance) = measure?;
    let spread = variance.sqrt();
    let told_apart = spread > SPREAD_MIN * mean.abs() && spread > 0.0;
    told_apart.then(|| ((value - mean) / spread).clamp(-Z_MAX, Z_MAX))
}

/// Change of a value over the window, fraction.
fn change(value: f64, before: &mut Rolling) -> Option<f64> {
    let then = before.push(value)?;
    (then > 0.0).then(|| value / then - 1.0)
}

fn left_of_headline(then: Timestamp, now: Timestamp) -> f64 {
    libm::exp2(-(now.ms_since(then) as f64) / HEADLINE_HALF_LIFE_MS)
}
