//! Goes against a crowd that pays or feels too much, and with the headlines: extremes of funding and
//! of mood come back (Baker & Wurgler 2006), news is taken in over hours (Tetlock 2007).

use domain::{Row, Vote};

use crate::feature_at;

const FUNDING: usize = feature_at("funding_z");
const LONG_SHORT: usize = feature_at("long_short_z");
const MOOD: usize = feature_at("fear_greed");
const HEADLINES: usize = feature_at("headline_mood");

/// Standard deviations of funding and of accounts from which a crowd is one. Chosen.
const CROWD_FROM: f64 = 1.5;
/// At this many it is sure to be. Chosen.
const CROWD_SURE: f64 = 4.0;
/// Fear below 25 and greed above 75 of 100 are called extreme by those who publish them.
const MOOD_FROM: f64 = 0.5;
const MOOD_SURE: f64 = 1.0;
/// This much good news at once is sure: three headlines of half a point. Chosen.
const HEADLINES_SURE: f64 = 1.5;

pub(super) fn vote(row: &Row<'_>) -> Option<Vote> {
    let against = |at, from, sure| row.get(at).map(|value| -beyond(value, from, sure));
    let said = [
        against(FUNDING, CROWD_FROM, CROWD_SURE),
        against(LONG_SHORT, CROWD_FROM, CROWD_SURE),
        against(MOOD, MOOD_FROM, MOOD_SURE),
        row.get(HEADLINES).map(|mood| (mood / HEADLINES_SURE).clamp(-1.0, 1.0)),
    ];
    // What is known and calm counts: one excited voice among four is a quarter. Of nothing known the
    // mean is no number, and no vote.
    let known = said.iter().flatten();
    Vote::leaning(known.clone().sum::<f64>() / known.count() as f64)
}

/// How far beyond what is usual, −1..=1; 0 within it.
fn beyond(value: f64, from: f64, sure: f64) -> f64 {
    let excess = ((value.abs() - from) / (sure - from)).clamp(0.0, 1.0);
    if value < 0.0 { -excess } else { excess }
}
