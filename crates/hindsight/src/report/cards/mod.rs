//! One file per card; a card is a finding, what shows it, and a table behind it.

mod answers;
mod costs;
mod cuts;
mod days;
mod equity;
mod funnel;
mod learners;
mod models;
mod models_calibration;
mod models_contributions;
mod models_latest;
mod models_rulings;
mod prices;
mod reproduce;
mod results;
mod scale;
mod trades;
mod twin;
mod weeks;
mod weights;

pub(super) use answers::first_screen;

use super::story::Story;

/// The cards below the first screen, in the order in which a reader asks for them.
pub(super) const ALL: &[fn(&Story) -> String] = &[
    equity::card,
    twin::card,
    prices::card,
    weights::card,
    learners::card,
    learners::jobs,
    models::card,
    models_rulings::card,
    models_calibration::card,
    models_contributions::card,
    models_latest::card,
    funnel::card,
    results::standings,
    cuts::card,
    weeks::card,
    days::card,
    results::exits,
    costs::card,
    trades::card,
    reproduce::card,
];
