//! The registry of heads: nine names, one line each. A head looks at the row and changes nothing.

mod breakout;
mod mean_reversion;
mod momentum;
mod trend;

use domain::{HEAD_COUNT, HeadName, Row, Vote, Votes};

/// One head.
pub struct HeadSpec {
    /// Which of the nine.
    pub name: HeadName,
    /// What it goes by, or what it waits for.
    pub what: &'static str,
    /// Its vote on a row; a head that waits for inputs always abstains.
    pub vote: fn(&Row<'_>) -> Option<Vote>,
}

fn abstain(_: &Row<'_>) -> Option<Vote> {
    None
}

/// All nine, in the order of their names.
pub const HEADS: [HeadSpec; HEAD_COUNT] = [
    HeadSpec { name: HeadName::Trend, what: "fast mean against slow mean", vote: trend::vote },
    HeadSpec {
        name: HeadName::Momentum,
        what: "the day's move against its usual size",
        vote: momentum::vote,
    },
    HeadSpec {
        name: HeadName::MeanReversion,
        what: "closes far from their mean come back",
        vote: mean_reversion::vote,
    },
    HeadSpec {
        name: HeadName::Breakout,
        what: "closes outside the range of 55 bars go on",
        vote: breakout::vote,
    },
    HeadSpec {
        name: HeadName::OrderFlow,
        what: "abstains: waits for trades and best bid and ask",
        vote: abstain,
    },
    HeadSpec { name: HeadName::Volatility, what: "abstains: waits for regimes", vote: abstain },
    HeadSpec {
        name: HeadName::Sentiment,
        what: "abstains: waits for funding and sentiment series",
        vote: abstain,
    },
    HeadSpec {
        name: HeadName::Structure,
        what: "abstains: waits for levels of higher frames",
        vote: abstain,
    },
    HeadSpec { name: HeadName::Models, what: "abstains: waits for a trained model", vote: abstain },
];

/// Asks all nine.
pub fn vote(row: &Row<'_>) -> Votes {
    let mut votes = Votes::default();
    for head in &HEADS {
        votes.set(head.name, (head.vote)(row));
    }
    votes
}
