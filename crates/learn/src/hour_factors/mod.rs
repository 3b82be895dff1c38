//! A14, time of day: what each hour of the exchange's day has been worth; by evidence and, beside it, by the
//! letter of the seeds.

mod evidence;
mod literal;

pub use evidence::HourFactors;
pub use literal::LiteralHourFactors;

use domain::{PinnedValue, Policy};

use crate::results::{MeanR, Results};

/// Hours of a day.
const HOURS: usize = 24;

/// Whether a person holds an hour's factor fast.
fn is_pinned(policy: &Policy, hour: usize) -> bool {
    policy.pins.iter().any(|pin| pin.value == PinnedValue::HourFactor(hour as u8))
}

/// What stands for each hour.
fn standing(policy: &Policy) -> [f64; HOURS] {
    std::array::from_fn(|hour| policy.hour_factor(hour as u8))
}

/// An hour as it is told.
fn says(policy: &Policy, hour: usize, results: &Results, mean: &MeanR) -> String {
    format!(
        "x {:.2}, {hour:02}:00: won {:.0} % of {:.0} effective outcomes, {} each ({})",
        policy.hour_factor(hour as u8),
        results.win_rate().unwrap_or(0.0) * 100.0,
        results.effective(),
        mean.says(),
        results.says_classes()
    )
}

/// An hour of which too little was heard.
fn says_starved(hour: usize, heard: f64, needed: f64) -> String {
    format!("{heard:.0} of {needed:.0} effective outcomes at {hour:02}:00")
}
