//! What runs when, as one table, and what of it is due (mission row R1).
//!
//! The engine's clock moves with bars. A job runs at the first bars at or after it fell due, once, however
//! often it fell due in between: so nothing runs twice for one due time, and nothing is lost in a silence.

use domain::{Calendar, Job, RunBy, Timestamp, Zone, weekday};
use serde::{Deserialize, Serialize};

use crate::Engine;

/// How late a run counts as caught up. Chosen: an hour, so that ten-minute jobs of a run on hourly bars are
/// on time, and a night of no bars is not.
const LATE_MS: i64 = 3_600_000;

/// On the hour, 09:00 to 16:00, as minutes of the day (seed 003).
const TRADING_HOURS: [u16; 8] = [540, 600, 660, 720, 780, 840, 900, 960];

const SUNDAY: u8 = 6;

/// How often a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cadence {
    /// Every so many minutes of UTC.
    Every(i64),
    /// Every hour: of the exchange's trading days, Monday to Friday, where the watchlist is of shares.
    Hourly,
    /// Every day at this minute of UTC.
    Daily(u16),
    /// Every day at this minute of the watchlist's clock.
    DailyLocal(u16),
    /// Every week on this day, at this minute of the watchlist's clock.
    WeeklyLocal(u8, u16),
}

/// The schedule of mission row R1, in the order in which jobs due at one moment run.
const TABLE: [(Job, Cadence); Job::ALL.len()] = [
    (Job::FeeAudit, Cadence::Every(10)),
    (Job::Recovery, Cadence::Every(10)),
    (Job::TriggerCheck, Cadence::Hourly),
    (Job::OnlineLearning, Cadence::Hourly),
    (Job::Controller, Cadence::Every(12 * 60)),
    (Job::Nightly, Cadence::Daily(7 * 60)),
    (Job::Morning, Cadence::DailyLocal(9 * 60)),
    (Job::EndOfDay, Cadence::DailyLocal(16 * 60 + 30)),
    (Job::WeeklyTraining, Cadence::WeeklyLocal(SUNDAY, 60)),
];

impl Cadence {
    /// The first time it is due after a moment, that moment left out.
    fn after(self, zone: Zone, at: Timestamp) -> Timestamp {
        match self {
            Cadence::Every(minutes) => {
                let period_ms = minutes * 60_000;
                at.plus_ms(-at.ms().rem_euclid(period_ms)).plus_ms(period_ms)
            }
            Cadence::Hourly if zone == Zone::Utc => Cadence::Every(60).after(zone, at),
            Cadence::Hourly => first(zone, at, &TRADING_HOURS, |day| weekday(day) < 5),
            Cadence::Daily(minute) => first(Zone::Utc, at, &[minute], |_| true),
            Cadence::DailyLocal(minute) => first(zone, at, &[minute], |_| true),
            Cadence::WeeklyLocal(on, minute) => {
                first(zone, at, &[minute], |day| weekday(day) == on)
            }
        }
    }
}

/// The first of these minutes, on one of those days, after a moment.
fn first(zone: Zone, at: Timestamp, minutes: &[u16], is_on: impl Fn(i64) -> bool) -> Timestamp {
    let today = zone.day(at);
    // A local day may begin before the day the clock shows, so the day before is looked at too.
    let days = (today.saturating_sub(1)..today.saturating_add(9)).filter(|day| is_on(*day));
    days.flat_map(|day| minutes.iter().map(move |&minute| zone.moment(day, minute)))
        .find(|&moment| moment > at)
        .unwrap_or(NEVER)
}

const NEVER: Timestamp = Timestamp::from_ms(i64::MAX);

/// When a job is due next after a moment, for a watchlist of these calendars.
pub fn due_after(
    job: Job,
    calendars: impl IntoIterator<Item = Calendar>,
    at: Timestamp,
) -> Timestamp {
    due_in(job, Zone::of(calendars), at)
}

fn due_in(job: Job, zone: Zone, at: Timestamp) -> Timestamp {
    let planned = TABLE.iter().find(|(planned, _)| *planned == job);
    planned.map_or(NEVER, |(_, cadence)| cadence.after(zone, at))
}

/// A job and its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub job: Job,
    /// When it is due next; nothing before the first bars.
    pub due_at: Option<Timestamp>,
    /// When the clock last had it run.
    pub ran_at: Option<Timestamp>,
}

/// A job that is to run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) job: Job,
    /// Since when; of several due times the first.
    pub(crate) due_at: Timestamp,
    pub(crate) by: RunBy,
}

/// When each job ran and is due. A bar costs one comparison with the earliest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    zone: Zone,
    earliest: Timestamp,
    /// In the order of the table.
    times: [Times; TABLE.len()],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Times {
    due_at: Option<Timestamp>,
    ran_at: Option<Timestamp>,
    /// What it last found amiss, as a number; see [`Schedule::is_news`].
    found: Option<u64>,
}

impl Schedule {
    /// A schedule that begins with the first bars: before them nothing was due.
    pub(crate) fn new(zone: Zone) -> Schedule {
        let earliest = Timestamp::from_ms(i64::MIN);
        Schedule { zone, earliest, times: [Times::default(); TABLE.len()] }
    }

    pub(crate) fn zone(&self) -> Zone {
        self.zone
    }

    /// Whether anything is due.
    pub(crate) fn is_due(&self, at: Timestamp) -> bool {
        at >= self.earliest
    }

    /// Takes what is due, in the table's order, and plans each job's next run.
    pub(crate) fn take_due(&mut self, at: Timestamp, due: &mut Vec<Due>) {
        for ((job, cadence), times) in TABLE.iter().zip(&mut self.times) {
            if times.due_at.is_some_and(|due_at| due_at > at) {
                continue;
            }
            if let Some(due_at) = times.due_at {
                let is_late = at.ms_since(due_at) > LATE_MS;
                let by = if is_late { RunBy::CatchUp } else { RunBy::Clock };
                due.push(Due { job: *job, due_at, by });
                times.ran_at = Some(at);
            }
            times.due_at = Some(cadence.after(self.zone, at));
        }
        let planned = self.times.iter().filter_map(|times| times.due_at);
        self.earliest = planned.min().unwrap_or(NEVER);
    }

    /// Whether what a job found amiss, as a number, is other than what it found before; it is remembered.
    /// Jobs of every ten minutes and every hour tell only what is news: six years of them would otherwise
    /// fill the store with rows that say nothing.
    pub(crate) fn is_news(&mut self, job: Job, found: u64) -> bool {
        let Some(at) = TABLE.iter().position(|(planned, _)| *planned == job) else { return true };
        self.times[at].found.replace(found) != Some(found)
    }
}

impl Engine {
    /// Every job with its times, in the order in which those due at one moment run.
    pub fn planned(&self) -> impl Iterator<Item = Planned> {
        let schedule = &self.state.schedule;
        TABLE.iter().zip(&schedule.times).map(|((job, _), times)| Planned {
            job: *job,
            due_at: times.due_at,
            ran_at: times.ran_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_job_once_in_the_order_of_running() {
        assert_eq!(TABLE.map(|(job, _)| job), Job::ALL);
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for ms in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
            for zone in [Zone::Utc, Zone::NewYork] {
                for (_, cadence) in TABLE {
                    cadence.after(zone, Timestamp::from_ms(ms));
                }
            }
        }
    }
}
