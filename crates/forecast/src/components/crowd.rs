//! What others hold, pay, feel and read.

use domain::Row;

use super::scaled;
use crate::feature_at;

const FUNDING: usize = feature_at("funding_z");
const ACCOUNTS: usize = feature_at("long_short_z");
const INTEREST: usize = feature_at("open_interest_change");
const MOVE: usize = feature_at("return_24");
const MOOD: usize = feature_at("fear_greed");
const HEADLINES: usize = feature_at("headline_mood");

/// Standard deviations of funding and of accounts that are sure to be a crowd, as the sentiment head has
/// it. Chosen.
const CROWD_SURE: f64 = 4.0;
/// Growth of open interest over three readings that is sure to be new money. Chosen.
const INTEREST_SURE: f64 = 0.05;
/// Fear below 25 and greed above 75 of 100 are called extreme by those who publish them.
const MOOD_FROM: f64 = 0.5;
/// This much good news at once is sure: three headlines of half a point. Chosen.
const HEADLINES_SURE: f64 = 1.5;

pub(super) fn funding(row: &Row<'_>) -> Option<f64> {
    scaled(row, FUNDING, -CROWD_SURE)
}

pub(super) fn accounts(row: &Row<'_>) -> Option<f64> {
    scaled(row, ACCOUNTS, -CROWD_SURE)
}

/// A move that new money follows goes on; one on which it leaves is a closing of positions and comes back.
pub(super) fn open_interest(row: &Row<'_>) -> Option<f64> {
    let direction = row.get(MOVE)?;
    let direction = f64::from(direction > 0.0) - f64::from(direction < 0.0);
    scaled(row, INTEREST, INTEREST_SURE).map(|grown| grown * direction)
}

pub(super) fn mood(row: &Row<'_>) -> Option<f64> {
    let mood = row.get(MOOD)?;
    let excess = ((mood.abs() - MOOD_FROM) / (1.0 - MOOD_FROM)).clamp(0.0, 1.0);
    Some(if mood < 0.0 { excess } else { -excess })
}

pub(super) fn headlines(row: &Row<'_>) -> Option<f64> {
    scaled(row, HEADLINES, HEADLINES_SURE)
}
