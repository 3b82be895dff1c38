//! The registry of heads: nine names, one line each. A head looks at the row and changes
//! nothing; where its inputs are absent it abstains.

mod breakout;
mod mean_reversion;
pub(crate) mod models;
mod momentum;
mod order_flow;
mod sentiment;
mod structure;
mod trend;
mod volatility;

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
        what: "whoever takes at the best prices goes on taking",
        vote: order_flow::vote,
    },
    HeadSpec {
        name: HeadName::Volatility,
        what: "a long step out of a squeeze goes on",
        vote: volatility::vote,
    },
    HeadSpec {
        name: HeadName::Sentiment,
        what: "against a crowd that pays or feels too much, with the headlines",
        vote: sentiment::vote,
    },
    HeadSpec {
        name: HeadName::Structure,
        what: "the order of swings, levels broken, and the higher frame",
        vote: structure::vote,
    },
    HeadSpec {
        name: HeadName::Models,
        what: "abstains: waits for trained models in charge, and takes their better side",
        vote: models::vote,
    },
];

/// Asks all nine.
pub fn vote(row: &Row<'_>) -> Votes {
    let mut votes = Votes::default();
    for head in &HEADS {
        votes.set(head.name, (head.vote)(row));
    }
    votes
}
